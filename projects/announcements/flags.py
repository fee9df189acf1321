"""Points to check before the draft is saved, each with a line and a sentence."""

import re
from collections.abc import Iterator

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

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


def unknown_country(line: int, words: list[str]) -> Flag:
    return Flag(
        "no_country",
        line,
        _("“%(words)s” is not a known country: enter the country.")
        % {"words": " ".join(words)[:100]},
    )


def text_after_the_list(line: int) -> Flag:
    sentence = _(
        "This sentence comes after the list of partners: check that it is about the project."
    )
    return Flag("text_after_list", line, sentence)


def other_call(line: int | None, name: str, chosen: str) -> Flag:
    sentence = _("The text is about “%(name)s”, but you chose “%(call)s”: check the call.")
    return Flag(OTHER_CALL, line, sentence % {"name": name[:100], "call": chosen})


def other_zone(line: int, words: str, moment: str) -> Flag:
    sentence = _("The text says “%(words)s”, but the deadline was read as “%(moment)s”: check it.")
    return Flag("other_zone", line, sentence % {"words": words, "moment": moment})


def title_or_partner(line: int, words: str) -> Flag:
    sentence = _("“%(words)s” is read as a title: is it the last partner of the project before?")
    return Flag("title_or_partner", line, sentence % {"words": words[:200]})


def unclear_number(line: int, words: str) -> Flag:
    return Flag(
        "number_not_certain",
        line,
        _("No certain number in “%(words)s”: enter the number.") % {"words": words[:100]},
    )


def ceiling_not_award(line: int, words: str) -> Flag:
    sentence = _("“%(words)s” is a ceiling for each grant, not an award.")
    return Flag("ceiling", line, sentence % {"words": words[:100]})


def unread_amount(line: int, words: str) -> Flag:
    sentence = _("The amount in “%(words)s” was not read: enter it if it is a ceiling or a grant.")
    return Flag("unread_amount", line, sentence % {"words": words.strip()[:100]})


def contradiction(line: int, field: str, before: str, now: str) -> Flag:
    return Flag(
        "contradiction",
        line,
        _("The announcement contradicts itself: first %(before)s, here %(now)s (%(field)s).")
        % {"before": before, "now": now, "field": field},
    )


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
            sentence = _("“%(words)s” is not a certain day: enter the deadline with its year.")
            yield Flag("day_not_certain", line, sentence % {"words": words})
    if call.funded is not None and call.funded != len(call.projects):
        yield Flag(
            "number_of_projects",
            call.line,
            _("Projects announced: %(funded)d; described: %(described)d.")
            % {"funded": call.funded, "described": len(call.projects)},
        )


def _no_heading(call: ParsedCall) -> Flag:
    """Suggest the name of the call if the text names exactly one."""
    sentence = _("No heading names the call: choose the call, or give its title.")
    names_by_key = {fold(name): name for text in call.paragraphs for name in calls_named_in(text)}
    if len({frozenset(re.findall(r"\d{4}", name)) for name in names_by_key}) == 1:
        name = next(iter(names_by_key.values()))
        sentence += " " + _("The text mentions “%(name)s”.") % {"name": name}
    return Flag("no_heading", None, sentence)


def _left_out(reading: ParsedText, number: int) -> Iterator[Flag]:
    for line in reading.lines:
        if line.left_out and line.call == number:
            sentence = _("Personal data were removed here: check that no name of a person is left.")
            yield Flag("personal_data", line.number, sentence)


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
        yield Flag(
            "name_variants",
            line,
            _("These may be names of one organisation: %(names)s. One organisation or several?")
            % {"names": get_text_list([f"“{name}”" for name in group[:10]], _("and"))},
            suggestions=tuple(group),
        )


def _lead_as_rows(project: ParsedProject) -> list[ParsedRow]:
    lead = project.lead
    return [ParsedRow(lead.country, lead.name, lead.line or 0)]


def _of_project(project: ParsedProject, places: Places) -> Iterator[Flag]:
    yield from _of_lead(project, places)
    yield from _disagreement(project, places)
    if project.title is None:
        sentence = _("The text has no title for the project: enter one with its source.")
        yield Flag("no_title", project.line, sentence)
    for row in [*_lead_as_rows(project), *project.rows]:
        if row.name:
            yield from _of_name(row, row.name, places)
    for row in project.rows:
        if not row.country:
            sentence = _("The text names no country for “%(name)s”: enter the country.")
            yield Flag("no_country", row.line, sentence % {"name": row.name})


def _of_lead(project: ParsedProject, places: Places) -> Iterator[Flag]:
    lead = project.lead
    if lead.line is None:
        yield Flag(
            "no_lead", project.line, _("The text names no lead partner: enter the lead partner.")
        )
    elif not lead.country:
        suggested = suggested_country(project)
        sentence = _("The text does not name the country of the lead partner: enter the country.")
        if suggested:
            sentence += " " + _("The first country in the text is %(country)s.") % {
                "country": places.name_of(suggested)
            }
        countries = (suggested,) if suggested else ()
        yield Flag("lead_without_country", lead.line, sentence, countries)


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
            _only_in(_("Only in the headline: %(countries)s."), only_announced, places),
            _only_in(_("Only in the list: %(countries)s."), only_listed, places),
        ]
        sentence = _("The announcement contradicts itself.")
        yield Flag(
            "headline_and_list",
            project.lead.line or project.line,
            " ".join([sentence, *filter(None, parts)]),
            (*only_announced, *only_listed),
        )


def _only_in(sentence: str, codes: list[str], places: Places) -> str:
    countries = [f"{places.name_of(code)} ({code})" for code in codes]
    return sentence % {"countries": get_text_list(countries, _("and"))} if codes else ""


def _of_name(row: ParsedRow, name: str, places: Places) -> Iterator[Flag]:
    values = {"name": name[:300]}
    if row.country and names.repeats_country(name, row.country, places):
        sentence = _("“%(name)s” contains the name of its country: kept as published.")
        yield Flag("country_in_name", row.line, sentence % values, (row.country,))
    if names.is_cut_off(name):
        sentence = _("“%(name)s” looks incomplete: find the full name.")
        yield Flag("name_cut_off", row.line, sentence % values)
    elif names.needs_its_country(name):
        sentence = _(
            "“%(name)s” is a general name: several countries may have such an organisation."
        )
        yield Flag("general_name", row.line, sentence % values)
    if parts := names.names_joined_by_slashes(name):
        languages = [names.in_language(part) for part in parts]
        sentence = _("Slashes join several names: %(names)s. One organisation, or several?")
        yield Flag(
            "several_names",
            row.line,
            sentence % {"names": ", ".join(languages)},
            suggestions=tuple(parts),
        )
    if names.is_unbalanced(name):
        sentence = _("Brackets or quotation marks of “%(name)s” do not match: kept as published.")
        yield Flag("unbalanced", row.line, sentence % values)
