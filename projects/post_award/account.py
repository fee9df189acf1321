"""The account of a project and the budget of a call."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Agreement, AmountKind, Call, Instalment, Project, Repayment, ReportKind
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import SUMS
from psf.charts.tables import Cell, Column, Table
from psf.database.record_version import lock_record
from psf.text.numbers import number

NOTHING = Decimal("0.00")
CENT = Decimal("0.01")


class Account(NamedTuple):
    """The sums of one project in EUR: contracted, planned as instalments, paid, returned.

    A paid instalment counts with the amount paid, so the rest can be planned.
    """

    has_agreement: bool
    is_closed: bool
    contracted: Decimal
    planned: Decimal
    paid: Decimal
    returned: Decimal

    @property
    def to_pay(self) -> Decimal:
        """The amount still to pay. Nothing is to pay once the account is closed."""
        return NOTHING if self.is_closed else self.contracted - self.paid

    @property
    def net_paid(self) -> Decimal:
        """The payments minus the repayments: the final amount once the account is closed."""
        return self.paid - self.returned


def accounts_of(projects: QuerySet[Project]) -> dict[int, Account]:
    """The accounts of these projects by their keys, in one query."""
    rows = projects.order_by().values_list(
        "pk",
        "agreement",
        "agreement__closed_on",
        "agreement__amount_eur",
        _sum_of(Instalment, Coalesce("paid_eur", "amount_eur")),
        _sum_of(Instalment, F("paid_eur")),
        _sum_of(Repayment, F("amount_eur")),
    )
    return {
        pk: Account(agreement is not None, closed_on is not None, *map(_to_the_cent, sums))
        for pk, agreement, closed_on, *sums in rows
    }


def _sum_of(model: type[models.Model], amount: F | Coalesce) -> Subquery:
    rows = model._default_manager.filter(project=OuterRef("pk")).order_by().values("project")
    return Subquery(rows.annotate(total=Sum(amount)).values("total"))


def _to_the_cent(amount: Decimal | None) -> Decimal:
    return (amount or NOTHING).quantize(CENT)  # SQLite adds numbers with more digits


def account_of(project: Project) -> Account:
    return accounts_of(Project.objects.filter(pk=project.pk))[project.pk]


def agreement_of(project: Project) -> Agreement | None:
    return Agreement.objects.filter(project=project).first()


def number_of_report(instalment: Instalment) -> int:
    """The second instalment on an interim report needs the second approved report, and so on."""
    if instalment.report_kind != ReportKind.INTERIM:
        return 1  # a project has one final report
    rows = instalment.project.instalments.filter(report_kind=instalment.report_kind)
    return rows.filter(position__lte=instalment.position).count()


def approval_days(instalment: Instalment) -> list[date]:
    """The days on which reports of the required kind were approved, the first day first."""
    reports = instalment.project.reports.filter(kind=instalment.report_kind)
    approved = reports.filter(approved_on__isnull=False).order_by("approved_on")
    return [*filter(None, approved.values_list("approved_on", flat=True))]


def required_report(instalment: Instalment) -> str:
    """The name of the report that the instalment needs: "interim report 2"."""
    report, number = str(instalment.get_report_kind_display()), number_of_report(instalment)
    return f"{report} {number}" if number > 1 else report


def check_funded(project: Project) -> None:
    if project.status not in FUNDED_STATUSES:
        raise ValidationError(
            _(
                "“%(project)s” is %(status)s. Only funded projects have an agreement, reports, "
                "amendments and outputs."
            )
            % {"project": project, "status": project.get_status_display()}
        )


def open_agreement(project: Project) -> Agreement:
    """The agreement of the project. Raises ValidationError if none exists or it is closed."""
    check_funded(project)
    agreement = agreement_of(project)
    if agreement is None:
        raise ValidationError(_("Record the agreement first."))
    check_open(agreement)
    return agreement


def check_open(agreement: Agreement) -> None:
    if agreement.closed_on:
        raise ValidationError(_("The account is closed. First undo the closing (Recent changes)."))


def lock_with_project(row: Any) -> Project:
    """Lock the project of a row, and read the row again unless it is new."""
    project = lock_record(row.project)
    if row.pk:
        row.refresh_from_db()
    return project


def save_fields(row: models.Model, **fields: object) -> None:
    """Set the fields of the row, validate the row and store it."""
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError(error.messages) from None
    row.save()


# Each kind of amount has a column, because kinds are never added together.
KINDS = {
    AmountKind.CEILING: gettext_lazy("Ceiling"),
    AmountKind.AWARDED: gettext_lazy("Awarded"),
    AmountKind.FINAL: gettext_lazy("Final"),
    AmountKind.RETURNED: gettext_lazy("Returned, as published"),
}
ACCOUNT = {
    "contracted": gettext_lazy("Contracted"),
    "paid": gettext_lazy("Paid"),
    "to_pay": gettext_lazy("To pay"),
    "returned": gettext_lazy("Returned"),
}


def budget_of(call: Call) -> Table:
    """The funded projects of the call with their accounts, and the sums at the end."""
    projects = call.projects.filter(status__in=FUNDED_STATUSES)
    accounts = accounts_of(projects)
    fields = ["reference", "title", "status", "amount_eur", "amount_kind"]
    rows = list(projects.only("call", *fields))
    kinds = [kind for kind in SUMS if any(row.amount_kind == kind for row in rows)]
    columns = [
        Column("project", _("Project"), numeric=False),
        Column("status", _("Status"), numeric=False),
        *(Column(kind, str(KINDS[kind])) for kind in kinds),
        *(Column(key, str(label)) for key, label in ACCOUNT.items()),
    ]
    amounts = [
        [
            *(row.amount_eur if row.amount_kind == kind else None for kind in kinds),
            *(getattr(accounts[row.pk], key) for key in ACCOUNT),
        ]
        for row in rows
    ]
    body = [[*_names_of(row), *map(_cell, cells)] for row, cells in zip(rows, amounts, strict=True)]
    sums = [sum(filter(None, column), NOTHING) for column in zip(*amounts, strict=True)]
    if body:
        body.append([Cell(_("Total")), Cell("", " "), *map(_cell, sums)])
    return Table(f"budget-{call.slug}", _("Amounts of each project, in EUR"), columns, body)


def _names_of(project: Project) -> list[Cell]:
    url = reverse("admin:projects_project_post_award", args=[project.pk])
    name = f"{project.reference} {project.title}"
    return [Cell(name, url=url), Cell(capfirst(project.get_status_display()))]


def _cell(amount: Decimal | None) -> Cell:
    return Cell(amount, " " if amount is None else number(amount))
