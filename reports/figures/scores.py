"""F per task: every trial, the mean and its interval."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from harness.scoring.analysis import Analysis, Score
from harness.scoring.cells import Floats
from harness.scoring.rundata import TaskInfo
from reports.captions import FIGURES
from reports.figures.style import Palette, Picture, finish, grid, legend, look, name_panel
from reports.text import number


def scores_figure(of: Analysis, context: str) -> Picture:
    """A small panel per task, methods side by side."""
    palette = Palette(of.run.methods)
    with look():
        figure, panels = grid(len(of.run.tasks))
        for panel, task in zip(panels, of.run.tasks, strict=True):
            for x, method in enumerate(of.run.methods):
                _draw(panel, palette, of.score(task, method), x, of.floors[task.slug, method])
            panel.set_xlim(-0.6, len(of.run.methods) - 0.4)
            panel.set_xticks([])
            name_panel(panel, task)
            if task.fitness == "SUCCESS":
                panel.set_ylim(0, 1.05)
            elif task.fitness != "RATE":
                panel.set_ylim(bottom=0)
        legend(figure, [palette.handle(method) for method in of.run.methods])
        alt = "Scores per task. " + " ".join(_alt(of, task) for task in of.run.tasks)
        return finish(figure, "scores", FIGURES["scores"], alt, context)


def _draw(panel: Axes, palette: Palette, score: Score, x: float, floor: float) -> None:
    if score.mean is None:
        place = panel.get_xaxis_transform()
        panel.text(x, 0.04, "none", transform=place, ha="center", fontsize=6.5, color="#777777")
        return
    colour = palette.colour[score.method]
    if score.task.fitness != "RATE":
        panel.bar(x, score.mean, 0.7, color=colour, alpha=0.25, lw=0)
    values = np.array(sorted(trial.f for trial in score.trials if trial.f is not None))
    style: dict[str, Any] = {"ls": "none", "color": colour, "zorder": 3, "clip_on": False}
    if values.size:  # an empty unclipped line would upset the layout
        panel.plot(x + 0.17 + _spread(values), values, marker=".", ms=4, alpha=0.75, mec="none", **style)
    lost = score.n - values.size
    if lost and math.isfinite(floor):
        panel.plot(x + 0.17 + _spread(np.zeros(lost)), [floor] * lost, marker="x", ms=3.6, mew=0.9, **style)
    if score.interval is not None:
        panel.plot([x - 0.15] * 2, [score.interval.low, score.interval.high], color=colour, lw=1.6, zorder=4)
    palette.mark(panel, score.method, x - 0.15, score.mean)


def _spread(values: Floats) -> Floats:
    """Sideways offsets that keep neighbours in rank apart."""
    return np.asarray(0.05 * (np.arange(values.size) % 3 - 1.0), dtype=np.float64)


def _alt(of: Analysis, task: TaskInfo) -> str:
    means = ", ".join(f"{method} {number(of.score(task, method).mean)}" for method in of.run.methods)
    return f"{task.slug} ({task.unit}): {means}." if task.unit else f"{task.slug}: {means}."
