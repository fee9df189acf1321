"""The command `check_figures`: every public figure counted a second time."""

import re
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from partners.models import Partner
from projects.models import Project
from psf.database.keysets import keyset
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_public_project,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def records():
    """Two public projects with different facts, and one of each kind of hidden project."""
    first = make_public_project(amount_kind="awarded", amount_eur=40_000)
    new_year = datetime(2018, 12, 31, 23, 30, tzinfo=UTC)  # 2019 in local time
    call = make_call(opens_at=None, closes_at=new_year, published_at=LONG_AGO)
    make_public_project(call=call, amount_kind="not_published")
    first.priorities.add(make_priority())
    make_partnership(first, make_partner(country="LV", kind="ngo"))
    make_partnership(first, None, "FI")
    make_public_project(make_partner(country="FI"), led_by_cbss=True)
    make_membership("SE")
    make_country("RU")
    for make_hidden in HIDDEN_PROJECTS:
        make_hidden()


def test_figures_that_equal_the_records(capsys):
    call_command("check_figures")
    assert capsys.readouterr().out == "All public figures equal the records.\n"


COMMAND = "psf.management.commands.check_figures"


def test_wrong_figures_are_found(monkeypatch, capsys):
    Project.objects.public().order_by("pk").first().topics.add(make_topic("Youth"))
    wrong = {"number": {"7": keyset([Partner.objects.public().first().pk])}}
    monkeypatch.setattr("projects.figures.records.Records.lines", [])
    monkeypatch.setattr("projects.figures.records.Records.topics", [])
    monkeypatch.setattr(f"{COMMAND}.numbers_of_pairs", lambda _: {("FI", "LV"): 1})
    monkeypatch.setattr(f"{COMMAND}.money_of", lambda _: [])
    monkeypatch.setattr(f"{COMMAND}.public_partner_sets", lambda: wrong)
    with pytest.raises(SystemExit) as end:
        call_command("check_figures")
    assert end.value.code == 1
    lines = capsys.readouterr().out
    for line in [
        "country LV: the pages show None, the records give 2\n",
        "led from FI: the pages show None, the records give 0\n",
        "amounts awarded: the pages show None, the records give (1, Decimal('40000",
        ": the pages show 7, the records give 1\n",
    ]:
        assert line in lines
    assert "pair FI LV" not in lines  # equal
    assert re.search("topic [a-z0-9-]+: the pages show None, the records give 1\n", lines)
