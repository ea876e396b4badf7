"""Success rates per task, and the mean of each suite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.scoring.analysis import Analysis
from harness.scoring.cells import estimate
from harness.scoring.intervals import Interval, mean_over_tasks
from harness.scoring.task_info import TaskInfo
from reports.captions import FIGURES
from reports.figures.forest import Row, Value, forest
from reports.figures.style import Palette, Picture, finish, look
from reports.suites import by_suite
from reports.text import number


def success_figure(analysis: Analysis, context: str) -> Picture | None:
    """One row per task whose F is its success rate; None without one that has a score."""
    rows = success_rows(analysis)
    if not rows:
        return None
    palette = Palette(analysis.run.methods)
    methods = [m for m in analysis.run.methods if any(m in row.values for row in rows)]
    with look():
        figure = forest(palette, rows, [palette.handle(m) for m in methods], "success rate", (0.0, 1.0))
        words = [
            f"{row.name}: " + ", ".join(f"{m} {number(v.point)}" for m, v in row.values.items())
            for row in rows
        ]
        alt = "Interval plot of success rates. " + "; ".join(words) + "."
        return finish(figure, "success", FIGURES["success"], alt, context)


def success_rows(analysis: Analysis) -> list[Row]:
    """Every task that has success, by suite, and the means of suites."""
    tasks = [task for task in analysis.run.tasks if task.fitness == "SUCCESS"]
    return [row for suite, found in by_suite(tasks).items() for row in _rows(analysis, suite, found)]


def _rows(analysis: Analysis, suite: str, tasks: Sequence[TaskInfo]) -> list[Row]:
    """The tasks of a suite; under several, their mean for the methods that have all of them."""
    rows = []
    for task in tasks:
        scores = [analysis.score(task, m) for m in analysis.run.methods]
        values = {s.method: _value(s.mean, s.interval) for s in scores if s.mean is not None}
        if values:
            rows.append(Row(task.slug, values))
    if len(rows) > 1:
        whole = [m for m in analysis.run.methods if all(m in row.values for row in rows)]
        cells = {
            m: [analysis.score(task, m).cell for task in tasks if analysis.score(task, m).cell] for m in whole
        }
        means = {
            m: _value(
                float(np.mean([estimate(cell).mean for cell in found])), mean_over_tasks(found, 0.0, 1.0)
            )
            for m, found in cells.items()
        }
        rows.append(Row(f"{suite}: mean of {len(rows)}", means, True))
    return rows


def _value(mean: float, interval: Interval | None) -> Value:
    return Value(mean) if interval is None else Value(mean, interval.low, interval.high)
