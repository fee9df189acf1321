import pytest

from psf.text import phrases


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
