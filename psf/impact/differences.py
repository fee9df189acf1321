"""The differences between public pages before and after an action, in lines for staff."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.tracking import model_of
from psf.history.words import shorten_pair
from psf.impact.facts import PublicFact, PublicPage, compare_facts

Pages = dict[tuple[str, str], PublicPage]
NO_PAGE = PublicPage("", "", {})


class ImpactLine(NamedTuple):
    """A change on a public page: the record, the label, and the text now and then."""

    record: str
    label: str
    old: str
    new: str


def page_changes(kind: str, keys: list[str], before: Pages, after: Pages) -> Iterator[ImpactLine]:
    """Yield the changes of pages of one kind. Several new pages are one line with their names."""
    pairs = [(before.get((kind, key), NO_PAGE), after.get((kind, key), NO_PAGE)) for key in keys]
    new = [then.name for now, then in pairs if then.address and not now.address]
    if len(new) > 1:
        pairs = [(now, then) for now, then in pairs if now.address]
        plural = capfirst(str(model_of(kind)._meta.verbose_name_plural))
        label = _("New pages (%(number)s)") % {"number": len(new)}
        yield ImpactLine(plural, label, _("none"), "\n".join(new))
    for now, then in pairs:
        name = now.name or then.name
        if now.address == then.address:
            yield from differences(name, now.facts, then.facts)
        else:
            yield ImpactLine(name, _("Page"), now.address or _("none"), then.address or _("none"))


def differences(
    name: str, old: Mapping[str, PublicFact], new: Mapping[str, PublicFact]
) -> Iterator[ImpactLine]:
    for difference in compare_facts(old, new):
        now, then = shorten_pair(difference.old, difference.new)
        yield ImpactLine(name, difference.label, now or _("nothing"), then or _("nothing"))
