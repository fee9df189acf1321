import pytest

from psf.charts.charts import HEAVIEST, LONGEST, bar_chart, matrix, on_a_circle, ring, star
from tests.support.jinja import component


def bars(groups):
    return bar_chart("name", "Title", "Description.", groups)


def test_bars_stand_on_one_scale_and_below_one_another():
    chart = bars([("A", [(10, "ten"), (5, "five")]), ("B", [(0, "none"), (None, "not known")])])
    first, second = chart.groups

    assert [bar.width for bar in first.bars] == [LONGEST, LONGEST / 2]
    assert [bar.width for bar in second.bars] == [0, 0]
    assert [bar.look for bar in first.bars] == [0, 1]
    heights = [bar.y for group in chart.groups for bar in group.bars]
    assert heights == sorted(set(heights))
    assert chart.height > heights[-1]
    # The words begin behind their bar, or where it would begin.
    assert [bar.text_x > bar.width for bar in first.bars] == [True, True]
    assert [bar.text_x for bar in second.bars] == [0, 0]


def test_bars_of_nothing_have_no_width():
    assert bars([]).groups == []
    assert bars([("A", [(0, "none")])]).groups[0].bars[0].width == 0


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("bars", bars([("<A>", [(1, "one"), (None, "not known")])])),
        ("matrix", matrix("m", "T", "D", ["LV", "FI"], lambda one, other: 3)),
        ("network", star("s", "T", "D", [1, 2])),
    ],
)
def test_a_picture_has_a_name_and_a_description(kind, drawn):
    svg = getattr(component("_charts.html"), kind)(drawn)

    assert f'role="img" aria-labelledby="{drawn.name}-title {drawn.name}-desc"' in svg
    assert f'<title id="{drawn.name}-title">{drawn.title}</title>' in svg
    assert f'<desc id="{drawn.name}-desc">{drawn.description}</desc>' in svg
    assert "<A>" not in svg


def test_a_matrix_has_a_number_for_each_pair_and_none_on_its_diagonal():
    numbers = {("LV", "FI"): 12_345, ("LV", "IS"): 0, ("FI", "IS"): 7}
    drawn = matrix(
        "m", "T", "D", ["LV", "FI", "IS"], lambda *pair: numbers.get(pair, numbers.get(pair[::-1]))
    )

    assert [cell.number for cell in drawn.cells] == [None, 12_345, 0, 12_345, None, 7, 0, 7, None]
    assert [cell.short for cell in drawn.cells[:3]] == ["", "12k", "0"]
    assert [cell.step for cell in drawn.cells[:3]] == [0, 4, 0]
    assert drawn.cells[5].step in {1, 2, 3}
    assert [label for label, _x, _y in drawn.heads()] == ["LV", "FI", "IS"]
    assert max(cell.x for cell in drawn.cells) + drawn.size == pytest.approx(100, abs=0.01)
    assert max(cell.text_y for cell in drawn.cells) < drawn.height


def test_circles_stand_apart_inside_the_picture():
    nodes = on_a_circle([str(number) for number in range(20)])

    assert on_a_circle([]) == []
    assert len({(node.x, node.y) for node in nodes}) == 20
    assert all(13 <= place <= 307 for node in nodes for place in (node.x, node.y))
    assert nodes[0].y < nodes[1].y < nodes[5].y


def test_lines_are_as_thick_as_what_is_shared_within_bounds():
    spokes = star("s", "T", "D", [1, 5, 1000])
    assert [link.weight for link in spokes.links] == [1, 5, HEAVIEST]
    assert [node.label for node in spokes.nodes] == ["", "1", "2", "3"]

    ties = ring("r", "T", "D", 3, {(0, 1): 1, (1, 2): 40})
    assert [(link.start.label, link.end.label, link.weight) for link in ties.links] == [
        ("1", "2", 1),
        ("2", "3", HEAVIEST),
    ]
