"""Saving the records of an announcement as drafts."""

from typing import NamedTuple

import pytest
from django.core.exceptions import ValidationError

from partners.models import DuplicateCandidate, Partner
from projects.announcements.save import save_records
from projects.imports.plan import Plan, free_references
from projects.models import Announcement, Call, Partnership, Priority, Project
from tests.projects.announcements import texts
from tests.projects.announcements.texts import SHOWN, reading_of
from tests.support.factories import (
    make_call,
    make_country,
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


class Saved(NamedTuple):
    plan: Plan
    call: Call
    projects: list[Project]


def saved(text, into=None, decided=True, **typed):
    plan = save_records(reading_of(text), into, decided=decided, by=None, typed=typed)
    keys = [row.key() for row in plan.projects]
    projects = Project.objects.filter(pk__in=keys).order_by("reference")
    return Saved(plan, plan.call, list(projects))


def parts(project):
    return [(row.role, row.country_id, row.name_as_published) for row in project.partnerships.all()]


def refusal(text, into=None):
    before = everything()
    with pytest.raises(ValidationError) as caught:
        saved(text, into)
    assert everything() == before
    return " ".join(caught.value.messages)


def everything():
    kinds = [Call, Project, Partnership, Partner, Announcement]
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def test_call_and_projects_are_saved_as_hidden_drafts():
    records = saved(texts.YEAR_2019, eligible_count=12, ceiling_eur=65000)
    call, (first, second) = records.call, records.projects
    assert (call.title, call.slug, call.eligible_count) == ("PSF 2019", "psf-2019", 12)
    assert call.description.startswith("This year’s call")
    assert Call.objects.public().count() == Project.objects.public().count() == 0
    assert (first.reference, second.reference) == ("PSF-2019-01", "PSF-2019-02")
    assert (first.status, first.amount_eur, first.amount_kind) == ("funded", 65000, "ceiling")
    assert first.title == "Project led by Friends of Children (FOC) Norway, Harbour Forum"
    assert parts(first) == [
        ("lead", "NO", "FOC Norway/Harbour Forum"),
        ("partner", "LV", "Association Centre"),
        ("partner", "SE", "Swedish platform Safe Streets"),
        ("partner", "RU", "NGO Zvezdny, charity fund"),
    ]
    codes = second.announced_countries.values_list("code", flat=True)
    assert set(codes) == {"LV", "EE", "FI", "DK"}
    assert second.as_published.startswith("Lead partner: Latvia (Ministry")
    assert any("names Estonia (EE) and Russia (RU)" in str(flag) for flag in second.flags.all())
    assert not second.flags.filter(is_settled=True).exists()


def test_applications_have_no_grant():
    first, _second = saved(texts.YEAR_2019, decided=False, ceiling_eur=65000).projects
    assert (first.status, first.amount_kind) == ("submitted", "not_published")
    first, _second = saved(texts.YEAR_2018).projects
    assert (first.status, first.amount_kind) == ("funded", "not_published")


def test_projects_without_a_title_are_named_by_their_lead_partner():
    assert saved("PSF 2003\nLead partner: X").projects[0].title == "Project led by X"
    empty = saved("PSF 2004\nProject title:\nCountries: Atlantis").projects[0]
    assert (empty.title, empty.partnerships.count()) == ("PSF-2004-01", 0)


def test_lead_partner_without_a_country_is_not_saved_as_partner():
    records = saved(texts.YEAR_2020)
    first = records.projects[0]
    assert parts(first) == [("partner", "LV", ""), ("partner", "EE", ""), ("partner", "LT", "")]
    sentence = "Not saved as a partner, because the country is missing: MARTA center."
    assert sentence in first.internal_note
    assert sentence in records.plan.projects[0].notes


def test_organisations_are_recognised_by_whole_names_in_their_country():
    known = make_partner("Harbour House", country="LV")
    make_partner_name(known, "Ostas māja")
    make_partner("Ministry of the Interior", country="LT")
    make_partner("Interior Ministry", country="LV")
    text = (
        "PSF 2001\nLead partner: Latvia (“OSTAS MAJA”)\nPartners:\n"
        "Latvia: Ministry of the Interior\nLead partner: Latvia (Ministry of the Interior)"
    )
    records = saved(text)
    lead, second = records.projects[0].partnerships.all()
    assert (lead.partner, lead.name_as_published) == (known, "“OSTAS MAJA”")
    assert second.partner.country_id == "LV"
    assert second.name_as_published == second.partner.name
    assert records.projects[1].partnerships.get().partner == second.partner
    assert DuplicateCandidate.objects.waiting().exists()


def test_text_is_saved_line_by_line_with_records():
    records = saved(texts.YEAR_2019)
    announcement = Announcement.objects.get()
    lines = announcement.lines.all()
    assert announcement.title == "The Facility gives money to projects for safety"
    words = [line for line in texts.YEAR_2019.split("\n") if line.strip()]
    assert [line.text for line in lines] == words
    row = lines.get(text="Latvia: Association Centre")
    assert (row.kind, row.project) == ("partner", records.projects[0])
    records.projects[0].delete()
    assert lines.count() == len(words)
    row.refresh_from_db()
    assert row.project is None


def test_same_text_cannot_be_saved_twice():
    records = saved(texts.YEAR_2019)
    assert "already saved: its projects are in “PSF 2019”" in refusal(texts.YEAR_2019)
    Project.objects.all().delete()
    assert len(saved(texts.YEAR_2019, into=records.call).projects) == 2


def test_recorded_calls_and_projects_are_not_created_again():
    call = make_call(title="PSF 2019", slug="psf-2019")
    assert "“PSF 2019” (psf-2019) is already recorded: choose it" in refusal(texts.YEAR_2019)
    make_project(call, reference="PSF-1", as_published="Lead partner: Latvia (X)")
    text = "PSF 2001\nLead partner: Latvia (X)"
    assert "already has this project: PSF-1" in refusal(text, into=call)


def test_text_without_a_heading_needs_a_recorded_call():
    assert "No heading names the call" in refusal("Lead partner: Latvia (X)")
    assert saved("Lead partner: Latvia (X)", into=make_call()).projects


def test_a_priority_that_is_not_recorded_is_added_once():
    make_priority("Safe and Secure Region")
    first, second = saved(texts.YEAR_2020).projects
    assert first.priorities.get() == Priority.objects.get(name="Safe and Secure Region")
    assert second.priorities.get().slug == "regional-identity"


def test_a_reference_in_other_letters_is_not_free():
    make_project(reference="psf-2030-01")
    assert next(free_references(make_call(slug="psf-2030"))) == "PSF-2030-02"


def test_rows_that_cannot_be_saved_refuse_the_whole_text():
    text = "PSF 2001\nLead partner: Estonia (Sadam)\nPartners:\nEstonia: Sadam\nEstonia: Sadam"
    assert "Row 4 of the same project names this organisation too." in refusal(text)
    long = f"PSF 2001\nLead partner: Latvia ({'x' * 301})"
    assert "The text has 301 characters. At most 300" in refusal(long)
    twice = "PSF 2001\nLead partner: Latvia (A)\nPartners:\nEstonia: Sadam\nEstonia: Sadam\nEstonia"
    assert "The project already has this country without an organisation." in refusal(twice)


def test_source_is_saved_once_with_the_call_and_each_project():
    call, url = make_call(), "https://cbss.org/news"
    for text in [texts.YEAR_2018, texts.YEAR_2023]:
        saved(text, into=call, source_url=url)
    assert call.sources.get().citation == "PSF 2018"
    assert {project.sources.get().url for project in call.projects.all()} == {url}
