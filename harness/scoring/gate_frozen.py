"""Frozen programs retrained, against a baseline of the same: are they in their order, and has none dropped?

The scale is the baseline's own: 0 is what the broken program reached on a task, 1 what the good one did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.scoring.cells import Cell
from harness.scoring.gate import ALPHA, Decision, Difference, Verdict, by_task, decide, differs
from harness.scoring.gate_runs import TaskResult, absent, check_comparable, name_of, setting, too_few
from harness.scoring.rundata import RunData
from harness.scoring.scores import cell
from harness.scoring.task_info import TaskInfo
from harness.scoring.versus import Pair

TOP: Final = "good"
BOTTOM: Final = "broken"
ORDER: Final = (("good", "mediocre"), ("mediocre", "broken"), ("mediocre", "hacked"))
"""Which program is above which."""
STEADY: Final = (TOP,)
"""Programs whose scores must not drop. Those of the mediocre ones are held between the others by the order: a mean over
both would hide half of what either lost."""


@dataclass(frozen=True)
class Order:
    """A program of NEW against one that it has to be above, over all tasks."""

    higher: str
    lower: str
    difference: Difference

    @property
    def verdict(self) -> Verdict:
        """Pass where it is above at 95 %, one-sided; regression where it is below; else undecided."""
        if self.difference.low is None or self.difference.high is None:
            return "undecided"
        if self.difference.low > 0:
            return "pass"
        return "regression" if self.difference.high < 0 else "undecided"


@dataclass(frozen=True)
class FrozenResult:
    """What retraining the frozen programs says."""

    base: str
    new: str
    setting: str
    margin: float
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    decision: Decision | None = None
    """On drops of the good programs, over all tasks; None where data are missing."""
    orders: tuple[Order, ...] = ()
    programs: tuple[tuple[str, TaskResult], ...] = ()
    """(program, task) of the good ones."""
    levels: tuple[tuple[str, str, Cell], ...] = ()
    """(task, program, scores) of all of NEW's."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the orders and of the decision on drops."""
        if self.decision is None:
            return "undecided"
        found = [self.decision.verdict, *(order.verdict for order in self.orders)]
        return "regression" if "regression" in found else "undecided" if "undecided" in found else "pass"


def compare_frozen(base: RunData, new: RunData, margin: float, *, any_version: bool = False) -> FrozenResult:
    """Retrained programs against their baseline. UserError where the runs are of different kinds."""
    notes = check_comparable(base, new, any_version=any_version)
    names = dict.fromkeys(name for pair in ORDER for name in pair)
    missing = [line for name in names for line in absent(base, new, name, name, list(base.tasks))]
    cells = {} if missing else _cells(base, new, list(names))
    steady = {
        (name, task): _pair(cells, task, ("new", name), ("base", name))
        for name in STEADY
        for task in base.tasks
        if cells
    }
    missing += [line for (_, task), pair in steady.items() for line in too_few(task, pair)]
    found = FrozenResult(
        name_of(base), name_of(new), setting(base), margin, tuple(dict.fromkeys(missing)), tuple(notes)
    )
    if missing:
        return found
    orders = [
        Order(
            high,
            low,
            differs([_pair(cells, task, ("new", high), ("new", low)) for task in base.tasks], ALPHA),
        )
        for high, low in ORDER
    ]
    pairs = list(steady.values())
    rows = zip(steady.items(), by_task(pairs), strict=True)
    return FrozenResult(
        found.base,
        found.new,
        found.setting,
        margin,
        (),
        found.notes,
        decide(pairs, margin),
        tuple(orders),
        tuple(
            (name, TaskResult(task, pair.left, pair.right, difference))
            for ((name, task), pair), difference in rows
        ),
        tuple((task.slug, name, cells["new", name, task.slug]) for task in base.tasks for name in names),
    )


Cells = dict[tuple[str, str, str], Cell]


def _cells(base: RunData, new: RunData, names: list[str]) -> Cells:
    return {
        (side, name, task.slug): cell(run, task, name)
        for side, run in (("base", base), ("new", new))
        for name in names
        for task in base.tasks
    }


def _pair(cells: Cells, task: TaskInfo, left: tuple[str, str], right: tuple[str, str]) -> Pair:
    """Two arms of a task on the baseline's scale."""
    return Pair(
        cells[*left, task.slug],
        cells[*right, task.slug],
        cells["base", TOP, task.slug],
        cells["base", BOTTOM, task.slug],
        task.bounds,
    )
