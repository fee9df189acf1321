"""A text as it was shown, without the marks of HTML and Markdown that are pasted along with it."""

import html
import re

ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
TAG = re.compile(
    r"</?(?:p|br|div|span|li|ul|ol|a|b|i|u|em|strong|h[1-6]|section|article|table|tr|td|th|tbody)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
BOLD = re.compile(r"(\*\*|__)(?=\S)([^*]{1,1000}?)(?<=\S)\1")
HASHES = re.compile(r"\s{0,3}#{1,6}\s{1,9}(?=\S)")
BREAKS = re.compile(r"[\r\n\0]")


def without_markup(line: str) -> str:
    """ "<li>**Latvia:** Harbour &amp; Port</li>" is "Latvia: Harbour & Port"."""
    if "<" in line:
        line = TAG.sub("", line)
    if "&" in line:
        line = BREAKS.sub(" ", ENTITY.sub(lambda entity: html.unescape(entity[0]), line))
    if "**" in line or "__" in line:
        line = BOLD.sub(r"\2", line)
    return HASHES.sub("", line, count=1) if line.lstrip().startswith("#") else line
