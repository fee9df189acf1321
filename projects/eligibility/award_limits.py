"""Limits of amounts that depend on a project and its call, as error messages.

Forms of staff, imports and restored states use the same checks.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from projects.models import Call, Decision, DecisionLine, Project
from projects.models.choices import AWARDS, FUNDED_STATUSES, ProjectStatus
from psf.text.numbers_and_amounts import eur


def amount_error(call: Call, amount: Decimal | None) -> str:
    """The error of an amount (EUR) above the ceiling of the call; "" without an error."""
    if amount is None or call.ceiling_eur is None or amount <= call.ceiling_eur:
        return ""
    return _("%(amount)s is more than the ceiling of “%(call)s” for one project, %(ceiling)s.") % {
        "amount": eur(amount),
        "call": call,
        "ceiling": eur(call.ceiling_eur),
    }


def awarded_total(call: Call, apart_from: Project | None = None) -> Decimal:
    """The sum of awards and final amounts of the funded projects of a call (EUR)."""
    funded = call.projects.filter(status__in=FUNDED_STATUSES, amount_kind__in=AWARDS)
    if apart_from and apart_from.pk:
        funded = funded.exclude(pk=apart_from.pk)
    return funded.aggregate(sum=Sum("amount_eur"))["sum"] or Decimal()


def award_of(values: Mapping[str, Any]) -> Decimal:
    """The share of the call's budget (EUR) for a project with these field values."""
    counts = values.get("status") in FUNDED_STATUSES and values.get("amount_kind") in AWARDS
    return (values.get("amount_eur") if counts else None) or Decimal()


def budget_error(call: Call, awarded: Decimal, budget: Decimal | None) -> str:
    """The error of awards (EUR) above the budget of the call; "" without an error."""
    if budget is None or awarded <= budget:
        return ""
    return _(
        "The awards of “%(call)s” add up to %(awarded)s. This is %(excess)s more than its budget "
        "of %(budget)s."
    ) % {
        "call": call,
        "awarded": eur(awarded),
        "budget": eur(budget),
        "excess": eur(awarded - budget),
    }


def ceiling_error(call: Call, ceiling: Decimal | None) -> str:
    """The error of a ceiling (EUR) below the amount of a project; "" without an error."""
    most = call.projects.aggregate(most=Max("amount_eur"))["most"] if call.pk else None
    if ceiling is None or most is None or most <= ceiling:
        return ""
    return _("A project of this call has %(amount)s. The ceiling cannot be lower.") % {
        "amount": eur(most)
    }


def two_people_error(call: Call, decided_by_two: bool) -> str:
    """Why “two people decide” of a saved call cannot have this value; "" if it can."""
    decision = Decision.objects.filter(call=call.pk).first()
    rule = decision.decided_by_two if decision else None
    if rule is not None and rule != decided_by_two:
        return _("A decision on this call was drafted, so “two people decide” cannot change.")
    funded = Project.objects.filter(call=call.pk, status__in=FUNDED_STATUSES)
    if decided_by_two and funded.exclude(decision_line__is_confirmed=True).exists():
        return _("Projects of this call were funded without a second person.")
    return ""


def check_call(call: Call) -> None:
    """Raise `ValidationError` if a saved call contradicts its projects or its decision."""
    error = ceiling_error(call, call.ceiling_eur) or two_people_error(call, call.decided_by_two)
    if error := error or budget_error(call, awarded_total(call), call.budget_eur):
        raise ValidationError(error)


def check_decision(decision: Decision) -> None:
    """Raise `ValidationError` if a restored decision breaks a rule.

    It forgets “two people decide” of its call, or readers see what is a draft again.
    """
    drafted = decision.call.projects.filter(
        status=ProjectStatus.ELIGIBLE, decision_line__isnull=False
    )
    if decision.published_at and not decision.applied_at and drafted.exists():
        raise ValidationError(
            _("The results are public or scheduled. Unpublish the results first.")
        )
    if decision.call.decided_by_two and not decision.decided_by_two:
        raise ValidationError(
            _("“%(call)s” requires two people to decide. This earlier state has no such rule.")
            % {"call": decision.call}
        )


def check_line(line: DecisionLine) -> None:
    """Raise `ValidationError` if a restored line has a confirmation: only a person confirms."""
    if line.is_confirmed:
        raise ValidationError(_("A confirmed award cannot be restored. Decide on it again."))


def check_project(project: Project) -> None:
    """Raise `ValidationError` if the amount of a saved project breaks a limit of its call."""
    call = project.call
    error = amount_error(call, project.amount_eur)
    if not error and project.amount_kind in AWARDS:
        error = budget_error(call, awarded_total(call), call.budget_eur)
    if error:
        raise ValidationError(error)


def constraint_error(constraint: str, values: Mapping[str, Any]) -> str:
    """The error of field values that break a constraint of projects; "" without an error."""
    rules: dict[str, Any] = {rule.name: rule for rule in Project._meta.constraints}
    rule = rules[constraint]
    is_kept = rule.allows(*[values[field] for field in rule.fields])
    return "" if is_kept else str(rule.violation_error_message)
