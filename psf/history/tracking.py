"""What is kept of which model: the record to which a row belongs, and the columns left out."""

from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models

from psf.caching.version_triggers import WATCHED_APPS
from psf.database.record_version import VersionField
from psf.text.folding import FoldedField

# Publication is an act with a permission of its own, so nothing is published by restoring.
PUBLICATION_FIELDS = [
    "published_at",
    "unpublished_at",
    "unpublished_reason",
    "unpublished_with_results",
]

# Models without a history.
UNTRACKED: set[str] = set()


def exclude(*models: str) -> None:
    """Keep no history of these models, such as "projects.contact"."""
    UNTRACKED.update(models)


class ParentColumn(NamedTuple):
    """A column that leads from a part to the record with which it is edited."""

    kind: str
    column: str


def tracked_models(apps: Any) -> list[Any]:
    """The models of calls, projects and partners, one for each table, between two models too."""
    models = apps.get_models(include_auto_created=True)
    watched = {model._meta.db_table: model for model in models if is_tracked(model)}
    return [model for _table, model in sorted(watched.items())]


def is_tracked(model: Any) -> bool:
    """Whether its rows are records, or parts of records, of which the history is kept."""
    options = model._meta
    return (
        options.app_label in WATCHED_APPS
        and options.managed
        and not options.proxy
        and options.label_lower not in UNTRACKED
    )


def kind_of(model: Any) -> str:
    return model._meta.concrete_model._meta.label_lower


def model_of(kind: str) -> Any:
    return apps.get_model(kind)


def parent_columns(model: Any) -> list[ParentColumn]:
    """The records of which a row may be a part: it goes when they go. [] for a record itself.

    Of the table between two models that is the model which names the other.
    """
    owner = model._meta.auto_created
    found = [
        ParentColumn(kind_of(field.related_model), field.column)
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.CASCADE
        and field.related_model._meta.app_label in WATCHED_APPS
        and (not owner or field.related_model is owner)
    ]
    return found[:1] if owner else sorted(found)


@cache
def part_models(model: Any) -> list[tuple[Any, str]]:
    """The models of the parts of a record, each with its column that leads to the record."""
    return [
        (part, parent.column)
        for part in tracked_models(apps)
        for parent in parent_columns(part)
        if parent.kind == kind_of(model)
    ]


def fields_of(model: Any) -> dict[str, Any]:
    """The fields by their columns."""
    return _fields_of_kind(kind_of(model))


@cache
def _fields_of_kind(kind: str) -> dict[str, Any]:
    return {field.column: field for field in model_of(kind)._meta.local_concrete_fields}


def is_generated(field: Any) -> bool:
    """Whether a field is filled by the application: from others, by counting, by the clock."""
    return isinstance(field, VersionField | FoldedField) or getattr(field, "auto_now", False)


def recorded_columns(model: Any) -> list[str]:
    """What is kept of a row that is added or deleted: all that cannot be made anew."""
    fields = model._meta.local_concrete_fields
    return sorted(field.column for field in fields if not isinstance(field, FoldedField))


def generated_columns(model: Any) -> list[str]:
    """What may change without anybody having changed the record."""
    return [field.column for field in model._meta.local_concrete_fields if is_generated(field)]
