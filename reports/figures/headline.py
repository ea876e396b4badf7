"""All tasks together: one row per method, normalised score and probability of improvement."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.roles import HUMAN, SPARSE
from harness.scoring.aggregate import Aggregate
from harness.scoring.analysis import Analysis, Headline
from harness.scoring.normalise import CLIPPED
from harness.scoring.resample import RESAMPLES
from harness.scoring.rundata import is_reference
from reports.captions import FIGURES
from reports.figures.style import FAINT, INK, WIDTH, Palette, Picture, finish, look
from reports.text import count, number, with_interval


def headline_figure(analysis: Analysis, context: str) -> Picture | None:
    """Intervals of the aggregates; None where neither can be computed for any searching method."""
    lines = [line for line in analysis.headlines if not is_reference(line.method)]
    if not any(line.normalised_tasks or line.compared_tasks for line in lines):
        return None
    palette = Palette(analysis.run.methods)
    with look():
        figure = Figure(figsize=(WIDTH, 0.8 + 0.42 * len(lines)), layout="constrained")
        left, right = figure.subplots(1, 2)
        _rows(left, palette, lines, analysis.normalised)
        _rows(right, palette, lines, lambda line: line.improvement)
        for value, name in enumerate((SPARSE, HUMAN)):
            palette.reference(left, name, value, vertical=True)
            place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            left.annotate(name, (value, 1), xytext=(0, 2), ha="center", va="bottom", fontsize=7, **place)
        if not analysis.scaled_tasks:
            left.text(0.5, -0.2, "no task has a scale here", ha="center", color="#777777")
        low, high = left.get_xlim()
        left.set_xlim(min(low, -0.1), max(high, 1.15))
        left.set_xlabel(
            "human-normalised score, " + ("mean of ratios" if analysis.strict else "mean of clipped ratios")
        )
        left.set_yticks(range(len(lines)), [line.method for line in lines])
        right.axvline(0.5, color=INK, lw=0.8, ls=(0, (4, 2)), zorder=1)
        right.set_xlim(-0.12, 1.12)
        right.set_xticks([0, 0.25, 0.5, 0.75, 1])
        right.set_xlabel("probability that a trial beats the human reward's")
        right.set_yticks([])
        return finish(figure, "headline", _caption(analysis), _alt(analysis, lines), context)


def _rows(
    panel: Axes, palette: Palette, lines: Sequence[Headline], value_of: Callable[[Headline], Aggregate]
) -> None:
    for row, line in enumerate(lines):
        value = value_of(line)
        panel.axhline(row, color=FAINT, lw=0.4, zorder=0)
        if value.interval is not None:
            ends = [value.interval.low, value.interval.high]
            colour = palette.colour[line.method]
            panel.plot(ends, [row, row], color=colour, lw=5, alpha=0.35, solid_capstyle="butt", zorder=2)
        palette.mark(panel, line.method, value.point, row, 6)
        if not math.isnan(value.point):
            words = with_interval(value.point, value.interval)
            style: dict[str, Any] = {"textcoords": "offset points", "fontsize": 6.5, "zorder": 6}
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
            panel.annotate(words, (value.point, row), xytext=(0, 7), ha="center", bbox=box, **style)
    panel.set_ylim(len(lines) - 0.5, -0.75)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    panel.grid(False, axis="y")


def _caption(analysis: Analysis) -> str:
    left = (
        "mean over tasks of the human-normalised score of each task's means"
        if analysis.strict
        else f"mean over tasks of the human-normalised score, clipped to {CLIPPED}"
    )
    resampled = f"from {count(RESAMPLES)} stratified bootstrap resamples"
    return FIGURES["headline"].format(
        left=left,
        interval="by the delta method with Student's t" if analysis.strict else resampled,
        resampled=resampled,
        scaled=len(analysis.scaled_tasks),
        tasks=len(analysis.run.tasks),
    )


def _alt(analysis: Analysis, lines: Sequence[Headline]) -> str:
    parts = [
        f"{line.method}: normalised {number(analysis.normalised(line).point)}, "
        f"better than human with probability {number(line.improvement.point)}"
        for line in lines
    ]
    return "Interval plot. " + "; ".join(parts) + "."
