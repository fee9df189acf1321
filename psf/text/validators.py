"""Validators of texts: language codes, and characters that change the reading direction."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

language_tag = RegexValidator(
    r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z",
    _("Give a language code, such as lv or sv-FI."),
)

# Invisible characters that change the direction of the letters after them (Unicode Standard
# Annex 9: embeddings, overrides and isolates).
BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"


def validate_no_bidi_controls(text: str) -> None:
    """Refuse a text that is displayed in another order than it is stored, as in a spoofed name."""
    if match := re.search(f"[{BIDI_CONTROLS}]", text):
        raise ValidationError(
            _("Delete the invisible direction mark (U+%(code)04X) after “%(before)s”."),
            params={"code": ord(match[0]), "before": text[: match.start()][-20:]},
        )
