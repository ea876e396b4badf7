"""Learning curves of F: training thin, evaluated checkpoints marked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes

from harness.scoring.cells import Floats, estimate, make_cell
from harness.scoring.intervals import mean_interval
from harness.scoring.rundata import RunData
from harness.scoring.searchdata import Trial
from harness.scoring.task_info import TaskInfo
from reports.captions import FIGURES
from reports.figures.panels import grid, name_panel, steps_axis
from reports.figures.style import Palette, Picture, finish, look

POINTS = 60
"""Most points of a training curve; longer ones are averaged in blocks."""


def curves_figure(run: RunData, context: str) -> Picture | None:
    """A panel per task; None without a single evaluated trial."""
    tasks = [task for task in run.tasks if any(_trials(run, task, method) for method in run.methods)]
    if not tasks:
        return None
    palette = Palette(run.methods)
    with look():
        handles = [palette.handle(method) for method in run.methods]
        figure, panels = grid(len(tasks), handles, "env steps")
        for panel, task in zip(panels, tasks, strict=True):
            name_panel(panel, task.slug, task.unit or " ")
            _draw(panel, palette, run, task)
            if task.fitness != "RATE":
                panel.set_ylim(bottom=0)
            panel.set_xlim(left=0)
            steps_axis(panel)
        alt = f"Learning curves on {len(tasks)} tasks for {', '.join(run.methods)}."
        return finish(figure, "curves", FIGURES["curves"], alt, context)


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most `POINTS` points of a curve, (E,) each: means of equal blocks, a last partial block left out."""
    block = -(-len(x) // POINTS)
    whole = len(x) // block * block
    return x[:whole].reshape(-1, block).mean(axis=1), y[:whole].reshape(-1, block).mean(axis=1)


def evaluated(run: RunData, task: TaskInfo, method: str) -> pd.DataFrame:
    """F of the evaluated checkpoints of a method on a task: `env_steps`, `mean`, `low`, `high`, a row for each.

    Mean over searches of the mean over trials, with the interval of such a cell, as in the table of scores; its ends
    are NaN where there is none. Trials without a score have no checkpoints.
    """
    searches = [[t for t in search.finals if t.ok and t.checkpoints] for search in run.of(task.slug, method)]
    trials = [trial for group in searches for trial in group]
    rows = []
    for index in range(min((len(trial.checkpoints) for trial in trials), default=0)):
        cell = make_cell([trial.checkpoints[index].f for trial in group] for group in searches)
        interval = mean_interval(cell, *task.bounds)
        low, high = (np.nan, np.nan) if interval is None else (interval.low, interval.high)
        rows.append((trials[0].checkpoints[index].env_steps, estimate(cell).mean, low, high))
    return pd.DataFrame(rows, columns=["env_steps", "mean", "low", "high"], dtype=float)


def _trials(run: RunData, task: TaskInfo, method: str) -> list[Trial]:
    return [t for search in run.of(task.slug, method) for t in search.finals if t.ok and t.checkpoints]


def _draw(panel: Axes, palette: Palette, run: RunData, task: TaskInfo) -> None:
    points = {method: evaluated(run, task, method) for method in palette.methods}
    for method, found in points.items():
        colour = palette.colour[method]
        panel.fill_between(
            found["env_steps"], found["low"], found["high"], color=colour, alpha=0.14, lw=0, zorder=1
        )
        curves = [trial.curve for trial in _trials(run, task, method) if "f" in trial.curve]
        length = min(map(len, curves), default=0)
        if length:
            x = curves[0]["env_steps"].to_numpy(dtype=float)[:length]
            y = np.mean([curve["f"].to_numpy(dtype=float)[:length] for curve in curves], axis=0)
            panel.plot(*thinned(x, y), color=colour, lw=0.6, alpha=0.55, zorder=2)
    seaborn.lineplot(
        pd.concat(points, names=["method", "row"]).reset_index(),
        x="env_steps",
        y="mean",
        hue="method",
        style="method",
        hue_order=palette.methods,
        style_order=palette.methods,
        palette=palette.colour,
        markers=palette.marker,
        dashes=False,
        markersize=3.2,
        markeredgewidth=0.4,
        estimator=None,
        errorbar=None,
        legend=False,
        zorder=4,
        ax=panel,
    )
