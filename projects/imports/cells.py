"""What the cells of one column mean. A cell that cannot be read is named, never guessed."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.models import Country, CountryName, Partner, PartnerKind
from projects.imports.file_type import MARK
from projects.imports.limits import LONGEST_CELL
from projects.imports.number_formats import Notation, read_amount, read_day
from projects.imports.xlsx_rows import Unreadable
from projects.models import AmountKind, Priority, Project, ProjectStatus, Role
from psf.text.folding import fold
from psf.text.validators import BIDI_CONTROLS

NOTHING = (None, "")
NOT_TEXT = {"starts_on", "ends_on", "amount", "total_cost"}
REPEATED = {"partner_role", "partner_country", "partner_kind"}  # few words, in many rows
# What a database or an XML file refuses, most control characters and halves of characters; and
# what turns letters round.
NEVER_KEPT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff{BIDI_CONTROLS}]")
LOST = "\ufffd"  # what programs put where they could not read a letter


def read_text(value: Any) -> str:
    """The text of a cell as it is kept: composed, without blanks around it."""
    if isinstance(value, bool | list | dict):
        raise ValidationError(_("Text or a number is expected here."))
    if isinstance(value, date):
        raise ValidationError(_("This is a day; text is expected here."))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    text = text.strip().strip(MARK).strip()
    if len(text) > LONGEST_CELL:
        raise ValidationError(
            _("The text has %(length)d characters; a cell has at most %(most)d.")
            % {"length": len(text), "most": LONGEST_CELL}
        )
    if wrong := NEVER_KEPT.search(text):
        raise ValidationError(
            _("The text holds a character that cannot be kept (U+%(code)04X): delete it.")
            % {"code": ord(wrong[0])}
        )
    if LOST in text:
        raise ValidationError(
            _("A letter was lost before the file came here (U+FFFD stands for it): type it again.")
        )
    return text


class CellReader:
    """Reads cells by the column that they stand in; ValidationError says why one cannot be."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self._read_again = lru_cache(maxsize=1024)(self._read)
        self._readers: dict[str, Callable[[Any], Any]] = {
            "starts_on": self._day,
            "ends_on": self._day,
            "amount": self._amount,
            "total_cost": self._amount,
            "status": _choice(ProjectStatus.values),
            "amount_kind": _choice(AmountKind.values),
            "currency": _choice(["EUR"]),
            "priority": self._priorities,
            "partner_role": _choice(Role.values),
            "partner_kind": _choice(PartnerKind.values),
            "partner_country": self._country,
            "partner_name": _text(Partner, "name"),
            "partner_website": _text(Partner, "website"),
            "summary": _text(Project, "description"),  # a long one becomes the description
            **{
                name: _text(Project, name)
                for name in ["reference", "acronym", "title", "description", "website"]
            },
        }

    def read(self, column: str, value: Any) -> Any:
        """The value; None for an empty cell, which says nothing."""
        if isinstance(value, Unreadable):
            raise ValidationError(value.why)
        if isinstance(value, str) and column in REPEATED:
            return self._read_again(column, value)
        return self._read(column, value)

    def _read(self, column: str, value: Any) -> Any:
        if isinstance(value, str) or (column not in NOT_TEXT and value is not None):
            value = read_text(value)
        return None if value in NOTHING else self._readers[column](value)

    def _day(self, value: Any) -> date:
        return read_day(value, self.notation)

    def _amount(self, value: Any) -> Any:
        return read_amount(value, self.notation)

    @cached_property
    def _countries(self) -> dict[str, str]:
        """Codes by every folded name that only one country has."""
        pairs = [
            (fold(text), code) for text, code in CountryName.objects.values_list("text", "country")
        ]
        for code, name in Country.objects.values_list("code", "name"):
            pairs += [(fold(code), code), (fold(name), code)]
        codes: dict[str, set[str]] = {}
        for name, code in pairs:
            codes.setdefault(name, set()).add(code)
        return {name: found.pop() for name, found in codes.items() if len(found) == 1}

    def _country(self, value: str) -> str:
        code = self._countries.get(fold(value))
        if code is None:
            raise ValidationError(
                _("No country is known by this name: use its English name or its ISO code.")
            )
        return code

    @cached_property
    def _priorities_by_name(self) -> dict[str, Priority]:
        return {fold(priority.name): priority for priority in Priority.objects.all()}

    def _priorities(self, value: str) -> tuple[Priority, ...]:
        names = [name for name in value.split(";") if name.strip()]
        found = [self._priorities_by_name.get(fold(name)) for name in names]
        if not found or None in found:
            raise ValidationError(
                _("There is no such priority. Known are: %(names)s.")
                % {"names": "; ".join(p.name for p in self._priorities_by_name.values())}
            )
        return tuple(sorted({p for p in found if p}, key=lambda priority: priority.name))


def _choice(allowed: list[str]) -> Callable[[Any], str]:
    by_word = {word.casefold(): word for word in allowed}

    def read(value: str) -> str:
        word = by_word.get(value.casefold())
        if word is None:
            raise ValidationError(
                _("Use one of these words: %(words)s.") % {"words": ", ".join(allowed)}
            )
        return word

    return read


def _text(model: type[Partner] | type[Project], name: str) -> Callable[[Any], str]:
    """What the model's field takes, with the words in which a form would refuse it."""
    field: Any = model._meta.get_field(name)

    def read(text: str) -> str:
        if field.max_length and len(text) > field.max_length:
            raise ValidationError(
                _("The text has %(length)d characters; at most %(most)d fit here.")
                % {"length": len(text), "most": field.max_length}
            )
        return field.clean(text, None)

    return read
