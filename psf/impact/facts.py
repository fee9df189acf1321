"""The facts on a public page, so that two states of the page can be compared."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.text import capfirst

from psf.history.values import field_in_words


class PublicFact(NamedTuple):
    """A fact in words. Its label may be lazy, because most facts are only compared."""

    label: str | Promise
    words: str


class PublicPage(NamedTuple):
    """The page of a record. Facts have permanent keys.

    `address` is the address of the page, or the text shown there after the page is unpublished.
    """

    name: str
    address: str
    facts: dict[str, PublicFact]


def field_facts(record: Model, names: Iterable[str]) -> dict[str, PublicFact]:
    """Return the values of fields in words. The fields must not be relations."""
    fields = [cast(Field, record._meta.get_field(name)) for name in names]
    return {
        field.name: PublicFact(capfirst(field.verbose_name), field_in_words(record, field))
        for field in fields
    }


def list_facts(
    lists: Mapping[str, tuple[str | Promise, Iterable[object]]],
) -> dict[str, PublicFact]:
    """Return lists of records in one line each. `lists` maps keys to labels and records."""
    return {
        key: PublicFact(label, ", ".join(str(record) for record in records))
        for key, (label, records) in lists.items()
    }
