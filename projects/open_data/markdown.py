"""The text of a page as Markdown, for programs that read text."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

# The start of the line of each element. The text of other elements stays in the line.
STARTS = {
    "h1": "# ",
    "h2": "## ",
    "summary": "### ",
    "p": "",
    "caption": "",
    "li": "- ",
    "dt": "- ",
}
ENDS = {"h1", "h2", "summary", "p", "li", "dd"}
CELLS, HIDDEN = {"th", "td"}, {"nav", "caption"}


def markdown_of(html: str, address: str) -> str:
    """The element main of the page at an address. Links are complete addresses."""
    lines = _Lines(address)
    lines.feed(html[html.index("<main") : html.index("</main>")])
    lines.close()
    return "".join(lines.lines) + "\n"


class _Lines(HTMLParser):
    """Collects lines, each with the line breaks before it."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.lines: list[str] = []
        self.text = self.link = ""
        self.cells: list[str] = []
        self.hidden = ""  # the element that is not read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.hidden:
            return
        if tag in HIDDEN:
            self.hidden = tag
        elif tag in STARTS:
            self.text = STARTS[tag]
        elif tag == "dd":
            self.text += ": "
        elif tag == "tr":
            self.cells = []
        elif tag in CELLS:
            self.text = ""
        elif tag == "a":
            self.link = urljoin(self.address, dict(attrs)["href"] or "")
            self.text += " [" if self.text.endswith(")") else "["

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            self.hidden = "" if tag == self.hidden else self.hidden
        elif tag in ENDS:
            self._add_line(self.text)
        elif tag in CELLS:
            self.cells.append(self.text.strip())
        elif tag == "tr":
            self._add_line(f"| {' | '.join(self.cells)} |")
        elif tag == "thead":
            self._add_line("|---" * len(self.cells) + "|")
        elif tag == "a":
            self.text += f"]({self.link})"

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text += re.sub(r"\s+", " ", data)

    def _add_line(self, line: str) -> None:
        """Rows and entries of one list follow each other; all else has an empty line before it."""
        before = self.lines[-1].lstrip("\n")[:1] if self.lines else ""
        breaks = "\n" if before == line[:1] and before in "|-" else "\n\n"
        self.lines.append(f"{breaks if self.lines else ''}{line.strip()}")
        self.text = ""
