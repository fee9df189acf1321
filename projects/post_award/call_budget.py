"""The amounts of a call for staff: of each project, and their sums."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import AmountKind, Call
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import SUMS
from projects.post_award.account import NOTHING, accounts_of
from psf.charts.tables import Cell, Column, Table
from psf.text.numbers import number

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


def _names_of(project: Any) -> list[Cell]:
    url = reverse("admin:projects_project_post_award", args=[project.pk])
    name = f"{project.reference} {project.title}"
    return [Cell(name, url=url), Cell(capfirst(project.get_status_display()))]


def _cell(amount: Decimal | None) -> Cell:
    return Cell(amount, " " if amount is None else number(amount))
