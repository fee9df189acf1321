"""Warnings about awards. A warning refuses nothing."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from projects.eligibility.unlikely_values import small_amount_warning
from projects.models import DecisionLine, Project
from psf.text.numbers import eur


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
