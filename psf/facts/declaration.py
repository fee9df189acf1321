"""The declarations of an app, from `fields_and_columns.toml`: one line for each field or column."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from psf.search.document import Field
from psf.search.index import TextSource


@dataclass(frozen=True)
class Fact:
    """The declaration of a field of a record.

    `field` is the field of the model, if it has another name than the key. Label, type, choices
    and length come from the model.

    - A fact with a `meaning` is a key of the public data. `path` leads to its value, if that is
      not the field: through related records, to a field or a method. `blank` says what a blank
      means, `short` marks the columns of a short table, and `of` is the section of listed records.
      `data` is the key in the record of a part.
    - The log tells a field by itself, or it is `told_by` another fact, or it is `untold` or
      `internal`, with the reason. A fact without a field is told if it has words.
    - A fact with `fill_in` is a column of an import. It `decides` if only deciders may fill it in.
    - `weight` is the field of the search document.
    """

    key: str
    field: str = ""
    label: str = ""
    heading: str = ""
    meaning: str = ""
    type: str = ""
    unit: str = ""
    of: str = ""
    example: object = ""
    blank: str = ""
    short: bool = False
    since: str = "2026-11-27"
    path: str = ""
    data: str = ""
    told_by: str = ""
    untold: str = ""
    internal: str = ""
    column: str = ""
    fill_in: str = ""
    decides: bool = False
    weight: str = ""

    def column_path(self) -> str:
        """The path from the model to the value."""
        return self.path or self.field or self.key


class Declaration(NamedTuple):
    """The content of a file: titles and meanings of tables, internal models, and facts by section.

    Readers see nothing of an internal model. The text beside it is the reason.
    """

    tables: dict[str, dict[str, str]]
    internal: dict[str, str]
    facts: dict[str, dict[str, Fact]]


@cache
def read_declaration(path: Path) -> Declaration:
    """Read a file. A line with `like` has the options of the same key in that section too."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    tables, internal = content.pop("tables"), content.pop("internal")
    return Declaration(
        tables,
        internal,
        {
            section: {
                key: Fact(key, **_all_options(content, key, line)) for key, line in lines.items()
            }
            for section, lines in content.items()
        },
    )


def _all_options(content: Mapping[str, Any], key: str, line: Mapping[str, Any]) -> dict[str, Any]:
    model = content[line["like"]][key] if "like" in line else {}
    return {name: value for name, value in {**model, **line}.items() if name != "like"}


def text_sources(model: str, record: str, facts: Mapping[str, Fact]) -> list[TextSource]:
    """The searched texts of a model. `record` is the path to the record of the document."""
    return [
        TextSource(
            model,
            record,
            fact.column_path() + ("__name" if fact.of else ""),
            Field[fact.weight.upper()],
        )
        for fact in facts.values()
        if fact.weight
    ]
