"""One mark is one record, up to a number at which a bar stands for the records."""

import re

import pytest

from psf.charts.squares import LONGEST, Group, Row, Squares
from psf.database.keysets import keyset
from tests.support.jinja import component

LINKS = {3: ("/c/", "C"), 1: ("/a/", "<A>"), 2: ("/b/", "B")}


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
