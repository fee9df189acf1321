"""The announcement written from the records, and read back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings, strategies as st

from partners.country_data import load_countries
from projects.announcements.contact_removal import has_personal_data
from projects.announcements.places import Places
from projects.announcements.reader import LONG_TERM, ParsedRow, parse_announcement, parse_text
from projects.announcements.save import save_records
from projects.announcements.writer import (
    AnnouncedCall,
    AnnouncedProject,
    announced_call,
    announcement_text,
)
from projects.models import Call, Project
from projects.sample_data.loader import SAMPLE, load_calls
from psf.text.folding import fold
from tests.projects.announcements.texts import PLACES, SHOWN
from tests.support.factories import (
    make_call,
    make_decision,
    make_partner,
    make_partnership,
    make_project,
)

NASTY = [
    *["Forum) in partnership with Latvia", "Forum in partnership with Latvia and Estonia"],
    *["(Latvia)", "Latvia", "Norway: Forum", "Finland – Forum, Latvia", "A, B and C", "“Forum"],
    *["Forum”)", "((", "))", "Project partners:", "Lead partner: Latvia (X)", "PSF 2019"],
    *["2016-2018", "and", "&", "Ministry of the Interior of the Republic of Latvia", "LV"],
    *["12 eligible applications", "Priority: Regional Identity", "About the project:", "Call: PSF"],
    *["Turvaa ry/Trygga rf/ Safe", "Forum.", "Forum,", "- Forum", "1. Forum", "Note: x", "(Burma)"],
    *["Swedish Consulate-General, St Petersburg, Russia", "Title:", ":", "–", "EE, LV", "<b>**"],
]


def fits_a_field(text):
    """Whether a text fits into a field: no line break, no outer space, no personal data."""
    return text and text == text.strip() and not has_personal_data(text) and "@" not in text


letters = st.characters(exclude_categories=("Cs", "Cc"))
words = st.sampled_from(NASTY) | st.text(letters, min_size=1, max_size=40)
texts = st.lists(words, min_size=1, max_size=3).map(" ".join).map(str.strip).filter(fits_a_field)
paragraphs = st.lists(texts.filter(fold), max_size=3)
priorities = st.lists(st.sampled_from([*LONG_TERM, "Youth, and Sports"]), unique=True, max_size=2)
codes = st.sampled_from([code for code, _name in SHOWN])
rows = st.lists(st.tuples(codes, st.none() | texts), unique=True, max_size=5)


@st.composite
def projects(draw):
    partners = [ParsedRow(*pair) for pair in draw(rows)]
    has_lead = partners and draw(st.booleans())
    lead = ParsedRow(partners[0].country, partners[0].name) if has_lead else ParsedRow()
    announced = draw(st.lists(codes, unique=True, max_size=4))
    return AnnouncedProject(
        title=draw(texts),
        priorities=draw(priorities),
        lead=lead,
        announced=[code for code in announced if code != lead.country],
        rows=partners,
        paragraphs=draw(paragraphs),
        headline=draw(st.none() | texts.filter(fold)),
        grant="up to 65\N{NO-BREAK SPACE}000 EUR",
    )


@st.composite
def calls(draw):
    title = draw(texts)
    return AnnouncedCall(
        heading=title,
        facts=[("Call", title), ("Eligible applications", "12"), ("Decided by", draw(texts))],
        paragraphs=draw(paragraphs),
        projects=draw(st.lists(projects(), max_size=3)),
    )


NAMES = ["title", "priorities", "lead", "announced", "rows", "paragraphs", "headline"]


def as_stated(record, names):
    return {name: getattr(record, name) for name in names}


@given(calls())
@settings(max_examples=60, deadline=None)
def test_the_projects_of_a_written_announcement_are_read_back_unchanged(call):
    reading = parse_text(announcement_text(call, PLACES), PLACES, ["Youth, and Sports"])
    (found,) = reading.calls
    about = ["heading", "paragraphs"]
    assert as_stated(found, about) == as_stated(call, about)
    read = [as_stated(project, NAMES) for project in found.projects]
    for project in call.projects:
        if not project.rows:  # the reader takes the countries of the headline
            project.rows = [ParsedRow(code, None) for code in project.announced]
    assert read == [as_stated(project, NAMES) for project in call.projects]
    first = {line.text.partition(":")[0] for line in reading.not_read()}
    assert first <= {"Eligible applications", "Decided by", "Grant of the project", "Note"}


def test_written_announcement_has_a_readable_layout():
    call = AnnouncedCall(
        heading="PSF 2031",
        facts=[("Call", "PSF 2031"), ("Applications received", "43")],
        paragraphs=["For islands."],
        projects=[
            AnnouncedProject(
                title="Storm Watch",
                lead=ParsedRow("LV", "Harbour"),
                announced=["EE", "FI"],
                rows=[ParsedRow("LV", "Harbour"), ParsedRow("EE", None)],
                paragraphs=["It warns.", "It\nlasts."],
                grant="not published",
            ),
            AnnouncedProject(title="Sea", announced=["LV"], headline="Sea!", grant="1 EUR awarded"),
        ],
    )
    assert announcement_text(call, PLACES) == (
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


def projects_of(call):
    """The facts of the projects that an announcement carries from one database to another."""
    return [
        (
            project.title,
            project.as_published,
            project.description,
            {str(priority) for priority in project.priorities.all()},
            {country.code for country in project.announced_countries.all()},
            [
                (row.role, row.position, row.country_id, row.partner_id)
                for row in project.partnerships.all()
            ],
        )
        for project in call.projects.order_by("reference")
    ]


@pytest.mark.django_db
def test_call_of_2019_survives_writing_and_reading():
    load_countries()
    load_calls(SAMPLE)
    call, places = Call.objects.get(), Places.from_database()
    before = projects_of(call)
    text = announcement_text(announced_call(call, call.projects.all()), places)
    assert "\nEligible applications: 12\n" in text
    assert "\nCeiling of a grant: up to 65\N{NO-BREAK SPACE}000 EUR\n" in text
    assert "\nDeadline: 31 March 2019\n" in text
    reading = parse_announcement(text)
    with pytest.raises(ValidationError, match="The call already has this project: PSF-2019-01"):
        save_records(reading, call, decided=True, by=None)
    Project.objects.filter(call=call).delete()
    call.delete()
    saved = save_records(reading, decided=True, by=None)
    assert (saved.call.title, len(saved.projects), saved.organisations) == ("PSF 2019", 5, [])
    assert sum(project.partnerships.count() for project in saved.projects) == 21
    assert projects_of(saved.call) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("precision", "closing"),
    [("minute", "31 July 2031, 14:00 CEST"), ("day", "31 July 2031"), ("year", None)],
)
def test_the_deadline_is_as_exact_as_it_is_known(precision, closing):
    at = datetime(2031, 7, 31, 12, tzinfo=UTC)
    call = make_call(title="PSF 2031", closes_at=at, closes_precision=precision)
    make_decision(call, body="")
    found = announced_call(call, call.projects.all())
    assert dict(found.facts).get("Deadline") == closing
    assert "Decided by" not in dict(found.facts)


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
    (only,) = announced_call(call, call.projects.all()).projects
    assert (only.title, only.grant) == ("Storm Watch", "62\N{NO-BREAK SPACE}000 EUR awarded")
    assert only.rows == [
        ParsedRow("LV", "Harbour", language="lv"),
        ParsedRow("EE", None),
    ]
    assert [row.language for row in only.rows] == ["lv", ""]
    text = announcement_text(announced_call(call, call.projects.all()), Places.from_database())
    assert "\nLead partner: Latvia (Late)\n" in text


@pytest.mark.django_db
def test_announcement_leaves_out_contact_data_of_descriptions():
    call = make_call(description="It is open.\r\nWrite to a@example.org. Or wait.")
    make_decision(call)
    assert announced_call(call, call.projects.all()).paragraphs == ["It is open.\nOr wait."]
