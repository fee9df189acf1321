"""Points to check before the draft is saved, each with a line and a sentence."""

import re
from collections.abc import Iterator, Mapping

from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy as _

from projects.announcements import organisation_names as names
from projects.announcements.country_names import Places
from projects.announcements.labels import calls_named_in
from projects.announcements.parsed_text import (
    Flag,
    ParsedCall,
    ParsedProject,
    ParsedRow,
    ParsedText,
)
from psf.text.folding import fold

from .numbers import may_be_day

MOST_VARIANTS = 200
OTHER_CALL = "other_call"
# The sentence of each kind of flag.
SENTENCES = {
    "no_heading": _("No heading names the call: choose the call, or give its title."),
    OTHER_CALL: _("The text is about “%(name)s”, but you chose “%(call)s”: check the call."),
    "day_not_certain": _("“%(words)s” is not a certain day: enter the deadline with its year."),
    "other_zone": _(
        "The text says “%(words)s”, but the deadline was read as “%(moment)s”: check it."
    ),
    "number_not_certain": _("No certain number in “%(words)s”: enter the number."),
    "number_of_projects": _("Projects announced: %(funded)d; described: %(described)d."),
    "ceiling": _("“%(words)s” is a ceiling for each grant, not an award."),
    "unread_amount": _(
        "The amount in “%(words)s” was not read: enter it if it is a ceiling or a grant."
    ),
    "contradiction": _(
        "The announcement contradicts itself: first %(before)s, here %(now)s (%(field)s)."
    ),
    "personal_data": _("Personal data were removed here: check that no name of a person is left."),
    "title_or_partner": _(
        "“%(words)s” is read as a title: is it the last partner of the project before?"
    ),
    "no_title": _("The text has no title for the project: enter one with its source."),
    "text_after_list": _(
        "This sentence comes after the list of partners: check that it is about the project."
    ),
    "no_lead": _("The text names no lead partner: enter the lead partner."),
    "lead_without_country": _(
        "The text does not name the country of the lead partner: enter the country."
    ),
    "headline_and_list": _("The announcement contradicts itself."),
    "no_country": _("The text names no country for “%(name)s”: enter the country."),
    "country_in_name": _("“%(name)s” contains the name of its country: kept as published."),
    "name_cut_off": _("“%(name)s” looks incomplete: find the full name."),
    "general_name": _(
        "“%(name)s” is a general name: several countries may have such an organisation."
    ),
    "several_names": _("Slashes join several names: %(names)s. One organisation, or several?"),
    "name_variants": _(
        "These may be names of one organisation: %(names)s. One organisation or several?"
    ),
    "unbalanced": _("Brackets or quotation marks of “%(name)s” do not match: kept as published."),
}


def flag(
    kind: str,
    line: int | None,
    values: Mapping[str, object] | None = None,
    more: str = "",
    countries: tuple[str, ...] = (),
    suggestions: tuple[str, ...] = (),
) -> Flag:
    """A flag with the sentence of its kind, filled with the values, and perhaps `more`."""
    sentence = f"{SENTENCES[kind] % (values or {})} {more}".strip()
    return Flag(kind, line, sentence, countries, suggestions)


def unknown_country(line: int, words: list[str]) -> Flag:
    """A flag of the kind "no_country", with a sentence of its own."""
    sentence = gettext("“%(words)s” is not a known country: enter the country.")
    return Flag("no_country", line, sentence % {"words": " ".join(words)[:100]})


def add_flags(reading: ParsedText, places: Places) -> None:
    """Add flags to each call and each project of the text."""
    for number, call in enumerate(reading.calls):
        call.flags += _of_call(call)
        call.flags += _left_out(reading, number)
        call.flags += _variants(call, places)
        for project in call.projects:
            project.flags += _of_project(project, places)


def _of_call(call: ParsedCall) -> Iterator[Flag]:
    if call.heading is None:
        yield _no_heading(call)
    for line, words in call.uncertain_days:
        if not call.deadline or not may_be_day(words, call.deadline):
            yield flag("day_not_certain", line, {"words": words})
    if call.funded is not None and call.funded != len(call.projects):
        numbers = {"funded": call.funded, "described": len(call.projects)}
        yield flag("number_of_projects", call.line, numbers)


def _no_heading(call: ParsedCall) -> Flag:
    """Suggest the name of the call if the text names exactly one."""
    names_by_key = {fold(name): name for text in call.paragraphs for name in calls_named_in(text)}
    more = ""
    if len({frozenset(re.findall(r"\d{4}", name)) for name in names_by_key}) == 1:
        name = next(iter(names_by_key.values()))
        more = gettext("The text mentions “%(name)s”.") % {"name": name}
    return flag("no_heading", None, more=more)


def _left_out(reading: ParsedText, number: int) -> Iterator[Flag]:
    for line in reading.lines:
        if line.left_out and line.call == number:
            yield flag("personal_data", line.number)


def _variants(call: ParsedCall, places: Places) -> Iterator[Flag]:
    """Flag similar names in one country."""
    lines: dict[tuple[str, str], int] = {}
    for project in call.projects:
        for row in [*_lead_as_rows(project), *project.rows]:
            if row.country and row.name:
                lines.setdefault((row.country, row.name), row.line)
    for count, group in enumerate(names.variants(lines, places)):
        if count == MOST_VARIANTS:
            return
        line = min(number for (_country, name), number in lines.items() if name in group)
        shown = get_text_list([f"“{name}”" for name in group[:10]], gettext("and"))
        yield flag("name_variants", line, {"names": shown}, suggestions=tuple(group))


def _lead_as_rows(project: ParsedProject) -> list[ParsedRow]:
    lead = project.lead
    return [ParsedRow(lead.country, lead.name, lead.line or 0)]


def _of_project(project: ParsedProject, places: Places) -> Iterator[Flag]:
    yield from _of_lead(project, places)
    yield from _disagreement(project, places)
    if project.title is None:
        yield flag("no_title", project.line)
    for row in [*_lead_as_rows(project), *project.rows]:
        if row.name:
            yield from _of_name(row, row.name, places)
    for row in project.rows:
        if not row.country:
            yield flag("no_country", row.line, {"name": row.name})


def _of_lead(project: ParsedProject, places: Places) -> Iterator[Flag]:
    lead = project.lead
    if lead.line is None:
        yield flag("no_lead", project.line)
    elif not lead.country:
        more, suggested = "", suggested_country(project)
        if suggested:
            more = gettext("The first country in the text is %(country)s.")
            more %= {"country": places.name_of(suggested)}
        countries = (suggested,) if suggested else ()
        yield flag("lead_without_country", lead.line, more=more, countries=countries)


def suggested_country(project: ParsedProject) -> str | None:
    """Return the likely country of the lead partner: of its own row, or of the first row."""
    for row in project.rows:
        if row.name and project.lead.name and fold(row.name) == fold(project.lead.name):
            return row.country
    return next(iter(project.announced), None)


def _disagreement(project: ParsedProject, places: Places) -> Iterator[Flag]:
    """Flag different countries in the headline and in the partner list."""
    announced, listed = project.announced, project.countries()
    if not announced or not listed:
        return
    lead = [project.lead.country] if project.lead.country else []
    only_announced = [code for code in announced if code not in listed]
    only_listed = [code for code in listed if code not in [*announced, *lead]]
    if project.lead.country is None and not only_announced and len(only_listed) == 1:
        return  # the remaining country is the lead partner's
    if only_announced or only_listed:
        parts = [
            _only_in(gettext("Only in the headline: %(countries)s."), only_announced, places),
            _only_in(gettext("Only in the list: %(countries)s."), only_listed, places),
        ]
        line, more = project.lead.line or project.line, " ".join(filter(None, parts))
        yield flag("headline_and_list", line, more=more, countries=(*only_announced, *only_listed))


def _only_in(sentence: str, codes: list[str], places: Places) -> str:
    countries = [f"{places.name_of(code)} ({code})" for code in codes]
    return sentence % {"countries": get_text_list(countries, gettext("and"))} if codes else ""


def _of_name(row: ParsedRow, name: str, places: Places) -> Iterator[Flag]:
    shown = {"name": name[:300]}
    if row.country and names.repeats_country(name, row.country, places):
        yield flag("country_in_name", row.line, shown, countries=(row.country,))
    if names.is_cut_off(name):
        yield flag("name_cut_off", row.line, shown)
    elif names.needs_its_country(name):
        yield flag("general_name", row.line, shown)
    if parts := names.names_joined_by_slashes(name):
        languages = {"names": ", ".join(names.in_language(part) for part in parts)}
        yield flag("several_names", row.line, languages, suggestions=tuple(parts))
    if names.is_unbalanced(name):
        yield flag("unbalanced", row.line, shown)
