"""What a person should look at before the draft is saved, each with its line and in a sentence."""

import re
from collections.abc import Iterator

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.announcements import organisation_names as names
from projects.announcements.country_names import Places
from projects.announcements.labels import calls_named_in
from projects.announcements.parsed import Flag, ReadCall, Reading, ReadProject, Row
from psf.text.folding import fold

from .numbers import may_be_day

MOST_VARIANTS = 200


def words_that_are_no_country(line: int, words: list[str]) -> Flag:
    return Flag(
        "no_country",
        line,
        _("“%(words)s” is no country that is known here: enter what is meant.")
        % {"words": " ".join(words)[:100]},
    )


def text_after_the_list(line: int) -> Flag:
    sentence = _("This sentence follows the list of partners: check that it is about the project.")
    return Flag("text_after_list", line, sentence)


def number_not_certain(line: int, words: str) -> Flag:
    return Flag(
        "number_not_certain", line, _("“%(words)s” is not one number.") % {"words": words[:100]}
    )


def is_a_ceiling(line: int, words: str) -> Flag:
    sentence = _("“%(words)s” is a ceiling of each grant, not an award.")
    return Flag("ceiling", line, sentence % {"words": words[:100]})


def contradiction(line: int, field: str, before: str, now: str) -> Flag:
    return Flag(
        "contradiction",
        line,
        _("The text says %(before)s before and %(now)s here (%(field)s): the first was taken.")
        % {"before": before, "now": now, "field": field},
    )


def add_flags(reading: Reading, places: Places) -> None:
    """Flags each call and each project of a text that was read."""
    for number, call in enumerate(reading.calls):
        call.flags += _of_call(call)
        call.flags += _left_out(reading, number)
        call.flags += _variants(call, places)
        for project in call.projects:
            project.flags += _of_project(project, places)


def _of_call(call: ReadCall) -> Iterator[Flag]:
    if call.heading is None:
        yield _no_heading(call)
    for line, words in call.uncertain_days:
        if not call.deadline or not may_be_day(words, call.deadline):
            sentence = _("“%(words)s” names no day for certain: enter the deadline with its year.")
            yield Flag("day_not_certain", line, sentence % {"words": words})
    if call.funded is not None and call.projects and call.funded != len(call.projects):
        yield Flag(
            "number_of_projects",
            call.line,
            _("Projects announced: %(funded)d; described: %(described)d.")
            % {"funded": call.funded, "described": len(call.projects)},
        )


def _no_heading(call: ReadCall) -> Flag:
    """What the text calls it is suggested, where it names one call only."""
    sentence = _("No heading names the call: choose the call, or give its title.")
    found = {fold(name): name for text in call.paragraphs for name in calls_named_in(text)}
    if len({frozenset(re.findall(r"\d{4}", name)) for name in found}) == 1:
        name = next(iter(found.values()))
        sentence += " " + _("The text speaks of “%(name)s”.") % {"name": name}
    return Flag("no_heading", None, sentence)


def _left_out(reading: Reading, number: int) -> Iterator[Flag]:
    for line in reading.lines:
        if line.left_out and line.call == number:
            sentence = _("An address, a telephone number or a contact stood here: it is left out.")
            yield Flag("personal_data", line.number, sentence)


def _variants(call: ReadCall, places: Places) -> Iterator[Flag]:
    """Names in one country that may be one organisation's."""
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
            _("These may be names of one organisation: %(names)s. One body or several?")
            % {"names": _quoted(group)},
            suggestions=tuple(group),
        )


def _lead_as_rows(project: ReadProject) -> list[Row]:
    lead = project.lead
    return [Row(lead.country, lead.name, lead.line or 0)]


def _of_project(project: ReadProject, places: Places) -> Iterator[Flag]:
    yield from _of_lead(project, places)
    yield from _disagreement(project, places)
    if project.title is None:
        sentence = _("The text gives the project no title: enter one with its source.")
        yield Flag("no_title", project.line, sentence)
    for row in [*_lead_as_rows(project), *project.rows]:
        if row.name:
            yield from _of_name(row, row.name, places)
    for row in project.rows:
        if not row.country:
            sentence = _("No country is stated for “%(name)s”: enter it.")
            yield Flag("no_country", row.line, sentence % {"name": row.name})


def _of_lead(project: ReadProject, places: Places) -> Iterator[Flag]:
    lead = project.lead
    if lead.line is None:
        yield Flag("no_lead", project.line, _("No lead partner is named."))
    elif not lead.country:
        suggested = suggested_country(project)
        sentence = _("The country of the lead partner is not stated: enter it.")
        if suggested:
            sentence += " " + _("%(country)s is named first among the countries.") % {
                "country": places.name_of(suggested)
            }
        countries = (suggested,) if suggested else ()
        yield Flag("lead_without_country", lead.line, sentence, countries)


def suggested_country(project: ReadProject) -> str | None:
    """The country for a lead partner whose own is not stated: a row of its name, or the first."""
    for row in project.rows:
        if row.name and project.lead.name and fold(row.name) == fold(project.lead.name):
            return row.country
    return next(iter(project.announced), None)


def _disagreement(project: ReadProject, places: Places) -> Iterator[Flag]:
    """Where the headline and the partner list name different countries."""
    announced, listed = project.announced, project.countries()
    if not announced or not listed:
        return
    lead = [project.lead.country] if project.lead.country else []
    only_announced = [code for code in announced if code not in listed]
    only_listed = [code for code in listed if code not in [*announced, *lead]]
    if project.lead.country is None and not only_announced and len(only_listed) == 1:
        return  # the one that is left is the lead partner's
    if only_announced or only_listed:
        parts = [
            _said_only(_("Only in the headline: %(countries)s."), only_announced, places),
            _said_only(_("Only in the list: %(countries)s."), only_listed, places),
        ]
        sentence = _("Headline and list of partners disagree.")
        yield Flag(
            "headline_and_list",
            project.lead.line or project.line,
            " ".join([sentence, *filter(None, parts)]),
            (*only_announced, *only_listed),
        )


def _said_only(sentence: str, codes: list[str], places: Places) -> str:
    named = [f"{places.name_of(code)} ({code})" for code in codes]
    return sentence % {"countries": get_text_list(named, _("and"))} if codes else ""


def _of_name(row: Row, name: str, places: Places) -> Iterator[Flag]:
    values = {"name": name[:300]}
    if row.country and names.repeats_country(name, row.country, places):
        sentence = _("“%(name)s” repeats its country: kept as published.")
        yield Flag("country_in_name", row.line, sentence % values, (row.country,))
    if names.is_cut_off(name):
        sentence = _("“%(name)s” looks cut off: find out the whole name.")
        yield Flag("name_cut_off", row.line, sentence % values)
    elif names.needs_its_country(name):
        sentence = _("“%(name)s” says which body it is only together with its country.")
        yield Flag("general_name", row.line, sentence % values)
    if parts := names.parts_of(name):
        languages = [names.in_language(part) for part in parts]
        sentence = _(
            "Slashes join several names: %(names)s. One body in several languages, or several?"
        )
        yield Flag(
            "several_names",
            row.line,
            sentence % {"names": ", ".join(languages)},
            suggestions=tuple(parts),
        )
    if names.is_unbalanced(name):
        sentence = _("Brackets or quotation marks of “%(name)s” do not match: kept as published.")
        yield Flag("unbalanced", row.line, sentence % values)


def _quoted(texts: list[str]) -> str:
    return get_text_list([f"“{text}”" for text in texts[:10]], _("and"))
