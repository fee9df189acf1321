from django.conf import settings
from django.db import models


class OneTimePassword(models.Model):
    """While this row exists, the account's password was given by someone else.

    Its holder must choose a new one right after signing in.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="one_time_password",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)


class FailedSignIn(models.Model):
    """One wrong password for an account name from an address, known only by their fingerprint.

    Kept as long as it counts against further attempts; see `psf.accounts.sign_in`.
    """

    fingerprint = models.CharField(max_length=64)
    failed_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["fingerprint", "failed_at"], name="failed_sign_in_fingerprint")
        ]

    def __str__(self) -> str:
        return f"{self.failed_at:%Y-%m-%d %H:%M}"


class CalendarAddress(models.Model):
    """The private address under which a calendar program reads an account's deadlines.

    Only the fingerprint of its secret part is kept.
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
        return str(self.user)


class SentReminder(models.Model):
    """The last day on which an account was reminded of its deadlines: one mail a day at most."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    sent_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.user}: {self.sent_on}"
