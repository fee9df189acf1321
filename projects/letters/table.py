"""The letters of a call as a table: recipient, state, and what is wrong with each."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Prefetch, TextChoices
from django.utils.translation import gettext_lazy as _

from projects.letters.compose import letters_of, outdated_letters
from projects.models import Call, Letter, LetterKind, Project
from psf.text.mails import can_mail


class State(TextChoices):
    """What a letter needs, the most urgent first."""

    OUTDATED = "outdated", _("out of date")
    FAILED = "failed", _("failed")
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    CANCELLED = "cancelled", _("cancelled")


class LetterRow(NamedTuple):
    """A letter in the table. `note` is what is wrong with it."""

    letter: Letter
    state: State
    recipient: str
    note: str

    @property
    def whom(self) -> str:
        """The lead partner, or the title of a project without one."""
        lead = self.letter.project.lead()
        return str((lead and lead.partner) or self.letter.project.title)

    @property
    def can_be_sent(self) -> bool:
        """Whether the letter waits and agrees with the records."""
        return self.letter.waits() and self.state != State.OUTDATED

    @property
    def is_ready(self) -> bool:
        """Whether the letter can be sent without another act."""
        return self.state == State.WAITING and bool(self.recipient or not can_mail())


def letter_rows(call: Call) -> list[LetterRow]:
    """All letters of the call, the urgent ones first, then by kind and reference."""
    outdated = outdated_letters(call)
    projects = Project.objects.with_partners().prefetch_related("contacts")
    letters = letters_of(call).select_related("made_by", "sent_by")
    letters = letters.prefetch_related(Prefetch("project", projects))
    rows = [_row(each, outdated) for each in letters]
    states, kinds = list(State), LetterKind.values
    return sorted(rows, key=lambda row: (states.index(row.state), kinds.index(row.letter.kind)))


def _row(letter: Letter, outdated: Mapping[Letter, str]) -> LetterRow:
    state, note = State.WAITING, ""
    if letter.cancelled_at:
        state, note = State.CANCELLED, letter.cancelled_why
    elif letter in outdated:
        state, note = State.OUTDATED, outdated[letter]
    elif letter.sent_at:
        state = State.SENT
    elif letter.failure:
        state, note = State.FAILED, letter.failure
    return LetterRow(letter, state, letter.recipient(), note)
