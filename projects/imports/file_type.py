"""The format of a file, by its first bytes. The file name does not count."""

import json

from django.utils.translation import gettext as _, gettext_lazy

from projects.imports.problems import refuse

MARK = "\ufeff"  # byte order mark; some programs write two
# Formats without a table.
OTHER_FORMATS = [
    (b"%PDF", gettext_lazy("a PDF")),
    (b"{\\rtf", gettext_lazy("a document of a word processor")),
    (b"<", gettext_lazy("a web page or XML")),
    (b"[", gettext_lazy("JSON")),
    (b"{", gettext_lazy("JSON")),
]


def encoding_of(head: bytes, declared: str) -> str:
    """The encoding by the byte order mark or by zero bytes, else the declared encoding.

    The first character is ASCII: that of the name of a column.
    """
    detected = json.detect_encoding(head)  # works for any text that begins with ASCII
    return declared if detected == "utf-8" else detected


def check_format(head: bytes) -> None:
    """Refuse a file whose first bytes show another format than a table."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(
            _("This is an old Excel file or has a password. Save it as .xlsx without a password.")
        )
    for beginning, kind in OTHER_FORMATS:
        if head.lstrip().startswith(beginning):
            raise refuse(
                _("The content is %(kind)s. Save the table as .xlsx or CSV UTF-8.") % {"kind": kind}
            )
