"""The rows of a JSON file: a list with an object for each partner. The keys are the columns."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from projects.imports.file_type import MARK

from .limits import MOST_JSON_BYTES, check_rows, check_size
from .problems import refuse

# Objects have no header row. They are numbered as the rows of a spreadsheet.
FIRST_ROW = 2
MOST_DIGITS = 20


def read_json(path: Path, encoding: str) -> Iterator[tuple[int, list[object]]]:
    """The number and the cells of each row, beginning with the names of the columns."""
    check_size(path, MOST_JSON_BYTES)
    entries = _entries(path, encoding)
    heads = list(dict.fromkeys(name for entry in entries for name in entry))
    yield 1, [*heads]
    for number, entry in enumerate(entries, start=FIRST_ROW):
        check_rows(number)
        yield number, [entry.get(name) for name in heads]


def _entries(path: Path, encoding: str) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding=encoding).lstrip(MARK)
        check_rows(
            max(text.count("{"), text.count("[")) // 2
        )  # halved, because texts may contain brackets
        data = json.loads(
            text,
            parse_float=Decimal,
            parse_int=_whole_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_keys,
        )
    except UnicodeError:
        raise refuse(_("The text is not UTF-8. Save the file as JSON in UTF-8.")) from None
    except RecursionError:
        raise refuse(_("The lists are nested too deep. Write one list of flat objects.")) from None
    except ValueError as error:
        raise refuse(_("This is not valid JSON: %(error)s.") % {"error": error}) from None
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise refuse(
            _("The JSON must be a list with an object for each partner. The keys are the columns.")
        )
    return data


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        words = _("The number that begins with %(digits)s is too long for every column.")
        raise refuse(words % {"digits": digits[:MOST_DIGITS]})
    return int(digits)


def _refuse_constant(name: str) -> None:
    raise refuse(_("“%(name)s” is not a number.") % {"name": name})


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        [(name, _count)] = Counter(name for name, _value in pairs).most_common(1)
        raise refuse(_("An object has this key twice."), column=name)
    return entry
