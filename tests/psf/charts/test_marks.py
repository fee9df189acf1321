"""One mark is one record, up to a number at which a bar or a number stands for the records."""

import re
from datetime import date

import pytest

from psf.charts.marks import (
    LONGEST,
    DotRow,
    Group,
    Mark,
    Point,
    Row,
    Squares,
    dots_of,
    time_axis,
)
from psf.database.keysets import keyset
from tests.support.jinja import component

LINKS = {3: ("/c/", "C"), 1: ("/a/", "<A>"), 2: ("/b/", "B")}
CLOSED = Point("2019", date(2019, 3, 31), date(2019, 3, 31))
BAND = Point("2013–2016", date(2013, 1, 1), date(2016, 12, 31))
AXIS = time_axis([BAND, CLOSED], date(2026, 12, 1))


def squares(*numbers, links=LINKS):
    rows = [
        Row("Latvia", "/lv/", [Group("led", led, keyset([1])), Group("project", joined)], "3")
        for led, joined in numbers
    ]
    return Squares([("led", "led")], rows, links)


def html_of(chart):
    return component("_charts.html").squares(chart)


def test_a_square_opens_its_record_outside_the_order_of_the_keyboard():
    html = html_of(squares((1, 2)))
    assert html.count('class="mark mark--led"') == 2  # with the legend
    assert '<a class="mark mark--led" href="/a/" title="&lt;A&gt;" tabindex="-1"></a>' in html
    assert html.count('<i class="mark mark--project"></i>') == 2
    assert '<a href="/lv/">Latvia</a>' in html
    assert 'href="/a/"' not in html_of(squares((1, 2), links={}))


def test_more_marks_than_a_row_holds_are_bars_of_the_same_length():
    assert not squares((20, 40)).are_bars
    chart = squares((20, 41), (1, 0))
    html = html_of(chart)
    assert chart.are_bars
    assert 'class="mark mark--led" href' not in html
    first, second = (chart.bars(row) for row in chart.rows)
    assert sum(bar.width for bar in first) == pytest.approx(LONGEST, abs=0.01)
    assert first[1].x == first[0].width
    assert second[0].width * 61 == pytest.approx(LONGEST, abs=0.5)
    assert len(re.findall("<rect", html)) == 3  # a bar of zero is not drawn


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
