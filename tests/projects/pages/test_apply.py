"""The page for applicants, and the deadline on the clocks of other capitals."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from partners.models import Membership
from partners.pages.countries import capitals
from projects.models import Call
from projects.models.calls import validate_kinds
from projects.pages.open_call import deadline_elsewhere
from psf.text.dates import Precision, describe
from tests.support.cases import days_ahead
from tests.support.factories import (
    make_call,
    make_decision,
    make_membership,
    make_public_project,
)
from tests.support.hidden_records import hide_canaries, page_of, words

pytestmark = pytest.mark.django_db
APPLY = "/apply/"
LATER = 30  # days


@pytest.fixture
def members():
    for code in ["DK", "EE", "FI", "IS", "LV", "SE"]:
        make_membership(code)
    make_membership("UA", status="observer")
    make_membership("FR")  # without a capital in our data


def make_open_call(**fields):
    return make_call(title="PSF 2101", closes_at=days_ahead(LATER), **fields)


@pytest.mark.parametrize(
    ("closing", "elsewhere"),
    [
        (
            {"closes_at": datetime(2027, 1, 31, 22, 59, tzinfo=UTC)},
            "22:59 in Reykjavík; 00:59 on 1 February in Tallinn, Helsinki and Riga",
        ),
        (
            {"closes_at": datetime(2027, 7, 1, 10, tzinfo=UTC), "time_zone": "Europe/Helsinki"},
            "10:00 in Reykjavík; 12:00 in Copenhagen and Stockholm",
        ),
        ({"closes_at": datetime(2027, 1, 31, tzinfo=UTC), "closes_precision": "day"}, ""),
        ({"closes_at": None}, ""),
    ],
)
def test_deadline_is_told_in_each_capital_with_another_clock(members, closing, elsewhere):
    call = make_call(**{"closes_precision": "minute"} | closing)
    assert deadline_elsewhere(call) == elsewhere


def test_each_country_that_is_or_was_a_member_has_a_capital(db):
    from partners.country_data import load_countries

    load_countries()
    members = Membership.objects.filter(status="member", country__isnull=False)
    assert {*members.values_list("country", flat=True)} <= capitals().keys()


@pytest.mark.parametrize(
    ("rules", "query", "title", "reason"),
    [
        ({"min_member_states": 3}, "LV,FI,EE", "Yes: three member states", "Latvia, Finland and"),
        (
            {"min_member_states": 1},
            "LV,UA,",
            "Yes: one member state",
            "Latvia counts. Country UA does not count (observer).",
        ),
        ({"min_member_states": 3}, "UA,LV,FI", "No: two member states", "(observer)"),
        ({"min_member_states": 3}, "UA,UA,", "No: no member states", "The rule: at least three"),
        (
            {"min_member_states": 2, "lead_from_member_state": True},
            "UA,LV,FI",
            "No: the lead partner is not from a member state",
            "Latvia and Finland count.",
        ),
        ({}, "LV,FI,EE", "This call has no rule on member states", ""),
    ],
)
def test_partners_are_checked_by_the_rules_of_staff(client, members, rules, query, title, reason):
    make_open_call(**rules)
    names = zip(["lead", "second", "third"], query.split(","), strict=True)
    response = client.get(APPLY, dict(names))
    assert response.context["verdict"][0] == title
    assert reason in response.context["verdict"][1]


def test_partners_of_a_call_without_a_closing_cannot_be_checked(client, members):
    make_call(closes_at=None, min_member_states=3)
    page = words(client.get(f"{APPLY}?lead=LV&second=FI"))
    assert "This cannot be checked yet" in page
    assert "The closing day of the call is not known." in page


def test_a_wrong_country_is_an_explained_error(client, members):
    make_open_call(min_member_states=3)
    response = client.get(f"{APPLY}?lead=ATLANTIS&second=FI")
    assert response.status_code == 400
    assert 'role="alert"' in words(response) and response.context["verdict"] is None


def test_applicants_of_an_open_call_find_all_on_one_page(client, members):
    make_open_call(
        applicant_kinds="municipality ngo",
        floor_eur=10000,
        ceiling_eur=65000,
        min_cofunding_percent=10,
        min_member_states=3,
        contact="PSF team, psf@example.org",
        application_form_url="https://example.org/form.docx",
    )
    before = make_call(title="PSF 2021", received_count=55, funded_count=8)
    make_decision(before)
    make_public_project(call=before)
    # A call that funded nothing counts here as on the page of figures.
    none = make_call(title="PSF 2018", received_count=45, funded_count=0)
    make_decision(none)
    page = words(client.get(APPLY))
    assert "<h1>Apply to PSF 2101</h1>" in page
    for text in [
        "10 000 to 65 000 EUR",
        "You pay at least 10&nbsp;% yourselves",
        "At least three organisations",
        "Application form <small>DOCX</small>",
        "<li>Municipalities and regions</li>",
        "<li>Companies</li><li>Private persons</li>",
        "mailto:psf@example.org?subject=Question%20about%20PSF%202101",
        "8 of 100 applications were funded: about one in twelve.",
        "8 of 55 in 2021",
        "0 of 45 in 2018",
        "Read the 1 project",
    ]:
        assert text in page, text
    assert "Guidelines</a>" not in page  # no such document
    day = describe(timezone.localdate() + timedelta(days=LATER), Precision.DAY)
    for step in [f"until {day}", f"by {day}", f"after {day}"]:
        assert f'steps__when">{step}' in page
    Call.objects.update(closes_at=None)
    assert "after the assessment" in words(client.get(APPLY))
    Call.objects.update(eligibility_expected="March 2101", decision_expected="May 2101")
    page = words(client.get(APPLY))
    for step in ["March 2101", "May 2101"]:
        assert f'steps__when">{step}</p>' in page
    Call.objects.filter(title="PSF 2101").update(closes_at=timezone.now())
    assert "steps__when" not in words(client.get(APPLY))
    assert "Expected: May 2101." in page_of(client, Call.objects.get(title="PSF 2101"))


def test_without_an_open_call_the_rules_are_those_of_the_last(client, members):
    hide_canaries()
    assert "<h1>No call is open now</h1>" in words(client.get(APPLY))
    make_call(title="PSF 2025", min_member_states=3)
    page = words(client.get(APPLY))
    assert "Rules of PSF 2025, the last call" in page
    assert "steps__when" not in page and "Deadline" not in page
    coming = make_call(title="PSF 2102", opens_at=days_ahead(LATER), closes_at=None)
    assert "PSF 2102 opens on " in words(client.get(APPLY))
    Call.objects.filter(pk=coming.pk).update(opens_at=None)
    assert "PSF 2102 is the next call." in words(client.get(APPLY))


def test_a_call_names_known_kinds_only():
    validate_kinds("ngo municipality")
    with pytest.raises(ValidationError, match="no kind of organisation"):
        validate_kinds("ngo fleet")


def test_staff_tick_the_kinds_of_organisations(editor):
    call = make_call(applicant_kinds="ngo")
    page = editor.get(f"/admin/projects/call/{call.pk}/change/")
    form = page.context["adminform"].form
    assert form["applicant_kinds"].value() == ["ngo"]
    assert not form.fields["applicant_kinds"].has_changed("ngo", ["ngo"])
    assert form.fields["applicant_kinds"].clean(["ngo", "agency"]) == "ngo agency"
