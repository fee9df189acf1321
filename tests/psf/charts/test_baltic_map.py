import gzip
import re

import pytest
from babel import Locale
from django.test import override_settings
from django.urls import include, path

from psf.charts.baltic_map import NAMES, Shade, baltic_map
from tests.support.jinja import component

COUNTS_2019 = {"LV": 4, "FI": 4, "NO": 3, "SE": 2, "RU": 2, "LT": 2, "DK": 1, "DE": 1, "PL": 1}


class _Urls:
    countries = [path("<slug:slug>/", lambda request, slug: None, name="country-detail")]
    urlpatterns = [path("countries/", include((countries, "partners")))]


def steps(counts):
    return {country.code: country.step for country in baltic_map(counts)}


def test_map_shows_all_member_states_ordered_by_name():
    countries = list(baltic_map({}))

    assert [country.code for country in countries] == (
        ["DK", "EE", "FI", "DE", "IS", "LV", "LT", "NO", "PL", "RU", "SE"]
    )
    assert {country.step for country in countries} == {0}


def test_country_names_equal_cldr():
    names = Locale("en", "GB").territories
    assert {country.code: country.name for country in baltic_map({})} == {
        code: names[code] for code in NAMES
    }


def test_zero_is_unshaded_and_equal_numbers_share_a_shade():
    assert steps(COUNTS_2019) == {
        **{"LV": 4, "FI": 4, "NO": 3, "SE": 2, "RU": 2, "LT": 2, "DK": 1, "DE": 1, "PL": 1},
        **{"EE": 0, "IS": 0},
    }


@pytest.mark.parametrize("scale", [1, 7, 3000])
def test_shades_do_not_depend_on_the_size_of_the_numbers(scale):
    scaled = {code: count * scale for code, count in COUNTS_2019.items()}

    assert steps(scaled) == steps(COUNTS_2019)


def test_a_greater_number_is_never_lighter():
    counts = {code: 3**index for index, code in enumerate(steps({}))}
    shaded = steps(counts)

    in_order = [shaded[code] for code in sorted(counts, key=counts.get)]
    assert in_order == sorted(in_order)
    assert (in_order[0], in_order[-1]) == (1, 4)


def test_a_single_number_has_the_darkest_shade():
    assert steps({"PL": 1})["PL"] == 4


def test_large_numbers_beside_the_map_are_grouped():
    html = component("_charts.html").map(baltic_map({"PL": 12345, "LV": 1234, "EE": 1}), "map")
    assert "12\N{NO-BREAK SPACE}345 projects" in html


def test_legend_gives_the_range_of_each_shade():
    counts = {"DK": 1, "EE": 2, "FI": 5, "DE": 6, "LV": 20, "LT": 30, "NO": 90, "PL": 100}

    assert baltic_map(counts).legend == [
        Shade(0, 0, 0),
        Shade(1, 1, 2),
        Shade(2, 5, 6),
        Shade(3, 20, 30),
        Shade(4, 90, 100),
    ]


def test_large_numbers_are_shortened_in_labels():
    by_code = {country.code: country for country in baltic_map({"PL": 9999, "SE": 30_500})}

    assert by_code["PL"].short_count == "9999"
    assert by_code["SE"].short_count == "31k"
    assert by_code["DK"].at_sea
    assert not by_code["SE"].at_sea


def test_outlines_are_closed_and_labels_lie_on_the_map():
    baltic = baltic_map({})

    for country in baltic:
        assert re.fullmatch(r"(M-?\d+ -?\d+[lhv][-\d lhv]+z)+", country.path), country.code
        assert 0 < country.x < baltic.width
        assert 0 < country.y < baltic.height


@override_settings(ROOT_URLCONF=_Urls)
def test_map_links_countries_that_have_a_page_and_stays_small():
    baltic = baltic_map(COUNTS_2019 | {"IS": 0})
    html = component("_charts.html").map(baltic, "Projects", current="LV")

    assert 'href="/countries/lv/" aria-label="LV 4: Latvia, 4 projects"' in html
    assert 'aria-label="DK 1: Denmark, 1 project"' in html
    assert 'aria-label="IS 0: Iceland, 0 projects"' in html
    assert html.count('href="/countries/lv/" tabindex="-1" aria-hidden="true"') == 1  # the outline
    assert html.count("<a ") == 2 * len(COUNTS_2019 | {"IS": 0})
    assert "/countries/ee/" not in html  # Estonia has no page
    assert html.count("map__land--current") == 1
    assert html.count("<text") == 11
    assert len(gzip.compress(html.encode())) <= 14_000
