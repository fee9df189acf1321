import gzip
import re

import pytest
from babel import Locale

from psf.charts.baltic_map import baltic_map
from tests.support.jinja import component

COUNTS_2019 = {"LV": 4, "FI": 4, "NO": 3, "SE": 2, "RU": 2, "LT": 2, "DK": 1, "DE": 1, "PL": 1}


def drawn(counts):
    names = Locale("en", "GB").territories
    return baltic_map({code: names[code] for code in counts}, counts)


def test_map_shows_all_member_states_and_neighbours_with_projects():
    states = {"DK", "EE", "FI", "DE", "IS", "LV", "LT", "NO", "PL", "RU", "SE"}
    assert {country.code for country in drawn({}).countries} == states
    assert {country.step for country in drawn({}).countries} == {0}
    with_neighbours = {"UA": 2, "BY": 1, "GB": 1}
    assert {country.code for country in drawn(with_neighbours).countries} == {"BY", "UA"} | states
    named = [country.name for country in drawn(dict.fromkeys(states, 1)).countries]
    assert named == sorted(named)


@pytest.mark.parametrize(
    ("counts", "steps", "legend"),
    [
        (
            [0, 1, 2, 7, 8, 12, 14],
            [0, 1, 1, 2, 3, 4, 4],
            ["1 to 4", "5 to 7", "8 to 11", "12 to 14"],
        ),
        ([1, 2], [1, 3], ["1 to 1", "2 to 2"]),
        ([5, 5], [3, 3], ["5 to 5"]),
        ([10_000, 10_400, 12_400], [3, 3, 3], ["10000 to 12400"]),
        ([9_000, 10_400, 12_000], [1, 2, 4], ["9000 to 9750", "9751 to 10500", "11251 to 12000"]),
        ([0], [0], []),
    ],
)
def test_shades_divide_the_numbers_from_the_least_to_the_most(counts, steps, legend):
    by_code = dict(zip(["DK", "EE", "FI", "DE", "IS", "LV", "LT"], counts, strict=False))
    baltic = drawn(by_code)
    shown = {country.code: country.step for country in baltic.countries}
    assert [shown[code] for code in by_code] == steps
    assert [f"{shade.least} to {shade.most}" for shade in baltic.legend] == legend


def test_large_numbers_are_shortened_in_labels_and_grouped_beside_them():
    baltic = drawn({"PL": 9999, "SE": 10_449, "EE": 123_456, "LV": 0})
    short = {country.code: country.short_count for country in baltic.countries}
    assert [short[code] for code in ["PL", "SE", "EE", "LV"]] == ["9999", "10.4k", "123k", ""]
    html = component("_charts.html").map(drawn({"PL": 12345, "LV": 1234}), "map")
    assert "PL 12.3k: Poland, 12\N{NO-BREAK SPACE}345 projects" in html


def test_outlines_are_closed_and_labels_lie_on_the_map():
    baltic = drawn({})

    for country in baltic.countries:
        assert country.at_sea == (country.code in {"DK", "EE", "LV", "LT"})
        assert re.fullmatch(r"(M-?\d+ -?\d+[lhv][-\d lhv]+z)+", country.path), country.code
        assert 0 < country.x < baltic.width
        assert 0 < country.y < baltic.height


def test_map_links_countries_that_have_a_page_and_stays_small():
    baltic = drawn(COUNTS_2019 | {"IS": 0})
    html = component("_charts.html").map(baltic, "Projects", current="LV")

    assert 'href="/countries/lv/" aria-label="LV 4: Latvia"' in html
    assert 'aria-label="FI 4: Finland, 4 projects"' in html
    assert 'aria-label="DK 1: Denmark, 1 project"' in html
    assert 'aria-label="IS: Iceland, 0 projects"' in html
    assert html.count('href="/countries/lv/" tabindex="-1" aria-hidden="true"') == 1  # the outline
    assert html.count("<a ") == 2 * len(COUNTS_2019 | {"IS": 0})
    assert "/countries/ee/" not in html  # Estonia has no page
    assert html.count("map__land--current") == 1
    assert html.count("<text") == 11
    assert len(gzip.compress(html.encode())) <= 14_000
