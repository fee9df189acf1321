"""Fills in workbooks as LibreOffice does, and saves them. For the Python of the system, with UNO.

Standard input has a list of jobs: source, cells with sheet, place and value, and targets by filter.
"""

import json
import sys

import officehelper
from com.sun.star.beans import PropertyValue


def options(**values):
    rows = [PropertyValue() for _name in values]
    for row, (name, value) in zip(rows, values.items(), strict=True):
        row.Name, row.Value = name, value
    return tuple(rows)


context = officehelper.bootstrap()
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
for job in json.load(sys.stdin):
    book = desktop.loadComponentFromURL(job["source"], "_blank", 0, options(Hidden=True))
    for sheet, column, row, value in job["cells"]:
        cell = book.Sheets.getByName(sheet).getCellByPosition(column, row)
        if isinstance(value, str):
            cell.setString(value)
        else:
            cell.setValue(value)
    book.calculateAll()
    for kind, target in job["targets"].items():
        book.storeToURL(target, options(FilterName=kind))
    book.close(True)
desktop.terminate()
