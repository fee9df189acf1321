"""The changes of a merger, for the page of confirmation."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from partners.matching.merge import COPIED_FIELDS, copied_values, loser_rows, names_of_both
from partners.models import Partner
from psf.history.tracking import fields_of
from psf.history.words import field_in_words, field_label

# The winner keeps its own values of these fields.
SINGLE_VALUES = ["country_id", "kind", *COPIED_FIELDS]


class MergePreview(NamedTuple):
    """The names, links and values to be moved from the loser, and the values to be lost."""

    names: list[str]
    participations: Sequence[models.Model]  # partnerships, with project and call
    units: list[Partner]
    predecessors: list[Partner]
    copied: list[tuple[str, str]]  # label of the field, new value of the winner
    lost: list[tuple[str, str, str]]  # label of the field, value of the winner, lost value


def preview_merger(winner: Partner, loser: Partner) -> MergePreview:
    rows = loser_rows(loser).select_related("project", "country").order_by("project__reference")
    names = [loser.name, *(row.text for row in loser.names.all())]
    return MergePreview(
        names=[name for name in dict.fromkeys(names) if name != winner.name],
        participations=list(rows),
        units=list(loser.units.all()),
        predecessors=list(loser.predecessors.all()),
        copied=[(_label(name), _text(loser, name)) for name in copied_values(winner, loser)],
        lost=_lost_values(winner, loser),
    )


def _label(name: str) -> str:
    return field_label(fields_of(Partner)[name])


def _text(partner: Partner, name: str) -> str:
    return field_in_words(partner, fields_of(Partner)[name])


def _lost_values(winner: Partner, loser: Partner) -> list[tuple[str, str, str]]:
    """The different values of fields and of sources of names: those of the loser will be lost."""
    values = [(_label(name), _text(winner, name), _text(loser, name)) for name in SINGLE_VALUES]
    sources = {row.text: row.source for row in winner.names.all()}
    values += [
        (_("Source of “%(name)s”") % {"name": row.text}, sources.get(row.text) or "–", row.source)
        for row in names_of_both(winner, loser)
    ]
    return [
        (label, stays, lost) for label, stays, lost in values if stays and lost and stays != lost
    ]
