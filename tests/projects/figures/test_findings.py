"""The findings: titles that the records prove, charts and tables that count the same."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from projects.figures import sentences
from projects.figures.country_sheet import portrait_of
from projects.figures.findings import FINDINGS, TABLES, load_findings
from projects.figures.records import load_records
from projects.pages.coverage import Coverage, applications_title
from psf.site.home import HOME_FINDINGS
from psf.text.numbers_and_amounts import number_word
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import words

LATVIA, FINLAND, NORWAY = "Latvia", "Finland", "Norway"
BOTH_IN_EVERY = "Latvia and Finland took part in every call that has projects here"
EACH_IN_TWO = "each took part in 2 of 3 calls that have projects here"


def applications(funded, received):
    return applications_title(received, funded)


def coverage(here, funded, all_announced=True):
    return Coverage(here, funded, 1, 0 if all_announced else 1).title()


def countries(*rows):
    return sentences.countries_title(
        {name: projects for name, projects, _led in rows}, {name: led for name, _p, led in rows}, 22
    )


def pairs(**numbers):
    return sentences.pairs_title({tuple(pair.split("_")): value for pair, value in numbers.items()})


def attendance(attended, calls=3, **last):
    return sentences.attendance_title(attended, calls, last)


def topics(**numbers):
    return sentences.topics_title(numbers, 22)


MOST = "Latvia took part in 14 of 22 projects, more than any other country"


@pytest.mark.parametrize(
    ("made", "title"),
    [
        (lambda: applications(15, 98), "15 of 98 applications were funded: about one in seven"),
        (lambda: applications(1, 43), "1 of 43 applications was funded"),
        (lambda: applications(18, 20), "18 of 20 applications were funded"),
        (lambda: applications(0, 43), "None of 43 applications was funded"),
        (lambda: applications(0, 0), ""),
        (
            lambda: coverage(22, 50, all_announced=False),
            "22 of at least 50 funded projects are on this site",
        ),
        (lambda: coverage(22, 50), "22 of 50 funded projects are on this site"),
        (lambda: coverage(5, 5), "All 5 funded projects are on this site"),
        (lambda: sentences.countries_title({LATVIA: 1, FINLAND: 1}, {LATVIA: 1}, 1), ""),
        (lambda: coverage(1, 1), "1 of 1 funded project is on this site"),
        (lambda: coverage(0, 0), ""),
        (lambda: countries((LATVIA, 14, 4), (FINLAND, 12, 3)), f"{MOST}, and led most: 4"),
        (lambda: countries((LATVIA, 14, 3), (FINLAND, 12, 3)), MOST),
        (lambda: countries((LATVIA, 14, 0), (FINLAND, 12, 0)), MOST),
        (
            lambda: countries((LATVIA, 9, 4), (FINLAND, 9, 1)),
            "Latvia and Finland took part in 9 of 22 projects each",
        ),
        (
            lambda: countries((LATVIA, 9, 4), (FINLAND, 9, 1), (NORWAY, 9, 0)),
            "Three countries took part in 9 of 22 projects each",
        ),
        (lambda: countries((LATVIA, 9, 4)), ""),
        (countries, ""),
        (lambda: pairs(LV_LT=8, LV_FI=7), "LV and LT work together most: 8 projects"),
        (lambda: pairs(LV_LT=1), "LV and LT work together most: 1 project"),
        (
            lambda: pairs(LV_LT=2, PL_EE=2),
            "LV and LT, and PL and EE, work together most: 2 projects each",
        ),
        (
            lambda: pairs(LV_LT=2, PL_EE=2, PL_LT=2),
            "Three pairs of countries work together most: 2 projects each",
        ),
        (pairs, ""),
        (
            lambda: attendance({LATVIA: 3, FINLAND: 2}),
            "Latvia took part in every call that has projects here",
        ),
        (
            lambda: attendance({LATVIA: 3, FINLAND: 3, "Russia": 2}, Russia=2021),
            f"{BOTH_IN_EVERY}; Russia last in 2021",
        ),
        (
            lambda: attendance({LATVIA: 2, FINLAND: 1}),
            "Latvia took part in 2 of 3 calls that have projects here",
        ),
        (
            lambda: attendance({LATVIA: 2, FINLAND: 2, NORWAY: 2}, Finland=2019, Norway=2018),
            f"Three countries {EACH_IN_TWO}; Finland last in 2019 and Norway last in 2018",
        ),
        (lambda: attendance({}), ""),
        (lambda: attendance({LATVIA: 3, FINLAND: 2}, calls=1), ""),
        (
            lambda: topics(Youth=5, Energy=2),
            "Youth is the most frequent topic: 5 of 22 projects",
        ),
        (
            lambda: topics(Youth=5, Energy=5),
            "Youth and Energy are the most frequent topics: 5 of 22 projects each",
        ),
        (
            lambda: topics(Youth=2, Energy=2, Culture=2),
            "Three topics are the most frequent: 2 of 22 projects each",
        ),
        (lambda: topics(Youth=1), ""),
        (topics, ""),
    ],
)
def test_a_title_says_what_the_numbers_prove(made, title):
    assert made() == title


def test_most_frequent_partners_of_a_country():
    shared = {"Lithuania": 8, FINLAND: 7, "Russia": 7, NORWAY: 1}
    often = [("Lithuania", 1, 8), ("Finland and Russia", 2, 7)]
    assert sentences.most_often(shared) == often
    assert sentences.most_often(dict.fromkeys("ABCD", 2)) == [("four countries", 4, 2)]
    assert sentences.most_often({FINLAND: 1, NORWAY: 1}) == []


def test_numbers_are_words_up_to_twelve():
    assert [number_word(value) for value in [0, 1, 12, 13]] == ["no", "one", "twelve", "13"]


pytestmark = pytest.mark.django_db


def closed(year, **fields):
    closes_at = datetime(year, 3, 31, 12, tzinfo=UTC)
    return make_call(opens_at=None, closes_at=closes_at, title=f"PSF {year}", **fields)


def project(call, *codes, **fields):
    """A public project led from the first country."""
    made = make_public_project(make_partner(country=codes[0]), call=call, **fields)
    for code in codes[1:]:
        make_partnership(made, country=code)
    return made


def titles():
    return {finding.name: finding.title for finding in load_findings(load_records())}


@pytest.fixture
def records():
    """Three calls: the first and the last with an announced number, Russia in the first only."""
    for code in ["LV", "FI", "SE", "DK"]:
        make_membership(code)
    make_membership("RU", valid_to=date(2022, 3, 2))
    first = closed(2018, received_count=43, funded_count=7)
    second = closed(2019, eligible_count=12, funded_count=3)
    third = closed(2021)
    for call in [first, second]:
        make_decision(call)
    topic = make_topic("Youth")
    for made in [
        project(first, "LV", "RU", "FI"),
        project(second, "LV", "FI"),
        project(second, "LV", "SE", "FI", led_by_cbss=True),
    ]:
        made.topics.add(topic)
    project(third, "FI", "LV").topics.add(make_topic("Energy"))
    project(third, "SE")
    return first, second, third


def test_titles_follow_the_records(records):
    _first, second, third = records
    assert titles() == {
        "applications": "7 of 43 applications were funded: about one in six",
        "coverage": "5 of at least 12 funded projects are on this site",
        "countries": "Latvia and Finland took part in 4 of 5 projects each",
        "pairs": "Latvia and Finland work together most: 4 projects",
        "attendance": f"{BOTH_IN_EVERY}; Russia last in 2018",
        "topics": "Youth is the most frequent topic: 3 of 5 projects",
    }
    third.received_count, third.funded_count = 20, 2
    third.save()
    make_decision(third)
    project(second, "RU", "LV").topics.add(make_topic())
    project(closed(2023), "LV", "SE")
    assert titles() == {
        "applications": "9 of 63 applications were funded: about one in seven",
        "coverage": "7 of at least 13 funded projects are on this site",
        "countries": "Latvia took part in 6 of 7 projects, more than any other country, "
        "and led most: 3",
        "pairs": "Latvia and Finland work together most: 4 projects",
        "attendance": "Latvia took part in every call that has projects here; Russia last in 2019",
        "topics": "Youth is the most frequent topic: 3 of 7 projects",
    }


def test_charts_count_what_the_titles_say(records):
    found = {finding.name: finding for finding in load_findings(load_records())}
    numbers = {
        name: {row.label: [group.number for group in row.groups] for row in finding.squares.rows}
        for name, finding in found.items()
        if finding.squares
    }
    assert numbers == {
        "applications": {"PSF 2018": [7, 36]},
        "coverage": {"PSF 2018": [1, 6], "PSF 2019": [2, 1], "PSF 2021": [2, 0]},
        "countries": {"Latvia": [2, 2], "Finland": [1, 3], "Sweden": [1, 1], "Russia": [0, 1]},
        "topics": {"Youth": [3]},
    }
    strips = {name: [group.number for group in found[name].strip] for name in HOME_FINDINGS}
    assert strips == {"applications": [7, 36], "coverage": [5, 7], "countries": [2, 2]}
    assert [row.text for row in found["coverage"].squares.rows] == ["1 of 7", "2 of 3", "2 of ?"]
    assert {row.label: (len(row.dots), row.words) for row in found["attendance"].dots} == {
        "Latvia": (4, "2018: 1; 2019: 2; 2021: 1"),
        "Finland": (4, "2018: 1; 2019: 2; 2021: 1"),
        "Sweden": (2, "2019: 1; 2021: 1"),
        "Russia": (1, "2018: 1"),
    }
    pairs = found["pairs"].pairs
    latvia, finland, sweden, _russia = pairs.countries
    assert pairs.cell(latvia, finland) == ("4", 4, "/projects/?country=lv&together=fi")
    assert pairs.cell(finland, sweden)[:2] == ("1", 1)
    assert pairs.cell(sweden, _russia) == ("", 0, "")


def test_words_say_what_is_missing(records, client):
    closed(2017)
    make_call(title="Open", closes_at=timezone.now() + timedelta(days=9))
    page = words(client.get("/figures/"))
    for text in [
        "In PSF 2019, 3 of 12 eligible applications were funded",
        "For two calls the number of funded projects was announced.",
        "PSF 2017: neither a number nor a project was published.",
        "Three pairs of member states have not yet shared a project on this site.",
        "Latvia with Denmark; Finland with Denmark; Sweden with Denmark",
        "One project each: Energy.",
        "One project has no topic.",
        "Figures: six findings",
    ]:
        assert text in page, text


def test_a_pair_opens_the_list_of_its_projects(records, client):
    response = client.get("/projects/?country=lv&together=ru")
    assert [row.call.title for row in response.context["object_list"]] == ["PSF 2018"]
    assert "Projects with partners from Latvia, together with" in words(response)
    assert client.get("/projects/?together=atlantis").status_code == 400


def test_without_a_rest_nothing_is_said_about_other_topics():
    topic = make_topic("Youth")
    for year in [2018, 2019]:
        project(closed(year), "LV").topics.add(topic)
    assert FINDINGS["topics"](load_records()).note == ""


def test_each_finding_has_its_tables_as_data(records, client):
    text = {
        name: b"".join(client.get(f"/figures/{name}.csv").streaming_content).decode("utf-8-sig")
        for name in TABLES
    }
    rows = {name: data.splitlines()[1:] for name, data in text.items()}
    assert rows["calls"] == [
        '"PSF 2021","","","","",""',
        '"PSF 2019","","12","3","","25"',
        '"PSF 2018","43","","7","16",""',
    ]
    assert rows["attendance"][0] == '"Latvia","1","2","1"'
    assert rows["pairs"][0] == '"Finland","Latvia","4"'
    assert rows["pairs"][-1] == '"Sweden","Denmark","0"'
    assert rows["topics"] == ['"Youth","3"', '"Energy","1"']


def test_amounts_of_each_kind_have_a_column(client):
    call = closed(2019)
    for kind, amount in [("ceiling", 100), ("awarded", 70), ("final", 50), ("returned", 5)]:
        project(call, "LV", "FI", amount_kind=kind, amount_eur=amount)
    project(call, "LV")
    (row,) = client.get("/figures/coverage.json").json()["rows"]
    assert [*row.values()][2:] == [5, 100.0, 70.0, 50.0, 5.0, 1]
    latvia, finland = client.get("/figures/countries.json").json()["rows"]
    assert [*latvia.values()][1:] == [5, 5, 100.0, 70.0, 50.0, 5.0, 1]
    assert [*finland.values()][1:] == [4, 0, None, None, None, None, 0]


def test_without_anything_to_say_there_is_no_chart():
    assert titles() == {}
    project(closed(2019), "LV")
    assert titles() == {}


def test_a_call_of_which_only_the_year_is_known_is_a_band(records):
    call = make_call(
        opens_at=datetime(2013, 3, 1, tzinfo=UTC),
        closes_at=datetime(2016, 12, 31, 12, tzinfo=UTC),
        closes_precision="year",
    )
    project(call, "DK")
    attendance = FINDINGS["attendance"](load_records())
    (band,) = attendance.axis.bands()
    assert band == (
        "2013–2016",
        date(2013, 1, 1),
        call.closing_day(),
    )
    assert "A grey band is one call: 2013–2016." in attendance.sentence
    assert not attendance.axis.bands()[1:]


def test_many_calls_have_one_point_a_year(records):
    for month in range(1, 13):
        for year in [2022, 2023]:
            moment = datetime(year, month, 10, 12, tzinfo=UTC)
            project(make_call(opens_at=None, closes_at=moment), "LV")
    attendance = FINDINGS["attendance"](load_records())
    assert [point.label for point in attendance.axis.points] == [
        "2018", "2019", "2021", "2022", "2023",
    ]  # fmt: skip
    assert [dot.number for dot in attendance.dots[0].dots if dot.number] == ["12", "12"]


def test_many_projects_open_no_page_from_a_mark(records, monkeypatch):
    assert load_records().links
    monkeypatch.setattr("projects.figures.records.MAX_LINKS", 4)
    assert load_records().links == {}


def test_portrait_counts_the_projects_of_a_country(records):
    loaded = load_records()
    latvia = portrait_of(loaded.countries["LV"], loaded)
    assert latvia[:5] == (4, 5, 2, [("Finland", 1, 4)], {"FI": 4, "SE": 1, "RU": 1})
    assert latvia.dots[0].words == "2018: 1; 2019: 2; 2021: 1"
    nothing = portrait_of(make_country("IS"), loaded)
    assert (nothing.projects, nothing.often, nothing.axis, nothing.dots) == (0, [], None, [])
