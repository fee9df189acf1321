"""The names in braces that stand for something in the text of a letter, such as {project}."""

import re
from collections.abc import Mapping

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.models.choices import LetterKind

EVERYWHERE = ["project", "reference", "lead_partner", "call"]
OF_THE_DECISION = ["decided_by", "decided_on", "reasons"]
KNOWN: dict[str, list[str]] = {
    LetterKind.AWARD: [*EVERYWHERE, *OF_THE_DECISION, "award"],
    LetterKind.RESERVE: [*EVERYWHERE, *OF_THE_DECISION, "place"],
    LetterKind.REJECTION: [*EVERYWHERE, *OF_THE_DECISION],
    LetterKind.NOT_ELIGIBLE: [*EVERYWHERE, "reasons", "advice"],
}
# A letter is the same letter without it.
MAY_BE_EMPTY = ["advice"]

IN_BRACES = re.compile(r"\{([^{}]*)\}")


def refusals_of_text(kind: str, text: str) -> list[str]:
    """What a letter of that kind cannot say, in sentences; [] if nothing."""
    known = KNOWN[kind]
    found = [
        _("A letter of this kind has no {%(name)s}, only %(known)s.")
        % {"name": name, "known": get_text_list([f"{{{one}}}" for one in known], _("and"))}
        for name in dict.fromkeys(IN_BRACES.findall(text))
        if name not in known
    ]
    if set("{}") & set(IN_BRACES.sub("", text)):
        found.append(_("A brace stands alone: write a name between two of them, as in {project}."))
    return found


def lacking(text: str, values: Mapping[str, str]) -> list[str]:
    """The names in a text for which there is nothing to say."""
    names = dict.fromkeys(IN_BRACES.findall(text))
    return [name for name in names if not values[name] and name not in MAY_BE_EMPTY]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what its names stand for; nothing in these values is read again."""
    return IN_BRACES.sub(lambda found: values[found[1]], text)
