"""One-time passwords of staff, and their validator."""

import secrets
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from psf.accounts.models import CalendarAddress, OneTimePassword

LIFETIME = timedelta(days=7)


@transaction.atomic
def give_one_time_password(user: User) -> str:
    """Set and return a password that is valid for seven days, or until the account chooses one."""
    password = secrets.token_urlsafe(12)
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

    After a change of password the one-time password and the private calendar address are deleted.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if user and has_one_time_password(user) and user.check_password(password):
            raise ValidationError(
                _("You cannot keep the one-time password. Choose another password."),
                code="one_time_password",
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user:
            OneTimePassword.objects.filter(pk=user.pk).delete()
            CalendarAddress.objects.filter(pk=user.pk).delete()

    def get_help_text(self) -> str:
        return _("Your password can’t be the one-time password.")
