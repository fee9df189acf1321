"""The rules for passwords beside those of Django. Every rule refuses what is quick to guess."""

import re
from pathlib import Path

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BREACHED = Path(__file__).with_name("breached_passwords.txt")
MIN_LENGTH = 12
MIN_DIFFERENT, MIN_PERIOD, MIN_OWN_LETTERS, MIN_WORDS = 5, 12, 6, 3


def words_of(password: str) -> list[str]:
    """The words of three letters or more, without the years and marks around them."""
    return re.findall(r"[^\W\d_]{3,}", password.casefold())


def is_repetition(text: str) -> bool:
    """Whether a short part of the text is repeated: in "abcabc" a part of three characters."""
    return 0 < (text * 2).find(text, 1) < min(len(text), MIN_PERIOD)


class LengthValidator(MinimumLengthValidator):
    def __init__(self) -> None:
        super().__init__(MIN_LENGTH)


class VarietyValidator:
    """Refuses few different characters, such as "aaaaaaaaaaaa", and short repeated parts.

    A word with another year, as in "Winter2026!Winter", is repeated too.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        characters = "".join(password.split())
        if len(set(characters)) < MIN_DIFFERENT or any(
            map(is_repetition, [characters, "".join(words_of(password))])
        ):
            raise ValidationError(
                _("This password repeats the same characters. Choose another password."),
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t repeat the same few characters.")


class LocalWordsValidator:
    """Refuses passwords that are mainly words of this site, with digits and signs."""

    WORDS = re.compile(
        "administrator|admin|baltic|cbss|council|facility|funding|passphrase|password|project|psf"
        "|secretariat|stockholm|support|welcome",
        re.IGNORECASE,
    )

    def validate(self, password: str, user: User | None = None) -> None:
        own, found = self.WORDS.subn("", password)
        if found and len(re.sub(r"[\W\d_]", "", own)) < MIN_OWN_LETTERS:
            raise ValidationError(
                _("This password is mainly a word of this site. Choose another password."),
                code="password_local_word",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be mainly a word such as PSF, CBSS or Baltic.")


class BreachedPasswordValidator(CommonPasswordValidator):
    """Refuses passwords of known breaches, also with digits and signs around their words.

    One or two such words are refused, three are not. The file adds long passwords to the list of
    Django, which has few.
    """

    AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")

    def __init__(self) -> None:
        super().__init__()
        self.passwords |= set(BREACHED.read_text(encoding="utf-8").split())

    def validate(self, password: str, user: User | None = None) -> None:
        super().validate(password, user)
        super().validate(self.AROUND.sub("", password), user)
        words = words_of(password)
        super().validate("".join(words), user)
        if len({*words}) < MIN_WORDS and {*words} <= self.passwords:
            super().validate("".join(words[:1]), user)
