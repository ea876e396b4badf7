"""What iterations are worth: the best candidate so far on the human-normalised scale, over tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from harness.roles import HUMAN
from harness.scoring.aggregate import Aggregate, Arms, mean_of_ratios
from harness.scoring.analysis import Analysis
from harness.scoring.cells import make_cell
from harness.scoring.task_info import TaskInfo
from reports.captions import FIGURES
from reports.figures.panels import grid
from reports.figures.search import best_so_far
from reports.figures.style import Palette, Picture, finish, look
from reports.suites import by_suite
from reports.text import number, plural


def improvement_figure(analysis: Analysis, context: str) -> Picture | None:
    """A panel per suite; None where no method searched on a task that has a scale."""
    methods = [m for m in analysis.run.searching if progress(analysis, analysis.run.tasks, m)]
    suites = {
        suite: tasks
        for suite, tasks in by_suite(analysis.run.tasks).items()
        if any(progress(analysis, tasks, method) for method in methods)
    }
    if not suites:
        return None
    palette = Palette(analysis.run.methods)
    with look():
        handles = [*(palette.handle(method) for method in methods), palette.dashed(HUMAN)]
        figure, panels = grid(len(suites), handles, "iteration")
        for panel, (suite, tasks) in zip(panels, suites.items(), strict=True):
            palette.reference(panel, HUMAN, 1)
            for method in methods:
                _draw(panel, palette, method, progress(analysis, tasks, method))
            panel.set_title(f"{suite}, {plural(len(of_scale(analysis, tasks, methods)), 'task')}", y=1.0)
            panel.set_ylabel("human-normalised score")
            panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            panel.grid(False, axis="x")
        ends = [f"{m} {number(progress(analysis, analysis.run.tasks, m)[-1].point)}" for m in methods]
        alt = f"Normalised score of the best candidate so far; after the last iteration: {', '.join(ends)}."
        return finish(figure, "improvement", FIGURES["improvement"], alt, context)


def progress(analysis: Analysis, tasks: Sequence[TaskInfo], method: str) -> list[Aggregate]:
    """Mean over tasks of the normalised best F so far, after each iteration; [] without a search on a scaled task.

    The estimator is the headline's (`mean_of_ratios`), a search's F so far its only trial: no interval with a single
    search. A search without a scored candidate yet counts at the task's floor, one that stopped keeps what it had.
    """
    lines = {
        task.slug: [best_so_far(search) for search in analysis.run.of(task.slug, method) if search.iterations]
        for task in of_scale(analysis, tasks, [method])
    }
    rounds = max((len(line) for found in lines.values() for line in found), default=0)
    out = []
    for index in range(rounds):
        arms = []
        for task in tasks:
            human, sparse = analysis.human(task, method), analysis.sparse(task, method)
            if lines.get(task.slug) and human is not None and sparse is not None:
                floor = analysis.floors[task.slug, method]
                reached = [line[min(index, len(line) - 1)] for line in lines[task.slug]]
                cell = make_cell([floor if math.isnan(f) else f] for f in reached)
                arms.append(Arms(cell, human.cell, sparse.cell, task.bounds))
        out.append(mean_of_ratios(arms))
    return out


def of_scale(analysis: Analysis, tasks: Sequence[TaskInfo], methods: Sequence[str]) -> list[TaskInfo]:
    """The tasks that have a scale for some of the methods, and a search."""
    return [
        task
        for task in tasks
        if any((task.slug, m) not in analysis.unscaled and analysis.run.of(task.slug, m) for m in methods)
    ]


def _draw(panel: Axes, palette: Palette, method: str, values: Sequence[Aggregate]) -> None:
    x = np.arange(1, len(values) + 1)
    known = [(a, value.interval) for a, value in zip(x, values, strict=True) if value.interval is not None]
    if known:
        band: dict[str, Any] = {"color": palette.colour[method], "alpha": 0.15, "lw": 0, "zorder": 1}
        panel.fill_between(
            [a for a, _ in known], [i.low for _, i in known], [i.high for _, i in known], **band
        )
    if values:
        palette.curve(panel, method, x, [value.point for value in values])
