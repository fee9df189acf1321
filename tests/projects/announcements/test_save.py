"""Saving the records of an announcement as drafts."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from partners.models import Partner, PartnerName
from projects.announcements.drafts import find_lead, make_drafts, name_of_other_call, period_of
from projects.announcements.parsed_text import ParsedCall
from projects.announcements.save import save_drafts
from projects.models import Announcement, AnnouncementLine, Call, Decision, Partnership, Project
from tests.projects.announcements import texts
from tests.projects.announcements.texts import PLACES, SHOWN, reading_of
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partner_name,
    make_priority,
    make_project,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def countries():
    for code, _name in SHOWN:
        make_country(code)


def saved(text, into=None, decided=True):
    reading = reading_of(text)
    return save_drafts(make_drafts(reading, PLACES, into), reading.lines, decided, None)


def parts(project):
    return [(row.role, row.country_id, row.name_as_published) for row in project.partnerships.all()]


def refusal(text, into=None, decided=True):
    before = everything()
    with pytest.raises(ValidationError) as caught:
        saved(text, into, decided)
    assert everything() == before
    return " ".join(caught.value.messages)


def everything():
    kinds = [Call, Project, Partnership, Partner, PartnerName, Decision, Announcement]
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def test_call_and_projects_are_saved_as_hidden_drafts():
    make_priority("Safe and Secure Region")
    records = saved(texts.YEAR_2019)
    (call,) = records.calls
    assert (call.title, call.slug, call.eligible_count, call.funded_count) == (
        "PSF 2019",
        "psf-2019",
        12,
        2,
    )
    assert call.ceiling_eur == 65000
    assert [str(priority) for priority in call.priorities.all()] == ["Safe and Secure Region"]
    assert call.decision.body == "Committee of Senior Officials"
    assert Call.objects.public().count() == Project.objects.public().count() == 0
    first, second = records.projects
    assert (first.reference, second.reference) == ("PSF-2019-01", "PSF-2019-02")
    assert (first.status, first.amount_eur, first.amount_kind) == ("funded", 65000, "ceiling")


def test_lead_partner_is_the_row_with_a_shared_distinguishing_word():
    first, second = saved(texts.YEAR_2019).projects
    assert parts(first) == [
        ("lead", "NO", "FOC Norway/Harbour Forum"),
        ("partner", "LV", "Association Centre"),
        ("partner", "SE", "Swedish platform Safe Streets"),
        ("partner", "RU", "NGO Zvezdny, charity fund"),
    ]
    assert [row.position for row in first.partnerships.all()] == [1, 2, 3, 4]
    assert second.partnerships.count() == 5
    codes = second.announced_countries.values_list("code", flat=True)
    assert set(codes) == {"LV", "EE", "FI", "DK"}
    assert second.as_published.startswith("Lead partner: Latvia (Ministry")
    assert any("Only in the headline: Estonia" in str(flag) for flag in second.flags.all())


def test_project_without_a_title_gets_a_working_title():
    first, _second = saved(texts.YEAR_2019).projects
    assert first.title == (
        "Project led by Friends of Children (FOC) Norway, Harbour Forum (Norway)"
    )
    assert any("no title" in str(flag) for flag in first.flags.filter(is_settled=False))
    (only,) = saved("PSF 2001\nParticipating countries: Latvia, Estonia").projects
    assert only.title == "Project in Latvia, Estonia"


def test_lead_partner_missing_from_the_list_is_added():
    text = "PSF 2001\nLead partner: Latvia (Harbour)\nPartners:\nLatvia: Choir\nEstonia: Sadam"
    (project,) = saved(text).projects
    assert parts(project) == [
        ("lead", "LV", "Harbour"),
        ("partner", "LV", "Choir"),
        ("partner", "EE", "Sadam"),
    ]


def test_lead_partner_without_a_country_is_not_saved_as_partner():
    records = saved(texts.YEAR_2020)
    first, second = records.projects
    assert parts(first) == [("partner", "LV", ""), ("partner", "EE", ""), ("partner", "LT", "")]
    sentence = "Not saved as a partner, because the country is missing: MARTA center."
    assert sentence in first.internal_note
    assert f"{first.reference}: {sentence}" in records.warnings
    assert Partner.objects.count() == 0
    assert second.priorities.get().name == "Regional Identity"


def test_organisation_replaces_the_country_of_the_headline():
    reading = reading_of(texts.YEAR_2020)
    drafts = make_drafts(reading, PLACES)
    drafts[0].projects[0].rows[0].country = "LV"
    first, _second = save_drafts(drafts, reading.lines, decided=True, by=None).projects
    assert parts(first) == [
        ("lead", "LV", "MARTA center"),
        ("partner", "EE", ""),
        ("partner", "LT", ""),
    ]


def test_country_of_the_lead_partner_comes_from_the_headline_alone():
    text = "PSF 2001\nLead partner: Latvia in partnership with Estonia\nPartners:\nLatvia: Harbour"
    (project,) = reading_of(text).projects()
    assert find_lead(project, PLACES) == 0
    text = "PSF 2001\nLead partner: Latvia\nPartners:\nEstonia: Sadam\nLatvia: Harbour"
    (project,) = reading_of(text).projects()
    assert find_lead(project, PLACES) is None
    assert parts(saved(text).projects[0])[0] == ("lead", "LV", "")


def test_organisations_are_recognised_by_all_their_names():
    known = make_partner("Harbour House", country="LV")
    make_partner_name(known, "Ostas māja")
    twice = [make_partner("Sadam", country="EE"), make_partner("SADAM", country="EE")]
    text = "PSF 2001\nLead partner: Latvia (“OSTAS MAJA”)\nPartners:\nEstonia: Sadam"
    (project,) = saved(text).projects
    lead, partner = project.partnerships.all()
    assert lead.partner == known
    assert lead.name_as_published == "“OSTAS MAJA”"
    assert known.names.count() == 1
    assert partner.partner not in twice  # which of the two is a person's decision


def test_a_name_is_the_same_organisation_only_within_its_country():
    make_partner("Ministry of the Interior", country="LT")
    text = "PSF 2001\nLead partner: Latvia (Ministry of the Interior)"
    records = saved(text)
    (organisation,) = records.organisations
    assert organisation.country_id == "LV"
    assert organisation.slug == "ministry-of-the-interior"


def test_new_organisation_is_created_once_per_text():
    text = (
        "PSF 2001\nLead partner: Latvia (Harbour)\nIt sails.\n"
        "Lead partner: Estonia (Sadam)\nPartners:\nEstonia: Sadam\nLatvia: HARBOUR"
    )
    assert len(saved(text).organisations) == 2


def test_published_name_is_added_to_the_chosen_organisation():
    known = make_partner("Zvezdny", country="RU")
    reading = reading_of("PSF 2001\nLead partner: Russia (NGO Zvezdny, charity fund)")
    drafts = make_drafts(reading, PLACES)
    drafts[0].projects[0].rows[0].partner = known.pk
    save_drafts(drafts, reading.lines, decided=True, by=None)
    name = known.names.get()
    assert (name.text, name.kind, name.source) == (
        "NGO Zvezdny, charity fund",
        "as_published",
        "PSF 2001",
    )
    known.refresh_from_db()
    assert known.version == 1


def test_editor_saves_projects_as_applications():
    records = saved(texts.YEAR_2019, decided=False)
    first, _second = records.projects
    assert (first.status, first.amount_eur, first.amount_kind) == (
        "submitted",
        None,
        "not_published",
    )
    assert not Decision.objects.exists()


def test_years_become_a_period_with_precision_year():
    first, second = saved(texts.YEAR_2016).projects
    assert (first.starts_on, first.ends_on) == (date(2016, 1, 1), date(2018, 12, 31))
    assert (first.starts_precision, first.ends_precision) == ("year", "year")
    assert second.ends_on == date(2018, 12, 31)
    assert first.partnerships.leading().count() == 0


@pytest.mark.parametrize("years", ["2018", "", "2018-2016"])
def test_single_or_reversed_years_are_not_a_period(years):
    assert period_of(years) == (None, None)


def test_the_deadline_is_the_last_minute_of_its_day_unless_a_time_is_stated():
    (call,) = saved("PSF 2001\nDeadline: 31 March 2001\nLead partner: Latvia (X)").calls
    assert (call.closes(), call.closes_precision) == ("31 March 2001", "day")
    (call,) = saved("PSF 2002\nDeadline: 31 March 2002, 12:00\nLead partner: Latvia (X)").calls
    assert call.closes() == "31 March 2002, 12:00 CEST"


def test_text_is_saved_line_by_line_with_records():
    records = saved(texts.YEAR_2019)
    lines = AnnouncementLine.objects.filter(announcement=records.announcement)
    assert records.announcement.title == "The Facility gives money to projects for safety"
    words = [line for line in texts.YEAR_2019.split("\n") if line.strip()]
    assert [line.text for line in lines] == words
    row = lines.get(text="Latvia: Association Centre")
    assert (row.kind, row.call, row.project) == ("partner", records.calls[0], records.projects[0])
    assert row.partnership.name_as_published == "Association Centre"
    headline = lines.filter(kind="lead").first()
    assert headline.project == records.projects[0]
    assert str(row) == "17: Latvia: Association Centre"


def test_lines_remain_after_their_record_is_deleted():
    records = saved(texts.YEAR_2019)
    count = AnnouncementLine.objects.count()
    of_first = AnnouncementLine.objects.filter(number=17)
    assert of_first.get().partnership
    records.projects[0].delete()
    assert AnnouncementLine.objects.count() == count
    assert (of_first.get().project, of_first.get().partnership) == (None, None)


def test_same_text_cannot_be_saved_twice():
    records = saved(texts.YEAR_2019)
    assert "already saved: its projects are in “PSF 2019”" in refusal(texts.YEAR_2019)
    Project.objects.all().delete()
    again = saved(texts.YEAR_2019, into=records.calls[0])
    assert len(again.projects) == 2


def test_empty_fields_of_a_chosen_call_are_filled():
    call = make_call(title="PSF 2019", slug="psf-2019", eligible_count=13, closes_at=None)
    make_decision(call, body="The Board")
    records = saved(f"{texts.YEAR_2019}\n", into=call)
    call.refresh_from_db()
    assert (call.eligible_count, call.funded_count, call.ceiling_eur) == (13, 2, 65000)
    assert records.warnings == [
        "“PSF 2019” keeps 13 for “applications eligible”. The text says 12.",
        "“PSF 2019” keeps The Board for “decided by”. The text says Committee of Senior Officials.",
    ]
    assert call.decision.body == "The Board"
    assert call.version == 1
    assert call.priorities.get().name == "Safe and Secure Region"


def test_a_chosen_call_keeps_its_priorities_and_its_projects():
    call = make_call(slug="psf-2001", opens_at=None, closes_at=None)
    call.priorities.add(make_priority("Regional Identity"))
    make_project(call, reference="PSF-2001-02")
    text = "Safe and Secure Region\nDeadline: 31 March 2001\nLead partner: Latvia (X)"
    records = saved(text, into=call)
    call.refresh_from_db()
    assert call.closes() == "31 March 2001"
    assert call.priorities.get().name == "Regional Identity"
    (warning,) = records.warnings
    assert "keeps Regional Identity for “priorities”. The text says Safe and Secure" in warning
    assert records.projects[0].reference == "PSF-2001-03"


def test_recorded_call_is_not_created_again():
    make_call(title="PSF 2019", slug="psf-2019")
    assert "“PSF 2019” (psf-2019) is already recorded: choose it" in refusal(texts.YEAR_2019)


def test_recorded_project_is_not_created_again():
    call = make_call()
    make_project(call, reference="PSF-1", as_published="Lead partner: Latvia (X)")
    text = "PSF 2001\nLead partner: Latvia (X)"
    assert "already has this project: PSF-1" in refusal(text, into=call)


def test_several_calls_cannot_be_added_to_one():
    text = f"{texts.YEAR_2018}\n{texts.YEAR_2021}"
    assert "describes 2 calls" in refusal(text, into=make_call())
    assert [call.title for call in saved(text).calls] == ["PSF 2018", "PSF 2021"]


def test_all_problems_are_reported_at_once_and_nothing_is_saved():
    long = "x" * 301
    errors = refusal(
        f"PSF 2001\nLead partner: Latvia ({long})\nIt sails.\n"
        f"Lead partner: Estonia (Sadam)\nPartners:\nEstonia: Sadam\nEstonia: Sadam"
    )
    assert "name: Ensure this value has at most 300 characters (it has 301)." in errors
    assert "already in the project" in errors


def test_a_text_without_a_heading_needs_a_title():
    assert "Enter a title of the call" in refusal("Lead partner: Latvia (X)")


def test_a_call_with_impossible_numbers_is_refused():
    text = "PSF 2001\nApplications eligible: 12\nApplications received: 2\nLead partner: Latvia (X)"
    assert "There are more eligible applications than received applications." in refusal(text)


@pytest.mark.parametrize(
    ("heading", "title", "closes", "is_other"),
    [
        ("PSF 2019", "PSF 2019", None, False),
        ("PSF 2019", "PSF 2018", None, True),
        ("PSF 2019", "The safety call", 2019, False),
        ("PSF 2019", "The safety call", 2021, True),
        ("PSF projects 2016-2018", "PSF 2017", None, False),
        ("Youth call", "Youth call of the CBSS", None, False),
        ("Youth call", "Water call", None, True),
        (None, "PSF 2018", None, False),
    ],
)
def test_text_about_another_call_is_recognised(heading, title, closes, is_other):
    chosen = Call(title=title, closes_at=closes and datetime(closes, 3, 31, tzinfo=UTC))
    assert bool(name_of_other_call(ParsedCall(heading=heading), chosen)) is is_other


def test_call_named_in_running_text_is_compared_with_the_chosen_call():
    call = ParsedCall(paragraphs=["The 2021 PSF call is decided."])
    assert name_of_other_call(call, Call(title="PSF 2019")) == "2021 PSF call"
