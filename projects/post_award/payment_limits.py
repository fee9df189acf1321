"""What may be paid: the account of a project, and what it refuses."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from projects.models import (
    Agreement,
    AmountKind,
    Instalment,
    Project,
    ProjectStatus,
    Repayment,
    ReportKind,
)
from projects.models.choices import FUNDED_STATUSES
from psf.database.record_version import lock_record
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur

NOTHING = Decimal("0.00")
CENT = Decimal("0.01")
BEGUN = [ProjectStatus.RUNNING, ProjectStatus.COMPLETED]
PROMISES = [AmountKind.CEILING, AmountKind.AWARDED]


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


# What the account of a project refuses


def account_errors(project: Project) -> list[str]:
    """Sentences about contradictions between agreement, plan and payments; [] for none."""
    account = account_of(project)
    errors = []
    if account.paid > account.contracted:
        errors.append(
            _(
                "The payments (%(paid)s) are more than the agreement (%(contracted)s). "
                "Correct an amount."
            )
            % {"paid": eur(account.paid), "contracted": eur(account.contracted)}
        )
    elif account.planned > account.contracted:
        errors.append(
            _(
                "The instalments (%(planned)s) are more than the agreement (%(contracted)s). "
                "Correct an amount."
            )
            % {"planned": eur(account.planned), "contracted": eur(account.contracted)}
        )
    if account.returned > account.paid:
        errors.append(
            _(
                "The repayments (%(returned)s) are more than the payments (%(paid)s). "
                "Correct an amount."
            )
            % {"returned": eur(account.returned), "paid": eur(account.paid)}
        )
    return [
        *status_errors(project, project.status),
        *errors,
        *_day_errors(project),
        *_condition_errors(project),
        *amount_errors(project),
    ]


def status_errors(project: Project, status: str) -> list[str]:
    """Why the agreement does not allow this status, in a sentence; [] if it does.

    A project that was not decided here needs no agreement: its call may be long over.
    """
    agreement = getattr(project, "agreement", None)
    if agreement and status not in FUNDED_STATUSES:
        return [
            _(
                "“%(project)s” has an agreement, so it stays a funded project. If it ends early, "
                "choose “terminated”. If the agreement is a mistake, undo its recording first "
                "(Recent changes)."
            )
            % {"project": project}
        ]
    is_needed = status in BEGUN and (agreement or hasattr(project, "decision_line"))
    if is_needed and not (agreement and agreement.signed_on()):
        return [_("Both sides must have signed the agreement.")]
    return []


def _condition_errors(project: Project) -> list[str]:
    """Sentences about paid instalments whose required report is no longer approved."""
    paid = project.instalments.filter(paid_on__isnull=False, condition_waived="")
    words = _(
        "“%(instalment)s” was paid on the approval of the %(report)s, so this approval stays. "
        "First undo the payment (Recent changes)."
    )
    return [
        words % {"instalment": row, "report": required_report(row)}
        for row in paid.exclude(report_kind="")
        if row.condition_met_on not in (days := approval_days(row))
        or len(days) < number_of_report(row)
    ]


def _day_errors(project: Project) -> list[str]:
    """Sentences about signatures, payments, repayments and a closing in the wrong order."""
    agreement = agreement_of(project)
    if agreement is None:
        return []
    errors, signed, closed = [], agreement.signed_on(), agreement.closed_on
    paid = project.instalments.aggregate(first=Min("paid_on"), last=Max("paid_on"))
    repaid = project.repayments.aggregate(first=Min("day"), last=Max("day"))
    last = max(filter(None, [paid["last"], repaid["last"]]), default=None)
    if not signed and paid["first"]:
        errors.append(_("Both sides must have signed the agreement before a payment."))
    if signed and paid["first"] and paid["first"] < signed:
        words = _("The payment is before the last signature, %(day)s. Correct a day.")
        errors.append(words % {"day": describe(signed, Precision.DAY)})
    if paid["first"] and repaid["first"] and repaid["first"] < paid["first"]:
        words = _("The repayment is before the first payment, %(day)s. Correct the day.")
        errors.append(words % {"day": describe(paid["first"], Precision.DAY)})
    if closed and last and closed < last:
        words = _("The closing is before the last payment or repayment, %(day)s. Correct the day.")
        errors.append(words % {"day": describe(last, Precision.DAY)})
    return errors


def amount_errors(project: Project) -> list[str]:
    """Why the agreement does not allow the amount of the project, in a sentence; [] if it does."""
    account, kind, amount = account_of(project), project.amount_kind, project.amount_eur or 0
    if account.is_closed and (kind, amount) != (AmountKind.FINAL, account.net_paid):
        words = _(
            "The account is closed. The amount of the project must equal payments minus "
            "repayments: %(amount)s. First undo the closing (Recent changes)."
        )
        return [words % {"amount": eur(account.net_paid)}]
    if account.has_agreement and kind in PROMISES and account.contracted > amount:
        words = _(
            "The agreement is for %(amount)s, which is more than the amount of the project. "
            "Change the agreement first."
        )
        return [words % {"amount": eur(account.contracted)}]
    return []


def check_account(project: Project) -> None:
    if errors := account_errors(project):
        raise ValidationError(errors)
