"""Numbers formatted for pages and letters."""

from decimal import Decimal
from functools import lru_cache

NO_BREAK = "\N{NO-BREAK SPACE}"


@lru_cache(maxsize=1000)
def number(value: Decimal | int) -> str:
    """Format a number in groups of three digits, joined by no-break spaces: 65 000, 65 000.50."""
    digits = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return digits.replace(",", NO_BREAK)


def eur(amount: Decimal) -> str:
    """65 000 EUR."""
    return f"{number(amount)}{NO_BREAK}EUR"
