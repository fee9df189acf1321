import pytest

from partners.slugs import is_slug_taken
from psf.text.slugs import FreeSlugs, free_slug
from tests.support.factories import make_partner

pytestmark = pytest.mark.django_db


def free(*texts):
    """Return a free address and use the address at once."""
    slug = free_slug(is_slug_taken, *texts)
    make_partner(slug=slug).clean_fields()
    return slug


def test_slug_adds_texts_and_then_a_number_until_free():
    slugs = [free("Ministry of the Interior", "LT") for _ in range(4)]
    assert slugs == [
        "ministry-of-the-interior",
        "ministry-of-the-interior-lt",
        "ministry-of-the-interior-lt-2",
        "ministry-of-the-interior-lt-3",
    ]


def test_name_without_latin_letters_is_skipped():
    assert [free("Стеллит", "RU") for _ in range(2)] == ["ru", "ru-2"]


def test_texts_without_latin_letters_give_a_number():
    assert [free("Стеллит", "–") for _ in range(2)] == ["1", "2"]
    assert free() == "3"


def test_slug_of_long_texts_fits_the_field():
    slugs = [free("a" * 300, "b" * 300, "c" * 300) for _ in range(3)]
    assert slugs[0] == "a" * 80
    assert slugs[1] == "a" * 80 + "-" + "b" * 9
    assert slugs[2] == "a" * 80 + "-" + "b" * 9 + "-2"


def test_free_slugs_gives_every_row_a_different_slug():
    slugs = FreeSlugs(["pier", "pier-lv-3"])
    assert [slugs.take("Pier", "LV") for _ in range(3)] == ["pier-lv", "pier-lv-2", "pier-lv-4"]
    assert slugs.take("Стеллит", "–") == "1"
