"""Passwords of staff: their rules, one-time passwords, and mails with a link for a new one."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from psf.accounts.models import CalendarAddress, OneTimePassword
from psf.accounts.sessions import end_sessions
from psf.text.mails import can_mail, mail_of

BREACHED = Path(__file__).with_name("breached_passwords.txt")
MIN_DIFFERENT, MIN_PERIOD, MIN_OWN_LETTERS, MIN_WORDS = 5, 12, 6, 3


def password_words(password: str) -> list[str]:
    """The words of three letters or more, without the years and marks around them."""
    return re.findall(r"[^\W\d_]{3,}", password.casefold())


def is_repetition(text: str) -> bool:
    """Whether a short part of the text is repeated: in "abcabc" a part of three characters."""
    return 0 < (text * 2).find(text, 1) < min(len(text), MIN_PERIOD)


class WeakPasswordValidator:
    """Refuses repeated characters, short repeated parts, and words of this site with digits around.

    A word with another year, as in "Winter2026!Winter", is repeated too.
    """

    WORDS = re.compile(
        "administrator|admin|baltic|cbss|council|facility|funding|passphrase|password|project|psf"
        "|secretariat|stockholm|support|welcome",
        re.IGNORECASE,
    )

    def validate(self, password: str, user: User | None = None) -> None:
        characters = "".join(password.split())
        texts = [characters, "".join(password_words(password))]
        if len(set(characters)) < MIN_DIFFERENT or any(map(is_repetition, texts)):
            raise ValidationError(
                _("This password repeats the same characters. Choose another password."),
                code="password_repeats",
            )
        own, number = self.WORDS.subn("", password)
        if number and len(re.sub(r"[\W\d_]", "", own)) < MIN_OWN_LETTERS:
            raise ValidationError(
                _("This password is mainly a word of this site. Choose another password."),
                code="password_local_word",
            )

    def get_help_text(self) -> str:
        return _(
            "Your password can’t repeat the same few characters, or be mainly a word such as PSF, "
            "CBSS or Baltic."
        )


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
        words = password_words(password)
        super().validate("".join(words), user)
        if len({*words}) < MIN_WORDS and {*words} <= self.passwords:
            super().validate("".join(words[:1]), user)


LIFETIME = timedelta(days=7)


@transaction.atomic
def give_one_time_password(user: User) -> str:
    """Set and return a password that is valid for seven days, or until the account chooses one."""
    password = secrets.token_urlsafe(16)
    user.set_password(password)
    user.save()
    OneTimePassword.objects.create(user=user)  # saving the account has deleted an earlier one
    return password


def has_one_time_password(user: User | AnonymousUser) -> bool:
    return user.pk is not None and OneTimePassword.objects.filter(pk=user.pk).exists()


def is_one_time_password_expired(user: User) -> bool:
    return OneTimePassword.objects.filter(
        pk=user.pk, created_at__lte=timezone.now() - LIFETIME
    ).exists()


class OneTimePasswordValidator:
    """Refuses to keep a one-time password.

    A new password deletes the one-time password, the private calendar address and all sessions.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if user and has_one_time_password(user) and user.check_password(password):
            raise ValidationError(
                _("You cannot keep the one-time password. Choose another password."),
                code="one_time_password",
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user:
            end_sessions([user.pk])  # but the page that changes the password renews its own
            OneTimePassword.objects.filter(pk=user.pk).delete()
            CalendarAddress.objects.filter(pk=user.pk).delete()

    def get_help_text(self) -> str:
        return _("Your password can’t be the one-time password.")


def can_invite(account: User) -> bool:
    """Whether the account has an address and this site a mail server."""
    return bool(account.email and can_mail())


def link_mail(account: User, template: str) -> EmailMessage:
    """A mail from the two templates of a name such as "invitation", of its subject and its text.

    The link is valid for three days, until a password is chosen or the account signs in.
    """
    keys = {
        "uidb64": urlsafe_base64_encode(force_bytes(account.pk)),
        "token": default_token_generator.make_token(account),
    }
    address = reverse("password_reset_confirm", kwargs=keys)
    context = {"account": account, "link": f"{settings.SITE_URL}{address}"}
    return mail_of(template, account.email, context)
