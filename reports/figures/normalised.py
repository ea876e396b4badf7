"""Human-normalised score per task, with Fieller intervals."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.scoring.analysis import Analysis
from harness.scoring.rundata import FIXED
from reports.captions import FIGURES
from reports.figures.style import FAINT, WIDTH, Palette, Picture, finish, legend, look
from reports.text import number

SPAN = (-3.0, 6.0)


def normalised_figure(of: Analysis, context: str) -> Picture | None:
    """One row per task that has a scale; None without such a task or without a method to show."""
    methods = of.run.compared
    tasks = [t for t in of.scaled_tasks if any(of.score(t, m).ratio is not None for m in methods)]
    if not tasks:
        return None
    palette = Palette(of.run.methods)
    with look():
        figure = Figure(
            figsize=(WIDTH, 0.95 + 0.12 * max(2, len(methods)) * max(2, len(tasks))), layout="constrained"
        )
        axes = figure.subplots()
        palette.reference(axes, "sparse", 0, vertical=True)
        palette.reference(axes, "human", 1, vertical=True)
        drawn = [0.0, 1.0]
        for row, task in enumerate(tasks):
            axes.axhline(row + 0.5, color=FAINT, lw=0.4, zorder=0)
            for index, method in enumerate(methods):
                y = row + (index - (len(methods) - 1) / 2) * 0.7 / len(methods)
                drawn += _draw(axes, palette, of, (task.slug, method), y)
        axes.set_yticks(range(len(tasks)), [task.slug for task in tasks])
        axes.set_ylim(len(tasks) - 0.45, -0.55)
        axes.set_xlim(max(min(drawn), SPAN[0]) - 0.12, min(max(drawn), SPAN[1]) + 0.12)
        axes.set_xlabel("human-normalised score (0: sparse reward, 1: human reward)")
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
        handles = [palette.handle(method) for method in methods]
        legend(figure, [*handles, *(palette.dashed(name) for name in FIXED)])
        parts = []
        for task in tasks:
            found = [(m, of.score(task, m).ratio) for m in methods]
            parts.append(f"{task.slug}: " + ", ".join(f"{m} {number(r.point)}" for m, r in found if r))
        alt = "Interval plot of normalised scores. " + "; ".join(parts) + "."
        return finish(figure, "normalised", FIGURES["normalised"], alt, context)


def _draw(axes: Axes, palette: Palette, of: Analysis, key: tuple[str, str], y: float) -> list[float]:
    """Draw one ratio; the numbers that the axis should show."""
    ratio = of.scores[key].ratio
    if ratio is None or math.isnan(ratio.point) or key in of.unscaled:
        return []
    ends: list[float] = []
    if ratio.low is not None and ratio.high is not None:
        ends = [ratio.low, ratio.high]
        shown = [min(max(end, SPAN[0] - 1), SPAN[1] + 1) for end in ends]
        axes.plot(shown, [y, y], color=palette.colour[key[1]], lw=1.5, alpha=0.8, zorder=2)
    if not SPAN[0] <= ratio.point <= SPAN[1]:
        edge, way = (SPAN[1], ">") if ratio.point > 0 else (SPAN[0], "<")
        axes.plot(edge, y, marker=way, ms=5, color=palette.colour[key[1]], ls="none", clip_on=False, zorder=5)
        side: dict[str, Any] = {"ha": "right" if ratio.point > 0 else "left", "va": "center", "fontsize": 6.5}
        axes.annotate(
            number(ratio.point),
            (edge, y),
            xytext=(-7 if ratio.point > 0 else 7, 0),
            textcoords="offset points",
            **side,
        )
        return [edge]
    palette.mark(axes, key[1], ratio.point, y)
    return [ratio.point, *(end for end in ends if math.isfinite(end))]
