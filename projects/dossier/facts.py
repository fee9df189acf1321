"""Records as facts: as text for people, as stored values for programs."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model

from projects.dossier.zip_archive import File
from psf.history.tracking import PUBLICATION_FIELDS, is_generated
from psf.history.words import field_in_words, field_label


class Fact(NamedTuple):
    key: str
    label: str
    words: str
    value: object


class Section(NamedTuple):
    """Records of one kind, each as its facts."""

    key: str
    title: str
    records: list[list[Fact]]


def facts_about(record: Model, leave_out: Iterable[str] = ()) -> list[Fact]:
    """Every field of a record except the key and generated fields; publication comes last."""
    fields = sorted(
        record._meta.local_concrete_fields, key=lambda field: field.name in PUBLICATION_FIELDS
    )
    return [
        _fact(record, field)
        for field in fields
        if not (field.primary_key or is_generated(field) or field.name in leave_out)
    ]


def _fact(record: Model, field: Field) -> Fact:
    words = field_in_words(record, field)
    value = words if field.is_relation else getattr(record, field.name)
    return Fact(field.name, field_label(field), words, value)


def section_files(name: str, sections: list[Section]) -> list[File]:
    """The sections as text for people, and as JSON for programs."""
    content = {
        section.key: [{fact.key: fact.value for fact in record} for record in section.records]
        for section in sections
    }
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    return [text_file(f"{name}.txt", sections), File(f"{name}.json", [text.encode()])]


def text_file(name: str, sections: Iterable[Section]) -> File:
    lines = []
    for section in sections:
        lines += [section.title, "=" * len(section.title), ""]
        for record in section.records:
            lines += [f"{fact.label}: {fact.words or '–'}" for fact in record]
            lines.append("")
        lines += [] if section.records else ["–", ""]
    return File(name, ["\n".join(lines).encode()])
