import gc
import io
import tempfile
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from psf.exports.files import DataTable, xlsx_file

NOON = datetime.combine(date(2019, 9, 1), time(12))


def test_cells_have_types_and_texts_are_no_formulas():
    rows = [["=1+1", -5, Decimal("1.50"), date(2019, 9, 1), NOON, None, ""]]
    sheets = [DataTable("Rows", list("abcdefg"), rows), DataTable("Long", ["a"], [["x" * 40_000]])]
    with xlsx_file(sheets) as file:
        book = load_workbook(file)
    cells = [cell.value for cell in book["Rows"][2]]
    assert cells[:3] == ["=1+1", -5, 1.5]
    assert book["Rows"]["A2"].data_type in ("s", "inlineStr")
    assert cells[3:] == [datetime.combine(date(2019, 9, 1), time.min), NOON, None, None]
    assert len(book["Long"]["A2"].value) == 32_767


def test_the_same_rows_give_the_same_bytes():
    def content():
        with xlsx_file([DataTable("Rows", ["a"], [["b"]])]) as file:
            return file.read()

    assert content() == content()
    assert io.BytesIO(content()).read(2) == b"PK"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_error_while_rows_are_read_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ["a"]
        assert list(tmp_path.iterdir())  # the unfinished sheet
        raise OSError("The database is away.")

    with pytest.raises(OSError, match="away"):
        xlsx_file([DataTable("Rows", ["a"], rows())])
    assert list(tmp_path.iterdir()) == []
    gc.collect()  # XlsxWriter leaves the deleted file open, and Python warns
