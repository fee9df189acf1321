import csv
import io
import json
from decimal import Decimal

import pytest
from django.core.exceptions import BadRequest

from psf.charts.tables import Cell, Column, Table, sorted_tables, table_as_data
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
    assert '<td class="num">0</td>' in page
    assert '<span class="unknown">not published</span>' in page
    assert '<a href="/towns.csv">Download as CSV' in page


def test_empty_table_has_a_message_and_no_sort_links():
    page = component("_charts.html").table(Table("towns", "Towns", COLUMNS, []))
    assert "?sort=" not in page
    assert "No entries." in page


def test_long_table_shows_the_first_rows_and_a_note():
    assert table().note == ""
    short = table(most=2)
    assert len(short.body()) == 2
    assert short.note == "The first 2 of 4; the download has all."
    assert table(total=90).note == "The first 4 of 90; the download has all."
    page = component("_charts.html").table(short)
    assert "The first 2 of 4" in page
    assert "Zuza" not in page


def test_download_has_every_row_in_table_order():
    response = table_as_data(table(most=1), "csv")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="towns.csv"'
    content = b"".join(response.streaming_content).decode()
    assert [*csv.reader(io.StringIO(content[1:], newline=""))] == [
        ["Name", "Sum"],
        ["Łódź", "2"],
        ["Aarhus", ""],
        ["lund", "10.50"],
        ["Zuza", "0"],
    ]


def test_data_for_programs_have_stable_keys():
    data = json.loads(table_as_data(table(most=1), "json").content)
    assert (data["table"], data["count"], data["next"]) == ("towns", 4, None)
    assert data["rows"][:2] == [{"name": "Łódź", "sum": 2}, {"name": "Aarhus", "sum": None}]


def test_table_offers_each_format():
    addresses = dict(table(csv_url="/towns.csv?page=a.csv").downloads())
    assert addresses["XLSX"] == "/towns.xlsx?page=a.csv"
    assert table().downloads() == []
