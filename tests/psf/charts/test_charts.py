import re

import pytest

from psf.charts.bars import LONGEST, bar_chart
from psf.charts.matrix import matrix
from tests.support.jinja import component


def bars(groups):
    return bar_chart("name", "Title", "Description.", groups)


def test_bars_share_a_scale_and_follow_each_other_downwards():
    chart = bars([("A", [(10, "ten"), (5, "five")]), ("B", [(0, "none"), (None, "unknown")])])
    first, second = chart.groups

    assert [bar.width for bar in first.bars] == [LONGEST, LONGEST / 2]
    assert [bar.width for bar in second.bars] == [0, 0]
    assert [bar.look for bar in first.bars] == [0, 1]
    heights = [bar.y for group in chart.groups for bar in group.bars]
    assert heights == sorted(set(heights))
    assert chart.height > heights[-1]
    # The text starts after the bar, or at the left edge if there is no bar.
    assert [bar.text_x > bar.width for bar in first.bars] == [True, True]
    assert [bar.text_x for bar in second.bars] == [0, 0]


def test_long_label_is_shortened_to_the_width_of_a_telephone():
    labels = [group.label for group in bars([("PSF 2019", []), ("Long name " * 9, [])]).groups]
    assert labels == ["PSF 2019", "Long name Long name Long name Long name L…"]


def test_bar_of_zero_has_no_width():
    assert bars([]).groups == []
    assert bars([("A", [(0, "none")])]).groups[0].bars[0].width == 0


@pytest.mark.parametrize(
    ("kind", "arguments", "name", "title"),
    [
        ("bars", [bars([("<A>", [(1, "one"), (None, "unknown")])])], "name", "Title"),
        ("matrix", [matrix(["LV", "FI"], lambda row, column: 3), "Pairs"], "matrix", "Pairs"),
    ],
)
def test_chart_has_an_accessible_name_and_description(kind, arguments, name, title):
    svg = getattr(component("_charts.html"), kind)(*arguments)

    assert f'role="img" aria-labelledby="{name}-title {name}-desc"' in svg
    assert f'<title id="{name}-title">{title}</title>' in svg
    assert re.search(rf'<desc id="{name}-desc">[A-Z].*\.</desc>', svg)
    assert "<A>" not in svg


def test_matrix_has_a_square_for_each_pair_and_none_on_the_diagonal():
    numbers = {("LV", "FI"): 12_645, ("LV", "IS"): 0, ("FI", "IS"): 7}
    chart = matrix(["LV", "FI", "IS"], lambda *pair: numbers.get(pair, numbers.get(pair[::-1])))

    assert [cell.number for cell in chart.cells] == [12_645, 0, 12_645, 7, 0, 7]
    assert [cell.short for cell in chart.cells[:2]] == ["13k", "0"]
    assert [cell.step for cell in chart.cells[:2]] == [4, 0]
    assert chart.cells[3].step in {1, 2, 3}
    assert [label for label, _x, _y in chart.heads()] == ["LV", "FI", "IS"]
    assert max(cell.x for cell in chart.cells) + chart.size == pytest.approx(100, abs=0.01)
    assert max(cell.y for cell in chart.cells) < chart.height
