"""Letters to applicants: written from the call's own texts, waiting until a person sends them."""

from .printing import as_pdf
from .sending import can_mail, cancel, mark_as_sent, send_by_mail
from .texts import add_our_texts
from .writing import correct, letters_of, untold, untrue, write_letters

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
