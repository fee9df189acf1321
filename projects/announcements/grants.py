"""The grant of a project in an announcement that we write, and its reading."""

from decimal import Decimal
from typing import NamedTuple

from projects.announcements.amounts import amount_at_start
from projects.models import AmountKind
from psf.text.numbers import NO_BREAK, number

NOT_PUBLISHED = "not published"
# The words before and after the amount, in English as the whole announcement.
WORDS = {
    AmountKind.CEILING: ("up to ", ""),
    AmountKind.AWARDED: ("", " awarded"),
    AmountKind.FINAL: ("", " paid in the end"),
    AmountKind.RETURNED: ("", " returned"),
}


class ProjectGrant(NamedTuple):
    """The kind of an amount, and the amount unless it is not published."""

    kind: str
    amount_eur: Decimal | None = None

    def __str__(self) -> str:
        if self.amount_eur is None:
            return NOT_PUBLISHED
        before, after = WORDS[AmountKind(self.kind)]
        return f"{before}{number(self.amount_eur)} EUR{after}"


def read_grant(text: str) -> ProjectGrant | None:
    """Return the grant if the text is one that we wrote."""
    text = text.replace(NO_BREAK, " ")
    if text == NOT_PUBLISHED:
        return ProjectGrant(AmountKind.NOT_PUBLISHED)
    for kind, (before, _after) in WORDS.items():
        amount = amount_at_start(text.removeprefix(before))
        if amount is not None:
            grant = ProjectGrant(kind, amount)
            if str(grant).replace(NO_BREAK, " ") == text:
                return grant
    return None
