"""Rules of a project and its call that need more than one row, in the words of a refusal.

The staff's forms, the import and the restoring of earlier states ask them alike.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from projects.models import AmountKind, Call, Project
from projects.models.choices import FUNDED_STATUSES
from psf.text.numbers import eur

AWARDS = [AmountKind.AWARDED, AmountKind.FINAL]


def amount_error(call: Call, amount: Decimal | None) -> str:
    """Why the call cannot give so much (EUR) to one project; "" if it can."""
    if amount is None or call.ceiling_eur is None or amount <= call.ceiling_eur:
        return ""
    return _("%(amount)s is more than “%(call)s” gives to one project: at most %(ceiling)s.") % {
        "amount": eur(amount),
        "call": call,
        "ceiling": eur(call.ceiling_eur),
    }


def refusal_of_kind(kind: str, status: str) -> str:
    """Why a project of that status cannot have an amount of that kind; "" if it can."""
    if kind in [AmountKind.CEILING, AmountKind.NOT_PUBLISHED] or status in FUNDED_STATUSES:
        return ""
    return sentence_of("project_award_is_of_a_funded_project")


def awarded_total(call: Call, apart_from: Project | None = None) -> Decimal:
    """What the funded projects of the call were awarded, or got in the end (EUR).

    Ceilings are no awards: they do not count.
    """
    funded = call.projects.filter(status__in=FUNDED_STATUSES, amount_kind__in=AWARDS)
    if apart_from and apart_from.pk:
        funded = funded.exclude(pk=apart_from.pk)
    return funded.aggregate(sum=Sum("amount_eur"))["sum"] or Decimal()


def award_in(values: dict[str, Any]) -> Decimal:
    """What of the call's budget a project with these values takes (EUR)."""
    counts = values.get("status") in FUNDED_STATUSES and values.get("amount_kind") in AWARDS
    return values["amount_eur"] if counts else Decimal()


def refusal_of_sum(call: Call, given: Decimal, budget: Decimal | None) -> str:
    """Why the call cannot give so much (EUR) to its projects together; "" if it can."""
    if budget is None or given <= budget:
        return ""
    return _(
        "The awards of “%(call)s” come to %(given)s and its budget is %(budget)s: "
        "%(more)s too much."
    ) % {"call": call, "given": eur(given), "budget": eur(budget), "more": eur(given - budget)}


def refusal_of_ceiling(call: Call, ceiling: Decimal | None) -> str:
    """Why the call cannot give so little (EUR) at most, beside what its projects have."""
    most = call.projects.aggregate(most=Max("amount_eur"))["most"] if call.pk else None
    if ceiling is None or most is None or most <= ceiling:
        return ""
    return _("A project of this call has %(amount)s: the ceiling cannot lie below that.") % {
        "amount": eur(most)
    }


def check_call(call: Call) -> None:
    """Raise `ValidationError` if a saved call cannot give what its projects have."""
    error = refusal_of_ceiling(call, call.ceiling_eur)
    if error := error or refusal_of_sum(call, awarded_total(call), call.budget_eur):
        raise ValidationError(error)


def check_project(project: Project) -> None:
    """Raise `ValidationError` if a saved project breaks a rule with its call or its partners."""
    call = project.call
    error = amount_error(call, project.amount_eur)
    if not error and project.amount_kind in AWARDS:
        error = refusal_of_sum(call, awarded_total(call), call.budget_eur)
    if error:
        raise ValidationError(error)
    if project.published_at and not project.partnerships.leading().exists():
        raise ValidationError(
            _(
                "This project is public, so it keeps a lead partner: "
                "name another one, or take the project back from the public first."
            )
        )


def sentence_of(constraint: str) -> str:
    """In which words the database's own rule of projects is told to people."""
    rules = {rule.name: rule for rule in Project._meta.constraints}
    return str(rules[constraint].violation_error_message)
