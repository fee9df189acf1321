from decimal import Decimal

import pytest

from projects.amounts import project_amount, summed_amounts
from projects.models import AmountKind, Project
from projects.models.projects import Money
from psf.text.numbers_and_amounts import eur

NBSP = "\N{NO-BREAK SPACE}"


def plain(text):
    return str(text).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "0 EUR"),
        ("65000", "65 000 EUR"),
        ("65000.00", "65 000 EUR"),
        ("65000.50", "65 000.50 EUR"),
        ("9999999999.99", "9 999 999 999.99 EUR"),
    ],
)
def test_amount_is_grouped_and_shows_cents_only_if_not_zero(amount, expected):
    assert eur(Decimal(amount)) == expected.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (AmountKind.CEILING, "up to 65 000 EUR"),
        (AmountKind.AWARDED, "65 000 EUR (awarded)"),
        (AmountKind.FINAL, "65 000 EUR (paid in the end)"),
        (AmountKind.RETURNED, "65 000 EUR (returned)"),
    ],
)
def test_project_amount_says_its_kind(kind, expected):
    project = Project(amount_eur=Decimal(65000), amount_kind=kind)
    assert plain(project_amount(project)) == expected


def test_project_without_amount_says_not_published():
    assert project_amount(Project()) == ("", None, "")
    assert plain(project_amount(Project())) == "amount not published"


@pytest.mark.parametrize(
    ("kind", "count", "total", "least", "greatest", "expected"),
    [
        ("ceiling", 5, 325000, 65000, 65000, "at most 325 000 EUR (5 × 65 000)"),
        ("ceiling", 4, 230000, 50000, 65000, "at most 230 000 EUR (4 ceilings)"),
        ("ceiling", 1200, 60000000, 5000, 65000, "at most 60 000 000 EUR (1 200 ceilings)"),
        ("ceiling", 1, 65000, 65000, 65000, "at most 65 000 EUR (1 project)"),
        ("awarded", 2, 120000, 55000, 65000, "awarded 120 000 EUR (2 projects)"),
        ("final", 1, 58000, 58000, 58000, "paid in the end 58 000 EUR (1 project)"),
        ("returned", 1, 0, 0, 0, "returned 0 EUR (1 project)"),
        ("not_published", 3, None, None, None, "amount not published (3 projects)"),
    ],
)
def test_summed_amount_shows_its_parts(kind, count, total, least, greatest, expected):
    numbers = [None if value is None else Decimal(value) for value in [total, least, greatest]]
    (amount,) = summed_amounts([Money(kind, count, *numbers)])
    assert plain(amount) == expected
