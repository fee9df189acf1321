"""What a merger would do, said before anybody confirms it."""

from typing import Any, NamedTuple

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from .merging import loser_rows, taken_over
from .models import Partner
from .models.countries import public_partnerships


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
    for name in ["country_id", "kind", "city", "website", "parent_id", "successor_id"]:
        stays, goes = _text(winner, name), _text(loser, name)
        if stays and goes and stays != goes:
            found.append((_label(name), stays, goes))
    return found


def public_changes(winner: Partner, loser: Partner) -> list[str]:
    """What readers will see change, in sentences; [] if nothing."""
    names = {"winner": winner, "loser": loser}
    public = Partner.objects.public()
    if not public.filter(pk=loser.pk).exists():
        return []
    address = {"old": loser.get_absolute_url(), "new": winner.get_absolute_url()}
    changes = [_("The address %(old)s leads to %(new)s from then on.") % address]
    if public.filter(pk=winner.pk).exists():
        changes.append(_("Lists and numbers count one organisation less."))
    else:
        changes.append(_("“%(winner)s” has a public page, in the place of “%(loser)s”.") % names)
    parts = public_partnerships().filter(partner=loser).select_related("project")
    changes += [
        _("In “%(project)s”, “%(winner)s” stands where “%(loser)s” stood.")
        % (names | {"project": part.project})
        for part in parts.order_by("project__reference")
    ]
    return changes + _public_facts(winner, loser)


def _public_facts(winner: Partner, loser: Partner) -> list[str]:
    shown = preview(winner, loser)
    facts = [f"{label}: {text}" for label, text in shown.taken if label != _label("internal_note")]
    quoted = [f"“{name}”" for name in shown.names]
    lines = []
    if quoted:
        lines.append(
            _("The page of “%(winner)s” also shows the names %(names)s.")
            % {"winner": winner, "names": get_text_list(quoted, _("and"))}
        )
    if facts:
        lines.append(
            _("The page of “%(winner)s” also says: %(facts)s.")
            % {"winner": winner, "facts": "; ".join(facts)}
        )
    return lines
