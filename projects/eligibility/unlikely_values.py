"""Values of calls and projects that are probably a typing mistake. A warning refuses nothing."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import AmountKind, Call, Project
from psf.text.dates import KNOWN_DAYS, Precision, describe
from psf.text.numbers_and_amounts import eur

MOST_YEARS = 5  # from the closing of the call, or else from the start, to the end
LONGEST_CALL = timedelta(days=366)
LATEST_CLOSING = timedelta(days=3 * 365)  # from today


def period_warning(
    call: Call, starts_on: date | None, ends_on: date | None, starts_precision: str = Precision.DAY
) -> str:
    """The warning about an early start or a late end of a project; "" without a warning."""
    closes_on, last = call.closing_day(), ends_on or starts_on
    # A year or a month is stored as its first day, so only exact days are compared.
    if starts_on and closes_on and starts_precision == Precision.DAY and starts_on < closes_on:
        return _("The start, %(day)s, is before “%(call)s” closes on %(closes)s.") % {
            "day": describe(starts_on, Precision.DAY),
            "call": call,
            "closes": call.closes(),
        }
    day = closes_on or starts_on
    if not day or not last or last.year - day.year <= MOST_YEARS:
        return ""
    if closes_on:
        words = _("The period reaches to %(last)d, but the call closes in %(known)d.")
    else:
        words = _("The period reaches to %(last)d, but it starts in %(known)d.")
    return " ".join([words % {"last": last.year, "known": day.year}, _("Check the year.")])


def project_warnings(project: Project) -> list[str]:
    """The warnings about the period and the amounts of a project."""
    call, requested, kind = project.call, project.requested_eur, project.amount_kind
    sentences = [
        period_warning(call, project.starts_on, project.ends_on, project.starts_precision),
        small_amount_warning(requested, requested, call.ceiling_eur, kind),
        small_amount_warning(project.amount_eur, requested, call.ceiling_eur, kind),
    ]
    return [*dict.fromkeys(filter(None, sentences))]


def call_warnings(call: Call) -> list[str]:
    """The warnings about the times and the money of a call that are probably mistyped."""
    opens_at, closes_at, due_on = call.opens_at, call.closes_at, call.assessments_due_on
    closes_on, warnings = call.closing_day(), []
    is_exact = call.closes_precision in KNOWN_DAYS
    if opens_at and closes_at and is_exact and closes_at - opens_at > LONGEST_CALL:
        words = _("The call is open for more than a year, from %(opens)s to %(closes)s.")
        warnings.append(words % {"opens": call.opens(), "closes": call.closes()})
    if closes_at and closes_at - timezone.now() > LATEST_CLOSING:
        warnings.append(_("The call closes in %(year)d.") % {"year": closes_at.year})
    if due_on and closes_on and due_on < closes_on:
        warnings.append(_("The assessments are due before the call closes."))
    warnings = [" ".join([warning, _("Check the year.")]) for warning in warnings]
    ceiling, budget = call.ceiling_eur, call.budget_eur
    if ceiling is not None and budget is not None and ceiling > budget:
        words = _(
            "The ceiling of one grant, %(ceiling)s, is more than the budget, %(budget)s. "
            "Check the zeros."
        )
        warnings.append(words % {"ceiling": eur(ceiling), "budget": eur(budget)})
    return warnings


def small_amount_warning(
    amount: Decimal | None, requested: Decimal | None, ceiling: Decimal | None, kind: str
) -> str:
    """The warning of an amount (EUR) that is zero or may lack a zero; "" without a warning.

    An award is compared with the requested amount, and the requested amount with the ceiling.
    `kind` is the kind of the project's amount: a project may have spent less than usual.
    """
    usual = ceiling if requested in [None, amount] else requested
    is_paid = kind in [AmountKind.FINAL, AmountKind.RETURNED]
    if amount is None or is_paid:
        return ""
    if amount == 0:
        return _("The amount is 0 EUR. Leave it empty if it is not known.")
    if usual is None or amount * 10 > usual:
        return ""
    return _("Is a zero missing? %(amount)s is a tenth of %(usual)s or less.") % {
        "amount": eur(amount),
        "usual": eur(usual),
    }
