"""The dictionary of the database in docs/, compared with the dictionary of the public data."""

import re

import pytest
from django.conf import settings

from projects.open_data.call_table import CALLS
from projects.open_data.country_table import COUNTRIES, MEMBERSHIPS
from projects.open_data.partner_table import PARTNERS, PARTNERSHIPS
from projects.open_data.project_table import PROJECTS

TEXT = (settings.BASE_DIR / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
TABLES = [PROJECTS, PARTNERSHIPS, PARTNERS, CALLS, COUNTRIES, MEMBERSHIPS]


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_both_dictionaries_have_the_same_public_columns(table):
    model = table.rows().model
    columns = {field.name for field in model._meta.concrete_fields}
    named = {name for field in table.fields for name in (field.key, field.source.path)}
    pattern = rf"^#+ [^\n]*\(`{model._meta.label}`\)\n(.*?)(?=^#|\Z)"
    section = re.search(pattern, TEXT, re.MULTILINE | re.DOTALL)[1]
    explained = set(re.findall(r"`(\w+)`", section))
    assert named & columns - explained == set()
    hidden = [line for line in section.splitlines() if "never public" in line]
    names = {name for line in hidden for name in re.findall(r"`(\w+)`", line.split(" | ")[0])}
    assert names & named == set()
