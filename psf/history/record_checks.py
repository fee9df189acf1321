"""The rules over more than one row, which a restored record must meet."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model

CHECKS: dict[type[Model], list[Callable[[Any], None]]] = {}
CHANGE_CHECKS: dict[type[Model], list[Callable[[Any, Mapping[str, Any]], None]]] = {}


def register_check(model: type[Model], *checks: Callable[[Any], None]) -> None:
    """Call the checks with each restored row of the model. A check raises `ValidationError`."""
    CHECKS.setdefault(model, []).extend(checks)


def register_change_check(
    model: type[Model], *checks: Callable[[Any, Mapping[str, Any]], None]
) -> None:
    """Call the checks with a saved row and its earlier values by column, before these return."""
    CHANGE_CHECKS.setdefault(model, []).extend(checks)


def has_checks(model: type[Model]) -> bool:
    """Whether `check_row()` does anything for rows of the model."""
    return model.clean is not Model.clean or model in CHECKS


def check_row(row: Model) -> None:
    """Raise `ValidationError` if the saved row breaks a rule of `clean()` or a registered check."""
    row.clean()
    for check in CHECKS.get(type(row), []):
        check(row)
