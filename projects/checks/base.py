"""The base of all checks: what a check is, what it finds, and rows that several checks read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter, mod
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.models.countries import number_of
from projects.models import Call, Instalment, Project, Report, ReportKind
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur

SOON = timedelta(days=30)


class Severity(models.TextChoices):
    """The severity of a finding, the worst first."""

    ERROR = "error", _("error")
    WARNING = "warning", _("warning")
    NOTE = "note", _("note")


class Finding(NamedTuple):
    """One record that breaks a rule: the fault in a sentence, and the page to fix it."""

    severity: Severity
    sentence: str
    url: str


# What the names in sentences mean. Any other name is a path of attributes. Days are in words.
VALUES: dict[str, Callable[[Any], object]] = {
    "project": lambda row: getattr(row, "project", row).reference,
    "call": lambda row: getattr(row, "call", row),
    "period": lambda row: getattr(row, "project", row).period(),
    "partner": lambda row: getattr(row, "partner", row) or row.country,
    "contact": lambda row: row,
    "assessor": lambda row: row.assessor.get_full_name() or row.assessor.username,
    "due": lambda row: row.project.call.assessments_due_on,
    "last": lambda row: timezone.localdate(row.last),
    "status": lambda row: row.get_status_display(),
    "difference": lambda row: row.disagreement().in_words(),
    "reasons": lambda row: row.reasons_in_words(),
    "amount": lambda row: eur(row.amount_eur),
    "budget": lambda row: eur(row.total_budget_eur),
    "ceiling": lambda row: eur(row.call.ceiling_eur),
}


class SentenceValues(dict[str, object]):
    """The values of a record by their names in a sentence, and values of this sentence alone."""

    def __init__(self, row: Model, **values: object) -> None:
        super().__init__(values)
        self.row = row

    def __missing__(self, name: str) -> object:
        value = VALUES.get(name, attrgetter(name))(self.row)
        return describe(value, Precision.DAY) if isinstance(value, date) else value


def form_url(record: models.Model) -> str:
    """The form of a record, or of its project."""
    record = getattr(record, "project", record)
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
    return reverse(name, args=[record.pk])


def page_url(name: str, *keys: str) -> Callable[[Any], str]:
    """A function that returns the page with this name for these keys of a record."""
    return lambda row: reverse(f"admin:{name}", args=[attrgetter(key)(row) for key in keys])


def named(words: Callable[[Any], str]) -> Callable[[Any], str]:
    """A sentence: the words of a function after the name of the record; "" without words."""
    return lambda row: (
        f"{getattr(row, 'reference', row)}: {sentence}" if (sentence := words(row)) else ""
    )


def either(is_so: Callable[[Any], bool], text: Promise, other: Promise) -> Callable[[Any], str]:
    """A sentence: one text for the records for which it is so, the other for the others."""
    return lambda row: mod(text if is_so(row) else other, SentenceValues(row))


@dataclass(frozen=True)
class Check:
    """One rule, and the records that break it.

    All relations that `sentence` and `url` read are loaded with the rows. A check that `judges`
    has a sentence that is "" for a row without a fault. Each row of another check has a finding.
    """

    heading: Promise  # above the findings: names the fault, not the rule
    permission: str  # needed to fix a finding
    rows: Callable[[], models.QuerySet[Any]]  # the most urgent first
    sentence: Promise | Callable[[Any], str]  # of the fault: a text with names of values, or more
    severity: Severity = Severity.NOTE
    url: Callable[[Any], str] = form_url  # the staff page that fixes the fault
    judges: bool = False
    newest: int | None = None  # the work list judges only so many rows

    def words(self, row: Any) -> str:
        text = self.sentence
        return text(row) if callable(text) else mod(text, SentenceValues(row))

    def listed(self) -> models.QuerySet[Any] | list[Any]:
        """The rows with a finding, for a list in pages."""
        rows = self.rows()
        return [row for row in rows[: self.newest] if self.words(row)] if self.judges else rows

    def findings(self, rows: Iterable[Any] | None = None) -> list[Finding]:
        """The findings of these rows, or all findings."""
        sentences = [(row, self.words(row)) for row in (self.rows() if rows is None else rows)]
        return [Finding(self.severity, words, self.url(row)) for row, words in sentences if words]


# Rows that more than one check reads


def funded() -> ProjectQuerySet:
    return Project.objects.filter(status__in=FUNDED_STATUSES).select_related("call")


def shown() -> ProjectQuerySet:
    """The funded projects that are public or have a date of publication."""
    return funded().filter(published_at__isnull=False)


def calls_with(projects: QuerySet[Project]) -> QuerySet[Any]:
    """The calls. `count` is the number of these projects."""
    return Call.objects.annotate(count=number_of("pk", projects, by="call", each_once=True))


# Each instalment on an interim report needs one more. A project has one final report.
LACKS_REPORT = ~Q(report_kind="") & (
    Q(report_kind=ReportKind.INTERIM, approved__lt=F("needed")) | Q(approved=0)
)


def with_reports(instalments: QuerySet[Instalment]) -> QuerySet[Instalment]:
    """Add the numbers of approved reports and of those that instalments so far need."""
    approved = Report.objects.filter(
        project=OuterRef("project"), kind=OuterRef("report_kind"), approved_on__isnull=False
    )
    until = Instalment.objects.filter(
        project=OuterRef("project"),
        report_kind=OuterRef("report_kind"),
        position__lte=OuterRef("position"),
    )
    return instalments.annotate(approved=_number(approved), needed=_number(until))


def _number(rows: QuerySet[Any]) -> Coalesce:
    numbers = rows.order_by().values("project").annotate(number=Count("pk"))
    return Coalesce(Subquery(numbers.values("number")), 0)
