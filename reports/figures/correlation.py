"""Agreement with the expert's reward against what it was worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.scoring.rundata import base_name
from reports.agreement import Agreement
from reports.captions import FIGURES
from reports.figures.style import FAINT, INK, Palette, Picture, finish, legend, look

SPAN = (-2.0, 6.0)
SIZE = (4.8, 3.2)  # inches
LABELLED = 20
"""Most points that get their task's name."""


def correlation_figure(found: Sequence[Agreement], methods: Sequence[str], context: str) -> Picture | None:
    """One point per search on a task with a scale; None without such a point."""
    points = [
        a
        for a in found
        if not (math.isnan(a.r) or math.isnan(a.normalised)) and base_name(a.method) != "sparse"
    ]
    if not points:
        return None
    palette = Palette(methods)
    with look():
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
        axes.axhline(0, color=FAINT, lw=0.8, zorder=0)
        palette.reference(axes, "human", 1, vertical=True)
        at = [(min(max(a.normalised, SPAN[0]), SPAN[1]), a.r) for a in points]
        for a, (x, y) in zip(points, at, strict=True):
            if a.trials > 1:
                axes.plot([x, x], [a.low, a.high], color=palette.colour[a.method], lw=0.8, alpha=0.35)
            palette.mark(axes, a.method, x, y, 5.5)
        left, right = min(0.0, *(x for x, _ in at)), max(1.2, *(x for x, _ in at))
        axes.set_xlim(left - 0.1, right + 0.2 * (right - left))
        axes.set_ylim(-1.08, 1.08)
        if len(points) <= LABELLED:
            _names(axes, [(a.task, x, y) for a, (x, y) in zip(points, at, strict=True)])
        axes.set_xlabel("human-normalised score of the search")
        axes.set_ylabel("correlation with the human reward")
        shown = [palette.handle(m) for m in methods if any(a.method == m for a in points)]
        legend(figure, [*shown, palette.dashed("human")])
        parts = [f"{a.task} {a.method} r {a.r:.2f} at {a.normalised:.2f}" for a in points[:40]]
        alt = f"Scatter plot of {len(points)} searches: " + "; ".join(parts) + "."
        return finish(figure, "correlation", FIGURES["correlation"], alt, context)


def _names(axes: Axes, points: list[tuple[str, float, float]]) -> None:
    """Task names beside their points, each where it covers least of other names and points."""
    low, high = axes.get_xlim()
    wide, tall = 72 * SIZE[0] * 0.85 / (high - low), 72 * SIZE[1] * 0.75 / 2.16  # points per unit
    taken = [(x * wide - 3, y * tall - 3, x * wide + 3, y * tall + 3) for _, x, y in points]
    for name, x, y in points:
        length = 3.3 * len(name)
        places = (
            [(5, dy) for dy in (-2, 6, -10)]
            + [(-5 - length, dy) for dy in (-2, 6, -10)]
            + [(5, 14), (5, -18)]
        )
        boxes = [
            (x * wide + dx, y * tall + dy, x * wide + dx + length, y * tall + dy + 6) for dx, dy in places
        ]
        clashes = [sum(_overlap(box, other) for other in taken) for box in boxes]
        best = clashes.index(min(clashes))
        taken.append(boxes[best])
        axes.annotate(name, (x, y), xytext=places[best], textcoords="offset points", fontsize=6, color=INK)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
