from datetime import date
from types import SimpleNamespace

import pytest
from babel import Locale

from psf.text import phrases as words
from tests.support.factories import make_project, make_source


@pytest.mark.parametrize(
    ("language", "marked"),
    [("en", ""), ("en-GB", ""), ("EN", ""), ("", ""), (None, ""), ("lv", "lv"), ("sv-FI", "sv-FI")],
)
def test_only_a_name_in_another_language_is_marked(language, marked):
    assert words.foreign(language) == marked


@pytest.mark.parametrize(
    ("language", "name"),
    [("lv", "Latvian"), ("sv-FI", "Swedish"), ("yi", "Yiddish"), ("qqx-FI", "qqx-FI")],
)
def test_a_language_has_a_name(language, name):
    assert words.language_name(language) == name


def test_languages_are_called_as_in_cldr():
    names = Locale("en", "GB").languages
    assert {code: names[code] for code in words.LANGUAGES} == words.LANGUAGES


def test_a_period_is_told_as_far_as_it_is_known():
    name = SimpleNamespace(valid_from=date(1990, 1, 1), valid_to=None)
    membership = SimpleNamespace(
        valid_from=date(1992, 1, 1), from_precision="year", valid_to=date(2022, 5, 16)
    )
    assert words.period(name) == "from 1 January 1990"
    assert words.period(membership) == "1992 to 16 May 2022"


@pytest.mark.parametrize(
    ("names", "told"),
    [([], ""), (["Latvia"], "Latvia"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_listed_in_words(names, told):
    assert words.listed(names) == told


@pytest.mark.django_db
def test_an_address_is_permanent_and_whole(settings):
    settings.SITE_URL = "https://psf.example.org"
    address = words.permanent_address(make_project(slug="psf-2019-01"))
    assert address == "https://psf.example.org/projects/psf-2019-01/"


@pytest.mark.django_db
def test_a_source_is_told_once_with_all_that_it_is_given_for():
    project = make_project()
    title = make_source(project=project, about="title", note="It says Cape.")
    period = make_source(project=project, about="period")
    other = make_source(project=project, about="amount", citation="trafficking.lv")
    assert words.by_source([title, other, period]) == [
        {
            "text": "cbss.org",
            "url": "",
            "says": [
                {"what": "Title", "note": "It says Cape."},
                {"what": "Period", "note": ""},
            ],
        },
        {"text": "trafficking.lv", "url": "", "says": [{"what": "Amount", "note": ""}]},
    ]
