"""Small panels side by side, in inches: as many as there are tasks, on no more than a printed page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports.figures.style import WIDTH, legend, legend_rows

TALLEST: Final = 9.3
"""Inches: what a printed page has beside the caption."""
HEIGHT: Final = 1.4
"""Inches of a panel."""
MANY: Final = 16
"""More panels than these stand in narrower columns."""
LEFT: Final = 0.52
"""Inches between the edge of a panel and its axes, for label and ticks; `RIGHT`, `HEAD` and `FOOT` likewise."""
INDENT: Final = 0.12
"""Inches between that edge and a title."""
RIGHT: Final = 0.08
HEAD: Final = 0.24
FOOT: Final = 0.2
LABEL: Final = 0.2
"""Inches for the x label, under the lowest row."""
LEGEND_ROW: Final = 0.19
LETTER: Final = 0.0099
"""Inches that a letter takes, per point of its size."""
TITLE, SMALLEST_TITLE, UNIT, SMALLEST_UNIT = 7.5, 5.0, 7.0, 4.5


def grid(
    count: int, handles: Sequence[Line2D], label: str = "", right: float = RIGHT
) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels under a legend; few panels are drawn larger. `label` is that of their x axes.

    Everything has its place beforehand, in inches: measuring all ticks of 29 panels would take most of the time.
    """
    columns = min(count, 4 if count <= MANY else 5)
    rows = -(-count // columns)
    width = {1: 3.6, 2: 5.4}.get(columns, WIDTH)
    top = LEGEND_ROW * legend_rows(handles, width) + 0.05
    bottom = LABEL if label else 0.0
    tall = min(HEIGHT * (1.45 if columns < 3 else 1.0), (TALLEST - top - bottom) / rows)
    height, wide = top + rows * tall + bottom, width / columns
    figure = Figure(figsize=(width, height))
    panels = []
    for index in range(count):
        x, y = index % columns * wide + LEFT, height - top - (index // columns + 1) * tall + FOOT
        size = wide - LEFT - right, tall - HEAD - FOOT
        panel = figure.add_axes((x / width, y / height, size[0] / width, size[1] / height))
        panel.xaxis.set_label_coords(0.5, -0.25 / size[1])
        panel.yaxis.set_label_coords(-0.4 / size[0], 0.5)
        lowest = index + columns >= count
        panel.set_xlabel((label if lowest else "") or " ")  # seaborn keeps labels that are there
        panels.append(panel)
    if handles:
        legend(figure, handles)
    return figure, panels


def name_panel(axes: Axes, name: str, unit: str, ticks: int = 3) -> None:
    """Title and unit of a panel, as large as it has place for; few ticks, horizontal grid only."""
    width, height = _inches(axes)
    title, size = _fitted(name, TITLE, SMALLEST_TITLE, width + LEFT - INDENT)
    axes.set_title(title, fontweight="bold", fontsize=size, x=(INDENT - LEFT) / width, y=1.0)
    label, size = _fitted(unit, UNIT, SMALLEST_UNIT, height + HEAD + FOOT)
    axes.set_ylabel(label, fontsize=size)
    axes.grid(False, axis="x")
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))


def steps_axis(axes: Axes) -> None:
    """An x axis of env steps in millions or thousands, without an offset text."""
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_steps(value)))


def short_steps(value: float) -> str:
    """Env steps: `0`, `250k`, `1.5M`."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value else "0"


def _inches(axes: Axes) -> tuple[float, float]:
    """Width and height of the axes proper."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    place = axes.get_position()
    return float(place.width * figure.get_figwidth()), float(place.height * figure.get_figheight())


def _fitted(text: str, size: float, smallest: float, inches: float) -> tuple[str, float]:
    """A text and the font size (points), from `smallest` to `size`, at which it fits; cut where it never does."""
    most = int(inches / (LETTER * smallest))
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    return shown, min(size, max(smallest, inches / (LETTER * max(len(shown), 1))))
