"""Letters as PDF. Each letter starts on a new page."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Letter
from psf.text.dates import Precision, describe

LAYOUT = Path(__file__).with_name("letter.typ").read_bytes()


def as_pdf(letters: Sequence[Letter]) -> bytes:
    """One tagged PDF/UA document of the letters in their order, readable by screen readers."""
    from typst import TypstError

    title = letters[0].subject if len(letters) == 1 else _("Letters")
    inputs = {"title": title, "letters": json.dumps([_data(letter) for letter in letters])}
    try:
        return _compiled(inputs, "ua-1")
    except TypstError:  # PDF/UA refuses a character that is missing in the font
        return _compiled(inputs, None)


def _compiled(inputs: dict[str, str], standard: Literal["ua-1"] | None) -> bytes:
    import typst  # imported late, because the module takes much memory in every worker

    # Only the font of typst itself: the same letter on every machine.
    return typst.compile(
        LAYOUT, format="pdf", sys_inputs=inputs, pdf_standards=standard, ignore_system_fonts=True
    )


def _data(letter: Letter) -> dict[str, object]:
    return {
        "day": describe(timezone.localdate(letter.made_at), Precision.DAY),
        "reference": letter.project.reference,
        "subject": letter.subject,
        "paragraphs": [part.split("\n") for part in letter.text.split("\n\n")],
    }
