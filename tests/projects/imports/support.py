"""Files to import, as staff make them, and the records before and after the import."""

import csv
from io import BytesIO, StringIO

from django.apps import apps
from openpyxl import Workbook

from projects.imports.apply import import_table
from projects.imports.parser import read_table
from projects.imports.plan import Author, make_plan
from projects.imports.problems import Refused
from projects.models import Import

ROW = {
    "reference": "PSF-2030-01",
    "title": "Storm Watch",
    "partner_role": "lead",
    "partner_name": "Harbour Office",
    "partner_country": "LV",
}


def rows(*changes):
    """Rows that differ from the first one as is said."""
    return [ROW | change for change in changes or [{}]]


def as_csv(entries, sign=","):
    text = StringIO()
    heads = list(dict.fromkeys(name for entry in entries for name in entry))
    writer = csv.DictWriter(text, heads, delimiter=sign)
    writer.writeheader()
    writer.writerows(entries)
    return text.getvalue()


def as_workbook(entries):
    book = Workbook()
    sheet = book.active
    heads = list(dict.fromkeys(name for entry in entries for name in entry))
    sheet.append(heads)
    for entry in entries:
        sheet.append([entry.get(name) for name in heads])
    return book


def as_bytes(content):
    """What a file holds: of a text, a workbook, rows, or bytes as they are."""
    if isinstance(content, list):
        content = as_csv(content)
    if isinstance(content, Workbook):
        file = BytesIO()
        content.save(file)
        return file.getvalue()
    return content.encode() if isinstance(content, str) else content


def read(content, **options):
    return read_table(as_bytes(content), **options)


def refusals(content, **options):
    """Every reason why a file cannot be read, as it is told."""
    try:
        read(content, **options)
    except Refused as refusal:
        return [str(problem) for problem in refusal.problems]
    raise AssertionError("The file was read.")


def plan_of(call, content, may_decide=True, **options):
    return make_plan(read(content), call, may_decide, **options)


def plan_refusals(call, content, **options):
    try:
        plan_of(call, content, **options)
    except Refused as refusal:
        return [str(problem) for problem in refusal.problems]
    raise AssertionError("The file could be imported.")


def save(call, content, user=None, **options):
    return import_table(read(content), call, Author("projects.csv", user), **options)


def everything():
    """All rows of all tables of calls, projects and partners, and of the history."""
    models = [
        model
        for label in ["partners", "projects", "history"]
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in [*models, Import]
    }
