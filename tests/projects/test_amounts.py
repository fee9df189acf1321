from decimal import Decimal

import pytest

from projects import amounts as money
from projects.models import AmountKind, Project
from projects.models.querysets import Money

NBSP = "\N{NO-BREAK SPACE}"


def plain(words):
    return str(words).replace(NBSP, " ")


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
def test_an_amount_is_grouped_and_has_cents_only_when_there_are_any(amount, expected):
    assert money.eur(Decimal(amount)) == expected.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (AmountKind.CEILING, "up to 65 000 EUR"),
        (AmountKind.AWARDED, "65 000 EUR (awarded)"),
        (AmountKind.FINAL, "65 000 EUR (paid in the end)"),
        (AmountKind.RETURNED, "65 000 EUR (returned)"),
    ],
)
def test_a_project_says_the_kind_of_its_amount(kind, expected):
    project = Project(amount_eur=Decimal(65000), amount_kind=kind)
    assert plain(money.of_project(project)) == expected


def test_a_project_without_an_amount_says_so():
    assert money.of_project(Project()) == ("", None, "")
    assert plain(money.of_project(Project())) == "amount not published"


@pytest.mark.parametrize(
    ("kind", "count", "total", "least", "greatest", "expected"),
    [
        ("ceiling", 5, 325000, 65000, 65000, "at most 325 000 EUR (5 × 65 000)"),
        ("ceiling", 4, 230000, 50000, 65000, "at most 230 000 EUR (4 ceilings)"),
        ("ceiling", 1200, 60000000, 5000, 65000, "at most 60 000 000 EUR (1 200 ceilings)"),
        ("ceiling", 1, 65000, 65000, 65000, "at most 65 000 EUR"),
        ("awarded", 2, 120000, 55000, 65000, "awarded 120 000 EUR (2 projects)"),
        ("final", 1, 58000, 58000, 58000, "paid in the end 58 000 EUR (1 project)"),
        ("returned", 1, 0, 0, 0, "returned 0 EUR (1 project)"),
        ("not_published", 3, None, None, None, "amount not published (3 projects)"),
    ],
)
def test_amounts_taken_together_say_how_they_came_about(
    kind, count, total, least, greatest, expected
):
    numbers = [None if value is None else Decimal(value) for value in [total, least, greatest]]
    (line,) = money.lines([Money(kind, count, *numbers)])
    assert plain(line) == expected


def test_key_figures_never_add_up_kinds():
    amounts = [
        Money("ceiling", 2, Decimal(130000), Decimal(65000), Decimal(65000)),
        Money("awarded", 1, Decimal(20000), Decimal(20000), Decimal(20000)),
        Money("not_published", 1, None, None, None),
    ]
    figures = [{key: plain(value) for key, value in f.items()} for f in money.figures(amounts)]
    assert [(f["label"], f["value"], f["after"]) for f in figures] == [
        ("Grants, by their ceilings", "130 000", "EUR"),
        ("Grants awarded", "20 000", "EUR"),
    ]
    assert [figure["before"] for figure in figures] == ["at most", ""]


def test_projects_without_a_published_amount_are_told_beside_the_figures():
    unknown = Money("not_published", 2, None, None, None)
    awarded = Money("awarded", 1, Decimal(20000), Decimal(20000), Decimal(20000))
    ceiling = Money("ceiling", 1, Decimal(65000), Decimal(65000), Decimal(65000))

    assert [f["note"] for f in money.figures([awarded, unknown])] == [
        "1 project; 2 projects without a published amount"
    ]
    assert [f["note"] for f in money.figures([ceiling, unknown])] == [
        "2 projects without a published amount"
    ]
    assert money.figures([unknown]) == [{"label": "Grants", "value": None}]
    assert money.figures([]) == []
