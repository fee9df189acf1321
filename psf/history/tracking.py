"""What apps declare about their records: what is recorded, parts, and rules of restored rows."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from django.apps import apps
from django.apps.registry import Apps
from django.db.models import CASCADE, Field, ForeignKey, ManyToManyField, Model

from psf.database.record_version import VersionField
from psf.text.folding import FoldedField

# Publishing needs a permission of its own, so restoring and undoing never publish.
PUBLICATION_FIELDS = [
    "published_at",
    "unpublished_at",
    "unpublished_reason",
    "unpublished_with_results",
]

# Apps with a history, and their models and columns without a history.
TRACKED_APPS: list[str] = []
UNTRACKED: set[str] = set()
# Kinds of rows without public data: their changes write no new data version.
INTERNAL: set[str] = set()


def track(app_label: str) -> None:
    """Record all changes in the tables of the app."""
    TRACKED_APPS.append(app_label)


def untrack(*names: str) -> None:
    """Keep no history of models such as "projects.contact", or columns ("projects.letter.address").

    A column must have a default, which a restored row gets.
    """
    UNTRACKED.update(names)


def keep_internal(*kinds: str) -> None:
    """Say that readers see nothing of models such as "projects.letter"."""
    INTERNAL.update(kinds)


class ParentColumn(NamedTuple):
    """A column of a part that names the record with which the part is edited."""

    kind: str
    column: str


def tracked_models(apps: Apps) -> list[type[Model]]:
    """Return the tracked models, one for each table, including tables between two models."""
    models = apps.get_models(include_auto_created=True)
    by_table = {model._meta.db_table: model for model in models if is_tracked(model)}
    return [model for _table, model in sorted(by_table.items())]


def is_tracked(model: type[Model]) -> bool:
    """Return whether the history records the rows of a model."""
    options = model._meta
    return (
        options.app_label in TRACKED_APPS
        and options.managed
        and not options.proxy
        and options.label_lower not in UNTRACKED
    )


def kind_of(model: type[Model]) -> str:
    """Return the kind of record, such as "projects.project". A proxy has the kind of its model."""
    return cast(type[Model], model._meta.concrete_model)._meta.label_lower


@cache
def model_of(kind: str) -> type[Model]:
    return apps.get_model(kind)


def target_of(field: Field) -> type[Model]:
    """Return the model that a foreign key names."""
    return cast(type[Model], field.related_model)


def owner_model(model: type[Model]) -> type[Model] | None:
    """Return the model with the many-to-many field of this table; None for other tables."""
    return cast(type[Model] | None, model._meta.auto_created or None)


def list_field(model: type[Model]) -> "ManyToManyField[Any, Any] | None":
    """Return the many-to-many field of a table between two models; None for other tables."""
    owner = owner_model(model)
    fields = owner._meta.local_many_to_many if owner else []
    return next((field for field in fields if field.remote_field.through is model), None)


def parent_columns(model: type[Model]) -> list[ParentColumn]:
    """Return the columns that name the record of a part; [] if the model is a record itself.

    A part is deleted with the record. A table between two models is a part of the model with the
    many-to-many field.
    """
    owner = owner_model(model)
    columns = [
        ParentColumn(kind_of(target_of(field)), field.column)
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey)
        and field.remote_field.on_delete is CASCADE
        and target_of(field)._meta.app_label in TRACKED_APPS
        and (not owner or target_of(field) is owner)
    ]
    return columns[:1] if owner else sorted(columns)


@cache
def part_models(model: type[Model]) -> list[tuple[type[Model], str]]:
    """Return the models of the parts of a record, each with the column that names the record."""
    return [
        (part, parent.column)
        for part in tracked_models(apps)
        for parent in parent_columns(part)
        if parent.kind == kind_of(model)
    ]


@cache
def fields_of(model: type[Model]) -> dict[str, Field]:
    """Return the fields of a model by column."""
    fields = model_of(kind_of(model))._meta.local_concrete_fields
    return {str(field.column): field for field in fields}


def is_generated(field: Field) -> bool:
    """Return whether the application fills a field: folded words and versions."""
    return isinstance(field, VersionField | FoldedField)


def is_untracked(field: Field) -> bool:
    """Return whether the history never holds the values of a field."""
    return f"{field.model._meta.label_lower}.{field.column}" in UNTRACKED


def recorded_columns(model: type[Model]) -> list[str]:
    """Return the columns recorded for an added or deleted row: no folded or untracked columns."""
    return sorted(
        str(field.column)
        for field in model._meta.local_concrete_fields
        if not isinstance(field, FoldedField) and not is_untracked(field)
    )


def quiet_columns(model: type[Model]) -> list[str]:
    """Return generated and untracked columns. A change of these columns alone is not recorded."""
    fields = model._meta.local_concrete_fields
    return [str(field.column) for field in fields if is_generated(field) or is_untracked(field)]


# Rules over more than one row, which a restored record must meet.

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


def check_row(row: Model) -> None:
    """Raise `ValidationError` if the saved row breaks a rule of `clean()` or a registered check."""
    row.clean()
    for check in CHECKS.get(type(row), []):
        check(row)
