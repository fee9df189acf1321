"""A unique word in every text field of every row, so that tests recognise the row on any page."""

import io
import re
import zipfile
from itertools import count
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError, models, transaction
from django.db.models import Model
from django.utils.text import capfirst

from psf.history import recording
from psf.history.models import Channel

SET_REASON = "reason of the set of changes"
BEGINNING = "QX0"  # of every word
WORD = re.compile(rb"QX[0-9]{5}QX")


class Canary(NamedTuple):
    """The row and the field that hold a word."""

    kind: str
    key: Any
    field: str


def plant(kinds: list[type[Model]], first: int = 1) -> dict[bytes, Canary]:
    """Write a word into every text field that takes one, and into the reason of these changes.

    The numbers of the words begin with `first`. Each row has a set of changes of its own.
    """
    words: dict[bytes, Canary] = {}
    numbers = count(first)
    for model in kinds:
        for row in model._base_manager.order_by("pk"):
            reason = f"QX{next(numbers):05}QX"
            kind = model._meta.label_lower
            words[reason.encode()] = Canary(kind, row.pk, SET_REASON)
            with recording.change_set(None, channel=Channel.FORM, reason=reason):
                for field in text_fields(model):
                    word = f"QX{next(numbers):05}QX"
                    if _write(row, field, word):
                        words[word.encode()] = Canary(kind, row.pk, field.name)
    return words


def text_fields(model: type[Model]) -> list[models.Field]:
    """The fields for free text. Words of addresses, zones and choices mean something else."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.SlugField)
        and not (field.choices or field.primary_key or field.unique)
        and (field.max_length or 100) >= 20
        and field.name != "time_zone"
    ]


def _write(row: Model, field: models.Field, word: str) -> bool:
    """Whether the database takes the word."""
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**{field.attname: word})
    except (IntegrityError, DataError):
        return False
    return True


def words_in(response: Any) -> set[bytes]:
    """The planted words of an answer; an archive is unpacked."""
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return set(WORD.findall(content))


def part_phrase_of(model: type[Model]) -> bytes:
    """The beginning of a sentence of the history about a part, even without text."""
    return f"{capfirst(str(model._meta.verbose_name))} “".encode()
