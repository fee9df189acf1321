from datetime import date
from types import SimpleNamespace

import pytest
from babel import Locale

from psf.text import phrases
from tests.support.factories import make_project, make_source


@pytest.mark.parametrize(
    ("language", "tag"),
    [("en", ""), ("en-GB", ""), ("EN", ""), ("", ""), (None, ""), ("lv", "lv"), ("sv-FI", "sv-FI")],
)
def test_only_a_name_in_another_language_is_marked(language, tag):
    assert phrases.foreign_language(language) == tag


@pytest.mark.parametrize(
    ("language", "name"),
    [("lv", "Latvian"), ("sv-FI", "Swedish"), ("yi", "Yiddish"), ("qqx-FI", "qqx-FI")],
)
def test_language_tag_gives_the_language_name(language, name):
    assert phrases.language_name(language) == name


def test_language_names_are_those_of_cldr():
    names = Locale("en", "GB").languages
    assert {code: names[code] for code in phrases.LANGUAGES} == phrases.LANGUAGES


def test_period_describes_the_known_days():
    name = SimpleNamespace(valid_from=date(1990, 1, 1), valid_to=None)
    membership = SimpleNamespace(
        valid_from=date(1992, 1, 1), from_precision="year", valid_to=date(2022, 5, 16)
    )
    assert phrases.period(name) == "from 1 January 1990"
    assert phrases.period(membership) == "1992 to 16 May 2022"


@pytest.mark.parametrize(
    ("names", "phrase"),
    [([], ""), (["Latvia"], "Latvia"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_joined_into_a_phrase(names, phrase):
    assert phrases.join_names(names) == phrase


@pytest.mark.django_db
def test_permanent_address_starts_with_the_site_url(settings):
    settings.SITE_URL = "https://psf.example.org"
    address = phrases.permanent_address(make_project(slug="psf-2019-01"))
    assert address == "https://psf.example.org/projects/psf-2019-01/"


@pytest.mark.django_db
def test_each_source_is_listed_once_with_all_its_statements():
    project = make_project()
    title = make_source(project=project, about="title", note="It says Cape.")
    period = make_source(project=project, about="period")
    news = make_source(project=project, about="amount", citation="trafficking.lv")
    assert phrases.by_source([title, news, period]) == [
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
