"""Rules for every model, admin class, template and file."""

import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.template import engines

from tests.support.processes import run

BASE = Path(__file__).resolve().parent.parent
OURS = ["psf", "partners", "projects"]
CODE = sorted(path for app in OURS for path in (BASE / app).rglob("*.py"))
TEMPLATES = sorted((BASE / "templates").rglob("*.html"))
READERS = sorted((BASE / "templates/public").rglob("*.html"))
# To be pasted into a page that is in English whatever the language of the site.
IN_ENGLISH = BASE / "templates/public/projects/announcement_to_copy.html"
ADMINS = [
    admin_of_model
    for model, admin_of_model in admin.site._registry.items()
    if model._meta.app_label in OURS
]


def name_of(value):
    return type(value).__name__


def test_every_model_has_a_meaning():
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            assert not model.__doc__.startswith(f"{model.__name__}("), model


def test_every_constraint_speaks_to_people():
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for constraint in model._meta.constraints:
                default = constraint.default_violation_error_message
                assert constraint.violation_error_message != default, constraint.name


def test_orders_say_where_unknown_values_stand():
    """SQLite and PostgreSQL disagree about the place of NULL."""
    for model in [model for label in OURS for model in apps.get_app_config(label).get_models()]:
        for name in [name for name in model._meta.ordering if isinstance(name, str)]:
            place = model
            for part in name.lstrip("-").replace("pk", "id").split("__"):
                field = place._meta.get_field(part)
                assert not field.null, (model, name)
                place = field.related_model


@pytest.mark.parametrize("ours", ADMINS, ids=name_of)
def test_options_are_spelt_as_django_spells_them(ours):
    """Django ignores an admin option that it does not know."""
    known = {"purpose", *ours.list_display, *ours.readonly_fields, *ours.actions}
    asked = {name for action in ours.actions for name in getattr(action, "allowed_permissions", [])}
    known |= {f"has_{permission}_permission" for permission in asked}
    for base in type(ours).__mro__[1:]:
        known |= {*vars(base), *inspect.get_annotations(base)}
    named = {name for name in vars(type(ours)) if not name.startswith("_")}
    assert named - known == set()


@pytest.mark.parametrize("ours", ADMINS, ids=name_of)
def test_no_admin_has_more_than_six_ancestors_of_ours(ours):
    """A feature adds pages to an admin class, and no ancestor."""
    ancestors = [base for base in type(ours).__mro__[1:] if base.__module__.split(".")[0] in OURS]
    assert len(ancestors) <= 6


@pytest.mark.parametrize("ours", ADMINS, ids=name_of)
def test_options_are_lists(ours):
    for name in ["list_display", "list_filter", "search_fields", "autocomplete_fields", "inlines"]:
        if name in vars(type(ours)):
            assert isinstance(vars(type(ours))[name], list), name
    assert not ours.list_editable  # a stale list would undo what others wrote


def test_nothing_goes_around_the_escaping():
    for path in TEMPLATES:
        assert not re.search(r"\|\s*safe\b|autoescape (off|false)", path.read_text()), path
    for path in CODE:
        assert "mark_safe" not in path.read_text(), path
        # Messages are written by us; what is put into them is escaped.
        marked = re.findall(r"\bMarkup\((?!n?gettext\()", path.read_text())
        assert not marked, path


def test_every_public_template_compiles_and_names_its_context():
    engine = engines.all()[0]
    for path in READERS:
        engine.get_template(str(path.relative_to(BASE / "templates/public")))
        for comment, macro in re.findall(r"(.*\n)?\{% macro (\w+)", path.read_text()):
            assert re.match(r"\{# ", comment), (path, macro)


def test_every_word_of_readers_pages_can_be_translated():
    for path in READERS:
        lexed = engines.all()[0].env.lex(path.read_text())
        text = "".join(value if kind == "data" else "…" for _line, kind, value in lexed)
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>", " ", text))
        assert not words or path == IN_ENGLISH, (path, words)
        spoken = re.findall(r"\b(?:aria-label|title|alt|placeholder)=\"[^\"…]+\"", text)
        assert not spoken, (path, spoken)


def test_templates_hold_nothing_that_the_policy_blocks():
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text, re.I), path
        assert not re.search(r"<script(?![^>]*(\ssrc=|application/ld\+json))", text, re.I), path


def test_templates_load_nothing_from_elsewhere():
    for path in TEMPLATES:
        assert not re.search(r"\b(src|href)=\"(https?:)?//", path.read_text()), path


def test_no_signals_and_no_work_in_save():
    for path in CODE:
        text = path.read_text()
        assert "@receiver" not in text, path
        assert "def save(self" not in text, path


def test_the_top_level_has_only_expected_entries():
    agreed = {
        *["psf", "partners", "projects", "templates", "tests", "docs", ".ci"],
        *["manage.py", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "Makefile"],
        *["README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md"],
        *[".gitignore", ".gitattributes", ".editorconfig"],
    }
    tracked = run(["git", "ls-files"], cwd=BASE)
    assert {line.split("/")[0] for line in tracked.stdout.splitlines()} <= agreed
