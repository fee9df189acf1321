"""Numbers as pages and letters show them."""

from decimal import Decimal

NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: Decimal | int) -> str:
    """65 000, or 65 000.50: in groups of three that stay on one line."""
    digits = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return digits.replace(",", NO_BREAK)
