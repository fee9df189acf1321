"""What the account of a project refuses, and which of its days are unlikely."""

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Max, Min
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error
from projects.eligibility.unlikely_values import period_warning
from projects.models import Agreement, AmountKind, Instalment, Project, ProjectStatus, Report
from projects.models.choices import FUNDED_STATUSES
from projects.post_award.account import (
    account_of,
    agreement_of,
    approval_days,
    number_of_report,
    required_report,
)
from psf.text.dates import Precision, describe
from psf.text.numbers import eur

AFTER_THE_END = timedelta(days=2 * 365)  # for the last report and the last instalment


def day_warnings(
    project: Project,
    agreement: Agreement | None,
    instalments: list[Instalment],
    reports: list[Report],
) -> list[str]:
    """Sentences about signatures before the closing, and due days far from the period."""
    starts, ends, closes = project.starts_on, project.ends_on, project.call.closing_day()
    signatures = [agreement.lead_signed_on, agreement.we_signed_on] if agreement else []
    signed = sorted(filter(None, signatures))
    warnings = [period_warning(project.call, starts, ends, project.starts_precision)]
    if signed and closes and signed[0] < closes:
        words = _("The agreement was signed on %(day)s, before the call closed. Check the year.")
        warnings.append(words % {"day": describe(signed[0], Precision.DAY)})
    # An advance may be due before the start, a report may not.
    warnings += [_due_warning(str(row), row.due_on, None, ends) for row in instalments]
    warnings += [_due_warning(row.get_kind_display(), row.due_on, starts, ends) for row in reports]
    return [*filter(None, warnings)]


def _due_warning(row: str, day: date | None, first: date | None, last: date | None) -> str:
    if day and first and day < first:
        words = _("%(row)s: due on %(day)s, before the project starts. Check the year.")
    elif day and last and day > last + AFTER_THE_END:
        words = _("%(row)s: due on %(day)s, over two years after the project ends. Check the year.")
    else:
        return ""
    return words % {"row": capfirst(row), "day": describe(day, Precision.DAY)}


BEGUN = [ProjectStatus.RUNNING, ProjectStatus.COMPLETED]
PROMISES = [AmountKind.CEILING, AmountKind.AWARDED]


def account_errors(project: Project) -> list[str]:
    """Sentences about contradictions between agreement, plan and payments; [] for none."""
    account = account_of(project)
    errors = []
    if account.has_agreement and project.status not in FUNDED_STATUSES:
        errors.append(
            _("“%(project)s” has an agreement, so it stays a funded project.")
            % {"project": project}
        )
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
        *errors,
        *_day_errors(project),
        *_condition_errors(project),
        *amount_errors(project),
    ]


def needs_agreement(project: Project, status: str) -> bool:
    """Whether a project without an agreement needs one for this status.

    A project that was not decided here needs none: its call may be long over.
    """
    return status in BEGUN and hasattr(project, "decision_line")


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
        is_missing = needs_agreement(project, project.status)
        return [_("Both sides must have signed the agreement.")] if is_missing else []
    errors, signed, closed = [], agreement.signed_on(), agreement.closed_on
    paid = project.instalments.aggregate(first=Min("paid_on"), last=Max("paid_on"))
    repaid = project.repayments.aggregate(first=Min("day"), last=Max("day"))
    last = max(filter(None, [paid["last"], repaid["last"]]), default=None)
    if not signed and paid["first"]:
        errors.append(_("Both sides must have signed the agreement before a payment."))
    elif not signed and project.status in BEGUN:
        errors.append(_("Both sides must have signed the agreement."))
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


def contract_error(project: Project, amount: Decimal) -> str:
    """One sentence why the agreement cannot have this amount in EUR; "" if it can."""
    promised = project.amount_eur if project.amount_kind in PROMISES else None
    if promised is not None and amount > promised:
        return _("%(amount)s is more than the amount of the project: %(promised)s.") % {
            "amount": eur(amount),
            "promised": eur(promised),
        }
    return amount_error(project.call, amount)
