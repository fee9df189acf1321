"""The placeholders in the text of a letter, such as {project}."""

import re
from collections.abc import Mapping

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.models.choices import LetterKind

EVERYWHERE = ["project", "reference", "lead_partner", "call"]
OF_THE_DECISION = ["decided_by", "decided_on", "reasons"]
PLACEHOLDERS: dict[str, list[str]] = {
    LetterKind.AWARD: [*EVERYWHERE, *OF_THE_DECISION, "award"],
    LetterKind.RESERVE: [*EVERYWHERE, *OF_THE_DECISION, "place"],
    LetterKind.REJECTION: [*EVERYWHERE, *OF_THE_DECISION],
    LetterKind.NOT_ELIGIBLE: [*EVERYWHERE, "reasons", "advice"],
}
# A letter may lack this value.
MAY_BE_EMPTY = ["advice"]

IN_BRACES = re.compile(r"\{([^{}]*)\}")


def placeholder_errors(kind: str, text: str) -> list[str]:
    """Sentences about invalid placeholders in a kind of letter; [] without errors."""
    names = PLACEHOLDERS[kind]
    allowed = get_text_list([f"{{{name}}}" for name in names], _("and"))
    errors = [
        _("A letter of this kind has no {%(name)s}, only %(known)s.")
        % {"name": name, "known": allowed}
        for name in dict.fromkeys(IN_BRACES.findall(text))
        if name not in names
    ]
    if set("{}") & set(IN_BRACES.sub("", text)):
        errors.append(_("A brace is not closed. Write a name in braces, such as {project}."))
    return errors


def missing_placeholders(text: str, values: Mapping[str, str]) -> list[str]:
    """The placeholders of a text without a value."""
    names = dict.fromkeys(IN_BRACES.findall(text))
    return [name for name in names if not values[name] and name not in MAY_BE_EMPTY]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with values instead of placeholders; braces in values stay."""
    return IN_BRACES.sub(lambda match: values[match[1]], text)
