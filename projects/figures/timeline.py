"""The axis of time with dots, and the timeline: the picture of all calls and projects on one page.

Positions of dots are per cent of the width, so text and dots keep their size on every page.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from partners.models import Country, MembershipStatus
from projects.figures.records import Records
from projects.list_index.index import projects_of
from projects.models import Call, Phase, Project
from psf.charts.squares import Group, Links, Mark
from psf.database.keysets import KeySet, keys_of
from psf.text.dates import Precision, describe, years_of_period
from psf.text.numbers_and_amounts import number, short_number
from psf.text.phrases import foreign_language

# A call with more dots is one dot with a number. An axis with more points has one point a year.
MAX_DOTS, MAX_POINTS = 8, 24
# The distance between the middles of two dots, in pixels.
PITCH = 11


class Point(NamedTuple):
    """A point or a period on the axis: of a call, or of the calls of a year."""

    label: str
    first: date
    last: date

    @property
    def is_band(self) -> bool:
        return self.first != self.last

    def of_year(self) -> "Point":
        """The point that stands for all calls of a year; a band stands for itself."""
        middle = date(self.last.year, 7, 1)
        return self if self.is_band else Point(self.label, middle, middle)


class Tick(NamedTuple):
    """The label of a year above its first point. Narrow windows show every second tick."""

    label: str
    x: float
    is_minor: bool


@dataclass(frozen=True)
class Axis:
    """A linear axis from the first to the last day, with its points."""

    first: date
    last: date
    today: date
    points: list[Point]

    def x(self, day: date) -> float:
        return round(100 * (day - self.first).days / (self.last - self.first).days, 2)

    def middle(self, point: Point) -> float:
        return round((self.x(point.first) + self.x(point.last)) / 2, 2)

    def width(self, point: Point) -> float:
        return round(self.x(point.last) - self.x(point.first), 2)

    def bands(self) -> list[Point]:
        return [point for point in self.points if point.is_band]

    def ticks(self) -> list[Tick]:
        """A label for each band and each year, once."""
        labels = {point.label: point for point in reversed(self.points)}
        in_order = sorted(labels.values(), key=lambda point: point.first)
        return [
            Tick(point.label, self.middle(point), not point.is_band and number % 2 == 1)
            for number, point in enumerate(in_order)
        ]


def time_axis(points: Iterable[Point], today: date) -> Axis:
    """The axis from the beginning of the first year to four months after the last day."""
    in_axis = list(points)
    last = max([today, *(point.last for point in in_axis)])
    months = last.year * 12 + last.month + 3
    end = date(months // 12, months % 12 + 1, 1)
    return Axis(date(min(point.first.year for point in in_axis), 1, 1), end, today, in_axis)


class Dot(NamedTuple):
    """A dot at x per cent and some pixels from there. With a number it stands for many records."""

    mark: Mark
    x: float
    dx: float = 0
    dy: float = 0
    number: str = ""


class DotRow(NamedTuple):
    """The dots of a country; `words` says the same in a line."""

    label: str
    url: str
    dots: list[Dot]
    number: int
    words: str

    @property
    def has_numbers(self) -> bool:
        return any(dot.number for dot in self.dots)


def dots_of(axis: Axis, point: Point, groups: Iterable[Group], links: Links) -> list[Dot]:
    """The dots of a point: stacked by two, spread in a band, or one dot for many records."""
    groups = [group for group in groups if group.number]
    number = sum(group.number for group in groups)
    if number > MAX_DOTS:
        return [Dot(Mark("project"), axis.middle(point), number=short_number(number))]
    marks = [mark for group in groups for mark in group.marks(links)]
    if point.is_band:
        step = axis.width(point) / (number + 1)
        start = axis.x(point.first)
        return [Dot(mark, round(start + step * n, 2)) for n, mark in enumerate(marks, start=1)]
    columns = (number + 1) // 2
    return [
        Dot(
            mark,
            axis.x(point.first),
            (n // 2 - (columns - 1) / 2) * PITCH,
            0 if n == number - 1 and number % 2 else (n % 2 - 0.5) * PITCH,
        )
        for n, mark in enumerate(marks)
    ]


Points = Mapping[Point, KeySet]


def point_of(call: Call) -> Point | None:
    """The place of a call on the axis of time: its closing day, or a period; None if not known.

    A call is a period if only the year of its closing is known, or if it was open in three years.
    """
    last = call.closing_day()
    if last is None:
        return None
    first = call.day_of(call.opens_at) if call.opens_at else last
    if call.closes_precision == Precision.YEAR:
        first = date(first.year, 1, 1)
    elif last.year - first.year < 2:
        first = last
    return Point(years_of_period(first, last), first, last)


def was_member(country: Country, day: date) -> bool:
    """Whether the country was a member state before a day and is none on this day."""
    statuses = {row.status for row in country.memberships.all()}
    return MembershipStatus.MEMBER in statuses and not country.was_member_on(day)


def dot_row(records: Records, points: Points, axis: Axis, country: Country) -> DotRow:
    """The dots of a country on the axis."""
    dots, words = [], []
    for point in axis.points:
        groups = records.groups(country.code, points[point])
        if here := sum(group.number for group in groups):
            dots += dots_of(axis, point, groups, records.links)
            words.append(f"{point.label}: {number(here)}")
    total = records.sets.of("country", country.code).bit_count()
    return DotRow(country.name, country.get_absolute_url(), dots, total, "; ".join(words))


def points_of(records: Records) -> Points:
    """The projects by the place of their calls on the axis of time; closed calls only."""
    points = defaultdict[Point, KeySet](int)
    for call in records.calls:
        point = point_of(call)
        if point and point.last <= records.today:
            points[point] |= records.sets.of("call", call.pk)
    if len(points) <= MAX_POINTS:
        return points
    years = defaultdict[Point, KeySet](int)
    for point, projects in points.items():
        years[point.of_year()] |= projects
    return years


# The geometry of the picture, in pixels: the axis of time, the titles, and a column per country.
WIDTH, TIME, TITLES, COLUMN, LINE, HEAD, PAD = 1240, (44, 322), 346, 27, 21, 34, 5
# The countries with a column, about as many lines as one sheet of paper has, and the calls that
# then have lines for three projects and the rest.
MAX_COLUMNS, MAX_LINES = 15, 150
MAX_CALLS = MAX_LINES // 4


class TimeBar(NamedTuple):
    """A bar on the axis of time. Without known dates it is a dotted stub after the closing."""

    x: float
    width: float
    is_dotted: bool = False


class Line(NamedTuple):
    """A line about a project, about a call without projects, or about the end of a membership.

    `detail` names the countries and the period. `dots` are the columns of the countries, each
    with whether the country leads. `ended` is the column of a former member.
    """

    words: str
    url: str = ""
    language: str = ""
    detail: str = ""
    bar: TimeBar | None = None
    dots: Sequence[tuple[int, bool]] = ()
    ended: int = 0


class CallLines(NamedTuple):
    """A call with its place on the axis, its height in the picture, and its lines."""

    call: Call
    label: str
    bar: TimeBar | None
    look: str
    y: int
    lines: list[Line]

    @property
    def height(self) -> int:
        return len(self.lines) * LINE + 2 * PAD


Columns = Mapping[Country, int]  # the middle of the column of each country


@dataclass(frozen=True)
class Timeline:
    """All calls, oldest first, on one axis, with the countries of the columns."""

    axis: Axis
    columns: Columns
    calls: list[CallLines]

    @property
    def height(self) -> int:
        return self.calls[-1].y + self.calls[-1].height + PAD

    def years(self) -> list[tuple[int, float]]:
        """Every third year with its middle."""
        years = range(self.axis.first.year + 1, self.axis.last.year, 3)
        return [(year, x_of(self.axis, date(year, 7, 1))) for year in years]

    def today(self) -> float:
        return x_of(self.axis, self.axis.today)

    def letters(self) -> int:
        """The number of letters of a title that fit before the columns."""
        return (WIDTH - COLUMN * len(self.columns) - TITLES) // 7


def x_of(axis: Axis, day: date) -> float:
    start, end = TIME
    return round(start + (end - start) * axis.x(day) / 100, 1)


def load_timeline(records: Records) -> Timeline | None:
    """The facility from its first call to today.

    Of many calls, the newest have lines; of many projects, the first of each call.
    """
    points = {call: point_of(call) for call in records.calls[-MAX_CALLS:]}
    dated = [point for point in points.values() if point]
    if not dated:
        return None
    axis = time_axis(dated, records.today)
    countries = [line.country for line in records.lines[:MAX_COLUMNS]]
    first = WIDTH - COLUMN * len(countries) + COLUMN // 2
    columns = {row: first + COLUMN * place for place, row in enumerate(countries)}
    most = max(3, MAX_LINES // len(points) - 1)
    keys_by_call = {call: keys_of(records.sets.of("call", call.pk))[:most] for call in points}
    rows = {
        row.pk: row for row in projects_of([key for keys in keys_by_call.values() for key in keys])
    }
    calls, y = [], HEAD
    ends = [point.last for point in dated]
    for call, point in points.items():
        projects = [rows[key] for key in keys_by_call[call] if key in rows]
        lines = [_project_line(axis, columns, point, project) for project in projects]
        lines += _other_lines(records, call, len(projects))
        if point:
            after = min((end for end in ends if end > point.last), default=date.max)
            lines += _endings(columns, point.last, after)
        calls.append(_call_lines(axis, call, point, y, lines))
        y += calls[-1].height
    return Timeline(axis, columns, calls)


def _call_lines(
    axis: Axis, call: Call, point: Point | None, y: int, lines: list[Line]
) -> CallLines:
    bar = None
    if point:
        last, first = x_of(axis, point.last), x_of(axis, point.first)
        bar = TimeBar(round(min(first, last - 3), 1), round(max(3, last - first), 1))
    look = "open" if call.phase() == Phase.OPEN else "closed"
    look = "band" if point and point.is_band else look
    return CallLines(call, point.label if point else call.title, bar, look, y, lines)


def _project_line(axis: Axis, columns: Columns, point: Point | None, project: Project) -> Line:
    lead, countries = project.lead_country(), project.countries()
    start = project.starts_on or (point.last if point and not point.is_band else None)
    bar = None
    if start:
        x, end = x_of(axis, start), project.ends_on
        width = max(3, min(x_of(axis, end), TIME[1]) - x) if end and end > start else 12
        is_dotted = not (project.starts_on and end)
        bar = TimeBar(x + 3 * is_dotted, round(width, 1), is_dotted)
    codes = [row.code for row in countries]
    return Line(
        project.title,
        project.get_absolute_url(),
        foreign_language(project.title_language),
        " · ".join([*codes, project.years()]).removesuffix(" · "),
        bar,
        [(x, row == lead) for row, x in columns.items() if row in countries],
    )


def _other_lines(records: Records, call: Call, shown: int) -> list[Line]:
    """A line about a call without projects, or about projects that have no line."""
    address = f"{reverse('projects:project-list')}?call={call.slug}"
    if more := records.sets.of("call", call.pk).bit_count() - shown:
        text = ngettext("%(count)s more project", "%(count)s more projects", more)
        return [Line(text % {"count": number(more)}, address)]
    if shown:
        return []
    if call.phase() == Phase.OPEN:
        return [Line(_("Open until %(day)s") % {"day": call.closes()}, call.get_absolute_url())]
    return [Line(_("No project of this call is here"))]


def _endings(columns: Columns, first: date, last: date) -> Iterator[Line]:
    """The memberships that ended in a period."""
    for country, x in columns.items():
        for row in country.memberships.all():
            is_member = row.status == MembershipStatus.MEMBER
            if is_member and row.valid_to and first <= row.valid_to < last:
                values = {"country": country.name, "day": describe(row.valid_to, Precision.DAY)}
                text = _("%(country)s: member of the CBSS until %(day)s") % values
                yield Line(text, country.get_absolute_url(), ended=x)
