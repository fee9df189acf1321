from datetime import date
from types import SimpleNamespace

import pytest

from projects.models import Listing
from psf.templatetags import psf as tags
from tests.factories import (
    make_country,
    make_membership,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
    make_source,
)


@pytest.mark.parametrize(
    ("language", "marked"),
    [("en", ""), ("en-GB", ""), ("EN", ""), ("", ""), ("lv", "lv"), ("sv-FI", "sv-FI")],
)
def test_only_a_name_in_another_language_is_marked(language, marked):
    assert tags.foreign(language) == marked


@pytest.mark.parametrize(
    ("language", "name"), [("lv", "Latvian"), ("sv-FI", "Swedish"), ("qqx", "qqx")]
)
def test_a_language_has_a_name(language, name):
    assert tags.language_name(language) == name


def test_a_period_is_told_as_far_as_it_is_known():
    name = SimpleNamespace(valid_from=date(1990, 1, 1), valid_to=None)
    membership = SimpleNamespace(
        valid_from=date(1992, 1, 1), from_precision="year", valid_to=date(2022, 5, 16)
    )
    assert tags.period(name) == "from 1 January 1990"
    assert tags.period(membership) == "1992 to 16 May 2022"


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["Latvia"], "Latvia"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_names_are_listed_in_words(names, words):
    assert tags.listed(names) == words


@pytest.mark.django_db
def test_a_standing_is_that_of_the_day():
    row = make_membership("RU", valid_to=date(2022, 5, 16))
    assert tags.standing_on(make_country("RU"), date(2019, 3, 31)) == row
    assert tags.standing_on(make_country("RU"), date(2023, 3, 31)) is None


@pytest.mark.django_db
def test_an_address_is_permanent_and_whole(settings):
    settings.SITE_URL = "https://psf.example.org"
    address = tags.permanent_address(make_project(slug="psf-2019-01"))
    assert address == "https://psf.example.org/projects/psf-2019-01/"


@pytest.mark.django_db
def test_a_row_names_the_lead_and_the_other_countries():
    project = make_public_project(lead=make_partner("Rīgas dome", name_language="lv"))
    make_partnership(project, make_partner(country="FI"))
    make_partnership(project, make_partner(country="LV"))
    (row,) = tags.project_rows(Listing.objects.newest(1))["rows"]
    assert (row["lead"], row["lead_language"]) == ("Rīgas dome", "lv")
    assert str(row["lead_country"]) == "Latvia"
    assert row["countries"] == "Finland"


@pytest.mark.django_db
def test_a_row_without_a_lead_names_all_countries():
    project = make_public_project(lead=make_partner())
    project.partnerships.all().delete()
    make_partnership(project, country="FI")
    (row,) = tags.project_rows(Listing.objects.newest(1))["rows"]
    assert row["lead"] is None
    assert row["countries"] == "Finland"


@pytest.mark.django_db
def test_a_source_is_told_once_with_all_that_it_is_given_for():
    project = make_project()
    title = make_source(project=project, about="title", note="It says Cape.")
    period = make_source(project=project, about="period")
    other = make_source(project=project, about="amount", citation="trafficking.lv")
    assert tags.sources([title, other, period]) == {
        "sources": [
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
    }


def test_breadcrumbs_end_on_the_page_itself():
    crumbs = tags.breadcrumbs("Partners", "/partners/", "Rīga", language="lv")["crumbs"]
    assert crumbs == [
        {"label": "Partners", "url": "/partners/"},
        {"label": "Rīga", "language": "lv"},
    ]
