"""Reading the facility's own layout: every line is a fact, or stands under "not read"."""

import json
import re
import textwrap

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings, strategies as st

from projects.announcements.contact_removal import LEFT_OUT, has_personal_data
from projects.announcements.statements import MAX_CHARACTERS, MAX_LINE
from tests.projects.announcements import texts
from tests.projects.announcements.texts import only_project, reading_of, rows


def kinds(text):
    """The kinds of all lines that are not blank."""
    return [line.kind for line in reading_of(text).lines if line.kind != "blank"]


def not_read(text):
    return [line.text for line in reading_of(text).not_read()]


class TestLayouts:
    """One text for each layout of the years."""

    def test_2016_titles_with_years_and_rows_without_a_heading(self):
        first, second = reading_of(texts.YEAR_2016).projects
        assert (first.title, second.title) == ("Harbours Remember", "Songs of the Shore")
        assert rows(first) == [
            ("LT", "Jūros namai-muziejus (Lithuania)"),
            ("PL", "Muzeum Łodzi"),
            ("DE", "Hafenmuseum Greifswald (Germany)"),
            ("SE", "Österlens museum"),
        ]
        assert rows(second) == [("EE", "Rannarahva koor"), ("LV", "Liepājas koris (Latvia)")]
        assert first.partners[0].as_published == "Lithuania –  Jūros namai-muziejus (Lithuania),"
        assert any("lead partner or its country" in flag.sentence for flag in first.flags)

    def test_2018_titles_above_the_lead_partner(self):
        first, second = reading_of(texts.YEAR_2018).projects
        assert first.title == "Courses for Small Firms 2018-2019"
        assert (first.lead.country, first.lead.name) == ("FI", "Northern University")
        assert first.announced_countries == ["BY", "DE", "LV", "RU"]
        assert second.announced_countries == ["FI", "LV", "RU"]
        assert rows(second)[2:] == [
            ("RU", "Swedish Consulate-General, St Petersburg, Russia"),
            ("LV", "Salu radio"),
        ]

    def test_only_the_nearest_of_two_short_lines_is_a_title(self):
        text = texts.YEAR_2018.replace("Festival of", "Old and New\n\nFestival of")
        first, second = reading_of(text).projects
        assert second.title.startswith("Festival of Islands")
        assert "Old and New" not in f"{first.title} {second.title}"

    def test_2019_lead_partners_directly_below_the_list_before(self):
        reading = reading_of(texts.YEAR_2019)
        first, second = reading.projects
        assert reading.heading == "PSF 2019"
        assert [text[:11] for text in reading.paragraphs] == ["This year’s", "We thank ev"]
        assert (first.lead.country, first.lead.name) == (
            "NO",
            "Friends of Children (FOC) Norway, Harbour Forum",
        )
        assert first.lead_row().name == "FOC Norway/Harbour Forum"
        assert rows(second)[1:3] == [
            ("FI", "Finland Turvaa Lapsia ry/Trygga Barn rf/ Safe Children"),
            ("FI", "Southwest Finland Emergency Services"),
        ]
        assert first.paragraphs == [
            "Young people learn whom to ask for help; “help comes, they say."
        ]
        assert second.announced_countries == ["EE", "FI", "DK"]
        sentence = "Either the headline or the list of partners names Estonia (EE) and Russia (RU)."
        assert sentence in [flag.sentence for flag in second.flags]
        assert reading.not_read() == []
        assert {"title", "call_text", "call", "lead", "paragraph", "heading", "partner"} == set(
            kinds(texts.YEAR_2019)
        )

    def test_2020_countries_without_organisations(self):
        first, second = reading_of(texts.YEAR_2020).projects
        assert (first.lead.country, first.lead.name) == (None, "MARTA center")
        assert first.priorities == ["Safe and Secure Region"]
        assert rows(first) == [("LV", None), ("EE", None), ("LT", None)]
        assert second.paragraphs == ["Researchers visit each other."]

    def test_2021_a_lead_partner_without_a_country(self):
        first, second = reading_of(texts.YEAR_2021).projects
        assert (first.title, first.lead.name) == ("A Quiet Harbour", "Active Neighbours")
        assert first.announced_countries == ["LT", "SE", "LV", "PL"]
        assert any("lead partner or its country" in flag.sentence for flag in first.flags)
        assert second.announced_countries == ["DK", "LV", "RU"]
        assert any("“Atlantis” is not a known country" in f.sentence for f in second.flags)

    def test_2023_several_priorities_in_one_line(self):
        project = only_project(texts.YEAR_2023)
        assert project.priorities == [
            *["Regional Identity", "Safe and Secure Region", "Sustainable and Prosperous Region"]
        ]
        assert (project.lead.country, project.lead.name) == ("EE", "Let´s Mend It Foundation")
        assert rows(project)[1:] == [("DE", "Reparaturverein (e.V."), ("PL", None)]

    def test_markup_of_a_page_and_of_markdown(self):
        project = only_project(texts.MARKUP)
        assert (project.title, project.lead.name) == ("Storm Watch", "Harbour Board")
        assert rows(project)[1:] == [("EE", "Sadamate Liit"), ("FI", "Satamat & Laiturit ry")]
        one_line = (
            "<p>PSF 2021</p><p>Lead partner: Latvia (A)</p><p>It<b>s</b> x&amp;y.<br/>End.</p>"
        )
        project = only_project(one_line)
        assert project.paragraphs == ["Its x&y.", "End."]

    def test_a_quoted_mail_with_wrapped_lines(self):
        text = "\n".join(
            f"> {line}"
            for part in texts.YEAR_2019.split("\n")
            for line in textwrap.wrap(part, 64, break_on_hyphens=False) or [""]
        )
        page, mail = reading_of(texts.YEAR_2019), reading_of(text)
        for one, other in zip(page.projects, mail.projects, strict=True):
            assert (rows(one), one.lead, one.announced_countries) == (
                rows(other),
                other.lead,
                other.announced_countries,
            )
            assert other.paragraphs == [re.sub(r"\s", " ", text) for text in one.paragraphs]


class TestLines:
    """Single lines."""

    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("PSF 2020", "call"),
            ("CBSS Project Support Facility – funded projects 2016-2018", "call"),
            ("2021 PSF call", "call"),
            ("PSF 2019: Safe and Secure Region", "call"),
            ("PSF 2019 was a good year for everyone.", "call_text"),
            ("Share this", "not_understood"),
            ("Priorities: Regional Identity and Safe and Secure Region", "not_understood"),
            ("About the call:", "not_understood"),
            ("Latvia: Harbour", "not_understood"),
        ],
    )
    def test_lines_about_the_call(self, line, kind):
        assert kinds(f"News of the day\n{line}")[1] == kind

    @pytest.mark.parametrize(
        ("text", "partners", "unread"),
        [
            ("Project title: Storm\nWebsite: www.example.org", [], []),
            ("Project title:", [], ["Project title:"]),
            ("Lead partner:", [], ["Lead partner:"]),
            ("Countries: Atlantis", [], ["Countries: Atlantis"]),
            ("Priority: Blue growth", [], ["Priority: Blue growth"]),
            ("Partners: the usual ones", [], ["Partners: the usual ones"]),
            ("Countries: Estonia", [("EE", None)], []),
            ("Partners\nLatvia: A\nIt has sailed.", [("LV", "A")], ["It has sailed."]),
            (
                "Partners\nLatvia: A\nPartners:\nEstonia: B",
                [("LV", "A")],
                ["Partners:", "Estonia: B"],
            ),
            ("Partners\nLatvia: A\nCountries: Estonia", [("LV", "A")], []),
            ("Partners\nEstonia\nEstonia", [("EE", None)], ["Estonia"]),
        ],
    )
    def test_each_line_of_a_project_is_a_fact_or_not_read(self, text, partners, unread):
        text = f"PSF 2001\nLead partner: Latvia (A)\n{text}"
        assert (rows(only_project(text)), not_read(text)) == (partners, unread)

    def test_a_label_alone_takes_its_value_from_the_next_line(self):
        text = "PSF 2001\nLead partner:\n\nLatvia (Harbour) in partnership with\nEstonia\nIt sails."
        project = only_project(text)
        assert (project.lead.name, project.announced_countries) == ("Harbour", ["EE"])
        assert project.paragraphs == ["It sails."]

    def test_a_long_headline_is_not_read(self):
        line = f"Lead partner: Latvia ({'Harbours ' * 300})"
        assert not_read(f"PSF 2001\n{line}") == [line]

    def test_several_calls_are_refused(self):
        with pytest.raises(ValidationError, match="several calls: PSF 2018; PSF 2021"):
            reading_of(f"{texts.YEAR_2018}\n{texts.YEAR_2021}")
        assert reading_of("PSF 2018\nPSF 2018").heading == "PSF 2018"

    @pytest.mark.parametrize(
        ("value", "lead"),
        [
            ("Latvia.", ("LV", None)),
            ("Estonia – Sadam", ("EE", "Sadam")),
            ("Sadam (Tallinn)", (None, "Sadam (Tallinn)")),
            (
                "Latvia (Forum in partnership with Estonia) in partnership with Estonia",
                ("LV", "Forum in partnership with Estonia"),
            ),
            (
                "Latvia (Forum in partnership with Estonia)",
                ("LV", "Forum in partnership with Estonia"),
            ),
        ],
    )
    def test_lead_partners(self, value, lead):
        project = only_project(f"Project title: Sea\nPriority: ?\nLead partner: {value}")
        assert (project.lead.country, project.lead.name) == lead

    def test_own_row_of_a_lead_partner(self):
        text = "Lead partner: Latvia ({})\nPartners:\nLatvia: Choir of Riga\nLatvia: Harbour"
        assert only_project(text.format("HARBOUR")).lead_row().name == "Harbour"
        assert only_project(text.format("Choir of Riga (RK)")).lead_row().name == "Choir of Riga"
        assert only_project(text.format("Islands")).lead_row() is None
        assert [row.name for _role, row in only_project(text.format("Islands")).with_roles()] == [
            *["Islands", "Choir of Riga", "Harbour"]
        ]
        last = "Lead partner: Latvia\nPartners:\nEstonia: Sadam\nLatvia: Harbour"
        assert only_project(last).lead_row() is None

    def test_country_of_a_lead_partner_that_only_the_list_names_is_no_contradiction(self):
        text = "Lead partner: A in partnership with Estonia\nPartners:\nLatvia: A\nEstonia: B"
        assert not any("Either" in flag.sentence for flag in only_project(text).flags)

    def test_texts_that_are_too_large_or_not_text_are_refused(self):
        for text, words in [
            ("x\n" * MAX_CHARACTERS, "At most 100,000 characters are read"),
            (f"x\n{'x' * (MAX_LINE + 1)}", "20,000 in one line"),
        ]:
            with pytest.raises(ValidationError, match=words):
                reading_of(text)


class TestPersons:
    def test_contact_data_are_left_out_and_stand_under_not_read(self):
        reading = reading_of(texts.CONTACTS)
        assert rows(reading.projects[0]) == [("NO", None)]
        assert reading.projects[0].paragraphs == []
        assert [line.number for line in reading.not_read()] == [4, *range(6, 14)]
        words = reading.as_json() + " ".join(line.text for line in reading.lines)
        assert not re.search(r"Eva|Anna|Ola|Bo |Kari|Per |Jonas|@|\d{2} \d{2}", words)

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("Anna Berg\nanna@b.org", []),
            ("anna@b.org\nAnna Berg\nIt sails on.", ["It sails on."]),
            ("anna@b.org\n\nAnna Berg", ["Anna Berg"]),
            ("CONTACT PERSON\n\nAnna Berg, project officer", []),
            ("Questions go to Anna Berg. Her address is anna@b.org.", []),
            ("Contact-making is free. Ask Anna Berg.", []),
            ("Latvia: Anna Berg, anna@b.org", []),
            ("Latvia: Harbour, contact person: Anna Berg", []),
            ("Latvia: Harbour, Contact Person: Anna Berg", []),
            ("Latvia: Harbour (CONTACT: Anna Berg)", []),
            ("\nContact person:\n\n\nAnna Berg", []),
            ("a@b.org", []),
            ("It sails. Contact: Anna Berg, Riga. It sinks.", []),
            ("They make contact.\nAnna Berg", ["They make contact.", "Anna Berg"]),
        ],
    )
    def test_names_beside_addresses(self, text, kept):
        lines = [line.text for line in reading_of(text).lines]
        assert [line for line in lines if line not in ["", LEFT_OUT]] == kept
        again = reading_of("\n".join(line.text for line in reading_of(text).lines))
        assert [line.text for line in again.lines] == [line.text for line in reading_of(text).lines]


# A text made of known facts, changed in many ways.
LEAD_LABELS = ["Lead partner:", "Lead Partner :", "Project leader;", "Lead parnter:", "Main body:"]
LIST_LABELS = ["Project Partners:", "Project Parnters:", "Project partners", "Partners:", "Bodies:"]
NAMES = {
    "LV": ["Harbour Board of Riga", "Ministry of the Interior of the Republic of Latvia"],
    "EE": ["Sadamate Liit", "Association of Shores (AS) Tallinn"],
    "FI": ["Finland Turvaa Lapsia ry/Trygga Barn rf/ Safe Children", "Saaristoradio ry"],
}
COUNTRIES = {"LV": "Latvia", "EE": "Estonia", "FI": "Finland"}
ONE = "The lighthouse keepers of three coasts compare how they warn ships, and write a handbook "
ONE += "together with schools, rescue services and the people of Latvia, Estonia and Finland."
PARAGRAPHS = [ONE, "A last meeting in Finland – open to all – shows “what was learnt."]
CONTACTS = ["Contact: Eva Example, eva@example.org", "Eva Example\neva.example@example.org"]
bodies = st.sampled_from([(code, name) for code, names in NAMES.items() for name in names])


@st.composite
def changed_texts(draw):
    """Return a text, and the partner rows, leads and paragraphs that were put into it."""
    facts = {"rows": [], "leads": [], "paragraphs": []}
    blocks = []
    for _number in range(draw(st.integers(1, 3))):
        lead, *others = draw(st.lists(bodies, min_size=1, max_size=4, unique=True))
        paragraphs = draw(st.lists(st.sampled_from(PARAGRAPHS), max_size=2, unique=True))
        facts["rows"] += [lead, *others]
        facts["leads"].append(lead)
        facts["paragraphs"] += paragraphs
        label = draw(st.sampled_from(LEAD_LABELS))
        head = f"{label} {COUNTRIES[lead[0]]} ({lead[1]}) in partnership with Estonia and Finland"
        mark = draw(st.sampled_from([": ", " – ", ":  "]))
        lines = [f"{COUNTRIES[code]}{mark}{name}" for code, name in [lead, *others]]
        parts = [[head], paragraphs, [draw(st.sampled_from(LIST_LABELS)), *lines]]
        parts.append(draw(st.sampled_from([[], [], *([text] for text in CONTACTS)])))
        blocks.append(draw(st.permutations(parts)) if draw(st.booleans()) else parts)
    gap = draw(st.sampled_from(["\n", "\n\n"]))
    text = gap.join(["PSF 2031", *(line for parts in blocks for part in parts for line in part)])
    return draw_form(draw, text), facts


def draw_form(draw, text):
    """The text wrapped, with markup, or with other ends of lines."""
    lines = text.split("\n")
    if draw(st.booleans()):
        width = draw(st.integers(60, 100))
        wrapped = [textwrap.wrap(line, width, break_on_hyphens=False) or [""] for line in lines]
        lines = [piece for pieces in wrapped for piece in pieces]
    form = draw(st.sampled_from(["{}", "> {}", "<p>{}</p>", "{}<br>", "<li> {}", "**{}**", "{}  "]))
    lines = [form.format(line) if line else line for line in lines]
    return draw(st.sampled_from(["\n", "\r\n", "\r", "\u2028"])).join(lines)


def words_of(value):
    return re.findall(r"\w+", value)


@given(changed_texts())
@settings(max_examples=150)
def test_no_fact_is_lost_or_invented_and_no_person_comes_in(changed):
    text, facts = changed
    reading = reading_of(text)
    found = json.loads(reading.as_json())
    missing = " ".join(line["text"] for line in found["not_understood"])
    assert [line.number for line in reading.lines] == list(range(1, len(reading.lines) + 1))
    assert "Example" not in found.__str__() + " ".join(line.text for line in reading.lines)

    records = [reading, *reading.projects]
    texts_read = [text for record in records for text in record.paragraphs]
    titles = [project.title or "" for project in reading.projects]
    seen = " ".join([*texts_read, *titles, missing])
    plain = " ".join(words_of(re.sub(r"<[^>]*>|^> ", " ", text, flags=re.M)))
    read_rows = [(row["country"], row["name"]) for p in found["projects"] for row in p["partners"]]
    for row in facts["rows"]:
        names = [name or "" for code, name in read_rows if code == row[0]]  # perhaps cut off
        assert row in read_rows or set(words_of(row[1])) <= set(words_of(f"{seen} {names}")), row
    leads = [(p["lead"]["country"], p["lead"]["name"]) for p in found["projects"]]
    for lead in facts["leads"]:
        assert lead in leads or set(words_of(lead[1])) <= set(words_of(seen)), lead
    for paragraph in facts["paragraphs"]:
        assert set(words_of(paragraph)) <= set(words_of(seen)), paragraph

    assert set(leads) <= {*facts["leads"]}
    named = [row for row in read_rows if row[1]]
    assert all(row in facts["rows"] or " ".join(words_of(row[1])) in plain for row in named)
    assert all(" ".join(words_of(text)) in plain for text in texts_read)


PIECES = [
    *["Lead partner: ", "Latvia", " (", ")", " in partnership with ", "Project partners:", "\n"],
    *["\n\n", "Estonia: ", " – ", "PSF 2019", "2016-2018 ", "Priority; ", ", ", "- ", ".", "> "],
    *["a@b.lv", "+371 2000 0000", "Title: ", "\u2028", "Contact: ", "<li>", "&amp;", "**", "# "],
    *[LEFT_OUT, "Anna Berg", "Regional Identity", "Countries: "],
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join))
@settings(max_examples=80)
def test_any_text_is_read_and_read_again_without_contact_data(text):
    reading = reading_of(text.replace("\0", ""))
    lines = [line.text for line in reading.lines]
    assert not any(has_personal_data(line) for line in lines)
    again = reading_of("\n".join(lines))
    assert again.as_json() == reading.as_json()
