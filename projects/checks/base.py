"""What a check is: a rule that records may break, which are asked for those that do."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How bad it is, the worst first."""

    ERROR = "error", _("error")
    WARNING = "warning", _("warning")
    NOTE = "note", _("note")


class Group(models.TextChoices):
    """The parts of the work list, in its order."""

    INCONSISTENT = "inconsistent", _("Inconsistent")
    DECISION = "decision", _("Waiting for a decision about an organisation")
    APPLICATIONS = "applications", _("Applications: to check, assess and decide")
    DEADLINE = "deadline", _("Near a deadline")
    UNPUBLISHED = "unpublished", _("Not public yet")
    INCOMPLETE = "incomplete", _("Incomplete")


class Finding(NamedTuple):
    """One record that breaks a rule: what is wrong in a sentence, and where it is mended."""

    severity: Severity
    sentence: str
    url: str


class Check(ABC):
    """One rule, with the records that break it."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    group: ClassVar[Group] = Group.INCONSISTENT
    severity: ClassVar[Severity] = Severity.NOTE
    permission: ClassVar[str]  # of those who can mend it

    @abstractmethod
    def rows(self) -> models.QuerySet[Any]:
        """The records that may break the rule, the most urgent first, with all that is said."""

    @abstractmethod
    def sentence(self, row: Any) -> str:
        """What is wrong with that record; "" if nothing is."""

    def url(self, row: Any) -> str:
        """Where it is mended."""
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        return reverse(name, args=[row.pk])

    def findings(self, most: int | None = None) -> list[Finding]:
        """What is wrong: all of it, or the first `most` of it."""
        return list(islice(self._each(self.rows()), most))

    def _each(self, rows: Iterable[Any]) -> Iterable[Finding]:
        for row in rows:
            if sentence := self.sentence(row):
                yield Finding(self.severity, sentence, self.url(row))


class FirstRows(Check):
    """A check whose rows all break the rule: the database need give only the first of them."""

    def findings(self, most: int | None = None) -> list[Finding]:
        return list(self._each(self.rows()[:most]))
