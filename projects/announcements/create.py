"""Records made one by one, through the rules of their models; what is wrong is said in words."""

from typing import TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from projects.models import Call, Priority, Project
from psf.text.folding import fold
from psf.text.slugs import free_slug, taken_by

Record = TypeVar("Record", bound=models.Model)


def made(record: Record) -> Record:
    try:
        record.full_clean()
    except ValidationError as error:
        raise ValidationError([_in_words(record, *each) for each in error]) from error
    record.save()
    return record


def _in_words(record: models.Model, field: str, messages: list[str]) -> str:
    """ "partnership “Harbour – PSF-1”, name as published: This text is too long." """
    name = f"{record._meta.verbose_name} “{str(record)[:120]}”"
    label = "" if field == NON_FIELD_ERRORS else getattr(type(record), field).field.verbose_name
    return f"{', '.join(filter(None, [name, str(label)]))}: {' '.join(messages)}"


def priority_named(name: str) -> Priority:
    for known in Priority.objects.all():
        if fold(known.name) == fold(name):
            return known
    return made(
        Priority(name=name, slug=free_slug(taken_by(Priority.objects.all()), name, "priority"))
    )


def free_reference(call: Call) -> str:
    """PSF-2019-01, or the first number that is free."""
    stem = call.slug.upper()[:24].rstrip("-")
    number = call.projects.count() + 1
    while Project.objects.filter(reference=f"{stem}-{number:02d}").exists():
        number += 1
    return f"{stem}-{number:02d}"
