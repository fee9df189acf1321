import re

import pytest

from psf.charts.bars import LONGEST, bar_chart
from psf.charts.matrix import matrix
from psf.charts.network import HEAVIEST, on_a_circle, ring, star
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
        ("network", [star([1, 2]), "<A>"], "network", "Partners of &lt;A&gt;"),
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


def test_circles_are_distinct_and_inside_the_chart():
    nodes = on_a_circle([str(number) for number in range(20)])

    assert on_a_circle([]) == []
    assert len({(node.x, node.y) for node in nodes}) == 20
    assert all(13 <= place <= 307 for node in nodes for place in (node.x, node.y))
    assert nodes[0].y < nodes[1].y < nodes[5].y


def test_line_width_is_the_weight_up_to_a_maximum():
    spokes = star([1, 5, 1000])
    assert [link.weight for link in spokes.links] == [1, 5, HEAVIEST]
    assert [node.label for node in spokes.nodes] == ["", "1", "2", "3"]

    ties = ring(3, {(0, 1): 1, (1, 2): 40})
    assert [(link.start.label, link.end.label, link.weight) for link in ties.links] == [
        ("1", "2", 1),
        ("2", "3", HEAVIEST),
    ]
