"""Reading the facility's own layout: every line is a fact, or stands under "not read"."""

import json
import re
import textwrap

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings, strategies as st

from projects.announcements.contact_removal import LEFT_OUT, has_personal_data
from projects.announcements.pieces import MAX_CHARACTERS, MAX_LINE, OUR_TITLE
from tests.projects.announcements import texts
from tests.projects.announcements.texts import only_project, reading_of, rows


def kinds(text):
    """The kinds of all lines that are not blank."""
    return [line.kind for line in reading_of(text).lines if line.kind != "blank"]


def not_read(text):
    return [line.text for line in reading_of(text).not_read()]


def sentences(text):
    reading = reading_of(text)
    records = [*reading.calls, *reading.projects()]
    return [flag.sentence for record in records for flag in record.flags]


class TestLayouts:
    """One text for each layout of the years."""

    def test_2016_titles_with_years_and_rows_without_a_heading(self):
        first, second = reading_of(texts.YEAR_2016).projects()
        assert (first.title, second.title) == ("Harbours Remember", "Songs of the Shore")
        assert rows(first) == [
            ("LT", "Jūros namai-muziejus (Lithuania)"),
            ("PL", "Muzeum Łodzi"),
            ("DE", "Hafenmuseum Greifswald (Germany)"),
            ("SE", "Österlens museum"),
        ]
        assert rows(second) == [("EE", "Rannarahva koor"), ("LV", "Liepājas koris (Latvia)")]
        assert first.rows[0].as_published == "Lithuania –  Jūros namai-muziejus (Lithuania),"
        assert any("names no lead partner" in flag.sentence for flag in first.flags)

    def test_2018_titles_above_the_lead_partner(self):
        first, second = reading_of(texts.YEAR_2018).projects()
        assert first.title == "Courses for Small Firms 2018-2019"
        assert (first.lead.country, first.lead.name) == ("FI", "Northern University")
        assert first.announced == ["BY", "DE", "LV", "RU"]
        assert second.announced == ["FI", "LV", "RU"]
        assert rows(second)[2:] == [
            ("RU", "Swedish Consulate-General, St Petersburg, Russia"),
            ("LV", "Salu radio"),
        ]

    def test_2019_lead_partners_directly_below_the_list_before(self):
        reading = reading_of(texts.YEAR_2019)
        (call,), (first, second) = reading.calls, reading.projects()
        assert call.heading == "PSF 2019"
        assert [text[:11] for text in call.paragraphs] == ["This year’s", "We thank ev"]
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
        assert reading.not_read() == []
        assert {"title", "call_text", "call", "lead", "paragraph", "heading", "partner"} == set(
            kinds(texts.YEAR_2019)
        )

    def test_headline_and_list_that_disagree_are_both_kept(self):
        _first, second = reading_of(texts.YEAR_2019).projects()
        assert second.announced == ["EE", "FI", "DK"]
        (flag,) = [flag for flag in second.flags if flag.countries]
        assert flag.countries == ("EE", "RU")
        assert flag.sentence == (
            "The announcement contradicts itself. Only in the headline: Estonia (EE). "
            "Only in the list: Russia (RU)."
        )

    def test_2020_countries_without_organisations(self):
        first, second = reading_of(texts.YEAR_2020).projects()
        assert (first.lead.country, first.lead.name) == (None, "MARTA center")
        assert first.priorities == ["Safe and Secure Region"]
        assert rows(first) == [("LV", None), ("EE", None), ("LT", None)]
        assert second.paragraphs == ["Researchers visit each other."]

    def test_2021_a_lead_partner_without_a_country(self):
        first, second = reading_of(texts.YEAR_2021).projects()
        assert (first.title, first.lead.name) == ("A Quiet Harbour", "Active Neighbours")
        assert first.announced == ["LT", "SE", "LV", "PL"]
        assert any("country of the lead partner" in flag.sentence for flag in first.flags)
        assert second.announced == ["DK", "LV", "RU"]
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
        for one, other in zip(page.projects(), mail.projects(), strict=True):
            assert (rows(one), one.lead, one.announced) == (
                rows(other),
                other.lead,
                other.announced,
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
            ("Priorities: Regional Identity and Safe and Secure Region", "priority"),
            ("Priority of the call: Blue growth", "not_understood"),
            ("About the call:", "heading"),
            ("Latvia: Harbour", "not_understood"),
        ],
    )
    def test_lines_about_the_call(self, line, kind):
        assert kinds(f"News of the day\n{line}")[1] == kind

    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("Project title: Storm Watch", "project_title"),
            ("Project title:", "not_understood"),
            ("Lead partner:", "not_understood"),
            ("Countries: Atlantis", "not_understood"),
            ("Partners: Estonia, Latvia", "countries"),
            ("Partners: Estonia: Sadam", "partner"),
            ("Partners: the usual ones", "not_understood"),
            ("About the project: it warns.", "paragraph"),
            ("Headline as published:", "heading"),
            ("Headline as published: x", "not_understood"),
            ("Priority: Blue growth", "not_understood"),
            ("Priority of the call: Regional Identity", "not_understood"),
            ("Website: www.example.org", "paragraph"),
        ],
    )
    def test_lines_about_a_project(self, line, kind):
        assert (
            kinds(f"PSF 2001\nLead partner: Norway (X) in partnership with Latvia\n{line}")[-1]
            == kind
        )

    def test_a_label_alone_takes_its_value_from_the_next_line(self):
        text = "PSF 2001\nLead partner:\n\nLatvia (Harbour) in partnership with\nEstonia\nIt sails."
        project = only_project(text)
        assert (project.lead.name, project.announced) == ("Harbour", ["EE"])
        assert project.paragraphs == ["It sails."]

    def test_words_below_a_list_and_names_without_a_country_are_not_read(self):
        text = (
            "PSF 2001\nLead partner: Latvia (A)\nPartners\nLatvia: A\nHarbour\nIt has sailed far.\n"
        )
        assert not_read(text) == ["Harbour", "It has sailed far."]

    def test_a_second_list_of_one_project_is_not_read(self):
        text = "PSF 2001\nLead partner: Latvia (A)\nPartners\nLatvia: A\nPartners:\nEstonia: B"
        assert rows(only_project(text)) == [("LV", "A")]
        assert not_read(text) == ["Partners:", "Estonia: B"]

    def test_countries_below_a_list_are_only_announced(self):
        text = "PSF 2001\nLead partner: Latvia (A)\nPartners\nLatvia: A\nCountries: Estonia"
        project = only_project(text)
        assert (rows(project), project.announced) == ([("LV", "A")], ["EE"])

    def test_title_below_a_list_is_to_be_checked(self):
        text = f"{texts.YEAR_2023}Storm\nLead partner: Latvia (A)"
        assert reading_of(text).projects()[1].title == "Storm"
        assert "This line below a list of partners is read as the title: check it." in sentences(
            text
        )

    def test_a_country_alone_is_a_partner_once(self):
        text = "PSF 2001\nLead partner: Latvia (A)\nPartners\nLatvia: A\nEstonia\nEstonia"
        assert rows(only_project(text)) == [("LV", "A"), ("EE", None)]
        assert not_read(text) == ["Estonia"]

    def test_a_long_headline_is_not_read(self):
        lines = [f"    {'Harbours ' * 120}"] * 2
        head = [OUR_TITLE, "", "Lead partner: Latvia (A)", "", "Headline as published:"]
        text = "\n".join([*head, *lines])
        assert [line.strip() for line in not_read(text)] == [lines[0].strip()]

    def test_several_calls(self):
        reading = reading_of(f"{texts.YEAR_2018}\n{texts.YEAR_2021}\nPSF 2021")
        assert [(call.heading, len(call.projects)) for call in reading.calls] == [
            *[("PSF 2018", 2), ("PSF 2021", 2), ("PSF 2021", 0)]
        ]
        assert len(reading_of("PSF 2018\nPSF 2018").calls) == 1
        assert "No heading names the call: choose the call, or enter its title." in sentences(
            "Lead partner: Latvia (A)"
        )

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
        assert [row.name for _role, row in only_project(text.format("Islands")).partners()] == [
            *["Islands", "Choir of Riga", "Harbour"]
        ]
        last = "Lead partner: Latvia\nPartners:\nEstonia: Sadam\nLatvia: Harbour"
        assert only_project(last).lead_row() is None

    def test_country_of_a_lead_partner_that_only_the_list_names_is_no_contradiction(self):
        text = "Lead partner: A in partnership with Estonia\nPartners:\nLatvia: A\nEstonia: B"
        assert not any("contradicts" in sentence for sentence in sentences(text))

    def test_texts_that_are_too_large_or_not_text_are_refused(self):
        for text, words in [
            ("x\n" * MAX_CHARACTERS, "at most 100,000 are read"),
            (f"x\n{'x' * (MAX_LINE + 1)}", "Line 2 has more than 20,000"),
            ("x\0", "zero bytes"),
        ]:
            with pytest.raises(ValidationError, match=words):
                reading_of(text)


class TestPersons:
    def test_contact_data_are_left_out_and_stand_under_not_read(self):
        reading = reading_of(texts.CONTACTS)
        assert rows(reading.projects()[0]) == [
            *[("SE", "Island Trust"), ("NO", "Fyr AS"), ("DK", "Havne")]
        ]
        assert reading.projects()[0].paragraphs == ["They shine."]
        assert [line.number for line in reading.not_read()] == [4, *range(6, 14)]
        words = reading.as_json() + " ".join(line.text for line in reading.lines)
        assert not re.search(r"Eva|Anna|Ola|Bo |Kari|Per |Jonas|@|\d{2} \d{2}", words)
        assert any("Personal data were left out" in text for text in sentences(texts.CONTACTS))

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("Anna Berg\nanna@b.org", []),
            ("anna@b.org\nAnna Berg\nIt sails on.", ["It sails on."]),
            ("anna@b.org\n\nAnna Berg", ["Anna Berg"]),
            ("CONTACT PERSON\n\nAnna Berg, project officer", []),
            ("Questions go to Anna Berg. Her address is anna@b.org.", []),
            ("Contact-making is free. Ask Anna Berg.", ["Contact-making is free."]),
            ("Description: it sails. Anna Berg, +371 2000 0000", ["Description: it sails"]),
            ("Latvia: Anna Berg, anna@b.org", ["Latvia"]),
            ("Latvia: Harbour, contact person: Anna Berg", ["Latvia: Harbour"]),
            ("a@b.org", []),
            ("Latvia: contact: Anna, a@b.org", ["Latvia"]),
            (f"\u00a0{LEFT_OUT}", []),
            ("It sails. Contact: Anna Berg, Riga. It sinks.", ["It sails. It sinks."]),
        ],
    )
    def test_names_beside_addresses(self, text, kept):
        lines = [line.words().strip() for line in reading_of(text).lines]
        assert [line for line in lines if line] == kept
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

    records = [*reading.calls, *reading.projects()]
    texts_read = [text for record in records for text in record.paragraphs]
    titles = [project.title or "" for project in reading.projects()]
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
    *["\n\n", "Estonia: ", " – ", "PSF 2019", "2016-2018 ", "“", "Priority; ", " & ", ", ", "- "],
    *["a@b.lv", "+371 2000 0000", "    ", "About the project:", "Call: ", "Title: ", ".", "1. "],
    *["\u00a0", "\u2028", "/", "Contact: ", "<li>", "&amp;", "**", "# ", "> ", "Anna Berg"],
    *[LEFT_OUT, OUR_TITLE + "\n", "Headline as published:", "Regional Identity", "Countries: "],
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join))
@settings(max_examples=80)
def test_any_text_is_read_and_read_again_without_contact_data(text):
    reading = reading_of(text.replace("\0", ""))
    lines = [line.text for line in reading.lines]
    assert not any(has_personal_data(line) for line in lines)
    again = reading_of("\n".join(lines))
    assert again.as_json() == reading.as_json()
