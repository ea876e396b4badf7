"""What figures show of whole suites, as data only: means of tasks, and improvement over iterations."""

from __future__ import annotations

import pandas as pd

from harness.scoring.analysis import Analysis
from reports.captions import TITLES
from reports.figures.improvement import progress
from reports.figures.normalised import normalised_rows
from reports.figures.success import success_rows
from reports.suites import by_suite
from reports.tables import Table


def suites_table(analysis: Analysis) -> Table | None:
    """Means over the tasks of a suite; None without a suite of two tasks that a figure has."""
    found = [
        {"score": score, "mean": row.name, "method": method, **vars(value)}
        for score, rows in (
            ("normalised", normalised_rows(analysis)),
            ("success rate", success_rows(analysis)),
        )
        for row in rows
        if row.mean
        for method, value in row.values.items()
    ]
    return Table("suites", TITLES["suites"], "", pd.DataFrame(found)) if found else None


def improvement_table(analysis: Analysis) -> Table | None:
    """Normalised score of the best candidate so far, by suite and iteration (from 1); None without a search."""
    found = [
        {"suite": suite, "method": method, "iteration": iteration, "normalised": value.point}
        | ({"low": value.interval.low, "high": value.interval.high} if value.interval else {})
        for suite, tasks in by_suite(analysis.run.tasks).items()
        for method in analysis.run.searching
        for iteration, value in enumerate(progress(analysis, tasks, method), start=1)
    ]
    names = ["suite", "method", "iteration", "normalised", "low", "high"]
    return (
        Table("improvement", TITLES["improvement"], "", pd.DataFrame(found, columns=names)) if found else None
    )
