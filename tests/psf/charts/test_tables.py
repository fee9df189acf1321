import csv
import io
import json
from decimal import Decimal

from psf.charts.tables import Cell, Column, Table, table_as_data
from tests.support.jinja import component

COLUMNS = [Column("name", "Name", numeric=False), Column("sum", "Sum")]
ROWS = [
    [Cell("Łódź", url="/lodz/", language="pl"), Cell(2)],
    [Cell("Aarhus"), Cell(None)],
    [Cell("lund"), Cell(Decimal("10.50"), "10.50")],
    [Cell("Zuza"), Cell(0)],
]


TOWNS = Table("towns", "Towns", COLUMNS, ROWS)


def test_page_shows_caption_links_and_unknown_values():
    page = " ".join(component("_charts.html").table(TOWNS).split())

    assert '<caption id="towns">Towns</caption>' in page
    assert '<th scope="col" class="num">Sum</th>' in page
    assert '<a href="/lodz/"><bdi lang="pl">Łódź</bdi></a>' in page
    assert '<td class="num">0</td>' in page
    assert '<span class="unknown">not published</span>' in page
    empty = component("_charts.html").table(Table("towns", "Towns", COLUMNS, []))
    assert "No entries." in empty


def test_download_has_every_row_in_table_order():
    response = table_as_data(TOWNS, "csv")

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
    data = json.loads(table_as_data(TOWNS, "json").content)
    assert (data["table"], data["count"], data["next"]) == ("towns", 4, None)
    assert data["rows"][:2] == [{"name": "Łódź", "sum": 2}, {"name": "Aarhus", "sum": None}]
