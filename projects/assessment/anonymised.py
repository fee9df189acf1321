"""An application on the pages of its assessors, without names if the call is anonymised."""

import re
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from django.db.models import Prefetch
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.announcements.contact_removal import ADDRESS, TELEPHONE
from projects.models import Answer, Criterion, Partnership, Project
from psf.history.words import field_in_words, field_label
from psf.text.folding import fold, words_of

SHORTEST_NAME = 3  # letters; a shorter name can be an ordinary word
SHOWN = ["requested_eur", "total_budget_eur", "priorities", "topics", "activity_countries"]
# With or without "https://". Bounded repetition only, so that no text causes backtracking.
WEBSITE = re.compile(
    r"\b(?i:https?://|www\.)\S+"
    r"|\b[\w-]{2,63}(?:\.[\w-]{1,63}){0,8}\.(?:[a-z]{2}|com|org|net|info)\b(?:/\S*)?"
)


def with_partners(through: str = "") -> Prefetch:
    """A prefetch of the partnerships with all names; `through` is the path to the project."""
    partnerships = Partnership.objects.select_related("partner", "country")
    return Prefetch(
        f"{through}partnerships", queryset=partnerships.prefetch_related("partner__names")
    )


@dataclass
class AssessedApplication:
    """An application as its assessors may read it."""

    project: Project

    def __post_init__(self) -> None:
        self.participations = list(self.project.partnerships.all())
        self.is_anonymised = self.project.call.is_anonymised
        self._names_in_text = self._names() if self.is_anonymised else {}
        self._lengths = sorted({len(name) for name in self._names_in_text}, reverse=True)

    def title(self) -> str:
        return self._anonymise(self.project.title)

    def summary(self) -> str:
        return self._anonymise(self.project.summary)

    def description(self) -> str:
        return self._anonymise(self.project.description)

    def answers(self) -> list[tuple[str, Criterion | None, str]]:
        """The question, its criterion and the answer, in the order of the criteria."""
        answers = [
            (_question(answer), answer.question.criterion, self._anonymise(answer.text))
            for answer in self.project.answers.all()
        ]
        last = len(answers)
        return sorted(answers, key=lambda row: row[1].position if row[1] else last)

    def partners(self) -> list[str]:
        """The partnership, one line each, the lead partner first."""
        return [
            f"{self._name(number, part)}, {part.country} ({part.get_role_display()})"
            for number, part in enumerate(self.participations, start=1)
        ]

    def facts(self) -> list[tuple[str, str]]:
        project = self.project
        facts = [(_("Call"), str(project.call)), (_("Period"), project.period() or _("not known"))]
        for name in SHOWN if self.is_anonymised else [*SHOWN, "website"]:
            field: Any = Project._meta.get_field(name)
            if field.many_to_many:
                words = get_text_list(
                    [str(term) for term in getattr(project, name).all()], _("and")
                )
            else:
                words = field_in_words(project, field)
            facts.append((field_label(field), words))
        return [(label, words) for label, words in facts if words]

    def _name(self, number: int, part: Partnership) -> str:
        if self.is_anonymised:
            kind = part.partner.get_kind_display() if part.partner else _("not named")
            return f"{_number(number)}: {kind}"
        return str(part.partner or _("not named"))

    def _names(self) -> dict[tuple[str, ...], str]:
        """The replacements of the names of partners and contact persons, by their folded words."""
        names = {name.name: _("[left out]") for name in self.project.contacts.all()}
        for number, part in enumerate(self.participations, start=1):
            texts = [part.name_as_published]
            if part.partner:
                texts += [part.partner.name, *(name.text for name in part.partner.names.all())]
            for text in texts:
                names.setdefault(text, f"[{_number(number)}]")
        return {
            tuple(words_of(name)): replacement
            for name, replacement in names.items()
            if len(name) >= SHORTEST_NAME
        }

    def _anonymise(self, text: str) -> str:
        if not self.is_anonymised:
            return text
        for pattern in [ADDRESS, WEBSITE, TELEPHONE]:
            text = pattern.sub(_("[left out]"), text)
        return self._without_names(normalize("NFC", text))

    def _without_names(self, text: str) -> str:
        """Replace names in any case, with or without accents, also at the end of a line."""
        words = [*re.finditer(r"[^\W_]+", text)]
        folded = [fold(word[0]) for word in words]
        parts, first, end = [], 0, 0
        while first < len(words):
            found = [tuple(folded[first : first + length]) for length in self._lengths]
            name = next(filter(self._names_in_text.get, found), None)
            if name:
                parts += [text[end : words[first].start()], self._names_in_text[name]]
                end = words[first + len(name) - 1].end()
            first += len(name) if name else 1
        return "".join([*parts, text[end:]])


def _question(answer: Answer) -> str:
    """The question; for the answer of a partner also the number of the partner on the form."""
    text = answer.question.text
    return f"{text} · {_number(answer.number)}" if answer.number else text


def _number(number: int) -> str:
    return _("Partner %(number)d") % {"number": number}


def load_application(project: int) -> AssessedApplication:
    rows = Project.objects.select_related("call").prefetch_related(
        with_partners(),
        "priorities",
        "topics",
        "activity_countries",
        "contacts",
        Prefetch("answers", queryset=Answer.objects.select_related("question__criterion")),
    )
    return AssessedApplication(rows.get(pk=project))
