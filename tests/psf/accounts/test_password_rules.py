import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password as validate,
)
from django.core.exceptions import ValidationError

pytestmark = pytest.mark.django_db


def codes(password):
    """The reasons for which the password is refused."""
    try:
        validate(password, User(username="anna-andersson"))
    except ValidationError as error:
        return [row.code for row in error.error_list]
    return []


@pytest.mark.parametrize(
    ("weak", "code"),
    [
        ("short", "password_too_short"),
        ("hm4 eleven!", "password_too_short"),
        ("123456789012345", "password_entirely_numeric"),
        ("anna-andersson", "password_too_similar"),
        ("aaaaaaaaaaaa", "password_repeats"),
        (" " * 14, "password_repeats"),
        ("ab12ab12ab12ab12", "password_repeats"),
        ("hungry7hungry7", "password_repeats"),
        ("PSF-cbss-2026!!", "password_local_word"),
        ("Baltic.Project.1", "password_local_word"),
        ("QWERTYuiop123", "password_too_common"),
        ("1qaz2wsx3edc4rfv", "password_too_common"),
        ("needforspeed", "password_too_common"),
        ("**Liverpool-2026", "password_too_common"),
        ("Winter2026!Winter", "password_too_common"),
        ("2027.Spring-2026.Autumn", "password_too_common"),
        ("Liver2026pool!", "password_too_common"),
        ("Kołobrzeg2026!kołobrzeg", "password_repeats"),
    ],
)
def test_weak_password_is_refused(weak, code):
    assert code in codes(weak)


@pytest.mark.parametrize(
    "strong",
    [
        "a calm sea at dawn",
        "the baltic herring swims",
        "kx7-Qm2 rl9&vT",
        "ł" * 60 + "żółć ąę rz",
        "Winter2026!Visby.Kalmar",
        "8473-x293-4857-x12",
    ],
)
def test_long_password_in_any_script_is_accepted(strong):
    assert codes(strong) == []


def test_password_of_thousands_of_characters_is_checked_quickly():
    assert codes("ab" * 100_000 + "cdefgh x") == []


def test_rules_are_explained_beside_the_field():
    text = " ".join(password_validators_help_texts())
    assert "at least 12 characters" in text
    assert "same few characters" in text
    assert "PSF, CBSS or Baltic" in text
