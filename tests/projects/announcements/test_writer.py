"""The announcement written from the records, and read back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from partners.country_data import load_countries
from projects.announcements.writer import announcement_of, announcement_text
from projects.models import Call
from projects.sample_data.loader import SAMPLE, load_calls
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partnership,
    make_project,
)


def text_of(call):
    return announcement_text(announcement_of(call, call.projects.all()))


@pytest.mark.django_db
def test_written_announcement_has_a_readable_layout():
    for code in ["LV", "EE", "FI"]:
        make_country(code)
    call = make_call(
        title="PSF 2031", received_count=43, description="For islands.", closes_at=None
    )
    make_decision(call, body="")
    about = "It warns.\n\nIt\nlasts."
    storm = make_project(call, status="funded", title="Storm Watch", description=about)
    make_partnership(storm, make_partner("Harbour"), role="lead")
    make_partnership(storm, country="EE")
    storm.announced_countries.set(["LV", "EE", "FI"])
    grant = {"amount_kind": "awarded", "amount_eur": 1}
    sea = make_project(call, status="funded", title="Sea", as_published="Sea!", **grant)
    sea.announced_countries.set(["LV"])
    assert text_of(call) == (
        "What the Project Support Facility decided\n\n"
        "Call: PSF 2031\nApplications received: 43\n\n"
        "About the call:\n    For islands.\n\n"
        "Project title: Storm Watch\n"
        "Lead partner: Latvia (Harbour) in partnership with Estonia and Finland\n"
        "Grant of the project: not published\n\n"
        "About the project:\n    It warns.\n\n    It\n    lasts.\n\n"
        "Project partners:\nLatvia: Harbour\nEstonia\n\n"
        "Note: The headline names Finland, but the partner list does not. The list is used.\n\n"
        "Project title: Sea\nParticipating countries: Latvia\n"
        "Grant of the project: 1 EUR awarded\n\n"
        "Headline as published:\n    Sea!\n\n"
        "Project partners:\n\n"
        "Note: The headline names Latvia, but the partner list does not. The list is used.\n"
    )


@pytest.mark.django_db
def test_call_of_2019_is_written_from_its_records():
    load_countries()
    load_calls(SAMPLE)
    call = Call.objects.get()
    text = text_of(call)
    for line in [
        "Eligible applications: 12",
        "Ceiling of a grant: up to 65\N{NO-BREAK SPACE}000 EUR",
        "Deadline: 31 March 2019",
        "Lead partner: Latvia (Liepaja Municipal Police) in partnership with Finland and Lithuania",
        "Norway: UiT Norges arktiske Universitet",
    ]:
        assert f"\n{line}\n" in text
    assert text.count("Project partners:") == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("precision", "closing"),
    [("minute", "31 July 2031, 14:00 CEST"), ("day", "31 July 2031"), ("year", None)],
)
def test_the_deadline_is_as_exact_as_it_is_known(precision, closing):
    at = datetime(2031, 7, 31, 12, tzinfo=UTC)
    call = make_call(title="PSF 2031", closes_at=at, closes_precision=precision)
    make_decision(call, body="")
    facts = dict(announcement_of(call, call.projects.all())["facts"])
    assert facts.get("Deadline") == closing
    assert "Decided by" not in facts


@pytest.mark.django_db
def test_only_funded_projects_and_original_partners_are_announced():
    load_countries()
    call = make_call(title="PSF 2031", ceiling_eur=65000)
    make_decision(call, body="The Board")
    make_project(call, status="rejected")
    grant = {"amount_kind": "awarded", "amount_eur": Decimal(62000)}
    project = make_project(call, status="running", title="Storm Watch", **grant)
    make_partnership(project, make_partner("Late"), role="lead", joined_on=date(2031, 1, 1))
    make_partnership(project, make_partner("Harbour", name_language="lv"))
    make_partnership(project, country="EE", name_as_published="no organisation is named")
    [only] = announcement_of(call, call.projects.all())["projects"]
    assert (only.title, only.grant) == ("Storm Watch", "62\N{NO-BREAK SPACE}000 EUR awarded")
    assert only.rows == [("Latvia", "Harbour", "lv"), ("Estonia", "", "")]
    assert "\nLead partner: Latvia (Late)\n" in text_of(call)


@pytest.mark.django_db
def test_announcement_leaves_out_contact_data_of_descriptions():
    call = make_call(description="It is open.\r\nWrite to a@example.org. Or wait.")
    make_decision(call)
    announced = announcement_of(call, call.projects.all())
    assert announced["paragraphs"] == ["It is open.\nOr wait."]
