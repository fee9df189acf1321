"""Removes pasted HTML and Markdown from a line."""

import html
import re

ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
REST_OF_TAG = r"(?:\s[^<>]{0,500})?/?>"
WITHIN_WORDS = re.compile(rf"</?(?:span|a|b|i|u|em|strong){REST_OF_TAG}", re.IGNORECASE)
BETWEEN_LINES = re.compile(
    rf"(?:</?(?:p|br|div|li|ul|ol|h[1-6]|section|article|table|tr|td|th|tbody){REST_OF_TAG})+",
    re.IGNORECASE,
)
BOLD = re.compile(r"(\*\*|__)(?=\S)([^*]{1,1000}?)(?<=\S)\1")
HASHES = re.compile(r"\s{0,3}#{1,6}\s{1,9}(?=\S)")
BREAKS = re.compile(r"[\r\n\0]")


def without_markup(line: str) -> str:
    """Turn "<li>**Latvia:** Harbour &amp; Port</li>" into "Latvia: Harbour & Port".

    "A<br>B" becomes "A B", and "<b>A</b>B" becomes "AB".
    """
    if "<" in line:
        line = WITHIN_WORDS.sub("", line)
        line = BETWEEN_LINES.sub(_gap, line)
    if "&" in line:
        line = BREAKS.sub(" ", ENTITY.sub(lambda entity: html.unescape(entity[0]), line))
    if "**" in line or "__" in line:
        line = BOLD.sub(r"\2", line)
    return HASHES.sub("", line, count=1) if line.lstrip().startswith("#") else line


def _gap(tags: re.Match[str]) -> str:
    """Return a space if the tags separate two words, otherwise ""."""
    line, (begin, end) = tags.string, tags.span()
    beside = [line[max(begin - 1, 0) : begin], line[end : end + 1]]
    return " " if all(sign.strip() for sign in beside) else ""
