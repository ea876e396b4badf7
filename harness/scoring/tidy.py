"""What the frames of a run have in common: their rows, whose they are, and on which scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from harness.scoring.analysis import Analysis, Score
from harness.scoring.columns import COLUMNS
from harness.scoring.intervals import Interval
from harness.scoring.normalise import human_normalised
from harness.scoring.searchdata import Search

Row = dict[str, Any]


def scores_of(analysis: Analysis) -> Iterator[Score]:
    """Every method on every task that has it."""
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            if analysis.has(task, method):
                yield analysis.score(task, method)


def searches_of(analysis: Analysis) -> Iterator[tuple[Score, Search]]:
    """Every search, with the score that it is part of."""
    for score in scores_of(analysis):
        for search in analysis.run.of(score.task.slug, score.method):
            yield score, search


def as_frame(name: str, rows: list[Row] | pd.DataFrame) -> pd.DataFrame:
    """Rows as the frame called `name`, its columns in order and of their dtypes."""
    variables = COLUMNS[name]
    frame = pd.DataFrame(rows, columns=[variable.name for variable in variables])
    return frame.astype({variable.name: variable.dtype for variable in variables})


def scale_of(analysis: Analysis, score: Score) -> tuple[float, float] | None:
    """Means of the human and the sparse reward that a method is normalised by on a task."""
    human, sparse = analysis.human(score.task, score.method), analysis.sparse(score.task, score.method)
    if (score.task.slug, score.method) in analysis.unscaled or human is None or sparse is None:
        return None
    return None if human.mean is None or sparse.mean is None else (human.mean, sparse.mean)


def on_scale(f: float | None, scale: tuple[float, float] | None) -> float | None:
    """Human-normalised F; None without F or scale."""
    return None if f is None or scale is None else float(human_normalised(np.array(f), *scale))


def part(name: str, value: float | None, interval: Interval | None) -> Row:
    """A number and both ends of its interval, None where there are none, as parts of a row."""
    return {name: value, **ends(f"{name}_", interval)}


def ends(prefix: str, interval: Interval | None) -> Mapping[str, float | None]:
    """Both ends of an interval as parts of a row, None where there is none."""
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {f"{prefix}low": low, f"{prefix}high": high}
