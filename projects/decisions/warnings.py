"""Warnings about awards. A warning refuses nothing."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from projects.models import DecisionLine, Project
from psf.text.numbers import eur


def draft_warnings(lines: Iterable[tuple[Project, DecisionLine | None]]) -> list[str]:
    """A sentence for each proposed award above the requested amount."""
    return [
        f"{project.reference}: {warning}"
        for project, line in lines
        if line and (warning := request_warning(line.award_eur, project.requested_eur))
    ]


def request_warning(award: Decimal | None, requested: Decimal | None) -> str:
    """The warning of an award (EUR) above the requested amount; "" without a warning."""
    if award is None or requested is None or award <= requested:
        return ""
    return _("The award of %(award)s is more than the requested %(requested)s.") % {
        "award": eur(award),
        "requested": eur(requested),
    }
