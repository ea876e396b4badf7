"""Learning curves of F: training thin, evaluated checkpoints marked."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from harness.scoring.cells import Floats
from harness.scoring.rundata import RunData, TaskInfo, Trial
from reports.captions import FIGURES
from reports.figures.style import (
    Palette,
    Picture,
    finish,
    grid,
    label_below,
    legend,
    look,
    name_panel,
    steps_axis,
)

POINTS = 120
"""Most points of a training curve; longer ones are averaged in blocks."""


def curves_figure(run: RunData, context: str) -> Picture | None:
    """A panel per task; None without a single evaluated trial."""
    tasks = [task for task in run.tasks if any(_trials(run, task, method) for method in run.methods)]
    if not tasks:
        return None
    palette = Palette(run.methods)
    with look():
        figure, panels = grid(len(tasks))
        for panel, task in zip(panels, tasks, strict=True):
            for method in run.methods:
                trials = _trials(run, task, method)
                if trials:
                    _draw(panel, palette, method, trials)
            if task.fitness != "RATE":
                panel.set_ylim(bottom=0)
            panel.set_xlim(left=0)
            name_panel(panel, task)
            steps_axis(panel)
        label_below(panels, "env steps")
        legend(figure, [palette.handle(method) for method in run.methods])
        alt = f"Learning curves on {len(tasks)} tasks for {', '.join(run.methods)}."
        return finish(figure, "curves", FIGURES["curves"], alt, context)


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most `POINTS` points of a curve, (E,) each: means of equal blocks, a last partial block left out."""
    block = -(-len(x) // POINTS)
    whole = len(x) // block * block
    return x[:whole].reshape(-1, block).mean(axis=1), y[:whole].reshape(-1, block).mean(axis=1)


def _trials(run: RunData, task: TaskInfo, method: str) -> list[Trial]:
    return [t for search in run.of(task.slug, method) for t in search.finals if t.ok and t.checkpoints]


def _draw(panel: Axes, palette: Palette, method: str, trials: list[Trial]) -> None:
    colour = palette.colour[method]
    curves = [trial.curve for trial in trials if "f" in trial.curve and len(trial.curve)]
    if curves:
        length = min(map(len, curves))
        x = curves[0]["env_steps"].to_numpy(dtype=float)[:length]
        y = np.mean([curve["f"].to_numpy(dtype=float)[:length] for curve in curves], axis=0)
        panel.plot(*thinned(x, y), color=colour, lw=0.6, alpha=0.55, zorder=2)
    length = min(len(trial.checkpoints) for trial in trials)
    steps = np.array([point.env_steps for point in trials[0].checkpoints[:length]])
    f = np.array([[point.f for point in trial.checkpoints[:length]] for trial in trials])
    if len(trials) > 1:
        panel.fill_between(steps, f.min(axis=0), f.max(axis=0), color=colour, alpha=0.14, lw=0, zorder=1)
    palette.curve(panel, method, steps, f.mean(axis=0))
