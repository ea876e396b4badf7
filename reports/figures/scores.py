"""F per task: every trial, the mean and its interval."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import seaborn
from matplotlib.axes import Axes

from harness.scoring.analysis import Analysis, Score
from harness.scoring.task_info import TaskInfo
from reports.captions import FIGURES
from reports.figures.panels import grid, name_panel
from reports.figures.style import Palette, Picture, finish, look
from reports.text import number


def scores_figure(analysis: Analysis, context: str) -> Picture:
    """A small panel per task, methods side by side."""
    methods, palette = analysis.run.methods, Palette(analysis.run.methods)
    with look():
        figure, panels = grid(len(analysis.run.tasks), [palette.handle(method) for method in methods])
        for panel, task in zip(panels, analysis.run.tasks, strict=True):
            name_panel(panel, task.slug, task.unit or " ")
            _draw(panel, palette, analysis, task)
            panel.set(xlim=(-0.6, len(methods) - 0.4), xticks=[])
            if task.fitness == "SUCCESS":
                panel.set_ylim(0, 1.05)
            elif task.fitness != "RATE":
                panel.set_ylim(bottom=0)
        alt = "Scores per task. " + " ".join(_alt(analysis, task) for task in analysis.run.tasks)
        return finish(figure, "scores", FIGURES["scores"], alt, context)


def _draw(panel: Axes, palette: Palette, analysis: Analysis, task: TaskInfo) -> None:
    scores = [analysis.score(task, method) for method in palette.methods]
    trials = [(s.method, trial.f) for s in scores for trial in s.trials if trial.f is not None]
    if trials:
        seaborn.swarmplot(
            pd.DataFrame(trials, columns=["method", "f"]),
            x="method",
            y="f",
            hue="method",
            order=palette.methods,
            hue_order=palette.methods,
            palette=palette.colour,
            size=2.8,
            alpha=0.6,
            legend=False,
            warn_thresh=1,
            clip_on=False,
            ax=panel,
        )
    for x, score in enumerate(scores):
        _mean(panel, palette, score, x)
        _failed(panel, palette, score, x, analysis.floors[task.slug, score.method])


def _mean(panel: Axes, palette: Palette, score: Score, x: int) -> None:
    if score.mean is None:
        place = panel.get_xaxis_transform()
        panel.text(x, 0.04, "none", transform=place, ha="center", fontsize=6.5, color="#777777")
        return
    colour = palette.colour[score.method]
    if score.task.fitness != "RATE":
        panel.bar(x, score.mean, 0.7, color=colour, alpha=0.2, lw=0, zorder=1)
    if score.interval is not None:
        panel.plot([x, x], [score.interval.low, score.interval.high], color=colour, lw=1.3, zorder=4)
    palette.mark(panel, score.method, x, score.mean, 4)


def _failed(panel: Axes, palette: Palette, score: Score, x: int, floor: float) -> None:
    """Crosses side by side at the floor, for the trials that have no F."""
    lost = score.n - sum(trial.f is not None for trial in score.trials)
    if lost > 0 and math.isfinite(floor):
        places = [x + 0.12 * (index - (lost - 1) / 2) / max(1.0, lost / 5) for index in range(lost)]
        style: dict[str, Any] = {"marker": "x", "ms": 3.6, "mew": 0.9, "ls": "none", "clip_on": False}
        panel.plot(places, [floor] * lost, color=palette.colour[score.method], zorder=3, **style)


def _alt(analysis: Analysis, task: TaskInfo) -> str:
    means = ", ".join(
        f"{method} {number(analysis.score(task, method).mean)}" for method in analysis.run.methods
    )
    return f"{task.slug} ({task.unit}): {means}." if task.unit else f"{task.slug}: {means}."
