"""What training gained: F after it against F before it, and against the sparse reward's."""

from __future__ import annotations

from harness.scoring.analysis import Analysis
from harness.scoring.cells import Cell, estimate, make_cell
from harness.scoring.comparison import difference, holm, welch
from harness.scoring.intervals import Interval, mean_interval
from harness.scoring.rundata import TaskInfo, base_name
from reports.captions import TABLES, TITLES
from reports.tables import Table, Value, ditto, ends
from reports.text import NONE, number, p_value, with_interval

REFERENCES = ("untrained", "sparse")


def gains_table(of: Analysis) -> Table | None:
    """Differences to untrained policies and to the sparse reward's; None where no untrained F was measured."""
    if not any(_untrained(of, task, method) for task in of.run.tasks for method in of.run.methods):
        return None
    p_values = {
        (method, against): _adjusted(of, method, against)
        for method in of.run.methods
        for against in REFERENCES
    }
    shown: list[tuple[str, ...]] = []
    data: list[tuple[Value, ...]] = []
    for task in of.run.tasks:
        for method in of.run.methods:
            if not of.has(task, method):
                continue
            after, before = of.score(task, method).cell, _untrained(of, task, method)
            row = [_mean(before), _mean(after)]
            values: list[Value] = [estimate(before).mean if before else None, *ends(_around(before, task))]
            for against in REFERENCES:
                reference = _reference(of, task, method, against)
                gap = difference(after, reference) if after and reference else None
                gain = estimate(after).mean - estimate(reference).mean if after and reference else None
                p = p_values[method, against].get(task.slug)
                row += [with_interval(gain, gap) if reference else NONE, p_value(p)]
                values += [gain, *ends(gap), p]
            shown.append((f"{task.slug} ({task.unit})" if task.unit else task.slug, method, *row))
            data.append((task.slug, method, *values))
    parts = ("", "_low", "_high")
    gains = [f"gain_over_{name}{part}" for name in REFERENCES for part in (*parts, "_p_holm")]
    return Table(
        name="gains",
        title=TITLES["gains"],
        caption=TABLES["gains"],
        head=("task", "method", "untrained F", "F", "over untrained", "p", "over sparse", "p "),
        body=ditto(shown),
        data_head=("task", "method", *(f"untrained{part}" for part in parts), *gains),
        data=tuple(data),
        numeric_from=2,
    )


def _untrained(of: Analysis, task: TaskInfo, method: str) -> Cell:
    """F before training, one row per search as in the cells of scores."""
    known = [
        [trial.untrained_f for trial in search.finals if trial.untrained_f is not None]
        for search, _ in of.score(task, method).searches
        if search is not None
    ]
    return make_cell(known)


def _reference(of: Analysis, task: TaskInfo, method: str, against: str) -> Cell:
    if against == "untrained":
        return _untrained(of, task, method)
    sparse = of.sparse(task, method)
    return sparse.cell if sparse is not None and base_name(method) != "sparse" else ()


def _adjusted(of: Analysis, method: str, against: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for task in of.run.tasks:
        after, reference = of.score(task, method).cell, _reference(of, task, method, against)
        p = welch(after, reference) if after and reference else None
        if p is not None:
            found[task.slug] = p
    return dict(zip(found, (float(p) for p in holm(list(found.values()))), strict=True))


def _mean(cell: Cell) -> str:
    return number(estimate(cell).mean if cell else None)


def _around(cell: Cell, task: TaskInfo) -> Interval | None:
    return mean_interval(cell, *task.bounds)
