"""Rows of points with intervals, one row per task, under the names of their suites; in columns where they are many."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.figures.panels import TALLEST
from reports.figures.style import FAINT, WIDTH, Palette, legend
from reports.text import number

ROW: Final = 0.1
"""Inches beside those of the methods."""
METHOD: Final = 0.075
"""Inches of a method in a row."""
AROUND: Final = 0.75
"""Inches of legend and x axis."""


@dataclass(frozen=True)
class Value:
    """A point with its interval: ends are None where there is none, infinite where it is unbounded."""

    point: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Row:
    """A task with the value of each method, or the mean of a suite."""

    name: str
    values: Mapping[str, Value]
    mean: bool = False


def forest(
    palette: Palette,
    rows: Sequence[Row],
    handles: Sequence[Line2D],
    label: str,
    span: tuple[float, float],
    prepare: Callable[[Axes], None] = lambda axes: None,
) -> Figure:
    """A figure of the rows, in one or more columns with the same x axis.

    Values beyond `span` become arrows with a number. `prepare` draws what lies behind, in each column.
    """
    methods = [m for m in palette.methods if any(m in row.values for row in rows)]
    pitch = ROW + METHOD * len(methods)
    columns = max(1, math.ceil(pitch * len(rows) / (TALLEST - AROUND)))
    deep = -(-len(rows) // columns)
    figure = Figure(figsize=(WIDTH, AROUND + pitch * max(deep, 2)), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False).ravel().tolist()
    shown = [0.0, 1.0]
    for column, panel in enumerate(axes):
        part = rows[column * deep : (column + 1) * deep]
        prepare(panel)
        for y, row in enumerate(part):
            panel.axhline(y + 0.5, color=FAINT, lw=0.4, zorder=0)
            if row.mean:
                panel.axhspan(y - 0.5, y + 0.5, color="#f2f2f2", lw=0, zorder=-1)
            for index, method in enumerate(methods):
                if method in row.values:
                    at = y + (index - (len(methods) - 1) / 2) * 0.75 / len(methods)
                    shown += _draw(panel, palette, method, row.values[method], at, span)
        panel.set_yticks(range(len(part)), [row.name for row in part])
        for tick, row in zip(panel.get_yticklabels(), part, strict=True):
            tick.set_fontweight("bold" if row.mean else "normal")
        panel.set_ylim(deep - 0.5, -0.5)
        panel.set_xlabel(label)
        panel.grid(False, axis="y")
        panel.tick_params(axis="y", length=0)
    margin = 0.02 * (max(shown) - min(shown))
    for panel in axes:
        panel.set_xlim(max(min(shown), span[0]) - margin, min(max(shown), span[1]) + margin)
    legend(figure, handles)
    return figure


def _draw(
    axes: Axes, palette: Palette, method: str, value: Value, y: float, span: tuple[float, float]
) -> list[float]:
    """Draw one value; the numbers that the axis should show."""
    if math.isnan(value.point):
        return []
    low, high = span
    colour, ends = palette.colour[method], []
    if value.low is not None and value.high is not None:
        ends = [value.low, value.high]
        shown = [min(max(end, low - 1), high + 1) for end in ends]
        axes.plot(shown, [y, y], color=colour, lw=1.3, alpha=0.8, zorder=2)
    if not low <= value.point <= high:
        right = value.point > high
        edge, way = (high, ">") if right else (low, "<")
        axes.plot(edge, y, marker=way, ms=4, color=colour, ls="none", clip_on=False, zorder=5)
        style: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 6}
        style |= {"xytext": (-6 if right else 6, 0), "ha": "right" if right else "left"}
        axes.annotate(number(value.point), (edge, y), **style)
        return [edge]
    palette.mark(axes, method, value.point, y, 4)
    return [value.point, *(end for end in ends if math.isfinite(end))]
