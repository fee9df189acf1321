"""A check of the records: a rule, and the records that break the rule."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import ClassVar, Generic, NamedTuple, TypeVar

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Record = TypeVar("Record", bound=models.Model)
SOON = timedelta(days=30)


class Severity(models.TextChoices):
    """The severity of a finding, the worst first."""

    ERROR = "error", _("error")
    WARNING = "warning", _("warning")
    NOTE = "note", _("note")


class WorkListGroup(models.TextChoices):
    """The groups of the work list, in their order."""

    INCONSISTENT = "inconsistent", _("Inconsistent")
    DECISION = "decision", _("Organisations to compare")
    APPLICATIONS = "applications", _("Applications: to check, assess and decide")
    DEADLINE = "deadline", _("Near a deadline")
    UNPUBLISHED = "unpublished", _("Not public yet")
    INCOMPLETE = "incomplete", _("Incomplete")


class Finding(NamedTuple):
    """One record that breaks a rule: the fault in a sentence, and the page to fix it."""

    severity: Severity
    sentence: str
    url: str


def form_url(record: models.Model) -> str:
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
    return reverse(name, args=[record.pk])


class Check(ABC, Generic[Record]):
    """One rule, and the records that break the rule."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]  # heading above the findings: names the fault, not the rule
    group: ClassVar[WorkListGroup] = WorkListGroup.INCONSISTENT
    severity: ClassVar[Severity] = Severity.NOTE
    permission: ClassVar[str]  # needed to fix a finding

    @abstractmethod
    def rows(self) -> models.QuerySet[Record]:
        """The records that may break the rule, the most urgent first.

        All relations that `sentence()` and `url()` read are loaded.
        """

    @abstractmethod
    def sentence(self, row: Record) -> str:
        """The fault of a record in one sentence; "" without a fault."""

    def url(self, row: Record) -> str:
        """The staff page that fixes the fault: by default the form of the record or its project."""
        return form_url(getattr(row, "project", row))

    def findings(self, most: int | None = None) -> list[Finding]:
        """All findings, or the first `most`."""
        return list(islice(self.findings_of(self.rows()), most))

    def findings_of(self, rows: Iterable[Record]) -> Iterable[Finding]:
        for row in rows:
            if sentence := self.sentence(row):
                yield Finding(self.severity, sentence, self.url(row))

    def listed(self) -> "list[Finding] | FindingsOfRows[Record]":
        """The findings for a list in pages."""
        return self.findings()


class FindingsOfRows(Generic[Record]):
    """The findings of a `RowsCheck`. A page of a list loads only its own rows."""

    def __init__(self, check: Check[Record]) -> None:
        self.check, self.rows = check, check.rows()

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, part: slice) -> list[Finding]:
        return list(self.check.findings_of(self.rows[part]))


class RowsCheck(Check[Record]):
    """A check whose rows at fault all have a finding, so the work list loads only the first."""

    def listed(self) -> FindingsOfRows[Record]:
        return FindingsOfRows(self)

    def findings(self, most: int | None = None) -> list[Finding]:
        return list(self.findings_of(self.rows()[:most]))
