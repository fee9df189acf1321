"""Letters to applicants: default texts, composing, PDF and the outbox."""

from projects.letters.compose import correct, letters_of, untold, untrue, write_letters
from projects.letters.default_texts import add_our_texts
from projects.letters.outbox import can_mail, cancel, mark_as_sent, send_by_mail
from projects.letters.pdf import as_pdf

__all__ = [
    "add_our_texts",
    "as_pdf",
    "can_mail",
    "cancel",
    "correct",
    "letters_of",
    "mark_as_sent",
    "send_by_mail",
    "untold",
    "untrue",
    "write_letters",
]
