import csv
import io
from decimal import Decimal

import pytest
from django.core.exceptions import BadRequest
from hypothesis import given
from hypothesis import strategies as st

from psf.charts.tables import (
    FORMULA_STARTS,
    Cell,
    Column,
    Table,
    csv_lines,
    safe,
    sorted_tables,
    table_as_csv,
)
from tests.support.jinja import component

COLUMNS = [Column("name", "Name", numeric=False), Column("sum", "Sum")]
ROWS = [
    [Cell("Łódź", url="/lodz/", language="pl"), Cell(2)],
    [Cell("Aarhus"), Cell(None)],
    [Cell("lund"), Cell(Decimal("10.50"), "10.50")],
    [Cell("Zuza"), Cell(0)],
]


def table(**options):
    return Table("towns", "Towns", COLUMNS, ROWS, **options)


def names(table):
    return [row[0].value for row in table.rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["Łódź", "Aarhus", "lund", "Zuza"]),
        ("towns.name", ["Aarhus", "Łódź", "lund", "Zuza"]),
        ("-towns.name", ["Zuza", "lund", "Łódź", "Aarhus"]),
        ("towns.sum", ["Zuza", "Łódź", "lund", "Aarhus"]),
        ("-towns.sum", ["lund", "Łódź", "Zuza", "Aarhus"]),
    ],
)
def test_table_is_sorted_by_the_address_with_unknown_values_last(sort, expected):
    assert names(sorted_tables([table()], sort)["towns"]) == expected


@pytest.mark.parametrize("sort", ["towns", "towns.size", "villages.name", "--towns.name", "-"])
def test_sorting_by_an_unknown_column_is_a_bad_request(sort):
    with pytest.raises(BadRequest):
        sorted_tables([table()], sort)


def test_only_the_named_table_is_sorted():
    villages = Table("villages", "Villages", COLUMNS, ROWS)
    tables = sorted_tables([table(), villages], "villages.name")
    assert names(tables["towns"]) == names(table())
    assert names(tables["villages"]) != names(table())


def test_heads_link_to_the_more_useful_order_first_and_then_toggle():
    def urls(sort):
        towns = sorted_tables([table()], sort, "?call=a&")["towns"]
        return [(head.order, head.url) for head in towns.heads()]

    assert urls("") == [
        ("", "?call=a&sort=towns.name#towns"),
        ("", "?call=a&sort=-towns.sum#towns"),
    ]
    assert urls("towns.name")[0] == ("ascending", "?call=a&sort=-towns.name#towns")
    assert urls("-towns.sum")[1] == ("descending", "?call=a&sort=towns.sum#towns")


def test_page_shows_caption_links_and_unknown_values():
    towns = sorted_tables([table(csv_url="/towns.csv")], "-towns.sum")["towns"]
    page = " ".join(component("_charts.html").table(towns).split())

    assert '<caption id="towns">Towns</caption>' in page
    assert '<th scope="col" class="num" aria-sort="descending">' in page
    assert '<a href="/lodz/"><bdi lang="pl">Łódź</bdi></a>' in page
    assert '<td class="num"><bdi>0</bdi></td>' in page
    assert '<span class="unknown">not published</span>' in page
    assert '<a href="/towns.csv">Download as CSV' in page


def test_empty_table_has_a_message_and_no_sort_links():
    page = component("_charts.html").table(Table("towns", "Towns", COLUMNS, []))
    assert "?sort=" not in page
    assert "Nothing is public yet." in page


def test_long_table_shows_the_first_rows_and_a_note():
    assert table().note == ""
    short = table(most=2)
    assert len(short.body()) == 2
    assert short.note == "The first 2 of 4; the download has all."
    assert table(total=90).note == "The first 4 of 90; the download has all."
    page = component("_charts.html").table(short)
    assert "The first 2 of 4" in page
    assert "Zuza" not in page


def read(lines):
    text = "".join(lines)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@given(st.text().filter(lambda text: "\0" not in text))
def test_csv_cell_is_never_a_formula_and_keeps_the_text(text):
    [_head, [cell]] = read(csv_lines(["Name"], [[text]]))

    assert not cell.startswith(FORMULA_STARTS)
    assert cell in (text, f"'{text}")


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_formula_gets_an_apostrophe(start):
    assert safe(f"{start}1") == f"'{start}1"


def test_csv_keeps_numbers_and_leaves_unknown_values_empty():
    lines = list(csv_lines(["=a", "b"], [[-5, Decimal("-1.50")], [None, 0]]))
    assert lines == ['\ufeff"\'=a","b"\r\n', '"-5","-1.50"\r\n', '"","0"\r\n']


def test_download_has_every_row_in_table_order():
    response = table_as_csv(table(most=1))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="towns.csv"'
    content = b"".join(response.streaming_content).decode()
    assert read([content]) == [
        ["Name", "Sum"],
        ["Łódź", "2"],
        ["Aarhus", ""],
        ["lund", "10.50"],
        ["Zuza", "0"],
    ]
