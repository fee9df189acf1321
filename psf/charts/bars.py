"""The geometry of bar charts. Widths are per cent of the chart, heights are pixels.

Text therefore keeps its size when the chart grows or shrinks with the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.text import Truncator

# Per cent of the chart. The remaining width is for the text beside the longest bar.
LONGEST = 50.0
LABEL, BAR, GAP = 22, 18, 14
MAX_LABEL = 42  # characters: text does not wrap here, and a telephone has no room for more


# The value and the text of each bar. An unknown value is None: the text has no bar.
Bars = list[tuple[float | None, str]]


class Bar(NamedTuple):
    """A bar with the text beside the bar. The width is 0 for zero and for an unknown value."""

    look: int
    y: int
    width: float
    text: str

    @property
    def text_y(self) -> int:
        return self.y + 11

    @property
    def text_x(self) -> float:
        return self.width + 1.5 if self.width else 0.0


class BarGroup(NamedTuple):
    label: str
    y: int
    bars: list[Bar]


@dataclass(frozen=True)
class BarChart:
    """Groups of bars, top to bottom."""

    name: str
    title: str
    description: str
    groups: list[BarGroup]
    height: int


def bar_chart(
    name: str,
    title: str,
    description: str,
    groups: Iterable[tuple[str, Bars]],
    looks: Sequence[int] = range(4),
) -> BarChart:
    """Return groups of bars on one scale.

    Each group has a label. `looks` are the looks of the bars of a group; 0 is the solid bar.
    """
    rows = list(groups)
    greatest = max((value or 0 for _label, bars in rows for value, _text in bars), default=0)
    bar_groups, y = [], 0
    for label, bars in rows:
        top = y + LABEL
        placed_bars = [
            Bar(looks[place], top + BAR * place, _width(value, greatest), text)
            for place, (value, text) in enumerate(bars)
        ]
        bar_groups.append(BarGroup(Truncator(label).chars(MAX_LABEL), y + 15, placed_bars))
        y = top + BAR * len(bars) + GAP
    return BarChart(name, title, description, bar_groups, y)


def _width(value: float | None, greatest: float) -> float:
    return round(LONGEST * float(value) / float(greatest), 2) if value and greatest else 0.0
