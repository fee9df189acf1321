"""The differences between two versions of a public record, in sentences."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from psf.history.values import MAX_TEXT
from psf.impact.facts import PublicFact


class FactDifference(NamedTuple):
    """A fact with its words before and after; "" for a fact that is not on the page."""

    label: str
    old: str
    new: str

    def sentence(self) -> str:
        values = {"label": self.label, "old": self.old, "new": self.new}
        is_long = max(len(self.old), len(self.new)) > MAX_TEXT
        if not self.old:
            sentence = _("%(label)s added.") if is_long else _("%(label)s added: “%(new)s”.")
        elif not self.new:
            sentence = _("%(label)s removed.") if is_long else _("%(label)s removed: “%(old)s”.")
        elif is_long:
            sentence = _("%(label)s changed.")
        else:
            sentence = _("%(label)s changed from “%(old)s” to “%(new)s”.")
        return sentence % values


def compare_facts(old: dict[str, PublicFact], new: dict[str, PublicFact]) -> list[FactDifference]:
    """The facts whose words differ, in the order of the page."""
    nothing = PublicFact("", "")
    pairs = [(old.get(key, nothing), new.get(key, nothing)) for key in {**old, **new}]
    return [
        FactDifference(str(before.label or after.label), before.words, after.words)
        for before, after in pairs
        if before.words != after.words
    ]
