from django.db import models


class DataVersion(models.Model):
    """Stands for what the tables of calls, projects and partners hold at this moment.

    One row, whose number the database itself replaces by another one in the transaction of
    every change, whoever makes it; see `psf.database.triggers`. The numbers have no order: equal
    numbers mean equal data, even after a backup was restored.
    """

    value = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.value)
