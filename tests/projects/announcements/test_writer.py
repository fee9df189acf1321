"""The announcement written from the records, and read back."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from partners.country_data import load_countries
from partners.models import Partner
from projects.announcements.contact_removal import has_personal_data
from projects.announcements.country_names import Places
from projects.announcements.drafts import make_drafts
from projects.announcements.grants import WORDS as GRANT_WORDS, ProjectGrant
from projects.announcements.lines import OUR_TITLE
from projects.announcements.parsed_text import Lead, ParsedCall, ParsedProject, ParsedRow
from projects.announcements.parser import parse_announcement, parse_text
from projects.announcements.priorities import LONG_TERM
from projects.announcements.save import save_drafts
from projects.announcements.writer import announced_call, announcement_text
from projects.models import Call, Priority, Project
from projects.sample_data.loader import SAMPLE, load_calls
from psf.text.folding import fold
from tests.projects.announcements.texts import PLACES, SHOWN
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partnership,
    make_priority,
    make_project,
)

NASTY = [
    *["Forum) in partnership with Latvia", "Forum in partnership with Latvia and Estonia"],
    *["(Latvia)", "Latvia", "Norway: Forum", "Finland – Forum, Latvia", "A, B and C", "“Forum"],
    *[
        "Forum”)",
        "((",
        "))",
        "Project partners:",
        "Lead partner: Latvia (X)",
        "PSF 2019",
        "2016-2018",
    ],
    *["and", "&", "Ministry of the Interior of the Republic of Latvia", "Southwest Finland", "LV"],
    *["12 eligible applications", "Priority: Regional Identity", "About the project:", "Call: PSF"],
    *["Turvaa ry/Trygga rf/ Safe", "Forum.", "Forum,", "- Forum", "1. Forum", "Note: x", "(Burma)"],
    *["Swedish Consulate-General, St Petersburg, Russia", "Title:", ":", "–", "EE, LV"],
]
CODES = [code for code, _name in SHOWN]
SURROGATES_AND_CONTROLS = ("Cs", "Cc")


def fits_a_field(text):
    """Whether a text fits into a field: no line break, no outer space, no personal data."""
    return text and text == text.strip() and not has_personal_data(text) and "@" not in text


letters = st.characters(exclude_categories=SURROGATES_AND_CONTROLS)
words = st.sampled_from(NASTY) | st.text(letters, min_size=1, max_size=40)
texts = st.lists(words, min_size=1, max_size=3).map(" ".join).map(str.strip).filter(fits_a_field)
paragraphs = st.lists(
    st.lists(texts, min_size=1, max_size=2).map("\n".join).filter(fits_a_field), max_size=3
)
counts = st.none() | st.integers(0, 32767)
amounts = st.none() | st.decimals(0, Decimal("9999999999.99"), places=2)
priorities = st.lists(st.sampled_from([*LONG_TERM, "Youth, and Sports"]), unique=True, max_size=2)
headlines = st.none() | texts | st.lists(texts, min_size=2, max_size=3).map("\n\n".join)
grants = st.builds(
    ProjectGrant,
    st.sampled_from([*GRANT_WORDS]),
    st.decimals(0, Decimal("9999999999.99"), places=2),
) | st.just(ProjectGrant("not_published"))
rows = st.lists(st.tuples(st.sampled_from(CODES), st.none() | texts), unique=True, max_size=5).map(
    lambda pairs: [ParsedRow(*pair) for pair in pairs]
)


@st.composite
def projects(draw):
    partners = draw(rows)
    lead = Lead()
    if partners and draw(st.booleans()):
        lead = Lead(partners[0].country, partners[0].name)
    announced = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=4))
    return ParsedProject(
        title=draw(texts),
        priorities=draw(priorities),
        lead=lead,
        announced=[code for code in announced if code != lead.country],
        rows=partners,
        paragraphs=draw(paragraphs),
        headline=draw(headlines),
        grant=draw(grants),
    )


@st.composite
def calls(draw):
    day = draw(st.none() | st.dates(date(1992, 1, 1), date(2100, 1, 1)))
    clock = draw(st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0)))
    return ParsedCall(
        heading=draw(texts),
        received=draw(counts),
        eligible=draw(counts),
        funded=draw(counts),
        ceiling_eur=draw(amounts),
        decided_by=draw(st.none() | texts),
        deadline=day,
        deadline_time=clock if day else None,
        priorities=draw(priorities),
        paragraphs=draw(paragraphs),
        projects=draw(st.lists(projects(), max_size=3)),
    )


def as_stated(call):
    """Return the call without flags and line numbers."""
    return replace(
        call,
        line=None,
        flags=[],
        projects=[
            replace(project, flags=[], line=0, lead=replace(project.lead, line=None))
            for project in call.projects
        ],
    )


@given(calls())
@example(ParsedCall(heading="12 eligible applications"))
@example(ParsedCall(heading="PSF 2031", paragraphs=["CONTACT PERSON", "Contact: the Ministry"]))
@settings(max_examples=60, deadline=None)
def test_written_announcement_is_read_back_unchanged(call):
    text = announcement_text(call, PLACES)
    reading = parse_text(text, PLACES, ["Youth, and Sports"])
    assert [as_stated(found) for found in reading.calls] == [call]
    assert reading.not_understood() == []


def test_written_announcement_has_a_readable_layout():
    call = ParsedCall(
        heading="PSF 2031",
        received=43,
        ceiling_eur=Decimal(65000),
        decided_by="Committee of Senior Officials",
        deadline=date(2031, 3, 31),
        deadline_time=time(23, 59),
        priorities=["Regional Identity"],
        paragraphs=["For islands."],
        projects=[
            ParsedProject(
                title="Storm Watch",
                lead=Lead("LV", "Harbour"),
                announced=["EE", "FI"],
                rows=[ParsedRow("LV", "Harbour"), ParsedRow("EE", None)],
                paragraphs=["It warns.", "It\nlasts."],
            )
        ],
    )
    assert announcement_text(call, PLACES) == (
        "What the Project Support Facility decided\n\n"
        "Call: PSF 2031\nPriority of the call: Regional Identity\nApplications received: 43\n"
        "Ceiling of a grant: up to 65\N{NO-BREAK SPACE}000 EUR\n"
        "Decided by: Committee of Senior Officials\nDeadline: 31 March 2031, 23:59\n\n"
        "About the call:\n    For islands.\n\n"
        "Project title: Storm Watch\n"
        "Lead partner: Latvia (Harbour) in partnership with Estonia and Finland\n\n"
        "About the project:\n    It warns.\n\n    It\n    lasts.\n\n"
        "Project partners:\nLatvia: Harbour\nEstonia\n\n"
        "Note: The headline names Finland, but the partner list does not. The list is used.\n"
    )


def test_descriptions_and_a_headline_without_lead_are_read_back():
    project = ParsedProject(
        title="Storm Watch",
        announced=["EE", "LV"],
        rows=[ParsedRow("LV", "Harbour")],
        paragraphs=["It\nlasts.", "It warns."],
    )
    call = ParsedCall(heading="PSF 2031", paragraphs=["For\nislands."], projects=[project])
    text = announcement_text(call, PLACES)
    assert "\nParticipating countries: Estonia and Latvia\n" in text
    assert [as_stated(found) for found in parse_text(text, PLACES, []).calls] == [call]


def records_of(call):
    """Return all records that an announcement of the call describes."""
    call = Call.objects.get(pk=call.pk)
    return {
        "counts": (call.received_count, call.eligible_count, call.funded_count, call.ceiling_eur),
        "closes": (call.closes(), call.closes_precision),
        "decided_by": call.decision.body,
        "priorities": {str(priority) for priority in call.priorities.all()},
        "description": call.description,
        "projects": [project_record(project) for project in call.projects.order_by("reference")],
    }


def project_record(project):
    return (
        project.title,
        project.status,
        (project.amount_kind, project.amount_eur),
        project.as_published,
        project.description,
        {str(priority) for priority in project.priorities.all()},
        {country.code for country in project.announced_countries.all()},
        [
            (row.role, row.position, row.country_id, row.partner_id)
            for row in project.partnerships.all()
        ],
    )


def written_and_saved(call):
    """Write the announcement, delete the call, and save the parsed announcement."""
    text = announcement_text(announced_call(call, call.projects.all()), Places.from_database())
    Project.objects.filter(call=call).delete()
    call.delete()
    reading = parse_announcement(text)
    drafts = make_drafts(reading, Places.from_database())
    return save_drafts(drafts, reading.lines, decided=True, by=None).calls[0]


@pytest.mark.django_db
def test_call_of_2019_survives_writing_and_reading():
    load_countries()
    load_calls(SAMPLE)
    call = Call.objects.get()
    before = records_of(call)
    assert records_of(written_and_saved(call)) == before


@pytest.mark.unmeasured
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("month", "closing"), [(1, "31 January 2031, 13:00 CET"), (7, "31 July 2031, 14:00 CEST")]
)
def test_the_time_of_the_deadline_names_its_zone(month, closing):
    load_countries()
    moment = datetime(2031, month, 31, 12, tzinfo=UTC)
    call = make_call(title="PSF 2031", closes_at=moment, closes_precision="minute")
    make_decision(call, body="The Board")
    text = announcement_text(announced_call(call, call.projects.all()), Places.from_database())
    assert f"\nDeadline: {closing}\n" in text
    before = records_of(call)
    assert records_of(written_and_saved(call)) == before


@pytest.mark.django_db
def test_only_funded_projects_and_original_partners_are_announced():
    call = make_call(closes_precision="year", closes_at=datetime(2019, 12, 31, 12, tzinfo=UTC))
    make_decision(call, body="")
    make_project(call, status="rejected")
    project = make_project(call, status="running", title="Storm Watch")
    make_partnership(project, make_partner("Harbour", name_language="lv"), role="lead")
    make_partnership(project, make_partner("Late"), joined_on=date(2020, 1, 1))
    make_partnership(project, country="EE", name_as_published="no organisation is named")
    found = announced_call(call, call.projects.all())
    assert (found.deadline, found.decided_by) == (None, None)
    (only,) = found.projects
    assert only.title == "Storm Watch"
    assert only.rows == [ParsedRow("LV", "Harbour"), ParsedRow("EE", None)]
    assert [row.language for row in only.rows] == ["lv", ""]


@pytest.mark.django_db
def test_a_lead_partner_that_joined_later_is_named():
    load_countries()
    call = make_call(title="PSF 2031")
    make_decision(call, body="The Board")
    project = make_project(call, status="running")
    make_partnership(project, make_partner("Late"), role="lead", joined_on=date(2031, 1, 1))
    make_partnership(project, make_partner("First"), left_on=date(2030, 12, 31))
    announcement = announced_call(call, call.projects.all())
    assert announcement.projects[0].rows == [ParsedRow("LV", "First")]
    text = announcement_text(announcement, Places.from_database())
    assert "\nLead partner: Latvia (Late)\n" in text


@pytest.mark.django_db
def test_unpublished_grants_are_not_turned_into_ceilings():
    load_countries()
    call = make_call(title="PSF 2031", ceiling_eur=65000)
    make_decision(call, body="The Board")
    without = {"amount_kind": "not_published", "amount_eur": None}
    make_project(call, reference="PSF-2031-01", status="funded", **without)
    awarded = {"amount_kind": "awarded", "amount_eur": 62000}
    make_project(call, reference="PSF-2031-02", status="funded", **awarded)
    again = written_and_saved(call)
    grants = list(again.projects.order_by("reference").values_list("amount_kind", "amount_eur"))
    assert grants == [("not_published", None), ("awarded", 62000)]


@pytest.mark.django_db
def test_recorded_projects_are_not_saved_twice_from_our_announcement():
    load_countries()
    call = make_call(title="PSF 2031")
    make_decision(call)
    make_project(call, status="funded", title="Storm Watch", reference="PSF-2031-01")
    places = Places.from_database()
    reading = parse_announcement(
        announcement_text(announced_call(call, call.projects.all()), places)
    )
    with pytest.raises(ValidationError, match="The call already has this project: PSF-2031-01"):
        save_drafts(make_drafts(reading, places, call), reading.lines, decided=True, by=None)


@pytest.mark.django_db
def test_announcement_leaves_out_contact_data_of_descriptions():
    call = make_call(description="It is open.\r\nWrite to a@example.org. Or wait.")
    make_decision(call)
    assert announced_call(call, call.projects.all()).paragraphs == ["It is open.\nOr wait."]


def test_address_in_our_announcement_is_removed_when_it_is_read():
    text = announcement_text(ParsedCall(heading="PSF", paragraphs=["It opens."]), PLACES)
    (call,) = parse_text(text.replace("It opens.", "Write to a@b.org. It opens."), PLACES, []).calls
    assert call.paragraphs == ["It opens."]


def test_grant_and_headline_labels_count_only_in_our_announcements():
    text = (
        "PSF 2031\nProject title: Storm Watch\nLead partner: Latvia (Harbour)\n"
        "Grant of the project: 62 000 EUR awarded\nHeadline as published: Storm!"
    )
    (project,) = parse_text(text, PLACES, []).projects()
    assert (project.grant, project.headline) == (None, "Lead partner: Latvia (Harbour)")
    assert [flag.kind for flag in project.flags] == ["unread_amount"]
    (project,) = parse_text(f"{OUR_TITLE}\n\nCall: {text}", PLACES, []).projects()
    assert project.grant == ProjectGrant("awarded", Decimal(62000))
    (project,) = parse_text(
        f"{OUR_TITLE}\n\nProject title: X\nGrant of the project: much", PLACES, []
    ).projects()
    assert project.grant is None


class RoundTrip(TestCase):
    """Random calls in the database."""

    @given(calls())
    @settings(max_examples=15, deadline=None)
    def test_records_survive_writing_and_reading(self, call):
        for code in CODES:
            make_country(code)
        record = make_records(call)
        before = records_of(record)
        assert records_of(written_and_saved(record)) == before


def make_records(call):
    """Save the call, as far as the database accepts its values."""
    record = make_call(
        title="PSF 2031",
        slug="psf-2031",
        opens_at=None,
        closes_at=datetime(2031, 3, 31, 10, tzinfo=UTC),
        ceiling_eur=call.ceiling_eur,
        received_count=call.received,
        description="\n\n".join(call.paragraphs),
    )
    make_decision(record, body=(call.decided_by or "The Board")[:200].strip())
    record.priorities.set(make_priorities(call.priorities))
    for number, project in enumerate(call.projects, start=1):
        make_project_record(record, number, project)
    return record


def make_priorities(names):
    return [Priority.objects.filter(name=name).first() or make_priority(name) for name in names]


def make_project_record(record, number, project):
    row = make_project(
        record,
        title=project.title,
        status="funded",
        reference=f"PSF-2031-{number:02d}",
        description="\n\n".join(project.paragraphs),
        as_published=(project.headline or "")[:2000].strip(),
        amount_kind=project.grant.kind,
        amount_eur=project.grant.amount_eur,
    )
    row.priorities.set(make_priorities(project.priorities))
    lead = [project.lead.country] if project.lead.country and project.announced else []
    row.announced_countries.set([*lead, *project.announced])
    seen = set()
    for position, part in enumerate(project.rows, start=1):
        key = (part.country, fold(part.name) if part.name else None)
        if key in seen or key[1] == "":
            continue
        seen.add(key)
        role = "lead" if position == 1 and project.lead.country else "partner"
        partner = organisation(part.country, part.name) if part.name else None
        make_partnership(row, partner, country=part.country, role=role, position=len(seen))


def organisation(country, name):
    known = Partner.objects.filter(country=country, folded=fold(name)).first()
    return known or make_partner(name, country=country)
