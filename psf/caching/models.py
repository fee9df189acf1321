from django.db import models


class DataVersion(models.Model):
    """A number that represents the present content of calls, projects and partners. One row.

    A trigger replaces the number in the transaction of every change; see `psf.database.triggers`.
    The numbers have no order: equal numbers mean equal data, even after a backup was restored.
    """

    value = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.value)
