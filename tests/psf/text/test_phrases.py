import pytest

from psf.text import phrases
from tests.support.factories import make_project


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


def test_blank_lines_separate_paragraphs():
    assert phrases.paragraphs_of("one\r\ntwo\r\n \r\n\r\nthree\n") == ["one\ntwo", "three"]
    assert phrases.paragraphs_of("") == []
