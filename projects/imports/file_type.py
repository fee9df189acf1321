"""What a file is, by its first bytes and not by what it is called."""

import json

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.imports.problems import Refused, refuse

MARK = "\ufeff"  # the byte order mark, which some programs put again before the one that is there
# What people have instead of a table, or take for one.
OTHERS = [
    (b"%PDF", gettext_lazy("a PDF")),
    (b"{\\rtf", gettext_lazy("a text of a word processor")),
    (b"<", gettext_lazy("a web page or XML")),
]


def encoding_of(head: bytes, declared: str) -> str:
    """By its mark, or by the zeros beside letters, which no other encoding has; else as declared.

    A text in UTF-16 or UTF-32 begins with a bracket or the name of a column: with ASCII.
    """
    found = json.detect_encoding(head)  # that is all it looks at: nothing of it is about JSON
    return declared if found == "utf-8" else found


def begins_as_json(head: bytes) -> bool:
    beginning = head.decode(json.detect_encoding(head), errors="ignore")
    return beginning.lstrip(MARK).lstrip().startswith(("[", "{"))


def no_table(head: bytes) -> Refused | None:
    """Why the file is not read, where its first bytes say that it holds no table."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return refuse(
            _("This is an old Excel file or has a password: save it as .xlsx, without a password.")
        )
    for beginning, kind in OTHERS:
        if head.lstrip().startswith(beginning):
            return refuse(
                _("This is %(kind)s, whatever it is called: save the table as .xlsx or CSV UTF-8.")
                % {"kind": kind}
            )
    return None
