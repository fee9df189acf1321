"""More layouts, and text pasted together with an announcement."""

from datetime import date, time

import pytest

from projects.announcements.json_output import parsed_as_json
from projects.announcements.strip_markup import without_markup
from tests.projects.announcements import texts
from tests.projects.announcements.texts import flagged, kinds, only_call, reading_of, rows

# Projects in one line


def test_2026_a_project_may_stand_in_one_line():
    first, second, third = only_call(texts.YEAR_2026).projects
    assert (first.title, first.announced) == ("Survey of Shelters", ["LV", "LT", "EE"])
    assert (first.lead.name, first.lead.country) == ("State Shelter Service of Latvia", None)
    assert first.headline == "Survey of Shelters (Latvia, Lithuania, Estonia)."
    (words,) = first.paragraphs
    assert words.startswith("Led by the State Shelter Service of Latvia, the project asks people")
    assert words.endswith("Towns use the answers.")
    assert rows(first) == [("LV", None), ("LT", None), ("EE", None)]
    assert flagged(first, "lead_without_country")
    assert second.title == "CPX-Nord: Storm Barometer – Northern Part"
    assert (second.lead.name, second.lead.country) == ("University of Weather", "NO")
    assert (third.title, third.lead.name) == ("Clever Screens", "Eesti Ekraan")


def test_2026_text_after_the_projects_belongs_to_the_call():
    call = only_call(texts.YEAR_2026)
    assert (call.received, call.funded) == (60, 3)
    assert call.decided_by == "Committee of Senior Officials"
    assert call.paragraphs[-1] == "Contracts follow in the autumn of 2026."


def test_bracket_without_countries_is_not_a_project():
    assert only_call("PSF 2026\nBoats (old ones). Led by Harbour, they sail.").projects == []


# Projects with neither years nor a lead partner


def test_a_list_of_partners_makes_a_project_of_the_title_above_its_words():
    call = only_call(texts.LISTS_ONLY)
    first, second = call.projects
    assert first.title == "Charts Across Borders (CAB-BSR)"
    assert rows(first) == [
        ("DE", "Bildungswerk Hafen (BWH)"),
        ("DE", "Kartenstelle Nord e.V."),
        ("FI", "Union of Chart Makers (UCM)"),
    ]
    assert second.title == "School to sea flagship initiative"
    assert len(second.paragraphs) == 1
    assert rows(second) == [("SE", "Association of Shores"), ("PL", "Starostwo Powiatowe")]
    assert flagged(second, "no_lead")


def test_priority_heading_applies_to_the_call():
    call = only_call(texts.LISTS_ONLY)
    assert call.priorities == ["Sustainable and Prosperous Region"]
    assert [project.priorities for project in call.projects] == [[], []]


def test_file_names_of_pictures_are_not_partners():
    reading = reading_of(texts.LISTS_ONLY)
    assert [line.text for line in reading.not_understood()] == ["EN_PAGE-1         PL_PAGE-1"]


@pytest.mark.parametrize("below", ["Their partners: many.", "Sponsors of the year"])
def test_a_list_without_a_country_makes_no_project(below):
    call = only_call(f"PSF 2019\nFriends of Boats\nThey give money.\nPartners:\n{below}")
    assert call.projects == []


def test_the_title_may_stand_right_above_the_list_or_above_its_description():
    text = (
        "Storm Watch\nPartners:\nLatvia: Osta\nEstonia: Sadam\n"
        "Fog Watch\nDescription:\nIt warns\nPartners:\nFinland: Satama"
    )
    first, second = only_call(text).projects
    assert (first.title, rows(first)) == ("Storm Watch", [("LV", "Osta"), ("EE", "Sadam")])
    assert (second.title, second.paragraphs) == ("Fog Watch", ["It warns"])


# Partners and countries


def test_organisations_may_stand_in_brackets_after_the_countries_of_a_headline():
    text = (
        "Lead partner: Fyr (Sweden) in partnership with Norway (Fyr (F) AS), Denmark and Germany."
    )
    (project,) = only_call(text).projects
    assert (project.lead.name, project.lead.country) == ("Fyr", "SE")
    assert project.announced == ["NO", "DK", "DE"]
    assert rows(project) == [("NO", "Fyr (F) AS"), ("DK", None), ("DE", None)]
    assert not project.listed
    (listed,) = only_call(f"{text}\nPartners:\nNorway: Fyr AS").projects
    assert rows(listed) == [("NO", "Fyr AS")]


@pytest.mark.parametrize("tail", ["Norway (Fyr", "Norway (Fyr) and others"])
def test_unknown_words_of_a_headline_are_flagged(tail):
    (project,) = only_call(f"Lead partner: Sweden (X) in partnership with {tail}").projects
    assert (project.lead.name, project.announced) == ("X", ["NO"])
    assert flagged(project, "no_country")
    assert rows(project) == [("NO", None)]


def test_brackets_after_no_country_belong_to_the_name_before_them():
    (project,) = only_call("Lead partner: Sweden (X) in partnership with (Fyr)").projects
    assert (project.lead.name, rows(project)) == ("X) in partnership with (Fyr", [])


def test_partners_may_stand_in_one_line_with_their_countries():
    text = (
        "Lead partner: Latvia (X)\nPartners: Latvia (X), Estonia (Sillad) and Finland (Sillat ry)"
    )
    (project,) = only_call(text).projects
    assert rows(project) == [("LV", "X"), ("EE", "Sillad"), ("FI", "Sillat ry")]


def test_partners_that_are_countries_only_take_part_without_a_name():
    (project,) = only_call(
        "Lead partner: Latvia (X)\nPartners: Estonia, Finland\nIt sails."
    ).projects
    assert rows(project) == [("EE", None), ("FI", None)]
    assert project.paragraphs == ["It sails."]
    assert flagged(project, "text_after_list") == []


def test_the_lead_partner_may_be_labelled_in_the_list():
    text = (
        "Storm Watch\nIt warns.\nPartners:\nLead partner: Osta (Latvia)\nPartner 2: Sadam (Estonia)"
    )
    (project,) = only_call(f"Project title: {text}").projects
    assert (project.lead.name, project.lead.country) == ("Osta", "LV")
    assert rows(project) == [("EE", "Sadam")]


def test_a_country_may_stand_in_square_brackets_after_the_body():
    (project,) = only_call("Lead partner: Latvia (X)\nPartners:\nFyrtårn [Denmark]").projects
    assert rows(project) == [("DK", "Fyrtårn")]


@pytest.mark.parametrize(
    "words",
    ["together with", "in cooperation with partners from", "in collaboration with the partners in"],
)
def test_countries_have_several_labels(words):
    (project,) = only_call(f"Lead partner: Latvia (X) {words} Estonia, and Finland.").projects
    assert (project.lead.name, project.announced) == ("X", ["EE", "FI"])
    assert flagged(project, "no_country") == []


def test_details_end_a_list_and_join_the_description():
    text = (
        "Lead partner: Latvia (X)\nPartners:\nLatvia: X\nWebsite: www.example.org\nDuration: long"
    )
    (project,) = only_call(text).projects
    assert rows(project) == [("LV", "X")]
    assert project.paragraphs == ["Website: www.example.org", "Duration: long"]


# Priorities


def test_a_priority_may_stand_without_its_label():
    text = "PSF 2023\nSafe & Secure Region\nNight Watch\nLead partner: Latvia (X)\nThey watch."
    (project,) = only_call(text).projects
    assert (project.title, project.priorities) == ("Night Watch", ["Safe and Secure Region"])


def test_priorities_may_stand_below_their_label_one_a_line():
    text = "Night Watch\nPriorities:\nRegional Identity\nSafe & Secure Region\nLead partner: X"
    (project,) = only_call(text).projects
    assert project.priorities == ["Regional Identity", "Safe and Secure Region"]
    assert project.title == "Night Watch"


# The call


def test_the_heading_may_say_how_many_were_funded():
    text = "Eight projects selected for PSF funding 2021\nA House\nLead Partner: Friends"
    call = only_call(text)
    assert (call.heading, call.funded) == ("Eight projects selected for PSF funding 2021", 8)


def test_name_of_the_call_in_running_text_is_suggested():
    text = "News\n\nThe 2021 PSF call was about help. Of the PSF call 2021 we tell more."
    (flag,) = flagged(only_call(text), "no_heading")
    assert "The text mentions “2021 PSF call”." in flag.sentence
    (flag,) = flagged(only_call(f"{text} The PSF 2020 was smaller."), "no_heading")
    assert "speaks" not in flag.sentence


@pytest.mark.parametrize("first", ["It closed on 31 March.", "It closed on 31 March 2018."])
def test_day_without_year_is_accepted_if_the_year_is_stated_elsewhere(first):
    call = only_call(
        f"PSF\n{first} Yes.\nIt closed on 31 March 2018, and by the deadline, 31 March."
    )
    assert call.deadline == date(2018, 3, 31)
    assert flagged(call, "day_not_certain") == []
    call = only_call("PSF\nThe deadline was 31 March 2018.\nThe deadline was 1 April.")
    assert flagged(call, "day_not_certain")


def test_details_above_the_projects_belong_to_the_call():
    call = only_call("PSF 2022\nGrant: up to 65 000 EUR\nStatus: decided")
    assert call.ceiling_eur == 65000
    assert call.paragraphs == ["Grant: up to 65 000 EUR", "Status: decided"]


# What comes along


def test_an_announcement_leaves_out_contact_persons():
    reading = reading_of(texts.CONTACTS)
    whole = parsed_as_json(reading) + "".join(line.text for line in reading.lines)
    for word in ["Eva", "Anna", "Ola", "Bo", "Kari", "Per", "Jonas", "Example", "440"]:
        assert f"{word} " not in whole, word
    (project,) = reading.projects()
    assert rows(project) == [("SE", "Island Trust"), ("NO", "Fyr AS"), ("DK", "Havne")]
    assert project.paragraphs == ["They shine."]
    assert [flag.line for flag in flagged(reading.calls[0], "personal_data")] == [4, *range(6, 14)]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("<li>**Latvia:** Harbour &amp; Port</li>", "Latvia: Harbour & Port"),
        ("Latvia<li>Lead partner: X", "Latvia Lead partner: X"),
        ("<p>Oslo</p><br/>\t<p>Bergen </p><P class='x'>Turku</P>", "Oslo\tBergen Turku"),
        ("B<b>ER</b>GEN <a href='/'>is</a>", "BERGEN is"),
        ("2 <3 & <x>", "2 <3 & <x>"),
    ],
)
def test_markup_of_a_line_is_removed(line, shown):
    assert without_markup(line) == shown


def test_html_and_markdown_are_ignored():
    call = only_call(texts.MARKUP)
    (project,) = call.projects
    assert (call.heading, project.title) == ("PSF 2021", "Storm Watch")
    assert (project.lead.name, project.announced) == ("Harbour Board", ["EE", "FI"])
    assert rows(project)[1:] == [("EE", "Sadamate Liit"), ("FI", "Satamat & Laiturit ry")]
    assert project.paragraphs == ["It warns."]


def test_invisible_characters_change_nothing():
    text = (
        "PSF\u00a02019\r\n\r\nLead\u00a0partner: Norway (Havn) in partnership"
        "\u00a0with Latvia\r\nPro\u00adject Partners:\r\n\u200bNorway:\tHavn\r\n"
        "\u2022\tLatvia:\tOsta"
    )
    (project,) = only_call(text).projects
    assert project.announced == ["LV"]
    assert rows(project) == [("NO", "Havn"), ("LV", "Osta")]


def test_capital_letters_are_read_as_small_letters():
    text = (
        "STORM WATCH\nLEAD PARTNER: LATVIA (OSTA) TOGETHER WITH ESTONIA\nPARTNERS\nESTONIA: SADAM"
    )
    (project,) = only_call(text).projects
    assert (project.title, project.lead.name) == ("STORM WATCH", "OSTA")
    assert rows(project) == [("EE", "SADAM")]


@pytest.mark.parametrize("text", ["", "\n \t\n", "\N{NO-BREAK SPACE}"])
def test_empty_text_has_no_calls(text):
    assert reading_of(text).calls == []


def test_very_long_lists_are_read():
    text = "Lead partner: Latvia (X)\nPartners:\n" + "Latvia: \ufffd(\x1b“\n" * 9_000
    reading = reading_of(text)
    assert kinds(reading).count("partner") == 9_000


# Numbers


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("43 applications were whittled down by the CSO to the final 7 projects.", "funded", 7),
        ("Of 60 applications, the CSO approved five on 5 June 2024.", "funded", 5),
        ("The CSO agreed to support 6 projects.", "funded", 6),
        ("The Facility has funded 60 projects since 2013.", "funded", None),
        ("The Secretariat registered 44 applications.", "received", 44),
        ("The maximum amount of co-financing granted is 65 000 euros.", "ceiling_eur", 65000),
        ("They get EUR 65 000 at most.", "ceiling_eur", 65000),
        ("Each grant is up to 2 million euros.", "ceiling_eur", 2_000_000),
        ("Projects get up to 1.5 million EUR.", "ceiling_eur", 1_500_000),
        ("Projects get up to EUR 65'000 each.", "ceiling_eur", 65000),
        ("Projects get up to 65 TEUR.", "ceiling_eur", 65000),
        ("They get up to 70 % and at most 65 000 EUR.", "ceiling_eur", 65000),
        ("A grant is €65k maximum.", "ceiling_eur", 65000),
        ("Grants range from EUR 10,000 to EUR 50,000.", "ceiling_eur", 50000),
        ("The deadline is 31 March 2023, 11:59 pm CET.", "deadline_time", time(23, 59)),
        ("The deadline is 31 March 2023, 12 am CET.", "deadline_time", time(0, 0)),
        ("The deadline is 31 March 2023, 12 p.m. CET.", "deadline_time", time(12, 0)),
        ("The deadline is 31 March 2023, 23.59 (CEST).", "deadline_time", time(23, 59)),
    ],
)
def test_figures_are_read_in_various_wordings(text, field, value):
    assert getattr(only_call(f"PSF\n\n{text}"), field) == value


# Rows in other forms


def partners_in(rows_of_text):
    return only_call(f"Project title: Boats\nPartners:\n{rows_of_text}").projects[0]


def test_a_country_may_stand_above_its_organisations():
    project = partners_in("Latvia:\nOsta\n• Jūra\nEstonia: Sadam\nFinland –\nPoland:\nNorway\nHavn")
    assert rows(project) == [
        *[("LV", "Osta"), ("LV", "Jūra"), ("EE", "Sadam"), ("FI", None), ("PL", None)],
        *[("NO", None), (None, "Havn")],
    ]


def test_a_country_alone_on_the_last_line_takes_part_without_a_name():
    assert rows(partners_in("Latvia: Osta\nEstonia:")) == [("LV", "Osta"), ("EE", None)]


def test_a_country_may_stand_first_with_a_comma():
    project = partners_in("Lithuania, Museum of Boats,\nLatvia, Estonia and others")
    assert rows(project) == [("LT", "Museum of Boats"), (None, "Latvia, Estonia and others")]


@pytest.mark.parametrize("said", ["(lead partner)", "– Lead Partner", "[coordinator]", ", (lead)"])
def test_row_may_mark_the_lead_partner(said):
    project = partners_in(f"Latvia: Osta\nEstonia: Sadam {said}\nFinland: Satama (lead partner)")
    assert (project.lead.name, project.lead.country) == ("Sadam", "EE")
    assert rows(project)[1:] == [("EE", "Sadam"), ("FI", "Satama (lead partner)")]


def test_link_below_a_list_is_not_a_partner():
    project = partners_in("Latvia: Osta\nRead more about the project\nhttps://example.org/boats")
    assert rows(project) == [("LV", "Osta")]
    assert project.paragraphs == ["Read more about the project", "https://example.org/boats"]


def test_countries_may_go_on_in_the_next_line():
    text = "Lead partner: Norway (X) in partnership with Latvia,\nSweden and\nRussia\nThey sail."
    (project,) = only_call(text).projects
    assert project.announced == ["LV", "SE", "RU"]
    assert project.paragraphs == ["They sail."]
    (project,) = only_call("Lead partner: X in partnership with Latvia,\nSweden waits").projects
    assert project.announced == ["LV"]


@pytest.mark.parametrize("above", ["Priorities", "What the call is for"])
def test_priorities_of_a_call_one_a_line_make_no_project(above):
    call = only_call(f"PSF 2025\n{above}\n- “Regional Identity”\n- Safe & Secure Region\nWords.")
    assert call.priorities == ["Regional Identity", "Safe and Secure Region"]
    assert call.projects == []


@pytest.mark.parametrize("footer", ["Share this", "Font Resize", "© The Facility", "Next post:"])
def test_footer_of_a_page_is_not_a_partner(footer):
    text = f"Project title: Boats\nPartners:\nLatvia: Osta\n{footer}\nThe Facility\nSweden"
    reading = reading_of(text)
    assert rows(reading.projects()[0]) == [("LV", "Osta")]
    assert [line.number for line in reading.not_understood()] == [4, 5, 6]


@pytest.mark.parametrize("title", ["eHealth for All", "Boats?", "Project 2: Boats", "“Boats”"])
def test_titles_have_other_forms(title):
    call = only_call(
        f"PSF 2021\nSails\nLead partner: Osta\nThey sail.\n{title}\nLead partner: Sadam"
    )
    assert call.projects[1].title == title.removeprefix("Project 2: ")


# Labels alone on a line, lists without blank lines, and amounts


def test_label_alone_on_a_line_takes_only_the_next_line():
    text = """PSF 2019
Lead partner:
Norway (Forum) in partnership with Latvia
It sails.
It comes back.
Project partners:
Norway: Forum
Latvia: Osta"""
    (project,) = only_call(text).projects
    assert (project.lead.country, project.lead.name) == ("NO", "Forum")
    assert project.paragraphs == ["It sails.", "It comes back."]
    assert rows(project) == [("NO", "Forum"), ("LV", "Osta")]


@pytest.mark.parametrize("row", ["Sadam (Estonia)", "Sadam, Estonia", "Arctic Harbour"])
def test_last_partner_above_the_next_lead_partner_is_not_a_title(row):
    text = f"""PSF 2019
Lead partner: Norway (Forum) in partnership with Estonia
Project partners:
Norway: Forum
{row}
Lead partner: Latvia (Osta) in partnership with Norway"""
    first, second = only_call(text).projects
    assert [partner.name for partner in first.rows] == ["Forum", row.split(" (")[0].split(",")[0]]
    assert (first.title, second.title) == (None, None)


def test_organisation_below_its_country_is_not_a_title():
    text = """Storm Watch
Lead partner: Norway (Forum)
Project partners:
Latvia:
Osta
Jūra
Loud Harbour

Calm Harbour
Lead partner: Estonia (Sadam)"""
    first, second = only_call(text).projects
    assert [partner.name for partner in first.rows] == ["Osta", "Jūra", "Loud Harbour"]
    assert second.title == "Calm Harbour"
    assert flagged(second, "title_or_partner") == []


def test_title_directly_below_a_list_is_flagged():
    text = """Storm Watch
Lead partner: Norway (Forum)
Project partners:
Latvia: Osta
Loud Harbour
Lead partner: Estonia (Sadam)"""
    first, second = only_call(text).projects
    assert rows(first) == [("LV", "Osta")]
    assert second.title == "Loud Harbour"
    (flag,) = flagged(second, "title_or_partner")
    assert flag.line == 5


def test_announced_projects_without_any_description_are_flagged():
    (flag,) = flagged(only_call("PSF 2019\n\n11 projects were selected."), "number_of_projects")
    assert flag.sentence == "Projects announced: 11; described: 0."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Maximum grant: 500 000 DKK", "500 000 DKK"),
        ("Maximum grant: 65.000 EUR", "65.000 EUR"),
        ("Maximum grant: as last year", "as last year"),
        ("Up to 500 000 DKK can be given.", "Up to 500 000 DKK"),
        ("A total of up to 2 million euros is available.", "up to 2 million euros"),
        ("Up to two million euros can be given.", "Up to two million euros"),
        ("Each project was awarded 65 000 EUR.", "65 000 EUR"),
    ],
)
def test_amount_that_is_not_certainly_a_ceiling_is_flagged(text, words):
    call = only_call(f"PSF 2019\n\n{text}")
    assert call.ceiling_eur is None
    (flag,) = flagged(call, "unread_amount")
    assert words in flag.sentence


def test_deadline_and_number_that_are_not_certain_are_flagged():
    text = "The Facility funds projects in 2031\nDeadline: 31.03.31\nAbout 55 proposals came in."
    flags = [(flag.kind, flag.line) for flag in only_call(text).flags]
    assert ("day_not_certain", 2) in flags
    assert ("number_not_certain", 3) in flags


def test_share_without_an_amount_is_not_flagged():
    call = only_call("PSF 2019\n\nThey get up to 70 % and at most 65 000 EUR.\nCeiling: 65 000 EUR")
    assert (call.ceiling_eur, flagged(call, "unread_amount")) == (65000, [])


def test_amount_of_a_project_is_flagged():
    (project,) = only_call("Lead partner: Norway (Forum)\nGrant: 62 000 EUR").projects
    (flag,) = flagged(project, "unread_amount")
    assert flag.sentence.startswith("The amount in “Grant: 62 000 EUR” was not read")
