"""Creates records that meet the rules of their models, with error messages in sentences."""

from typing import TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models.functions import Upper

from projects.models import Call, Priority, Project
from psf.text.folding import fold
from psf.text.slugs import free_slug, taken_by

Record = TypeVar("Record", bound=models.Model)


def save_valid(record: Record) -> Record:
    """Validate and save the record. A ValidationError names the record and the field."""
    try:
        record.full_clean()
    except ValidationError as error:
        raise ValidationError(
            [_sentence(record, name, texts) for name, texts in error.message_dict.items()]
        ) from error
    record.save()
    return record


def _sentence(record: models.Model, field: str, messages: list[str]) -> str:
    """ "partnership “Harbour – PSF-1”, name as published: This text is too long." """
    name = f"{record._meta.verbose_name} “{str(record)[:120]}”"
    label = "" if field == NON_FIELD_ERRORS else getattr(type(record), field).field.verbose_name
    return f"{', '.join(filter(None, [name, str(label)]))}: {' '.join(messages)}"


def priority_named(name: str) -> Priority:
    for priority in Priority.objects.all():
        if fold(priority.name) == fold(name):
            return priority
    return save_valid(
        Priority(name=name, slug=free_slug(taken_by(Priority.objects.all()), name, "priority"))
    )


def free_reference(call: Call) -> str:
    """Return the next free reference of the call, such as PSF-2019-01."""
    stem = call.slug.upper()[:24].rstrip("-")
    number = call.projects.count() + 1
    projects = Project.objects.alias(capitals=Upper("reference"))
    while projects.filter(capitals=f"{stem}-{number:02d}").exists():
        number += 1
    return f"{stem}-{number:02d}"
