"""The findings of the page of figures: each a title that the records prove, a chart, a table."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from projects.figures import sentences
from projects.figures.cooperation import (
    Pairs,
    missing_pairs,
    numbers_of_pairs,
    pair_table,
)
from projects.figures.overview import (
    call_table,
    country_table,
    coverage_table,
)
from projects.figures.records import Records
from projects.figures.timeline import Axis, DotRow, dot_row, points_of, time_axis, was_member
from projects.models import Call
from projects.pages.coverage import (
    applications_of,
    applications_title,
    coverage_of,
    funded_applications,
)
from psf.charts.baltic_map import shades
from psf.charts.squares import Group, Row, Squares
from psf.charts.tables import Cell, Column, Table
from psf.database.keysets import KeySet, union
from psf.text.numbers_and_amounts import number, number_word
from psf.text.phrases import join_names

# A chart shows this many rows, and a matrix this many countries; the table shows all.
MAX_ROWS, MAX_COUNTRIES = 20, 15


@dataclass(frozen=True)
class Finding:
    """A finding. One of `squares`, `pairs` and `dots` is its chart; `tables` are in `TABLES`.

    `strip` are the marks of its title, for the home page.
    """

    name: str
    title: str
    sentence: str
    tables: list[str]
    squares: Squares | None = None
    pairs: Pairs | None = None
    axis: Axis | None = None
    dots: list[DotRow] = field(default_factory=list)
    strip: Sequence[Group] = ()
    lead: str = ""
    note: str = ""


def load_findings(records: Records, names: Sequence[str] = ()) -> list[Finding]:
    """The findings that have something to say, in their order; all, or those with the names."""
    findings = [FINDINGS[name](records) for name in names or FINDINGS]
    return [finding for finding in findings if finding]


def applications(records: Records) -> Finding | None:
    calls = funded_applications(records.calls)
    if not calls:
        return None
    rows = [
        Row(
            call.title,
            call.get_absolute_url(),
            _applications([call]),
            _("%(part)s of %(whole)s") % {"part": number(funded), "whole": number(received)},
        )
        for call in calls
        for received, funded in [applications_of([call])]
    ]
    sentence = ngettext(
        "The only call for which both numbers were announced.",
        "The %(count)s calls for which both numbers were announced.",
        len(rows),
    ) % {"count": number_word(len(rows))}
    chart = Squares([("project", _("funded")), ("outline", _("not funded"))], rows[-MAX_ROWS:], {})
    refused = _(
        "We never break down refused applications: few were made, and a number could point to one."
    )
    return Finding(
        "applications",
        applications_title(*applications_of(calls)),
        f"{sentence} {_one_square(chart, _('One square is one application.'))}",
        ["calls"],
        chart,
        strip=_applications(calls),
        note=" ".join([*[*_eligible(records)][-3:], refused]),
    )


def _applications(calls: list[Call]) -> list[Group]:
    received, funded = applications_of(calls)
    return [Group("project", funded), Group("outline", received - funded)]


def _eligible(records: Records) -> Iterator[str]:
    """A sentence about each call that announced the eligible and not the received applications."""
    for call in records.calls:
        received, eligible, funded = call.announced_counts()
        if received is None and eligible and funded is not None:
            text = _(
                "In %(call)s, %(funded)s of %(eligible)s eligible applications were funded; how "
                "many were received was not announced."
            )
            values = {"call": call.title, "funded": number(funded), "eligible": number(eligible)}
            yield text % values


def _one_square(chart: Squares, sentence: str) -> str:
    """What a mark is; a bar is as long as its number."""
    return _("The length of a bar is the number.") if chart.are_bars else sentence


def coverage(records: Records) -> Finding | None:
    rows, silent = [], []
    for call in records.calls:
        projects = records.sets.of("call", call.pk)
        here, funded = projects.bit_count(), call.announced_counts().funded
        if funded is None and not here:
            silent += [call.title] if not call.awaits_result() else []
            continue
        total = max(here, funded or 0)
        text = _("%(part)s of %(whole)s") % {
            "part": number(here),
            "whole": "?" if funded is None else number(total),
        }
        groups = [Group("project", here, projects), Group("outline", total - here)]
        rows.append(Row(call.title, call.get_absolute_url(), groups, text))
    covered = coverage_of(records.calls, records.sets.numbers_by_call())
    if not covered.title():
        return None
    legend = [("project", _("on this site")), ("outline", _("announced, not on this site"))]
    legend += [("unknown", _("number never announced"))] if covered.unknown else []
    chart = Squares(legend, rows[-MAX_ROWS:], records.links)
    sentence = ngettext(
        "For one call the number of funded projects was announced.",
        "For %(count)s calls the number of funded projects was announced.",
        covered.announced,
    ) % {"count": number_word(covered.announced)}
    note = _("%(calls)s: neither a number nor a project was published.")
    return Finding(
        "coverage",
        covered.title(),
        f"{_one_square(chart, _('One square is one project.'))} {sentence}",
        ["coverage"],
        chart,
        strip=[Group("project", covered.here), Group("outline", covered.funded - covered.here)],
        note=note % {"calls": join_names(silent)} if silent else "",
    )


def countries(records: Records) -> Finding | None:
    projects = {line.country.name: line.projects for line in records.lines}
    led_by = {line.country.name: line.led for line in records.lines}
    title = sentences.countries_title(projects, led_by, records.sets.everything.bit_count())
    if not title:
        return None
    rows = [
        Row(
            line.country.name,
            line.country.get_absolute_url(),
            records.groups(line.country.code, records.sets.everything),
            number(line.projects),
            _("led %(number)s") % {"number": number(line.led)} if line.led else "",
        )
        for line in records.lines[:MAX_ROWS]
    ]
    legend = [("led", _("led by an organisation of the country")), ("project", _("took part"))]
    chart = Squares(legend, rows, records.links)
    sentence = _one_square(chart, _("One square is one project, and each opens it."))
    led = _("Projects led by the CBSS itself count for no country as leader.")
    words, strip = f"{sentence} {led}", rows[0].groups
    return Finding("countries", title, words, ["countries"], chart, strip=strip)


def pairs(records: Records) -> Finding | None:
    numbers = numbers_of_pairs(records.sets)
    in_order = [line.country.code for line in records.lines]
    by_rank = {
        (records.countries[first].name, records.countries[second].name): value
        for pair, value in numbers.items()
        for first, second in [sorted(pair, key=in_order.index)]
    }
    title = sentences.pairs_title(by_rank)
    if not title:
        return None
    countries = [records.countries[code] for code in in_order[:MAX_COUNTRIES]]
    missing = missing_pairs(records.members(), numbers)
    count = sum(len(partners) for partners in missing.values())
    lead = ngettext(
        "One pair of member states has not yet shared a project on this site.",
        "%(count)s pairs of member states have not yet shared a project on this site.",
        count,
    ) % {"count": capfirst(number_word(count))}
    listed = "; ".join(f"{row} {_('with')} {join_names(rows)}" for row, rows in missing.items())
    sentence = _("Each number opens the projects of its two countries.")
    return Finding(
        "pairs",
        title,
        f"{listed}. {sentence}" if missing else sentence,
        ["pairs"],
        pairs=Pairs(countries, numbers, shades(numbers.values())),
        lead=lead if missing else "",
    )


def attendance(records: Records) -> Finding | None:
    points = points_of(records)
    held = [point for point, projects in points.items() if projects]
    attended = {
        line.country: [
            point for point in held if records.sets.of("country", line.country.code) & points[point]
        ]
        for line in records.lines
    }
    newest = max((point.last for point in held), default=records.today)
    last_years = {
        country.name: calls[-1].last.year
        for country, calls in attended.items()
        if calls and calls[-1].last < newest and was_member(country, records.today)
    }
    numbers = {country.name: len(calls) for country, calls in attended.items()}
    title = sentences.attendance_title(numbers, len(held), last_years)
    if not title:
        return None
    axis = time_axis(points, records.today)
    sentence = _("One dot is one project, on the day or in the year in which its call closed.")
    if bands := [band.label for band in axis.bands()]:
        sentence += " " + _("A grey band is one call: %(years)s.") % {"years": join_names(bands)}
    return Finding(
        "attendance",
        title,
        sentence,
        ["attendance"],
        axis=axis,
        dots=[dot_row(records, points, axis, line.country) for line in records.lines[:MAX_ROWS]],
    )


def attendance_table(records: Records) -> Table:
    """The projects of each country by the year in which the call closed."""
    by_label = defaultdict[str, KeySet](int)
    for point, projects in points_of(records).items():
        if projects:
            by_label[point.label] |= projects
    rows = [
        [
            Cell(line.country.name, url=line.country.get_absolute_url()),
            *(
                Cell((records.sets.of("country", line.country.code) & keys).bit_count())
                for keys in by_label.values()
            ),
        ]
        for line in records.lines
    ]
    columns = [Column("country", _("Country"), numeric=False)]
    columns += [Column(f"y{label.replace('–', '-')}", label) for label in by_label]
    caption = _("Projects of each country by the closing of the call")
    return Table("attendance", caption, columns, rows)


def topics(records: Records) -> Finding | None:
    numbers = {name: keys.bit_count() for _slug, name, keys in records.topics}
    title = sentences.topics_title(numbers, records.sets.everything.bit_count())
    if not title:
        return None
    address = reverse("projects:project-list")
    rows = [
        Row(name, f"{address}?topic={slug}", [Group("project", value, keys)], number(value))
        for slug, name, keys in records.topics
        for value in [numbers[name]]
        if value > 1
    ]
    chart = Squares([], rows[:MAX_ROWS], records.links)
    sentence = _one_square(chart, _("One square is one project."))
    several = _("A project can have several topics.")
    return Finding(
        "topics",
        title,
        f"{sentence} {several}",
        ["topics"],
        chart,
        note=" ".join(_other_topics(records, [name for name in numbers if numbers[name] == 1])),
    )


def _other_topics(records: Records, single: list[str]) -> Iterator[str]:
    """Sentences about the topics of one project, and the projects without a topic."""
    if single:
        yield _("One project each: %(topics)s.") % {"topics": join_names(single)}
    without = records.sets.everything & ~union(records.sets.values["topic"].values())
    if number_without := without.bit_count():
        text = ngettext(
            "%(count)s project has no topic.",
            "%(count)s projects have no topic.",
            number_without,
        )
        yield text % {"count": capfirst(number_word(number_without))}


def topic_table(records: Records) -> Table:
    address = reverse("projects:project-list")
    rows = [
        [Cell(name, url=f"{address}?topic={slug}"), Cell(projects.bit_count())]
        for slug, name, projects in records.topics
    ]
    columns = [Column("topic", _("Topic"), numeric=False), Column("projects", _("Projects"))]
    return Table("topics", _("Projects by topic"), columns, rows)


FINDINGS: dict[str, Callable[[Records], Finding | None]] = {
    "applications": applications,
    "coverage": coverage,
    "countries": countries,
    "pairs": pairs,
    "attendance": attendance,
    "topics": topics,
}
TABLES: dict[str, Callable[[Records], Table]] = {
    "calls": call_table,
    "coverage": coverage_table,
    "countries": country_table,
    "pairs": pair_table,
    "attendance": attendance_table,
    "topics": topic_table,
}
