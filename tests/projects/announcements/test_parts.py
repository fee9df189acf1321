"""Parts of the parser: lines, numbers, countries, headings, names, priorities, facts."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from projects.announcements import labels as headings, numbers, organisation_names as names
from projects.announcements.amounts import amount_at_start, find_amounts
from projects.announcements.call_facts import find_facts
from projects.announcements.labels import Label
from projects.announcements.lead_line import read_headline
from projects.announcements.lines import MAX_CHARACTERS, MAX_LINE, MAX_LINES, read_lines
from projects.announcements.priorities import Priorities
from tests.projects.announcements.texts import PLACES, reading_of

# Lines


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * (MAX_CHARACTERS + 1), "1,000,001 characters: at most 1,000,000"),
        ("\n" * 100_000, "100,001 lines: at most 20,000"),
        ("\n" * MAX_LINES, "20,001 lines"),
        ("short\n" + "x" * (MAX_LINE + 1), "Line 2 is longer than 21,000 characters"),
        ("a\0b", "zero bytes"),
    ],
)
def test_too_large_text_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(ValidationError, match=sentence):
        read_lines(text)


def test_lines_end_as_each_system_ends_them():
    lines = read_lines("\ufeffone\r\ntwo\rthree\nfour")
    assert [(line.number, line.text) for line in lines] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
        (4, "four"),
    ]
    assert [line.text for line in read_lines("one\n")] == ["one"]
    assert [line.text for line in read_lines("")] == [""]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Norway: Forum, forum@example.org", "Norway: Forum"),
        ("Norway: Forum (e-mail: forum@example.org)", "Norway: Forum"),
        ("Norway: Forum tel. +47 22 00 00 00", "Norway: Forum"),
        ("Norway: Forum, 0047 22 00 00 00", "Norway: Forum"),
        ("Please write to Anna at anna@example.org", ""),
        ("Tel: 22 00 00 00", ""),
        ("Contact person – Anna", ""),
        ("It sails. " + "a@example.org " * 3 + "It sinks. It rises.", "It sails. It rises."),
        ("a@example.org " * 60 + "end", ""),
        ("w " * 160 + "a@example.org", ""),
        ("Norway: Forum – Anna Berg, anna@example.org", "Norway: Forum"),
        ("Norway: Forum; Ms Anna Berg; anna@example.org", "Norway: Forum"),
        ("Norway: Forum, Anna Berg <anna@example.org>", "Norway: Forum"),
        ("Norway: Forum (A. van Berg, tel. +47 22 00 00 00)", "Norway: Forum"),
        ("Norway: Anna Berg, anna.berg@example.org", "Norway:"),
        ("Norway: Save Children, save@example.org", "Norway: Save Children"),
        ("Norway: Havn Vest, post@example.org", "Norway: Havn Vest"),
        ("Lead: Latvia (Anna Osta, anna@example.org)", "Lead: Latvia"),
        ("Lead: Latvia (Baltā Osta, post@example.org)", "Lead: Latvia (Baltā Osta)"),
    ],
)
def test_addresses_and_telephone_numbers_are_removed(text, left):
    (line,) = read_lines(text)
    assert (line.text, line.left_out) == (left, True)


@pytest.mark.parametrize(
    "text", ["65 000 Euros", "2016-2018", "me @ home", "EUR 1 234 567.89", "5 001 000 000 EUR"]
)
def test_other_numbers_and_signs_stay(text):
    (line,) = read_lines(text)
    assert (line.text, line.left_out) == (text, False)


@pytest.mark.parametrize(
    ("name", "contact"),
    [
        ("Anna Berg", "anna@example.org"),
        ("Anna Berg", "\nE-mail: a@example.org"),
        ("Dr. A. Berg, project manager", "Tel. +47 22 00 00 00"),
    ],
)
def test_name_of_a_person_above_an_address_is_removed(name, contact):
    lines = read_lines(f"It sails.\n{name}\n{contact}")
    assert [line.text for line in lines if line.text.strip()] == ["It sails."]


@pytest.mark.parametrize(
    ("name", "contact"),
    [
        ("Save Children", "info@example.org"),
        ("Youth Forum", "Tel. +47 22 00 00 00"),
        ("Storm Watch", "It sails: write to a@example.org."),
        ("Storm Watch", "It sails."),
    ],
)
def test_other_lines_above_an_address_stay(name, contact):
    assert read_lines(f"{name}\n{contact}")[0].text == name


# Numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("65 000", 65000),
        ("65\N{NO-BREAK SPACE}000", 65000),
        ("65,000", 65000),
        ("seven", 7),
        ("Forty-three", 43),
        ("one hundred and twenty", 120),
        ("hundred", 100),
        ("12.", 12),
        ("twelve and more", None),
        ("12 or 13", None),
        ("", None),
    ],
)
def test_numbers_are_read_in_digits_and_words(text, value):
    assert numbers.read_number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("65 000 Euros", Decimal(65000)),
        ("EUR 65,000.50", Decimal("65000.50")),
        ("EUR 65'000", Decimal(65000)),
        ("65.000,50 EUR", Decimal("65000.50")),
        ("65 000,- EUR", Decimal(65000)),
        ("€65k", Decimal(65000)),
        ("65 TEUR", Decimal(65000)),
        ("TEUR 65", Decimal(65000)),
        ("65 thousand euro", Decimal(65000)),
        ("2 million euros", Decimal(2000000)),
        ("1.5 million EUR", Decimal(1500000)),
        ("1,5 Mio. €", Decimal(1500000)),
        ("9 999 999 999.99 EUR", Decimal("9999999999.99")),
    ],
)
def test_amounts_are_read_with_magnitude_and_currency(text, value):
    assert amount_at_start(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *["much", "65 000", "70 % and at most 65 000 EUR", "about 65 000 EUR"],
        *["500 000 DKK", "EUR 500 000 DKK", "kr 500 000", "65 000 dollars"],
        *["65.000 EUR", "1.500 million EUR", "65 0000 EUR"],
        *["EUR 10 000 - 50 000", "EUR 10 000 to EUR 50 000", "99 billion EUR", "TEUR 65k"],
    ],
)
def test_uncertain_amounts_are_not_read(text):
    assert amount_at_start(text) is None


def test_number_directly_after_another_number_is_not_an_amount():
    assert [amount.value for amount in find_amounts("PSF 2019 65 000 EUR")] == [None]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31 March 2019", date(2019, 3, 31)),
        ("the 1st of April 2019", date(2019, 4, 1)),
        ("March 31, 2019", date(2019, 3, 31)),
        ("31 Mar 2019", date(2019, 3, 31)),
        ("2019-03-31", date(2019, 3, 31)),
        ("31.03.2019", date(2019, 3, 31)),
        ("03/31/2019", date(2019, 3, 31)),
        *[(text, date(2019, 3, 31)) for text in ["31-03-2019", "2019/03/31", "31. March 2019"]],
        *[(text, date(2019, 9, 1)) for text in ["1 Sept. 2019", "Sept. 1, 2019"]],
        ("04.04.2019", date(2019, 4, 4)),
        ("03.04.2019", None),
        ("31 March", None),
        ("March 31", None),
        ("31 February 2019", None),
        ("2019-02-31", None),
    ],
)
def test_days_are_read_unless_two_could_be_meant(text, day):
    (found,) = numbers.find_days(text)
    assert found.day == day


def test_a_time_of_day_is_no_amount():
    assert numbers.read_clock("at 23:59 CET") == time(23, 59)
    assert numbers.read_clock("65.000") is None


# Countries


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Latvia, Sweden and Russia", ["LV", "SE", "RU"]),
        ("Belarus, Germany, Latvia, and Russia.", ["BY", "DE", "LV", "RU"]),
        ("Latvija & Suomi; the Netherlands / Holland", ["LV", "FI", "NL"]),
        ("the Russian Federation as well as Bosnia and Herzegovina", ["RU", "BA"]),
        ("Guinea-Bissau and Guinea", ["GW", "GN"]),
        ("LV, EE", ["LV", "EE"]),
        ("Myanmar (Burma) and Latvia", ["MM", "LV"]),
    ],
)
def test_a_list_of_countries_is_read_in_any_punctuation(text, codes):
    assert PLACES.read_list(text) == (codes, [])


@pytest.mark.parametrize("text", ["Atlantis", "Latvia)", "(Latvia", "lv", "Shared name", "()"])
def test_uncertain_countries_are_reported(text):
    found = PLACES.read_list(f"{text} and Estonia")
    assert found.codes == ["EE"]
    assert found.unknown


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Latvia: Harbour", ("LV", "Harbour", False)),
        ("Latvia:Harbour: North", ("LV", "Harbour: North", False)),
        ("Lithuania –  Museum ,", ("LT", "Museum ,", True)),
        ("Sweden- Museum", ("SE", "Museum", True)),
        ("Guinea-Bissau – Museum", ("GW", "Museum", True)),
        ("Congo - Brazzaville: Museum", ("CG", "Museum", False)),
        ("Latvia\tMuseum", ("LV", "Museum", True)),
        ("Latvia:", ("LV", None, False)),
        ("Latvia Harbour", None),
        ("Latvia-based bodies", None),
        ("Harbour: Latvia", None),
    ],
)
def test_a_row_begins_with_its_country(text, entry):
    assert PLACES.read_row(text) == entry


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Norway (Centre (NC) Oslo)", ("NO", "Centre (NC) Oslo")),
        ("Norway (Centre (NC Oslo)", ("NO", "Centre (NC Oslo")),
        ("Norway (Centre", ("NO", "Centre")),
        ("Norway (Centre).", ("NO", "Centre")),
        ("Myanmar (Burma) (Centre)", ("MM", "Centre")),
        ("Myanmar (Burma)", ("MM", None)),
        ("Norway", ("NO", None)),
        ("Norway: Centre", ("NO", "Centre")),
        ("Norway – Centre", ("NO", "Centre")),
        ("Centre (Norway)", ("NO", "Centre")),
        ("Centre, Norway.", ("NO", "Centre")),
        ("Centre – Norway", ("NO", "Centre")),
        ("Centre (NC)", (None, "Centre (NC)")),
        ("(Norway)", (None, "(Norway)")),
        ("", (None, None)),
    ],
)
def test_a_lead_partner_is_read_with_or_without_its_country(text, lead):
    assert PLACES.read_lead(text) == lead


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("Latvia (Harbour) in partnership with Estonia", ("LV", "Harbour", ["EE"], [])),
        (
            "Latvia (Art in partnership with Norway) in partnership with Estonia",
            ("LV", "Art in partnership with Norway", ["EE"], []),
        ),
        (
            "Latvia (Art) in partnership with Norway)",
            ("LV", "Art) in partnership with Norway", [], []),
        ),
        (
            "Latvia (Art) in cooperation with everybody",
            ("LV", "Art) in cooperation with everybody", [], []),
        ),
        (
            "Harbour in partnership with Atlantis and Estonia",
            (None, "Harbour", ["EE"], ["Atlantis"]),
        ),
        (
            "X in partnership with Norway and Y in partnership with Atlantis, Estonia",
            (None, "X in partnership with Norway and Y", ["EE"], ["Atlantis"]),
        ),
    ],
)
def test_the_last_list_of_countries_in_a_headline_counts(text, headline):
    assert read_headline(text, PLACES)[:4] == headline


# Headings


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Lead partner: x", Label.LEAD),
        ("Lead Parnter: x", Label.LEAD),
        ("LEAD PARTNER – x", Label.LEAD),
        ("Lead parnter – x", None),
        ("Priority; x", Label.PRIORITY),
        ("Participating countries:x", Label.COUNTRIES),
        ("Project Partners", Label.PARTNERS),
        ("Proyect partners", Label.PARTNERS),
        ("About the project:", Label.ABOUT),
        ("Lead partner of many", None),
        ("Priority", None),
        ("Something: else", None),
        ("x" * 90 + ": y", None),
    ],
)
def test_labels_are_known(text, label):
    found = headings.read_label(text)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    "text",
    [
        *["PSF 2019", "Call 2020", "2018", "2016-2017", "PSF 2019: Safe and Secure Region"],
        "CBSS Project Support Facility – funded projects 2016-2018",
    ],
)
def test_a_heading_of_a_call_has_a_year_and_no_other_words(text):
    assert headings.is_call_heading(text)


@pytest.mark.parametrize(
    "text",
    [
        "PSF",
        "PSF 2019.",
        "PSF 2019 – it is open.",
        "PSF 2019 gives money to museums",
        "2016-2018 Harbours",
        "PSF 2019 2020 2021",
        "x" * 300,
    ],
)
def test_no_other_line_is_a_heading_of_a_call(text):
    assert not headings.is_call_heading(text)


@pytest.mark.parametrize(
    ("title", "years"),
    [
        ("2016-2018 At Sea", ("2016-2018", "At Sea")),
        ("(2016/17) At Sea", ("2016/17", "At Sea")),
        ("2018: At Sea", ("2018", "At Sea")),
        ("At Sea 2018 – 2019", ("2018 – 2019", "At Sea")),
        ("At Sea (2018)", ("2018", "At Sea")),
        ("2018", (None, "2018")),
        ("At Sea", (None, "At Sea")),
    ],
)
def test_years_at_the_end_of_a_title_are_split_off(title, years):
    assert headings.split_years(title) == years


# Names


def test_a_slash_joins_names_unless_it_belongs_to_a_legal_form():
    assert names.names_joined_by_slashes("Turvaa ry/Trygga rf") == ["Turvaa ry", "Trygga rf"]
    assert names.names_joined_by_slashes("Fisk A/S") == []
    assert names.names_joined_by_slashes("Fisk") == []


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Turvaa Lapsia ry", "fi"),
        ("Trygga Barn rf", "sv"),
        ("Institute of Boats", "en"),
        ("Norges arktiske Universitet", ""),
        ("Zvezdny", ""),
    ],
)
def test_language_is_suggested_if_exactly_one_fits(name, language):
    assert names.language_of(name) == language


@pytest.mark.parametrize("name", ["Association Centre", "Ministry of", "Forum for the", "Boats &"])
def test_incomplete_names_are_recognised(name):
    assert names.is_cut_off(name)


@pytest.mark.parametrize("name", ["Arctic Centre", "Boats", "Forum “Boats”"])
def test_complete_names_are_not_flagged(name):
    assert not names.is_cut_off(name)


@pytest.mark.parametrize(
    "name", ["Forum (Boats", "Forum Boats)", "Forum “Boats", 'Forum "Boats', "[x"]
)
def test_unbalanced_brackets_and_quotes_are_recognised(name):
    assert names.is_unbalanced(name)


@pytest.mark.parametrize("name", ["Forum “Boats”", "Verein „Boote“", 'Forum "Boats"', "F (x) [y]"])
def test_balanced_brackets_and_quotes_are_accepted(name):
    assert not names.is_unbalanced(name)


def test_variants_share_a_distinguishing_word_in_one_country():
    found = names.variants(
        [("RU", "NGO Zvezdny"), ("RU", "Zvezdny Fund"), ("LV", "Zvezdny"), ("RU", "Ministry")],
        PLACES,
    )
    assert list(found) == [["NGO Zvezdny", "Zvezdny Fund"]]


def test_number_of_variants_is_limited():
    rows = "\n".join(f"Latvia: Word{n} one\nLatvia: Word{n} two" for n in range(300))
    (call,) = reading_of(f"Lead partner: Latvia (X)\nPartners:\n{rows}").calls
    assert len([flag for flag in call.flags if flag.kind == "name_variants"]) == 200


# Priorities


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Safe & Secure Region", ["Safe and Secure Region"]),
        ("‘Regional identity’", ["Regional Identity"]),
        (
            "Regional Identity & Sustainable and Prosperous Region",
            ["Regional Identity", "Sustainable and Prosperous Region"],
        ),
        ("Blue Growth and Regional Identity", ["Regional Identity", "Blue Growth"]),
        ("Safe & Secure; Regional Identity", ["Regional Identity", "Safe & Secure"]),
        ("Blue Growth, and more", ["Blue Growth, and more"]),
        ("Youth, Sports", ["Youth, Sports"]),
        ("", []),
    ],
)
def test_priorities_are_read_from_a_line(value, found):
    assert Priorities(["Youth, Sports", ""]).read(value) == found


# Facts


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "43 applications were received and seven projects were selected.",
            {"received": 43, "funded": 7},
        ),
        ("Out of 55 applications submitted, 8 were selected.", {"received": 55, "funded": 8}),
        ("8 of the 55 applications submitted were selected.", {"received": 55, "funded": 8}),
        (
            "We received forty-three applications, of which thirty were eligible.",
            {"received": 43, "eligible": 30},
        ),
        ("12 of the 20 proposals received were found eligible.", {"received": 20, "eligible": 12}),
        ("12 of the 20 proposals received were long.", {"received": 20}),
        ("12 applications were found eligible.", {"eligible": 12}),
        ("20 received, 12 eligible.", {"received": 20, "eligible": 12}),
        ("In 2021, 55 applications were submitted and 8 selected.", {"received": 55, "funded": 8}),
        ("The CSO has decided to fund five projects.", {"funded": 5, "decided_by": "CSO"}),
        ("5 were chosen by the Board of Elders.", {"funded": 5, "decided_by": "Board of Elders"}),
        ("The three projects focus on youth in 3 countries.", {}),
        (
            "Each may get up to 65 000 EUR, between 10 000 and 50 000 EUR at most.",
            {"ceiling_eur": 65000},
        ),
        ("Up to 65 000 visitors came. Up to the brim.", {}),
        (
            "The deadline was 31 March 2019 at 23:59.",
            {"deadline": date(2019, 3, 31), "deadline_time": time(23, 59)},
        ),
        ("At 12:00 on 31 March 2019 it closed.", {}),
        (
            "It closed at 12:00 on 31 March 2019.",
            {"deadline": date(2019, 3, 31), "deadline_time": time(12, 0)},
        ),
        ("There is no deadline.", {}),
        ("The deadline was extended from 31 March 2019 to 15 April 2019.", {"deadline": None}),
        ("More than 40 applications were received.", {"number_not_certain": None}),
        ("Between 40 and 50 applications were received.", {"number_not_certain": None}),
        ("Grants of up to 65 000 euros per partner.", {"unread_amount": None}),
        ("At most 65 000 CZK.", {"unread_amount": None}),
        ("7 projects out of 43 were awarded funding.", {"funded": 7}),
        ("A total of 7 projects were selected.", {"funded": 7}),
        ("The CSO met.", {}),
        ("We received 12 applications " + "and " * 600 + ".", {}),
        ("Selected themes: 3 boats.", {}),
    ],
)
def test_facts_are_read_from_running_text(text, facts):
    found = {}
    for fact in find_facts(text):
        found.setdefault(fact.field, fact.value)
    assert found == facts
