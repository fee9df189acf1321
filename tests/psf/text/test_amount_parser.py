from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, strategies as st

from psf.text.numbers_and_amounts import number, parse_amount, parse_declared_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("65000", "65000"),
        ("65000.5", "65000.50"),
        ("65000,50", "65000.50"),
        ("65 000", "65000"),
        ("65\N{NO-BREAK SPACE}000,50", "65000.50"),
        ("65.000,50", "65000.50"),
        ("65,000.50", "65000.50"),
        ("65'000", "65000"),
        ("65\N{RIGHT SINGLE QUOTATION MARK}000.50", "65000.50"),
        ("1.065.000", "1065000"),
        ("EUR 65 000", "65000"),
        ("65 000 eur", "65000"),
        ("€65000", "65000"),
        (" 65 000 € ", "65000"),
        ("0.500", "0.50"),
        ("65000.000", "65000"),
        ("0", "0"),
    ],
)
def test_amounts_are_read_in_every_usual_notation(text, amount):
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("65.000", "“65.000” is ambiguous: is it 65 or 65 000 EUR? Write 65 or 65000."),
        ("1,500", "“1,500” is ambiguous: is it 1.5 or 1 500 EUR? Write 1.5 or 1500."),
    ],
)
def test_three_digits_after_a_single_sign_are_asked_about(text, question):
    with pytest.raises(ValidationError) as error:
        parse_amount(text)
    assert error.value.messages == [question]


@pytest.mark.parametrize(
    "text",
    [
        *["1e5", "6.5e4", "65k", "65 000 DKK", "65 TEUR", "65 00", "65.000.50", "65000.", ".5"],
        *["1.2.3", "Infinity", "NaN", "--1", "٣", "EUR", "1" * 21, "65 000'000", "70 %"],
    ],
)
def test_other_texts_are_refused_with_an_example(text):
    with pytest.raises(ValidationError) as error:
        parse_amount(text)
    assert error.value.messages == [
        "This is not an amount in EUR. Write 65000, 65 000 or 65 000.50."
    ]


def test_more_than_two_decimals_are_refused():
    with pytest.raises(ValidationError, match="at most two decimals"):
        parse_amount("65000.505")


def test_a_declared_notation_reads_only_its_own_signs():
    assert parse_declared_amount("65.000", ",", ".") == 65000
    assert parse_declared_amount("65.000,50", ",", ".") == Decimal("65000.50")
    assert parse_declared_amount("65,000.50", ",", ".") is None
    assert parse_declared_amount("65 000", ",", ".") is None
    assert parse_declared_amount("65.000", ",", " ") is None
    with pytest.raises(ValidationError, match="is it 65 or 65 000 EUR"):
        parse_declared_amount("65,000", ",", ".")


@given(st.decimals(0, 9999999999, places=2))
def test_a_formatted_amount_is_read_back(amount):
    assert parse_amount(number(amount)) == amount
    assert parse_amount(str(amount)) == amount
