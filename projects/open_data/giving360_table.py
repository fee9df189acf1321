"""The grants of 360Giving as a table: one row per grant, columns as in the standard's template."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db.models import Count, Max

from projects.models.projects import ProjectQuerySet
from projects.open_data.giving360 import Grant, awarded_projects

HEADINGS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "giving360.toml").read_text(encoding="utf-8")
)


def columns() -> dict[str, str]:
    """The headings by the path of the value. Lists have columns for the longest list."""
    return {
        **HEADINGS["single"],
        **{
            f"{name}/{place}/{key}": f"{entries['heading']}:{place}:{heading}"
            for name, entries in HEADINGS["lists"].items()
            for place in range(_longest_list(name))
            for key, heading in entries["values"].items()
        },
    }


def _longest_list(name: str) -> int:
    """An upper limit of the number of entries in a list of the table."""
    projects = awarded_projects()
    if name == "beneficiaryLocation":
        return _most(projects, "activity_countries")
    if name == "classifications":
        return _most(projects, "priorities") + _most(projects, "topics")
    return _most(projects, "partnerships") - 1  # without the lead partner


def _most(projects: ProjectQuerySet, relation: str) -> int:
    numbers = projects.order_by().annotate(number=Count(relation))
    return numbers.aggregate(most=Max("number"))["most"] or 0


def grant_rows(paths: Iterable[str], grants: Iterable[Grant]) -> Iterator[list[object]]:
    """The values at the paths of each grant; None where a grant has no value."""
    paths = list(paths)
    for grant in grants:
        values = dict(_values(grant, ""))
        yield [values.get(path) for path in paths]


def _values(value: object, path: str) -> Iterator[tuple[str, object]]:
    """All values below a path. Only entries of repeated lists have their place in the path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(item, f"{path}/{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _values(item, f"{path}/{place}" if path in HEADINGS["lists"] else path)
    else:
        yield path, value
