"""Data of accounts besides the account itself."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from psf.database.fields import related_name


class OneTimePassword(models.Model):
    """A mark of an account whose password somebody else set.

    The account must choose a new password right after signing in.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="one_time_password",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return related_name(self, "user")


class StaffSession(AbstractBaseSession):
    """A session with its account, so that the sessions of an account can be listed and ended."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )
    started_at = models.DateTimeField()
    used_at = models.DateTimeField()


class CalendarAddress(models.Model):
    """The private address for a calendar program that reads the deadlines of an account.

    Only the fingerprint of the secret part is stored.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="calendar_address",
    )
    fingerprint = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return related_name(self, "user")


class SentReminder(models.Model):
    """The last day of a reminder mail to an account. An account gets at most one mail a day."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    sent_on = models.DateField()

    def __str__(self) -> str:
        return f"{related_name(self, 'user')}: {self.sent_on}"
