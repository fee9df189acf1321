"""One-time passwords of staff, and the validators of passwords."""

import secrets

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from psf.accounts.models import OneTimePassword


@transaction.atomic
def give_one_time_password(user: User) -> str:
    """Set and return a password that only serves to choose another one."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save()
    OneTimePassword.objects.update_or_create(user=user)
    return password


def has_one_time_password(user: User | AnonymousUser) -> bool:
    return user.pk is not None and OneTimePassword.objects.filter(pk=user.pk).exists()


def forget_one_time_password(user: User) -> None:
    OneTimePassword.objects.filter(pk=user.pk).delete()


class OneTimePasswordValidator:
    """Ends the life of a one-time password: any other password may follow it, itself may not."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user and has_one_time_password(user) and user.check_password(password):
            raise ValidationError(
                _("The one-time password cannot be kept. Choose another one."),
                code="one_time_password",
            )

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user:
            forget_one_time_password(user)

    def get_help_text(self) -> str:
        return _("Your password can’t be the one-time password that you were given.")
