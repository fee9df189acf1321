"""The columns of amounts, topics, receipt and language, and the columns of each role."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from partners.models import Partner
from projects.imports.columns import COLUMNS, DECIDED, columns_for
from projects.models import Project
from tests.projects.checks.test_work_list import days_away
from tests.projects.imports.support import plan_of, plan_refusals, refusals, rows, save
from tests.support.factories import make_call, make_country, make_partner, make_topic

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()

APPLICATION = {
    "requested_amount": "60000.50",
    "topics": "Youth; child protection",
    "received_on": "2020-03-28",
    "partner_name_language": "lv",
}


@pytest.fixture(autouse=True)
def records():
    make_country("LV")
    make_topic("Youth")
    make_topic("Child protection")


@pytest.fixture
def call():
    return make_call(title="PSF 2030", closes_at=days_away(30))


def test_amount_requested_topics_receipt_and_language_are_saved(call):
    save(call, rows(APPLICATION))
    project = Project.objects.get()
    assert project.requested_eur == Decimal("60000.50")
    assert project.received_on == date(2020, 3, 28)
    assert [topic.name for topic in project.topics.order_by("name")] == [
        "Child protection",
        "Youth",
    ]
    assert Partner.objects.get().name_language == "lv"
    assert not plan_of(call, rows(APPLICATION)).has_changes()


def test_changed_topics_replace_the_recorded_topics(call):
    save(call, rows(APPLICATION))
    plan = save(call, rows({"topics": "Youth"}))
    (change,) = plan.changed()[0].differences
    assert change == ("Topics", "Child protection; Youth", "Youth")
    assert [topic.name for topic in Project.objects.get().topics.all()] == ["Youth"]


def test_unknown_topic_is_refused_with_the_known_topics():
    assert refusals(rows({"topics": "Youth; Fame"})) == [
        (
            "Row 2, topics “Youth; Fame”: No topic has this name. "
            "The topics are: Child protection; Youth."
        )
    ]


def test_language_of_an_imported_name_stays_open(call):
    save(call, rows({"partner_name": "Hafenamt"}))
    assert Partner.objects.get().name_language == ""


def test_language_changes_only_the_name_that_the_file_uses(call):
    partner = make_partner("Harbour Office", name_language="en")
    partner.names.create(text="Ostas birojs", kind="official")
    row = {"partner_name": "Ostas birojs", "partner_name_language": "lv"}
    assert not plan_of(call, rows(row)).changed_organisations()
    (changed,) = plan_of(call, rows({"partner_name_language": "lv"})).changed_organisations()
    assert changed.changes == {"name_language": ("en", "lv")}


def test_a_ceiling_of_0_eur_is_refused_with_a_sentence(call):
    (problem,) = plan_refusals(call, rows({"amount": "0", "amount_kind": "ceiling"}))
    assert problem == (
        "Row 2, amount “0.00”: A ceiling of 0 EUR is no grant. Leave an unknown amount empty."
    )


@pytest.mark.parametrize("kind", ["awarded", "final"])
@pytest.mark.parametrize("cells", [{}, {"amount": ""}], ids=["no column", "empty cell"])
def test_award_without_an_amount_is_refused_with_a_sentence(call, kind, cells):
    row = {"status": "funded", "amount_kind": kind} | cells
    (problem,) = plan_refusals(call, rows(row))
    assert problem.startswith("Row 2, amount: An amount needs a kind")


def test_late_application_is_imported_with_a_warning():
    call = make_call(title="PSF 2030", closes_at=days_away(-1))
    (project,) = plan_of(call, rows({"received_on": str(TODAY)})).projects
    assert project.notes[0].startswith(f"Received on {TODAY:%-d %B %Y}, after “PSF 2030” closed")
    (project,) = plan_of(call, rows({})).projects
    assert project.notes[0].endswith("Enter the day of receipt.")
    (project,) = plan_of(call, rows({"received_on": "2001-01-01"})).projects
    assert project.notes == []


def test_day_of_receipt_in_the_future_is_refused(call):
    tomorrow = str(TODAY + timedelta(days=1))
    (problem,) = plan_refusals(call, rows({"received_on": tomorrow}))
    assert problem.startswith(f"Row 2, received_on “{tomorrow}”: This day is in the future.")


def test_recorded_project_gets_the_warning_only_for_a_new_day():
    call = make_call(title="PSF 2030", closes_at=days_away(-1))
    save(call, rows({}))
    (project,) = plan_of(call, rows({"title": "New title"})).projects
    assert project.notes == []
    (project,) = plan_of(call, rows({"received_on": str(TODAY)})).projects
    assert len(project.notes) == 1


def test_columns_of_an_editor_are_those_that_an_editor_may_fill_in():
    assert list(columns_for(may_decide=True)) == list(COLUMNS)
    assert set(COLUMNS) - set(columns_for(may_decide=False)) == set(DECIDED)
