"""Letters to applicants: default texts, composing, PDF and the outbox."""

from projects.letters.compose import (
    correct,
    create_letters,
    letters_of,
    outdated_letters,
    projects_without_letter,
)
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import can_mail, cancel, mark_as_sent, send_by_mail
from projects.letters.pdf import as_pdf

__all__ = [
    "add_default_texts",
    "as_pdf",
    "can_mail",
    "cancel",
    "correct",
    "create_letters",
    "letters_of",
    "mark_as_sent",
    "outdated_letters",
    "projects_without_letter",
    "send_by_mail",
]
