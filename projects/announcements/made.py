from typing import TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

Record = TypeVar("Record", bound=models.Model)


def made(record: Record) -> Record:
    """The record, saved; ValidationError that names it where its model refuses it."""
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
