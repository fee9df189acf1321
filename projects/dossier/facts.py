"""Records as facts: for people in words, for programs as they are kept."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder

from psf.history.names import Names
from psf.history.tracking import PUBLICATION_FIELDS, is_generated
from psf.history.values import field_label, format_value

from .archive import File

NO_NAMES = Names([])


class Fact(NamedTuple):
    key: str
    label: str
    words: str
    value: Any


class Section(NamedTuple):
    """Records of one kind, each as its facts."""

    key: str
    title: str
    records: list[list[Fact]]


def facts_about(record: Any, leave_out: Iterable[str] = ()) -> list[Fact]:
    """Every field of a record, but for its number and what the application makes.

    When it was public comes after what it is.
    """
    fields = sorted(
        record._meta.local_concrete_fields, key=lambda one: one.name in PUBLICATION_FIELDS
    )
    return [
        _fact(record, field)
        for field in fields
        if not (field.primary_key or is_generated(field) or field.name in leave_out)
    ]


def _fact(record: Any, field: Any) -> Fact:
    value = getattr(record, field.attname)
    if field.is_relation:
        words = "" if value is None else str(getattr(record, field.name))
    else:
        words = format_value(field, value, NO_NAMES)
    return Fact(field.name, field_label(field), words, words if field.is_relation else value)


def text_file(name: str, sections: Iterable[Section]) -> File:
    return File(name, [as_text(sections).encode()])


def as_text(sections: Iterable[Section]) -> str:
    lines = []
    for section in sections:
        lines += [section.title, "=" * len(section.title), ""]
        for record in section.records:
            lines += [f"{fact.label}: {fact.words or '–'}" for fact in record]
            lines.append("")
        lines += [] if section.records else ["–", ""]
    return "\n".join(lines)


def json_file(name: str, sections: Iterable[Section]) -> File:
    whole = {
        section.key: [{fact.key: fact.value for fact in record} for record in section.records]
        for section in sections
    }
    text = json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    return File(name, [text.encode()])
