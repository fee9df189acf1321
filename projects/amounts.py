"""The wording of amounts. Every amount says its kind; a missing amount is never zero."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.models import AmountKind, Project
from projects.models.projects import Money
from psf.text.numbers_and_amounts import NO_BREAK, eur, number

# The words before and after the amount of one project.
AMOUNT_LABELS = {
    AmountKind.CEILING: (gettext_lazy("up to"), ""),
    AmountKind.AWARDED: ("", gettext_lazy("awarded")),
    AmountKind.FINAL: ("", gettext_lazy("paid in the end")),
    AmountKind.RETURNED: ("", gettext_lazy("returned")),
}


class Amount(NamedTuple):
    """An amount with the words before and after; `value` is None if it was not published."""

    before: str
    value: str | None
    note: str

    def __str__(self) -> str:
        """One line: "at most 325 000 EUR (5 × 65 000)"."""
        if self.value is None:
            note = f" ({self.note})" if self.note else ""
            return _("amount not published") + note
        note = f"({self.note})" if self.note else ""
        return " ".join(part for part in [self.before, self.value, note] if part)


def project_amount(project: Project) -> Amount:
    """The amount of one project: "up to 65 000 EUR", "65 000 EUR awarded"."""
    if project.amount_eur is None:
        return Amount("", None, "")
    before, note = _labels_of(project.amount_kind)
    return Amount(before, eur(project.amount_eur), note)


@cache
def _labels_of(kind: str) -> tuple[str, str]:
    before, note = AMOUNT_LABELS[AmountKind(kind)]
    return str(before), str(note)


def summed_amount(money: Money) -> Amount:
    """The sum of amounts of one kind: "at most 325 000 EUR (5 × 65 000)"."""
    projects = ngettext("%(count)s project", "%(count)s projects", money.count)
    projects %= {"count": number(money.count)}
    if money.total is None:
        return Amount("", None, projects)
    if money.kind == AmountKind.CEILING:
        note = projects if money.count == 1 else _ceilings(money)
        return Amount(_("at most"), eur(money.total), note)
    _before, words = _labels_of(money.kind)
    return Amount(words, eur(money.total), projects)


def _ceilings(money: Money) -> str:
    """The parts of a sum of ceilings."""
    if money.least is not None and money.least == money.greatest:
        return f"{number(money.count)}{NO_BREAK}×{NO_BREAK}{number(money.least)}"
    return _("%(count)s ceilings") % {"count": number(money.count)}


def summed_amounts(amounts: Iterable[Money]) -> list[Amount]:
    return [summed_amount(money) for money in amounts]
