"""Human-normalised score per task, and the mean of each suite."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from harness.roles import HUMAN, REFERENCES, SPARSE
from harness.scoring.aggregate import clipped_mean, mean_of_ratios
from harness.scoring.analysis import Analysis
from harness.scoring.normalise import CLIPPED
from harness.scoring.task_info import TaskInfo
from reports.captions import FIGURES
from reports.figures.forest import Row, Value, forest
from reports.figures.style import Palette, Picture, finish, look
from reports.suites import by_suite
from reports.text import number

SPAN: Final = (-3.0, 6.0)


def normalised_figure(analysis: Analysis, context: str) -> Picture | None:
    """One row per task that has a scale; None without such a task or without a method to show."""
    rows = normalised_rows(analysis)
    if not rows:
        return None
    palette = Palette(analysis.run.methods)

    def references(axes: Axes) -> None:
        for place, name in enumerate((SPARSE, HUMAN)):
            palette.reference(axes, name, place, vertical=True)

    methods = [m for m in analysis.run.compared if any(m in row.values for row in rows)]
    handles = [*map(palette.handle, methods), *map(palette.dashed, REFERENCES)]
    with look():
        figure = forest(palette, rows, handles, "human-normalised score", SPAN, references)
        how = "means" if analysis.strict else f"means of scores clipped to {CLIPPED}"
        caption = FIGURES["normalised"].format(low=number(SPAN[0]), high=number(SPAN[1]), means=how)
        words = [
            f"{row.name}: " + ", ".join(f"{m} {number(v.point)}" for m, v in row.values.items())
            for row in rows
        ]
        alt = "Interval plot of normalised scores. " + "; ".join(words) + "."
        return finish(figure, "normalised", caption, alt, context)


def normalised_rows(analysis: Analysis) -> list[Row]:
    """Every task that has a scale, by suite, and the means of suites."""
    return [
        row
        for suite, tasks in by_suite(analysis.scaled_tasks).items()
        for row in _rows(analysis, suite, tasks)
    ]


def _rows(analysis: Analysis, suite: str, tasks: Sequence[TaskInfo]) -> list[Row]:
    """The tasks of a suite; under several, their mean for the methods that have all of them."""
    rows = []
    for task in tasks:
        found = {
            m: score.ratio
            for m in analysis.run.compared
            if (score := analysis.score(task, m)).ratio is not None
            and (task.slug, m) not in analysis.unscaled
        }
        values = {m: Value(ratio.point, ratio.low, ratio.high) for m, ratio in found.items() if ratio}
        if values:
            rows.append(Row(task.slug, values))
    if len(rows) > 1:
        part = dataclasses.replace(analysis, run=dataclasses.replace(analysis.run, tasks=tuple(tasks)))
        aggregate = mean_of_ratios if analysis.strict else clipped_mean
        whole = [m for m in analysis.run.compared if all(m in row.values for row in rows)]
        means = {m: aggregate(part.arms(m)) for m in whole}
        ends = {
            m: (a.interval.low, a.interval.high) if a.interval else (None, None) for m, a in means.items()
        }
        rows.append(
            Row(
                f"{suite}: mean of {len(rows)}", {m: Value(a.point, *ends[m]) for m, a in means.items()}, True
            )
        )
    return rows
