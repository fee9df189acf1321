"""The structure of the code: rooms, layers and sizes, and templates without queries."""

import ast
import re
import tomllib
from collections.abc import Iterator
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from traceback import walk_stack
from types import FunctionType
from unittest import mock

import django.db.models
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
    "psf": {"admin", "apps", "environment", "models", "settings", "urls", "wsgi"},
    "partners": {"apps", "country_data", "facts", "participation", "search", "similar_names"}
    | {"slugs", "urls"},
    "projects": {"amounts", "apps", "facts", "participation", "permissions", "search"}
    | {"stages", "urls", "zone_wording"},
}
PRIVATE_NAME = re.compile(r"_[a-zA-Z]")
PRIVATE_ATTRIBUTE = re.compile(r"\.(_[a-z]\w*)")
DOCUMENTED_NAMES = {"_meta", "_base_manager", "_default_manager", "_replace", "_asdict"}
DOCUMENTED_NAMES |= {"_make", "_fields"}
LISTED_ROOM = re.compile(r"^\| `([a-z_/]+)/` \| (.+) \|$", re.MULTILINE)
# Form fields load choices, and lists of Django's admin load filters, while a template shows them.
QUERYING_MODULES = ("django.forms.", "django.contrib.admin.", "projects.pages.open_call")


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
        assert len(text.splitlines()) <= 500, path
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


def test_partners_name_no_model_and_no_page_of_projects():
    for path in code():
        if path.is_relative_to(BASE / "partners"):
            for node in ast.walk(ast.parse(path.read_text())):
                text = node.value if isinstance(node, ast.Constant) else ""
                assert not re.match(r"(projects|figures)[.:]\w", str(text)), (path, node.lineno)


def test_base_asks_for_models_of_the_apps_through_registries():
    for path in code():
        if path.is_relative_to(BASE / "psf"):
            assert not re.search(r'get_model\(\s*"(partners|projects)', path.read_text()), path


def test_code_uses_public_names_of_libraries_only():
    trees = {path: ast.parse(path.read_text()) for path in code()}
    own_names = DOCUMENTED_NAMES.union(*map(_defined_names, trees.values()))
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and PRIVATE_NAME.match(node.attr):
                assert node.attr in own_names, (path, node.lineno)
            if isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
                names = [*str(node.module).split("."), *(alias.name for alias in node.names)]
                is_ours = names[0] in APPS
                is_internal = "internal" in names or any(map(PRIVATE_NAME.match, names))
                assert is_ours or not is_internal, (path, node.lineno)


def test_no_text_names_a_private_attribute_of_django():
    library = Path(django.db.models.__file__).parent.rglob("*.py")
    private = {name for path in library for name in PRIVATE_ATTRIBUTE.findall(path.read_text())}
    assert "_prefetched_objects_cache" in private
    for path in code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant):
                assert node.value not in private, (path, node.lineno)


def _defined_names(tree: ast.AST) -> set[str]:
    definitions = (ast.FunctionDef, ast.ClassDef)
    names = {node.name for node in ast.walk(tree) if isinstance(node, definitions)}
    stored = [node for node in ast.walk(tree) if isinstance(getattr(node, "ctx", 0), ast.Store)]
    names |= {node.attr for node in stored if isinstance(node, ast.Attribute)}
    return names | {node.id for node in stored if isinstance(node, ast.Name)}


def test_no_class_overrides_a_private_method_of_a_library():
    for name in grimp.build_graph(*APPS, cache_dir=None).modules:
        if ".migrations" not in name and name != "psf.wsgi":
            for value in vars(import_module(name)).values():
                if isinstance(value, type) and value.__module__ == name:
                    assert _overridden_names(value) == [], value


def _overridden_names(value: type) -> list[str]:
    methods = [name for name, method in vars(value).items() if isinstance(method, FunctionType)]
    libraries = [base for base in value.__mro__ if base.__module__.partition(".")[0] not in APPS]
    return [
        name
        for name in filter(PRIVATE_NAME.match, methods)
        if not issubclass(value, Enum) and any(name in vars(base) for base in libraries)
    ]


def _without_queries(render):
    """Render the template, and fail if the template itself runs a query."""

    def render_without_queries(self, context=None, request=None):
        def execute_for_fields(execute, sql, *args):
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
@pytest.mark.unmeasured
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
