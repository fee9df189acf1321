"""The parser, with the layouts of all years."""

import json
from datetime import date, time

import pytest
from hypothesis import given, strategies as st

from projects.announcements.json_output import parsed_as_json
from tests.projects.announcements import texts
from tests.projects.announcements.texts import flagged, kinds, only_call, reading_of, rows


def test_2016_titles_with_years_begin_projects_that_have_no_lead_line():
    call = only_call(texts.YEAR_2016)
    assert call.heading == "PSF projects 2016-2018"
    first, second = call.projects
    assert (first.title, first.years) == ("Harbours Remember", "2016-2018")
    assert (second.title, second.years) == ("Songs of the Shore", "2017-18")
    assert first.lead.name is None
    assert first.lead.country is None
    assert flagged(first, "no_lead")


def test_2016_rows_lose_stray_spaces_and_commas_but_no_word():
    first, second = only_call(texts.YEAR_2016).projects
    assert rows(first) == [
        ("LT", "Jūros namai-muziejus (Lithuania)"),
        ("PL", "Muzeum Łodzi"),
        ("DE", "Hafenmuseum Greifswald (Germany)"),
        ("SE", "Österlens museum"),
    ]
    assert first.rows[0].as_published == "Lithuania –  Jūros namai-muziejus (Lithuania),"
    assert [flag.line for flag in flagged(first, "country_in_name")] == [7, 9]
    assert rows(second) == [("EE", "Rannarahva koor"), ("LV", "Liepājas koris (Latvia)")]


def test_2018_countries_of_a_headline_take_part_without_an_organisation():
    first, _second = only_call(texts.YEAR_2018).projects
    assert (first.title, first.years) == ("Courses for Small Firms", "2018-2019")
    assert (first.lead.country, first.lead.name) == ("FI", "Northern University")
    assert first.announced == ["BY", "DE", "LV", "RU"]
    assert rows(first) == [("BY", None), ("DE", None), ("LV", None), ("RU", None)]


def test_2018_organisation_may_be_located_in_another_country():
    _first, second = only_call(texts.YEAR_2018).projects
    assert (second.title, second.years) == ("Festival of Islands", "2018 – 2020")
    assert second.announced == ["FI", "LV", "RU"]
    assert rows(second) == [
        ("SE", "Island Radio"),
        ("FI", "Saaristoradio"),
        ("RU", "Swedish Consulate-General, St Petersburg, Russia"),
        ("LV", "Salu radio"),
    ]


def test_2018_announced_number_is_compared_with_described_projects():
    call = only_call(texts.YEAR_2018)
    assert (call.received, call.eligible, call.funded) == (43, None, 7)
    assert call.decided_by == "CSO"
    (flag,) = flagged(call, "number_of_projects")
    assert flag.sentence == "Projects announced: 7; described: 2."


def test_2019_the_call_is_read_from_the_text_above_its_heading():
    call = only_call(texts.YEAR_2019)
    assert call.heading == "PSF 2019"
    assert (call.received, call.eligible, call.funded) == (None, 12, 2)
    assert call.ceiling_eur == 65000
    assert call.decided_by == "Committee of Senior Officials"
    assert call.deadline is None
    assert call.priorities == ["Safe and Secure Region"]
    assert [flag.line for flag in flagged(call, "ceiling")] == [5]


def test_2019_projects_follow_each_other_without_a_blank_line():
    first, second = only_call(texts.YEAR_2019).projects
    assert first.title is None
    assert first.lead.name == "Friends of Children (FOC) Norway, Harbour Forum"
    assert first.lead.country == "NO"
    assert first.announced == ["LV", "SE", "RU"]
    assert rows(first) == [
        ("NO", "FOC Norway/Harbour Forum"),
        ("LV", "Association Centre"),
        ("SE", "Swedish platform Safe Streets"),
        ("RU", "NGO Zvezdny, charity fund"),
    ]
    assert first.paragraphs == ["Young people learn whom to ask for help; “help comes, they say."]
    assert len(second.rows) == 5
    assert second.rows[-1].line == 36


def test_2019_places_of_activity_are_not_partners():
    _first, second = only_call(texts.YEAR_2019).projects
    assert second.countries() == ["LV", "FI", "RU", "DK"]


def test_2019_contradictions_are_flagged_and_preserved():
    first, second = only_call(texts.YEAR_2019).projects
    assert flagged(first, "headline_and_list") == []
    (flag,) = flagged(second, "headline_and_list")
    assert flag.countries == ("EE", "RU")
    assert "Only in the headline: Estonia (EE)." in flag.sentence
    assert "Only in the list: Russia (RU)." in flag.sentence
    assert second.announced == ["EE", "FI", "DK"]


def test_2019_doubtful_names_are_flagged():
    call = only_call(texts.YEAR_2019)
    first, second = call.projects
    assert [flag.suggestions for flag in flagged(call, "name_variants")] == [
        ("Friends of Children (FOC) Norway, Harbour Forum", "FOC Norway/Harbour Forum"),
        ("NGO Zvezdny, charity fund", "Regional Organisation for Care “Zvezdny”"),
    ]
    assert [flag.line for flag in flagged(first, "name_cut_off")] == [17]
    assert [flag.line for flag in flagged(second, "general_name")] == [36]
    (flag,) = flagged(second, "country_in_name")
    assert "Turvaa Lapsia" in flag.sentence
    assert "Southwest" not in flag.sentence
    (flag,) = flagged(second, "several_names")
    assert flag.suggestions == ("Finland Turvaa Lapsia ry", "Trygga Barn rf", "Safe Children")
    assert "“Trygga Barn rf” (sv?)" in flag.sentence


def test_2019_every_line_has_a_kind():
    reading = reading_of(texts.YEAR_2019)
    assert reading.not_understood() == []
    assert kinds(reading)[:4] == ["title", "call_text", "figures", "call"]
    assert kinds(reading).count("partner") == 9
    assert kinds(reading).count("heading") == 2
    line = next(line for line in reading.lines if line.text.startswith("Denmark:"))
    assert (line.project, line.row) == (1, 4)


def test_2020_a_lead_without_a_country_is_suggested_and_never_assumed():
    first, second = only_call(texts.YEAR_2020).projects
    assert (first.lead.name, first.lead.country) == ("MARTA center", None)
    (flag,) = flagged(first, "lead_without_country")
    assert flag.countries == ("LV",)
    assert "The first country in the text is Latvia" in flag.sentence
    assert first.priorities == ["Safe and Secure Region"]
    assert rows(first) == [("LV", None), ("EE", None), ("LT", None)]
    assert second.priorities == ["Regional Identity"]
    assert second.announced == ["RU", "LV", "DE"]
    assert second.paragraphs == ["Researchers visit each other."]


def test_2021_a_title_is_above_the_lead_partner():
    first, second = only_call(texts.YEAR_2021).projects
    assert (first.title, second.title) == ("A Quiet Harbour", "Village Plans for All")
    assert (first.lead.name, first.lead.country) == ("Active Neighbours", None)
    assert first.announced == ["LT", "SE", "LV", "PL"]


def test_2021_unknown_country_is_flagged():
    _first, second = only_call(texts.YEAR_2021).projects
    assert second.announced == ["DK", "LV", "RU"]
    assert second.lead.name == "Institute of Villages"
    (flag,) = flagged(second, "no_country")
    assert "“Atlantis”" in flag.sentence


def test_2023_several_priorities_stand_in_one_line():
    call = only_call(texts.YEAR_2023)
    (project,) = call.projects
    assert (call.received, call.funded) == (55, 1)
    assert project.priorities == [
        "Regional Identity",
        "Safe and Secure Region",
        "Sustainable and Prosperous Region",
    ]
    assert (project.lead.name, project.lead.country) == ("Let´s Mend It Foundation", "EE")
    assert rows(project)[1:] == [("DE", "Reparaturverein (e.V."), ("PL", None)]
    assert flagged(project, "unbalanced")


def test_several_calls_in_one_text_keep_their_projects_apart():
    reading = reading_of("\n\n".join([texts.YEAR_2018, texts.YEAR_2019[200:], texts.YEAR_2021]))
    assert [call.heading for call in reading.calls] == ["PSF 2018", "PSF 2019", "PSF 2021"]
    assert [len(call.projects) for call in reading.calls] == [2, 2, 2]
    assert {line.call for line in reading.lines if line.project in [4, 5]} == {2}


def test_a_text_without_a_heading_is_a_call_without_one():
    call = only_call("A Quiet Harbour\nLead partner: Latvia (Harbour) in partnership with Estonia")
    assert call.heading is None
    assert flagged(call, "no_heading")
    assert call.projects[0].title == "A Quiet Harbour"


@pytest.mark.parametrize(
    "heading",
    [
        "Project Partners:",
        "Project Parnters:",
        "Project Partners",
        "project partners :",
        "PARTNERS:",
    ],
)
def test_misspelt_headings_are_recognised(heading):
    text = f"Lead partner: Latvia (Harbour)\nIt sails.\n{heading}\nLatvia: Harbour\nEstonia: Sadam"
    (project,) = only_call(text).projects
    assert rows(project) == [("LV", "Harbour"), ("EE", "Sadam")]
    assert project.paragraphs == ["It sails."]


def test_a_label_may_stand_on_a_line_of_its_own():
    text = (
        "Lead partner:\nLatvia (Harbour) in partnership with Estonia\nPriority:\nRegional Identity"
    )
    (project,) = only_call(text).projects
    assert (project.lead.country, project.lead.name) == ("LV", "Harbour")
    assert project.priorities == ["Regional Identity"]


def test_lead_partner_is_read_without_a_colon_too():
    (project,) = only_call("Lead partner Latvia (Harbour) in partnership with Estonia").projects
    assert (project.lead.country, project.announced) == ("LV", ["EE"])


def test_in_a_list_a_country_may_stand_last_or_alone_or_be_missing():
    text = """Lead partner: Latvia (Harbour)
Partners:
• Harbour (Latvia)
1. Sadam, Estonia
Poland, Sweden
Kaunas Choir
and others
Everyone is welcome."""
    (project,) = only_call(text).projects
    assert rows(project) == [
        ("LV", "Harbour"),
        ("EE", "Sadam"),
        ("PL", None),
        ("SE", None),
        (None, "Kaunas Choir"),
    ]
    assert [line.text for line in reading_of(text).not_understood()] == ["and others"]
    assert project.paragraphs == ["Everyone is welcome."]
    assert flagged(project, "text_after_list")
    assert flagged(project, "no_country")


def test_partners_may_follow_their_label_on_its_line():
    text = "Lead partner: Latvia (Harbour)\nPartners: Latvia, Estonia\nPartner: Sadam (Estonia)"
    (project,) = only_call(text).projects
    assert project.announced == ["LV", "EE"]
    assert rows(project) == [("EE", "Sadam")]


def test_a_priority_may_follow_the_words_about_a_project():
    text = """PSF 2021
A Quiet Harbour
Lead partner: Latvia (Harbour)
It sails.
Priority: Regional Identity
Loud Harbour
Lead partner: Estonia (Sadam)
It sounds."""
    first, second = only_call(text).projects
    assert (first.priorities, second.priorities) == (["Regional Identity"], [])
    assert second.title == "Loud Harbour"


def test_a_priority_may_stand_above_a_title():
    text = """Priority: Regional Identity
A Quiet Harbour
Lead partner: Latvia (Harbour)
It sails.
Priority: Safe and Secure Region
Loud Harbour
Lead partner: Estonia (Sadam)"""
    first, second = only_call(text).projects
    assert (first.title, first.priorities) == ("A Quiet Harbour", ["Regional Identity"])
    assert (second.title, second.priorities) == ("Loud Harbour", ["Safe and Secure Region"])


def test_priority_of_the_call_is_not_a_priority_of_a_project():
    call = only_call("PSF 2021\nPriority: Regional Identity\nIt was a good year.")
    assert call.priorities == ["Regional Identity"]
    assert call.projects == []


def test_facts_of_the_call_may_be_labelled():
    call = only_call(
        "PSF 2022\nApplications received: 43\nEligible applications: thirty\n"
        "Projects funded: a few\n"
        "Ceiling of a grant: up to 65 000 EUR\nDecided by: Committee of Senior Officials\n"
        "Deadline: 31 March 2022, 23:59\nNote: this stays here.\nTitle: of nothing\nPartners:"
    )
    assert (call.received, call.eligible, call.funded) == (43, 30, None)
    assert call.ceiling_eur == 65000
    assert call.decided_by == "Committee of Senior Officials"
    assert (call.deadline, call.deadline_time) == (date(2022, 3, 31), time(23, 59))
    assert flagged(call, "number_not_certain")


def test_a_day_without_its_year_is_no_deadline():
    call = only_call("PSF 2022\nThe call closed on 31 March.")
    assert call.deadline is None
    assert flagged(call, "day_not_certain")
    call = only_call("PSF 2022\nDeadline: soon")
    assert call.deadline is None


def test_a_contradiction_is_flagged_and_the_first_statement_used():
    call = only_call("PSF 2022\nWe received 40 applications.\nWe received 41 applications.")
    assert call.received == 40
    (flag,) = flagged(call, "contradiction")
    assert (flag.line, "40" in flag.sentence, "41" in flag.sentence) == (3, True, True)


def test_personal_data_are_removed():
    text = """PSF 2020
Lead partner: Latvia (Harbour, harbour@example.org) in partnership with Estonia
It sails. Write to Anna Example at anna@example.org or call +371 2000 0000. It comes back.
Contact: Anna Example
Questions? Ask Jonas Example, +370 600 00000.
Partners:
Estonia: Sadam (tel. +372 5000 0000)"""
    reading = reading_of(text)
    whole = parsed_as_json(reading) + "".join(line.text for line in reading.lines)
    for word in ["Anna", "Jonas", "example.org", "2000", "600 0", "5000"]:
        assert word not in whole, word
    (project,) = reading.projects()
    assert project.lead.name == "Harbour"
    assert rows(project) == [("EE", "Sadam")]
    assert project.paragraphs == ["It sails. It comes back.", "Questions?"]
    flags = flagged(reading.calls[0], "personal_data")
    assert [flag.line for flag in flags] == [2, 3, 4, 5, 7]
    assert [line.kind for line in reading.lines[3:5]] == ["left_out", "paragraph"]


def test_amounts_and_years_are_no_telephone_numbers():
    text = "PSF 2020\nThe call of 2019-2020 gives up to 65 000 Euros, in all 330 000 EUR."
    assert reading_of(text).lines[1].text == text.splitlines()[1]


def test_the_json_says_null_where_nothing_is_stated():
    found = json.loads(parsed_as_json(reading_of("Lead partner: Harbour")))
    assert found["calls"][0]["heading"] is None
    assert found["calls"][0]["ceiling_eur"] is None
    assert found["projects"][0]["lead"] == {"name": "Harbour", "country": None}
    assert found["projects"][0]["title"] is None
    assert found["projects"][0]["partners"] == []


def test_the_json_has_the_agreed_names():
    found = json.loads(parsed_as_json(reading_of(texts.YEAR_2023 + "\nPartners:\nand others")))
    call = found["calls"][0]
    assert {"heading", "received", "eligible", "funded", "ceiling_eur", "decided_by"} <= set(call)
    assert {"deadline", "priorities", "flags"} <= set(call)
    project = found["projects"][0]
    assert project["call"] == "PSF 2023"
    assert project["announced_countries"] == ["DE", "PL"]
    assert project["partners"][0] == {
        "country": "EE",
        "name": "Let´s Mend It Foundation",
        "line": 9,
        "as_published": "Estonia: Let´s Mend It Foundation",
    }
    assert {"title", "priorities", "lead", "paragraphs", "flags"} <= set(project)
    assert found["not_understood"] == [{"line": 14, "text": "and others"}]


def test_the_json_keeps_cents():
    text = "PSF 2020\nCeiling: EUR 65,000.50\nDeadline: 31 March 2020, 12:00"
    found = json.loads(parsed_as_json(reading_of(text)))
    assert found["calls"][0]["ceiling_eur"] == 65000.5
    assert found["calls"][0]["deadline"] == "2020-03-31"
    assert found["calls"][0]["deadline_time"] == "12:00"


def test_country_of_the_equal_row_is_suggested_for_the_lead_partner():
    text = (
        "Lead partner: Harbour in partnership with Estonia\nPartners:\nLatvia: HARBOUR\nEstonia: X"
    )
    (project,) = only_call(text).projects
    assert project.lead.country is None
    (flag,) = flagged(project, "lead_without_country")
    assert flag.countries == ("LV",)
    assert flagged(project, "headline_and_list") == []


def test_no_country_is_suggested_for_a_lead_partner_alone():
    (project,) = only_call("Lead partner: Harbour").projects
    (flag,) = flagged(project, "lead_without_country")
    assert flag.countries == ()


def test_facts_of_the_call_may_stand_below_its_projects():
    call = only_call("Lead partner: Latvia (X)\nIt sails.\nProjects funded: 1\nNote: it is late.")
    assert call.funded == 1
    assert call.projects[0].paragraphs == ["It sails."]


def test_the_words_about_a_project_may_follow_their_label():
    text = "Lead partner: Latvia (X)\nSummary: It sails.\nPriorities: Youth\nPriority: Youth"
    (project,) = only_call(text).projects
    assert project.paragraphs == ["It sails."]
    assert project.priorities == ["Youth"]


def test_countries_may_follow_the_words_about_a_project():
    text = """Lead partner: Latvia (X)
It sails.
Participating countries: Latvia, Estonia
Project title: Loud Harbour
Lead partner: Estonia (Sadam)"""
    first, second = only_call(text).projects
    assert first.announced == ["LV", "EE"]
    assert (second.title, second.lead.name) == ("Loud Harbour", "Sadam")


def test_repeated_statement_is_not_a_contradiction():
    call = only_call("PSF 2022\nWe received 40 applications.\n40 applications were received.")
    assert call.received == 40
    assert flagged(call, "contradiction") == []


def test_years_in_a_description_do_not_begin_a_project():
    text = """Lead partner: Latvia (X)
2018 workshop in Riga
2019 conference in Oslo
Partners:
Latvia: X
2016-2018 Harbours Remember
Ships sail.
Lithuania – Museum,
2017-2018 Songs
Lead partner: Estonia (Koor)
2018 concert"""
    first, second, third = only_call(text).projects
    assert first.paragraphs == ["2018 workshop in Riga", "2019 conference in Oslo"]
    assert (second.title, rows(second)) == ("Harbours Remember", [("LT", "Museum")])
    assert (third.title, third.paragraphs) == ("Songs", ["2018 concert"])


def test_heading_without_call_is_not_a_project_title():
    call = only_call("PSF 2020\nOngoing projects\nPriority; Regional Identity\nLead partner: X")
    assert call.projects[0].title is None
    assert call.projects[0].priorities == ["Regional Identity"]


def test_a_row_may_end_in_a_full_stop_and_a_sentence_is_no_row():
    text = """2016-2018 Harbours Remember
Latvia: the project asks how towns on the coast live with the sea.
Latvia – Osta Ltd.
Estonia – Sadam"""
    (project,) = only_call(text).projects
    assert rows(project) == [("LV", "Osta Ltd."), ("EE", "Sadam")]
    assert len(project.paragraphs) == 1


PIECES = st.sampled_from(
    [
        *[
            "Lead partner: ",
            "Latvia",
            " (",
            ")",
            " in partnership with ",
            "Project partners:",
            "\n",
        ],
        *["\n\n", "Estonia: ", " – ", "PSF 2019", "2016-2018 ", "“", "Priority; ", " & ", ", "],
        *["12 eligible", " applications", "up to 65 000 EUR", "a@b.lv", "+371 2000 0000", "    "],
        *["About the project:", "Call: ", "Title: ", ".", "x", "\N{NO-BREAK SPACE}", "\u2028", "/"],
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_strange_texts_are_read(text):
    text = text.replace("\0", "")
    reading = reading_of(text)
    parsed_as_json(reading)
    assert [line.number for line in reading.lines] == list(range(1, len(reading.lines) + 1))
    for line in reading.lines:
        assert line.kind == "blank" or line.left_out or not line.is_blank()
