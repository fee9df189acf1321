"""Amounts in words. Every amount says its kind, and an unknown one is never nought."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.models import AmountKind, ListedProject, Project
from projects.models.querysets import Money
from psf.text.numbers import NO_BREAK, number

# What is said before and after the amount of one project.
WORDS = {
    AmountKind.CEILING: (gettext_lazy("up to"), ""),
    AmountKind.AWARDED: ("", gettext_lazy("awarded")),
    AmountKind.FINAL: ("", gettext_lazy("paid in the end")),
    AmountKind.RETURNED: ("", gettext_lazy("returned")),
}


class Amount(NamedTuple):
    """What is said before an amount, the amount itself, and what is said after it.

    Without a value the amount was not published.
    """

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


def eur(amount: Decimal) -> str:
    return f"{number(amount)}{NO_BREAK}EUR"


def of_project(project: Project | ListedProject) -> Amount:
    """A project's own amount: "up to 65 000 EUR", "65 000 EUR awarded"."""
    if project.amount_eur is None:
        return Amount("", None, "")
    before, note = _words_of(project.amount_kind)
    return Amount(before, eur(project.amount_eur), note)


@cache
def _words_of(kind: str) -> tuple[str, str]:
    before, note = WORDS[AmountKind(kind)]
    return str(before), str(note)


def of_projects(money: Money) -> Amount:
    """The amounts of one kind taken together: "at most 325 000 EUR (5 × 65 000)"."""
    projects = ngettext("%(count)s project", "%(count)s projects", money.count)
    projects %= {"count": number(money.count)}
    if money.total is None:
        return Amount("", None, projects)
    if money.kind == AmountKind.CEILING:
        return Amount(_("at most"), eur(money.total), _ceilings(money))
    before = {
        AmountKind.AWARDED: _("awarded"),
        AmountKind.FINAL: _("paid in the end"),
        AmountKind.RETURNED: _("returned"),
    }[AmountKind(money.kind)]
    return Amount(before, eur(money.total), projects)


def _ceilings(money: Money) -> str:
    """How a sum of ceilings came about; "" for a single one."""
    if money.count == 1:
        return ""
    if money.least is not None and money.least == money.greatest:
        return f"{number(money.count)}{NO_BREAK}×{NO_BREAK}{number(money.least)}"
    return _("%(count)s ceilings") % {"count": number(money.count)}


def figures(amounts: list[Money]) -> list[dict[str, Any]]:
    """The amounts as key figures, one a kind: kinds are never added to each other.

    How many projects have no published amount is a note to the last of them.
    """
    known = [_figure(kind, kind.total) for kind in amounts if kind.total is not None]
    unknown = [kind.count for kind in amounts if kind.total is None]
    if known and unknown:
        projects = ngettext(
            "%(count)s project without a published amount",
            "%(count)s projects without a published amount",
            unknown[0],
        )
        known[-1]["note"] = "; ".join(
            filter(None, [known[-1]["note"], projects % {"count": number(unknown[0])}])
        )
    return known or [{"label": _("Grants"), "value": None} for _count in unknown]


def _figure(money: Money, total: Decimal) -> dict[str, Any]:
    labels = {
        AmountKind.CEILING: _("Grants, by their ceilings"),
        AmountKind.AWARDED: _("Grants awarded"),
        AmountKind.FINAL: _("Grants paid in the end"),
        AmountKind.RETURNED: _("Returned by projects"),
    }
    words = of_projects(money)
    return {
        "label": labels[AmountKind(money.kind)],
        "before": words.before if money.kind == AmountKind.CEILING else "",
        "value": number(total),
        "after": "EUR",
        "note": words.note,
    }


def lines(amounts: Iterable[Money]) -> list[Amount]:
    return [of_projects(kind) for kind in amounts]
