"""What training gained: F after it against F before it, and against the sparse reward's."""

from __future__ import annotations

import pandas as pd

from harness.roles import SPARSE
from harness.scoring.analysis import Analysis
from harness.scoring.cells import Cell, estimate, make_cell
from harness.scoring.comparison import difference, holm, welch
from harness.scoring.intervals import mean_interval
from harness.scoring.rundata import base_name
from harness.scoring.score_frames import scores_frame
from harness.scoring.task_info import TaskInfo
from harness.scoring.tidy import Row, part
from reports.captions import TABLES, TITLES
from reports.columns import estimates, numbers, p_values, tasks, words
from reports.tables import Table

REFERENCES = ("untrained", SPARSE)


def gains_table(analysis: Analysis) -> Table | None:
    """Differences to untrained policies and to the sparse reward's; None where no untrained F was measured."""
    if not any(
        _untrained(analysis, task, method) for task in analysis.run.tasks for method in analysis.run.methods
    ):
        return None
    p_holm = {
        (method, against): _adjusted(analysis, method, against)
        for method in analysis.run.methods
        for against in REFERENCES
    }
    found = []
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            if not analysis.has(task, method):
                continue
            after, before = analysis.score(task, method).cell, _untrained(analysis, task, method)
            around = mean_interval(before, *task.bounds)
            row: Row = {"task": task.slug, "method": method}
            row |= part("untrained", estimate(before).mean if before else None, around)
            for against in REFERENCES:
                reference = _reference(analysis, task, method, against)
                gap = difference(after, reference, *task.bounds) if after and reference else None
                gain = estimate(after).mean - estimate(reference).mean if after and reference else None
                row |= part(f"gain_over_{against}", gain, gap)
                row[f"gain_over_{against}_p_holm"] = p_holm[method, against].get(task.slug)
            found.append(row)
    frame = pd.DataFrame(found)
    return Table(
        name="gains",
        title=TITLES["gains"],
        caption=TABLES["gains"],
        frame=frame,
        columns=(
            tasks(),
            words("method", "method"),
            numbers("untrained F", "untrained"),
            numbers("F", "mean"),
            estimates("over untrained", "gain_over_untrained"),
            p_values("p", "gain_over_untrained_p_holm"),
            estimates("over sparse", "gain_over_sparse"),
            p_values("p ", "gain_over_sparse_p_holm"),
        ),
        rows=frame.merge(scores_frame(analysis)[["task", "unit", "method", "mean"]], on=["task", "method"]),
    )


def _untrained(analysis: Analysis, task: TaskInfo, method: str) -> Cell:
    """F before training, one row per search as in the cells of scores."""
    known = [
        [trial.untrained_f for trial in search.finals if trial.untrained_f is not None]
        for search, _ in analysis.score(task, method).searches
        if search is not None
    ]
    return make_cell(known)


def _reference(analysis: Analysis, task: TaskInfo, method: str, against: str) -> Cell:
    if against == "untrained":
        return _untrained(analysis, task, method)
    sparse = analysis.sparse(task, method)
    return sparse.cell if sparse is not None and base_name(method) != SPARSE else ()


def _adjusted(analysis: Analysis, method: str, against: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for task in analysis.run.tasks:
        after, reference = analysis.score(task, method).cell, _reference(analysis, task, method, against)
        p = welch(after, reference, *task.bounds) if after and reference else None
        if p is not None:
            found[task.slug] = p
    return dict(zip(found, (float(p) for p in holm(list(found.values()))), strict=True))
