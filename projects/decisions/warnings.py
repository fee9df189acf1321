"""Warnings about awards and about the rule “two people decide”. A warning refuses nothing."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from projects.eligibility.unlikely_values import small_amount_warning
from projects.models import Call, DecisionLine, Project
from psf.history.models import Action, Change, ChangeSet
from psf.history.tracking import kind_of
from psf.text.dates import describe_moment
from psf.text.numbers import eur


def switches_of_the_rule() -> QuerySet[Change]:
    """The changes of “two people decide” in saved calls."""
    changes = Change.objects.filter(kind=kind_of(Call), action=Action.CHANGED)
    return changes.filter(before__has_key="decided_by_two")


def switch_off(call: Call) -> ChangeSet | None:
    """The change that switched “two people decide” off; None once the decision is applied."""
    decision = call.recorded_decision()
    if call.decided_by_two or (decision and decision.applied_at):
        return None
    switches = switches_of_the_rule().filter(key=call.pk).select_related("change_set")
    last = switches.order_by("pk").last()
    return last.change_set if last else None


def switch_off_warning(call: Call) -> str:
    """Who switched “two people decide” off and when; "" without such a change."""
    change = switch_off(call)
    if change is None:
        return ""
    return _("%(call)s: “two people decide” was switched off on %(moment)s by %(who)s.") % {
        "call": call,
        "moment": describe_moment(change.made_at),
        "who": change.who or _("a command"),
    }


def draft_warnings(lines: Iterable[tuple[Project, DecisionLine | None]]) -> list[str]:
    """A sentence for each unusual award of a draft."""
    return [
        f"{project.reference}: {warning}"
        for project, line in lines
        if line
        for warning in award_warnings(project, line.award_eur)
    ]


def award_warnings(project: Project, award: Decimal | None) -> list[str]:
    """The warnings of an award (EUR) that its project or its call makes unlikely."""
    limits = [
        (project.requested_eur, _("The award of %(award)s is more than the requested %(limit)s.")),
        (
            project.total_budget_eur,
            _("The award of %(award)s is more than the total budget of %(limit)s."),
        ),
    ]
    warnings = [
        sentence % {"award": eur(award), "limit": eur(limit)}
        for limit, sentence in limits
        if award is not None and limit is not None and award > limit
    ]
    numbers = project.requested_eur, project.call.ceiling_eur, project.amount_kind
    return [*warnings, *filter(None, [small_amount_warning(award, *numbers)])]
