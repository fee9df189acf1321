"""The sums of amounts by kind. Kinds are never added together."""

from decimal import Decimal
from typing import NamedTuple

from projects.models.choices import AmountKind

# The kinds of amounts that are added.
SUMS = [AmountKind.CEILING, AmountKind.AWARDED, AmountKind.FINAL, AmountKind.RETURNED]


class Money(NamedTuple):
    """The amounts of one kind: number of projects, sum, lowest and highest amount (EUR).

    For `not_published` only `count` has a value.
    """

    kind: str
    count: int  # type: ignore[assignment]  # a tuple has a method of that name
    total: Decimal | None
    least: Decimal | None
    greatest: Decimal | None
