"""Folding of texts: words without case, diacritics and punctuation, for comparing."""

import re
import unicodedata
from typing import Any

from django.db import models

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = dict(zip("łøđðıħŋŧþæœ", [*"loddihnt", "th", "ae", "oe"], strict=True))
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_BETWEEN_ASCII_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}
_INVISIBLE = {"Mn", "Me", "Cf"}  # accents and other marks, soft hyphens, joiners


class _Folded(dict[int, str]):
    """A cache of folded letters, filled on first use."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        visible = unicodedata.category(char) not in _INVISIBLE
        self[code] = folded = char if visible else ""
        return folded


_FOLDED = _Folded({ord(letter): folded for letter, folded in _LETTERS.items()})


def fold(text: str) -> str:
    """Return the words of a text without case, diacritics and punctuation.

    "Łódź", "ŁÓDŹ" and a decomposed "Łódź" all become "lodz"; “Safe House” in any
    quotes becomes "safe house". Every comparison folds both texts.
    """
    if text.isascii():  # a faster way to the same result
        return " ".join(text.lower().translate(_BETWEEN_ASCII_WORDS).split())
    for _pass in range(2):  # decomposing "™" or "№" gives capitals
        text = unicodedata.normalize("NFKD", text.casefold())
    return _BETWEEN_WORDS.sub(" ", text.translate(_FOLDED)).strip()


def words_of(text: str) -> list[str]:
    """Return the folded words of a search without duplicates: at most the first sixteen."""
    return list(dict.fromkeys(fold(text[:500]).split()))[:16]


class FoldedField(models.TextField):  # type: ignore[type-arg]
    """The folded words of other fields of the same row, for searching.

    `save()` and `bulk_create()` fill the field. A `save()` with `update_fields` must name this
    field too, and `update()` does not fill the field.
    """

    def __init__(self, *args: Any, of: list[str], **kwargs: Any) -> None:
        self.of = of
        kwargs |= {"editable": False, "blank": True, "default": ""}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "blank", "default"):
            kwargs.pop(fixed)
        return name, path, list(args), {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        words = fold(" ".join(getattr(model_instance, name) for name in self.of))
        setattr(model_instance, self.attname, words)
        return words
