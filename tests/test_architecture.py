"""The structure of the code: rooms, layers and sizes, and templates without queries."""

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from traceback import walk_stack
from unittest import mock

import grimp
import pytest
from django.db import connection
from django.template.backends import django as staff_engine, jinja2 as public_engine
from django.test import TestCase, override_settings

from tests.security.accounts import SETTINGS, sign_in
from tests.security.address_tables import rows_of
from tests.security.records import make_world

BASE = Path(__file__).resolve().parent.parent
APPS = ["psf", "partners", "projects"]
# Folders that Django names. They are no rooms.
FRAMEWORK = {"migrations", "management", "commands", "static", "templatetags", "formats", "data"}
LOOSE_MODULES = {
    "psf": {"admin", "apps", "environment", "models", "settings", "staff_urls", "urls", "wsgi"},
    "partners": {"apps", "country_data", "participation", "search", "slugs", "urls"},
    "projects": {"amounts", "apps", "participation", "permissions", "search"}
    | {"stages", "urls", "zone_wording"},
}
LISTED_ROOM = re.compile(r"^\| `([a-z_/]+)/` \| (.+) \|$", re.MULTILINE)
# Form fields load choices, and lists of Django's admin load filters, while a template shows them.
QUERYING_MODULES = ("django.forms.", "django.contrib.admin.")
# Shows Django's log of actions, which is a queryset.
LOG_TEMPLATE = "admin/index.html"


def code() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((BASE / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def rooms() -> dict[str, str]:
    """The first paragraph of the docstring of each room, by the path of its folder."""
    folders = {path.parent.relative_to(BASE) for path in code()}
    return {
        folder.as_posix(): _purpose(BASE / folder / "__init__.py")
        for folder in sorted(folders)
        if not FRAMEWORK.intersection(folder.parts)
    }


def _purpose(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(docstring.partition("\n\n")[0].split())


def test_each_room_has_one_sentence():
    for room, purpose in rooms().items():
        assert re.fullmatch(r"[^.]+\.", purpose), (room, purpose)
        assert len(purpose.split()) <= 25, room


def test_the_documentation_lists_the_same_rooms_and_sentences():
    text = (BASE / "docs/architecture.md").read_text()
    assert dict(LISTED_ROOM.findall(text)) == rooms()


def test_every_module_is_in_a_room():
    for app in APPS:
        modules = {path.stem for path in (BASE / app).glob("*.py")} - {"__init__"}
        assert modules == LOOSE_MODULES[app]


def test_files_and_functions_are_short():
    for path in code():
        text = path.read_text()
        assert len(text.splitlines()) <= 300, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 40, (path, node.name)


def test_lines_of_stylesheets_are_short():
    for path in (BASE / "psf/static").rglob("*.css"):
        assert max(map(len, path.read_text().splitlines())) <= 120, path


def test_each_room_has_a_layer_in_the_import_contract():
    contract = tomllib.loads((BASE / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contract["contracts"][0]["layers"]
    listed = {name.strip() for layer in layers for name in layer.split("|")}
    top_rooms = {f"{path.parent.name}.{path.stem}" for app in APPS for path in _top_of(app)}
    assert listed == top_rooms
    assert "ignore_imports" not in contract["contracts"][0]


def _top_of(app: str) -> Iterator[Path]:
    """The modules and folders with code directly in an app."""
    for path in (BASE / app).iterdir():
        is_module = path.suffix == ".py" and path.stem != "__init__"
        if is_module or ((path / "__init__.py").exists() and path.name != "migrations"):
            yield path


def test_no_modules_import_each_other():
    """Imports inside functions count. Imports for type checkers are never executed."""
    graph = grimp.build_graph(*APPS, exclude_type_checking_imports=True, cache_dir=None)
    modules = {name for name in graph.modules if ".migrations" not in name}
    imports = {name: graph.find_modules_directly_imported_by(name) & modules for name in modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def _without_queries(render):
    """Render the template, and fail if the template itself runs a query."""

    def render_without_queries(self, context=None, request=None):
        def execute_for_fields(execute, sql, *args):
            if self.template.name == LOG_TEMPLATE:
                return execute(sql, *args)
            for frame, _line in walk_stack(None):
                if frame.f_globals["__name__"].startswith(QUERYING_MODULES):
                    return execute(sql, *args)
                if frame.f_code is render_without_queries.__code__:
                    break
            raise AssertionError(f"{self.template.name} runs a query: {sql}")

        with connection.execute_wrapper(execute_for_fields):
            return render(self, context, request)

    return render_without_queries


@override_settings(**SETTINGS)
@pytest.mark.slow
class TemplateTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()

    def open_pages(self, table: str, account: str, engine: object) -> None:
        client = sign_in(self.world.accounts)[account]
        client.raise_request_exception = True
        render = _without_queries(engine.Template.render)
        with mock.patch.object(engine.Template, "render", render):
            for row in rows_of(table):
                if row.method == "GET":
                    with self.subTest(row.what):
                        response = client.get(row.address(self.world))
                        response.getvalue()
                        self.assertLess(response.status_code, 500)

    def test_public_templates_run_no_query(self) -> None:
        self.open_pages("readers", "anon", public_engine)

    def test_staff_templates_run_no_query(self) -> None:
        self.open_pages("staff", "supe", staff_engine)

    def test_assessment_templates_run_no_query(self) -> None:
        self.open_pages("assessments", "asse", staff_engine)
