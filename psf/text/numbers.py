"""Numbers as pages and letters show them."""

from decimal import Decimal
from functools import lru_cache

NO_BREAK = "\N{NO-BREAK SPACE}"


@lru_cache(maxsize=1000)
def number(value: Decimal | int) -> str:
    """65 000, or 65 000.50: in groups of three that stay on one line."""
    digits = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return digits.replace(",", NO_BREAK)
