"""Reads the rows of a project's list of partners."""

import re

from projects.announcements.country_names import PartnerEntry, Places
from projects.announcements.line_marks import Mark
from projects.announcements.parsed_text import Lead, ParsedProject, ParsedRow
from projects.models.choices import LineKind

# Marks the lead partner in a row, if no other line names the lead partner.
IS_LEAD = re.compile(
    r"[\s,]{0,3}(?:[–—-]\s?|[(\[]\s?)(?:the )?(?:project )?"
    r"(?:lead(?:ing)?(?: partner| applicant)?|leader|coordinator)\s?[)\]]?\Z",
    re.IGNORECASE,
)
LINK = re.compile(
    r"(?:read|see|find out|learn) more\b|more (?:information|about)\b|click here"
    r"|download\b|photo\b|www\.|https?:",
    re.IGNORECASE,
)
# The footer of a page: no partner follows.
FOOTER = re.compile(
    r"(?:share(?: this)?(?: on \w{1,20})?|follow us|font resize|newsletter|subscribe|contact us"
    r"|(?:previous|next)(?: post| article| page)?|back to top|home|menu|related (?:news|posts)"
    r"|privacy policy|cookies?|all rights reserved)\W{0,3}\Z"
    r"|(?:©|copyright\b|posted (?:in|on)\b|tags:)",
    re.IGNORECASE,
)


class PartnerRows:
    """Collects the rows of a partner list. `has_heading`: a heading introduces the list."""

    def __init__(self, project: ParsedProject, places: Places, has_heading: bool) -> None:
        self.project = project
        self.places = places
        self.has_heading = has_heading
        self.country: str | None = None  # a country on a line above its organisations: "Latvia:"
        self.has_ended = False
        self.unnamed: Mark | None = None  # the line of this country, until an organisation follows

    def read(self, mark: Mark) -> bool:
        """Read a line below the heading. Return false if the line is running text."""
        countries = self.places.read_list(mark.text)
        self.has_ended = self.has_ended or bool(FOOTER.match(mark.text))
        if self.has_ended:
            mark.line.kind = LineKind.NOT_UNDERSTOOD
        elif mark.entry and mark.entry.name is None and mark.text.endswith((":", "–", "-")):
            self.close()
            self.country, self.unnamed = mark.entry.country, mark
            mark.line.kind = LineKind.HEADING
        elif mark.entry:
            self.close()
            self.add(mark, mark.entry, mark.text)
        elif countries.codes and not countries.unknown:
            self.close()
            for code in countries.codes:
                self.add(mark, PartnerEntry(code), mark.text)
        elif mark.is_sentence() or LINK.match(mark.text):
            return False
        elif mark.text[:1].islower() or all("_" in word for word in mark.text.split()):
            mark.line.kind = LineKind.NOT_UNDERSTOOD
        else:
            self._add_without_mark(mark)
        return True

    def _add_without_mark(self, mark: Mark) -> None:
        entry = self.places.read_row_without_mark(mark.text)
        if not entry and self.country:
            entry = PartnerEntry(self.country, mark.text, dash=True)
            self.unnamed = None
        self.add(mark, entry, mark.text)

    def add(self, mark: Mark, entry: PartnerEntry | None, text: str) -> None:
        country, name = (entry.country, entry.name) if entry else (None, text)
        if name and entry and (entry.dash or not self.has_heading):
            name = name.rstrip(" \u00a0,;")
        if name and self.project.lead.line is None and (lead_words := IS_LEAD.search(name)):
            name = name[: lead_words.start()].rstrip()
            self.project.lead = Lead(country, name or None, mark.line.number)
        row = ParsedRow(country, name or None, mark.line.number, mark.line.text)
        mark.line.kind, mark.line.row = LineKind.PARTNER, len(self.project.rows)
        self.project.rows.append(row)

    def close(self) -> None:
        """Add a country with a colon and no organisation below as a partner without a name."""
        mark, country = self.unnamed, self.country
        self.unnamed = self.country = None
        if mark and country:
            self.add(mark, PartnerEntry(country), mark.text)
