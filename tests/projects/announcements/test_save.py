"""The records that are made of an announcement: all of them, as drafts, or none."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from partners.models import Partner, PartnerName
from projects.announcements.drafts import drafts_of, find_lead, period_of
from projects.announcements.save import save
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
    return save(drafts_of(reading, PLACES, into), reading.lines, decided, None)


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


def test_a_call_and_its_projects_are_made_and_nobody_sees_them():
    make_priority("Safe and Secure Region")
    made = saved(texts.YEAR_2019)
    (call,) = made.calls
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
    first, second = made.projects
    assert (first.reference, second.reference) == ("PSF-2019-01", "PSF-2019-02")
    assert (first.status, first.amount_eur, first.amount_kind) == ("funded", 65000, "ceiling")


def test_the_lead_partner_is_the_row_of_the_list_that_tells_the_same():
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


def test_a_project_without_a_title_gets_a_working_title_that_says_so():
    first, _second = saved(texts.YEAR_2019).projects
    assert first.title == (
        "Project led by Friends of Children (FOC) Norway, Harbour Forum (Norway)"
    )
    assert any("no title" in str(flag) for flag in first.flags.filter(is_settled=False))
    (only,) = saved("PSF 2001\nParticipating countries: Latvia, Estonia").projects
    assert only.title == "Project in Latvia, Estonia"


def test_a_lead_partner_that_is_not_in_the_list_is_added():
    text = "PSF 2001\nLead partner: Latvia (Harbour)\nPartners:\nLatvia: Choir\nEstonia: Sadam"
    (project,) = saved(text).projects
    assert parts(project) == [
        ("lead", "LV", "Harbour"),
        ("partner", "LV", "Choir"),
        ("partner", "EE", "Sadam"),
    ]


def test_a_lead_partner_without_a_country_waits_for_one():
    first, second = saved(texts.YEAR_2020).projects
    assert parts(first) == [("partner", "LV", ""), ("partner", "EE", ""), ("partner", "LT", "")]
    assert "Without a country, and so not among the partners: MARTA center." in first.internal_note
    assert Partner.objects.count() == 0
    assert second.priorities.get().name == "Regional Identity"


def test_a_country_of_the_headline_gives_way_to_its_organisation():
    reading = reading_of(texts.YEAR_2020)
    drafts = drafts_of(reading, PLACES)
    drafts[0].projects[0].rows[0].country = "LV"
    first, _second = save(drafts, reading.lines, decided=True, by=None).projects
    assert parts(first) == [
        ("lead", "LV", "MARTA center"),
        ("partner", "EE", ""),
        ("partner", "LT", ""),
    ]


def test_only_the_headline_names_the_lead_partners_country():
    text = "PSF 2001\nLead partner: Latvia in partnership with Estonia\nPartners:\nLatvia: Harbour"
    (project,) = reading_of(text).projects()
    assert find_lead(project, PLACES) == 0
    text = "PSF 2001\nLead partner: Latvia\nPartners:\nEstonia: Sadam\nLatvia: Harbour"
    (project,) = reading_of(text).projects()
    assert find_lead(project, PLACES) is None
    assert parts(saved(text).projects[0])[0] == ("lead", "LV", "")


def test_organisations_are_recognised_by_every_name_they_have():
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
    made = saved(text)
    (organisation,) = made.organisations
    assert organisation.country_id == "LV"
    assert organisation.slug == "ministry-of-the-interior"


def test_one_new_organisation_is_made_once_in_a_text():
    text = (
        "PSF 2001\nLead partner: Latvia (Harbour)\nIt sails.\n"
        "Lead partner: Estonia (Sadam)\nPartners:\nEstonia: Sadam\nLatvia: HARBOUR"
    )
    assert len(saved(text).organisations) == 2


def test_a_chosen_organisation_learns_the_name_as_published():
    known = make_partner("Zvezdny", country="RU")
    reading = reading_of("PSF 2001\nLead partner: Russia (NGO Zvezdny, charity fund)")
    drafts = drafts_of(reading, PLACES)
    drafts[0].projects[0].rows[0].partner = known.pk
    save(drafts, reading.lines, decided=True, by=None)
    name = known.names.get()
    assert (name.text, name.kind, name.source) == (
        "NGO Zvezdny, charity fund",
        "as_published",
        "PSF 2001",
    )
    known.refresh_from_db()
    assert known.version == 1


def test_who_may_not_decide_enters_applications():
    made = saved(texts.YEAR_2019, decided=False)
    first, _second = made.projects
    assert (first.status, first.amount_eur, first.amount_kind) == (
        "submitted",
        None,
        "not_published",
    )
    assert not Decision.objects.exists()


def test_years_become_a_period_whose_years_are_known():
    first, second = saved(texts.YEAR_2016).projects
    assert (first.starts_on, first.ends_on) == (date(2016, 1, 1), date(2018, 12, 31))
    assert (first.starts_precision, first.ends_precision) == ("year", "year")
    assert second.ends_on == date(2018, 12, 31)
    assert first.partnerships.leading().count() == 0


@pytest.mark.parametrize("years", ["2018", "", "2018-2016"])
def test_other_years_are_no_period(years):
    assert period_of(years) == (None, None)


def test_the_deadline_is_the_last_minute_of_its_day_unless_a_time_is_stated():
    (call,) = saved("PSF 2001\nDeadline: 31 March 2001\nLead partner: Latvia (X)").calls
    assert (call.closes(), call.closes_precision) == ("31 March 2001", "day")
    (call,) = saved("PSF 2002\nDeadline: 31 March 2002, 12:00\nLead partner: Latvia (X)").calls
    assert call.closes() == "31 March 2002, 12:00 CEST"


def test_the_text_stays_line_by_line_with_what_it_became():
    made = saved(texts.YEAR_2019)
    lines = AnnouncementLine.objects.filter(announcement=made.announcement)
    assert made.announcement.title == "The Facility gives money to projects for safety"
    words = [line for line in texts.YEAR_2019.split("\n") if line.strip()]
    assert [line.text for line in lines] == words
    row = lines.get(text="Latvia: Association Centre")
    assert (row.kind, row.call, row.project) == ("partner", made.calls[0], made.projects[0])
    assert row.partnership.name_as_published == "Association Centre"
    headline = lines.filter(kind="lead").first()
    assert headline.project == made.projects[0]
    assert str(row) == "17: Latvia: Association Centre"


def test_a_deleted_record_leaves_its_lines_behind():
    made = saved(texts.YEAR_2019)
    count = AnnouncementLine.objects.count()
    of_first = AnnouncementLine.objects.filter(number=17)
    assert of_first.get().partnership
    made.projects[0].delete()
    assert AnnouncementLine.objects.count() == count
    assert (of_first.get().project, of_first.get().partnership) == (None, None)


def test_the_same_text_is_saved_once_while_its_projects_are_there():
    made = saved(texts.YEAR_2019)
    assert "saved already: its projects are in “PSF 2019”" in refusal(texts.YEAR_2019)
    Project.objects.all().delete()
    again = saved(texts.YEAR_2019, into=made.calls[0])
    assert len(again.projects) == 2


def test_a_chosen_call_is_filled_and_keeps_what_it_says():
    call = make_call(title="PSF 2019", slug="psf-2019", eligible_count=13, closes_at=None)
    make_decision(call, body="The Board")
    made = saved(f"{texts.YEAR_2019}\n", into=call)
    call.refresh_from_db()
    assert (call.eligible_count, call.funded_count, call.ceiling_eur) == (13, 2, 65000)
    assert made.left == ["“PSF 2019” keeps 13 for “applications eligible”; the text says 12."]
    assert call.decision.body == "The Board"
    assert call.version == 1
    assert call.priorities.get().name == "Safe and Secure Region"


def test_a_chosen_call_keeps_its_priorities_and_its_projects():
    call = make_call(slug="psf-2001", opens_at=None, closes_at=None)
    call.priorities.add(make_priority("Regional Identity"))
    make_project(call, reference="PSF-2001-02")
    text = "Safe and Secure Region\nDeadline: 31 March 2001\nLead partner: Latvia (X)"
    made = saved(text, into=call)
    call.refresh_from_db()
    assert call.closes() == "31 March 2001"
    assert call.priorities.get().name == "Regional Identity"
    assert made.projects[0].reference == "PSF-2001-03"


def test_a_call_that_is_there_is_not_made_again():
    make_call(title="PSF 2019", slug="psf-2019")
    assert "“PSF 2019” is here already (psf-2019): choose it" in refusal(texts.YEAR_2019)


def test_a_project_that_is_there_is_not_made_again():
    call = make_call()
    make_project(call, reference="PSF-1", as_published="Lead partner: Latvia (X)")
    text = "PSF 2001\nLead partner: Latvia (X)"
    assert "headline already: PSF-1" in refusal(text, into=call)


def test_several_calls_cannot_be_added_to_one():
    text = f"{texts.YEAR_2018}\n{texts.YEAR_2021}"
    assert "tells of 2 calls" in refusal(text, into=make_call())
    assert [call.title for call in saved(text).calls] == ["PSF 2018", "PSF 2021"]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_saved():
    long = "x" * 301
    said = refusal(
        f"PSF 2001\nLead partner: Latvia ({long})\nIt sails.\n"
        f"Lead partner: Estonia (Sadam)\nPartners:\nEstonia: Sadam\nEstonia: Sadam"
    )
    assert "name: Ensure this value has at most 300 characters (it has 301)." in said
    assert "already in the project" in said


def test_a_text_without_a_heading_needs_a_title():
    assert "Give the call a title" in refusal("Lead partner: Latvia (X)")


def test_a_call_with_impossible_numbers_is_refused():
    text = "PSF 2001\nApplications eligible: 12\nApplications received: 2\nLead partner: Latvia (X)"
    assert "More applications are eligible than were received." in refusal(text)
