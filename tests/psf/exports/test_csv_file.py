import csv
import io
from decimal import Decimal

import pytest
from django.utils.safestring import SafeString
from hypothesis import given, strategies as st

from psf.exports.files import FIRST_LINES, FORMULA, LINES, csv_parts, safe_row


def read(parts):
    text = "".join(parts)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@given(st.text().filter(lambda text: "\0" not in text))
def test_csv_cell_is_never_a_formula_and_keeps_the_text(text):
    [_head, [cell]] = read(csv_parts(["Name"], [[text]]))

    assert not FORMULA.match(cell)
    assert cell in (text, f"'{text}")


@pytest.mark.parametrize(
    "start", [*"=+-@\t\r＝＋－＠", "\n=", " \r\n+", "\u200b=", "\ufeff\u2060@", "\u00a0－"]
)
@pytest.mark.parametrize("text", [str, SafeString])
def test_formula_gets_an_apostrophe(start, text):
    assert safe_row([text(f"{start}1")]) == [f"'{start}1"]


@pytest.mark.parametrize("text", ["", "a=1", "\nfirst", "\u200bRiga", "\u2212 5"])
def test_other_texts_are_unchanged(text):
    assert safe_row([text]) == [text]


def test_csv_keeps_numbers_and_leaves_unknown_values_empty():
    [text] = csv_parts(["=a", "b"], [[-5, Decimal("-1.50")], [None, 0]])
    assert text == '\ufeff"\'=a","b"\r\n"-5","-1.50"\r\n"","0"\r\n'


def test_csv_is_sent_in_parts_before_all_rows_are_read():
    numbers = iter(range(10**6))
    parts = csv_parts(["Number"], ([number] for number in numbers))
    assert next(parts).count("\r\n") == FIRST_LINES + 1
    assert next(parts).count("\r\n") == LINES
    assert next(numbers) == FIRST_LINES + LINES
