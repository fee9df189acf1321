"""What a merger would do, said before anybody confirms it."""

from typing import Any, NamedTuple

from django.utils.text import capfirst

from partners.matching.merge import loser_rows, taken_over
from partners.models import Partner

# Of these the winner keeps its own.
NAMED_ONCE = ["country_id", "kind", "city", "website", "registry_number"]
NAMED_ONCE += ["parent_id", "successor_id"]


class Preview(NamedTuple):
    """What moves from the merged record to the winner, and what stays behind."""

    names: list[str]
    parts: list[Any]  # partnerships, with project and call
    units: list[Partner]
    predecessors: list[Partner]
    taken: list[tuple[str, str]]  # field, and what the winner will say
    left: list[tuple[str, str, str]]  # field, what the winner says, what is given up


def preview(winner: Partner, loser: Partner) -> Preview:
    parts = loser_rows(loser).select_related("project", "country").order_by("project__reference")
    names = [loser.name, *(row.text for row in loser.names.all())]
    return Preview(
        names=[name for name in dict.fromkeys(names) if name != winner.name],
        parts=list(parts),
        units=list(loser.units.all()),
        predecessors=list(loser.predecessors.all()),
        taken=[(_label(name), _text(loser, name)) for name in taken_over(winner, loser)],
        left=_left(winner, loser),
    )


def _label(name: str) -> str:
    field: Any = Partner._meta.get_field(name)
    return capfirst(str(field.verbose_name))


def _text(partner: Partner, name: str) -> str:
    display = getattr(partner, f"get_{name}_display", None)
    return str(display() if display else getattr(partner, name.removesuffix("_id")) or "")


def _left(winner: Partner, loser: Partner) -> list[tuple[str, str, str]]:
    """The fields in which both say something, and not the same: the winner's word stands."""
    found = []
    for name in NAMED_ONCE:
        stays, goes = _text(winner, name), _text(loser, name)
        if stays and goes and stays != goes:
            found.append((_label(name), stays, goes))
    return found
