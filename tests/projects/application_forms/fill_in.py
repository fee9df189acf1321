"""Fills in workbooks as LibreOffice does, and saves them. For the Python of the system, with UNO.

Standard input has a list of jobs: the source, what is filled in one after the other, each with
targets by filter, a sheet to read, a language, and a text to paste. Standard output has what was
read.
"""

import json
import os
import sys
import traceback

import officehelper
from com.sun.star.beans import PropertyValue


def options(**values):
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def create(name):
    return context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", context)


def speak(language):
    """Write numbers and days as in a country from now on."""
    provider = create("configuration.ConfigurationProvider")
    settings = provider.createInstanceWithArguments(
        "com.sun.star.configuration.ConfigurationUpdateAccess",
        options(nodepath="/org.openoffice.Setup/L10N"),
    )
    settings.setPropertyValue("ooSetupSystemLocale", language)
    settings.commitChanges()


def open_book(source):
    return desktop.loadComponentFromURL(source, "_blank", 0, options(Hidden=True))


def fill(sheets, cells, before):
    """Type values into cells. Other cells that were filled before become empty."""
    after = {tuple(place): value for *place, value in cells}
    for sheet, column, row in {**before, **after}:
        value = after.get((sheet, column, row), "")
        if value != before.get((sheet, column, row)):
            cell = sheets[sheet].getCellByPosition(column, row)
            (cell.setString if isinstance(value, str) else cell.setValue)(value)
    return after


def rows_of(sheet):
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(True)
    return [list(row) for row in cursor.getDataArray()]


def paste(book, sheet, cells, rows):
    """Paste rows by the clipboard, which keeps to the protection of cells."""
    letter = open_book("private:factory/scalc")
    source = letter.Sheets.getByIndex(0).getCellRangeByPosition(0, 0, 0, len(rows) - 1)
    source.setDataArray(tuple((row,) for row in rows))
    letter.CurrentController.select(source)
    window = book.CurrentController
    window.setActiveSheet(sheet)
    window.select(sheet.getCellRangeByName(cells))
    window.insertTransferable(letter.CurrentController.getTransferable())
    letter.close(True)


def run(jobs):
    for job in jobs:
        speak(job.get("language", "en-GB"))
        book, filled = open_book(job["source"]), {}
        sheets = {sheet.Name: sheet for sheet in book.Sheets}
        for cells, targets in job["fills"]:
            filled = fill(sheets, cells, filled)
            book.calculateAll()
            for kind, target in targets.items():
                book.storeToURL(target, options(FilterName=kind))
            if "read" in job:
                yield rows_of(sheets[job["read"]])
        for sheet, cells, rows in job.get("paste", []):
            paste(book, sheets[sheet], cells, rows)
            yield rows_of(sheets[sheet])
        book.close(True)


# Without windows the program waits for no answer.
context = officehelper.bootstrap("soffice --headless", delays=[0.2] * 300)
desktop = create("frame.Desktop")
status = 1
try:
    json.dump([*run(json.load(sys.stdin))], sys.stdout)
    sys.stdout.flush()
    status = 0
except Exception:
    traceback.print_exc()
finally:
    desktop.terminate()
    # Python ends at once: about one time in a hundred, UNO crashes while Python frees its objects.
    os._exit(status)
