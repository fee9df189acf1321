"""The facility on one page: each call, each project, and each membership that ended, on a line."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from projects.figures.records import load_records
from projects.figures.timeline import (
    MAX_LINES,
    DotRow,
    Point,
    dots_of,
    load_timeline,
    time_axis,
    x_of,
)
from psf.charts.squares import Group, Mark
from tests.support.factories import (
    make_call,
    make_membership,
    make_partner,
    make_partnership,
    make_public_project,
)
from tests.support.hidden_records import words
from tests.support.jinja import component

pytestmark = pytest.mark.django_db


def closed(year, **fields):
    moment = datetime(year, 3, 31, 12, tzinfo=UTC)
    return make_call(**{"opens_at": None, "closes_at": moment, "title": f"PSF {year}"} | fields)


def timeline():
    return load_timeline(load_records())


def lines():
    return {call.call.title: [line.words for line in call.lines] for call in timeline().calls}


def test_each_call_and_each_project_has_a_line(client):
    call = closed(2019)
    project = make_public_project(make_partner(country="LV"), call=call, title="Harbours")
    make_partnership(project, country="FI")
    closed(2017)
    opens = {"opens_at": timezone.now() - timedelta(days=1)}
    closed(timezone.now().year + 1, title="Open", **opens)
    make_call(title="Undated", opens_at=None, closes_at=None)
    day = timeline().calls[2].call.closes()
    assert lines() == {
        "PSF 2017": ["No project of this call is here"],
        "PSF 2019": ["Harbours"],
        "Open": [f"Open until {day}"],
        "Undated": ["No project of this call is here"],
    }
    shown = timeline()
    assert [call.look for call in shown.calls] == ["closed", "closed", "open", "closed"]
    assert shown.calls[-1].bar is None
    (line,) = shown.calls[1].lines
    assert line.detail == "LV · FI"
    assert line.dots == [*zip(shown.columns.values(), [True, False], strict=True)]
    page = words(client.get("/timeline/"))
    assert "4 calls since 2017, 1 project, 2 countries." in page
    assert 'aria-label="Harbours: LV · FI"' in page
    assert page.count("Harbours") == 3  # in the picture with its label, and in the list


@pytest.mark.parametrize(
    ("start", "end", "bar"),
    [
        (date(2019, 9, 1), date(2020, 8, 31), ("2019-09-01", "2020-08-31", False)),
        (None, date(2020, 8, 31), ("2019-03-31", "2020-08-31", True)),
        (date(2019, 9, 1), None, ("2019-09-01", None, True)),
        (None, None, ("2019-03-31", None, True)),
    ],
)
def test_a_bar_is_the_period_and_dotted_without_known_dates(start, end, bar):
    make_public_project(call=closed(2019), starts_on=start, ends_on=end)
    shown = timeline()
    (line,) = shown.calls[0].lines
    first, last, is_dotted = bar
    x = x_of(shown.axis, date.fromisoformat(first))
    assert line.bar.is_dotted == is_dotted
    assert line.bar.x == pytest.approx(x + 3 * is_dotted)
    width = x_of(shown.axis, date.fromisoformat(last)) - x if last else 12
    assert line.bar.width == pytest.approx(width, abs=0.1)


def test_a_call_of_several_years_is_a_band_without_stubs():
    opens = datetime(2013, 3, 1, tzinfo=UTC)
    make_public_project(call=closed(2016, opens_at=opens, closes_precision="year"))
    (call,) = timeline().calls
    assert (call.label, call.look, call.lines[0].bar) == ("2013–2016", "band", None)


def test_the_end_of_a_membership_has_a_line_after_the_last_call_before():
    make_membership("RU", valid_to=date(2020, 3, 2))
    for year in [2019, 2021]:
        make_public_project(make_partner(country="RU"), call=closed(year), title=f"Of {year}")
    russia = load_records().countries["RU"].name
    ended = f"{russia}: member of the CBSS until 2 March 2020"
    assert lines() == {"PSF 2019": ["Of 2019", ended], "PSF 2021": ["Of 2021"]}
    shown = timeline()
    assert shown.calls[0].lines[1].ended == next(iter(shown.columns.values()))


def test_of_many_projects_a_call_shows_the_first_and_counts_the_rest(monkeypatch):
    call = closed(2019)
    for _number in range(5):
        make_public_project(call=call)
    monkeypatch.setattr("projects.figures.timeline.MAX_LINES", 3)
    (shown,) = timeline().calls
    assert MAX_LINES > 100
    assert [line.words for line in shown.lines][3:] == ["2 more projects"]
    assert shown.lines[-1].url == f"/projects/?call={call.slug}"


def test_of_many_calls_the_newest_have_lines_and_telephones_open_the_first(client, monkeypatch):
    for year in range(2000, 2014):
        make_public_project(call=closed(year), title=f"Of {year}")
    page = words(client.get("/timeline/"))
    assert "14 calls since 2000, 14 projects" in page and "2 earlier calls" in page
    monkeypatch.setattr("projects.figures.timeline.MAX_CALLS", 3)
    assert [*lines()] == ["PSF 2011", "PSF 2012", "PSF 2013"]
    page = words(client.get("/timeline/"))
    assert "14 calls, 14 projects" in page and "The newest 3 calls are shown." in page
    assert "earlier calls" not in page and "All calls" in page


def test_the_picture_is_small(client):
    calls = [closed(year) for year in range(2013, 2024)]
    for number in range(22):
        project = make_public_project(call=calls[number // 2], title="Words " * 12)
        for code in ["FI", "SE", "LT"]:
            make_partnership(project, country=code)
    page = client.get("/timeline/").text
    picture = page[page.index('<svg class="poster"') :].split("</svg>")[0]
    assert len(picture) < 20_000


# The axis and its dots

CLOSED = Point("2019", date(2019, 3, 31), date(2019, 3, 31))
BAND = Point("2013–2016", date(2013, 1, 1), date(2016, 12, 31))
AXIS = time_axis([BAND, CLOSED], date(2026, 12, 1))


def test_axis_goes_from_the_first_year_to_four_months_after_the_last_day():
    assert (AXIS.first, AXIS.last) == (date(2013, 1, 1), date(2027, 4, 1))
    assert (AXIS.x(AXIS.first), AXIS.x(AXIS.last)) == (0, 100)
    assert AXIS.x(date(2020, 2, 15)) == pytest.approx(50, abs=0.05)
    assert time_axis([CLOSED], date(2018, 1, 1)).last == date(2019, 7, 1)
    assert AXIS.bands() == [BAND] == [BAND.of_year()]
    assert CLOSED.of_year() == Point("2019", date(2019, 7, 1), date(2019, 7, 1))


def test_each_year_has_one_label_and_telephones_show_every_second():
    days = [date(year, month, 1) for year in [2018, 2019, 2020] for month in [3, 9]]
    axis = time_axis([BAND, *(Point(str(day.year), day, day) for day in days)], days[-1])
    ticks = axis.ticks()
    assert [tick.label for tick in ticks] == ["2013–2016", "2018", "2019", "2020"]
    assert [tick.label for tick in ticks if tick.is_minor] == ["2018", "2020"]
    assert ticks[1].x == axis.x(date(2018, 3, 1))


def dots(number, point=CLOSED):
    return dots_of(AXIS, point, [Group("led", 0), Group("project", number)], {})


def test_dots_of_a_day_are_stacked_by_two_around_the_day():
    assert [(dot.dx, dot.dy) for dot in dots(1)] == [(0, 0)]
    assert [(dot.dx, dot.dy) for dot in dots(2)] == [(0, -5.5), (0, 5.5)]
    assert [(dot.dx, dot.dy) for dot in dots(3)] == [(-5.5, -5.5), (-5.5, 5.5), (5.5, 0)]
    assert {dot.x for dot in dots(8)} == {AXIS.x(CLOSED.last)}


def test_dots_of_a_band_are_spread_evenly():
    width = AXIS.width(BAND)
    assert [dot.x for dot in dots(3, BAND)] == pytest.approx(
        [width / 4, width / 2, width * 3 / 4], abs=0.02
    )


def test_many_dots_are_one_dot_with_the_number():
    assert len(dots(8)) == 8
    (dot,) = dots(12_645)
    assert (dot.number, dot.mark, dot.x) == ("12.6k", Mark("project"), AXIS.x(CLOSED.last))
    assert dots(9, BAND)[0].x == AXIS.middle(BAND)


def test_a_row_of_dots_says_the_same_in_words():
    rows = [DotRow("Latvia", "/lv/", dots(number), number, "2019: 2") for number in [2, 9]]
    html = component("_charts.html").dots(AXIS, rows, "When")
    assert '<caption class="visually-hidden" id="dots">When</caption>' in html
    assert html.count("<circle") == 2
    assert '<text class="dots__many"' in html
    assert "dots--wide" in html
    assert "dots--wide" not in component("_charts.html").dots(AXIS, rows[:1], "When")
    assert html.count("2019: 2</span>") == 2
