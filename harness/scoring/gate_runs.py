"""Two runs, or a run and a baseline, against each other: what is compared, what is missing, what comes out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from harness.errors import UserError
from harness.roles import HUMAN, REFERENCES, SPARSE
from harness.scoring.cells import Cell, units
from harness.scoring.comparable import other_setting, other_task, other_version
from harness.scoring.gate import ALPHA, Decision, Difference, Verdict, by_task, decide
from harness.scoring.references import why_unscaled, with_references
from harness.scoring.rundata import RunData
from harness.scoring.scores import cell, tally
from harness.scoring.task_info import TaskInfo
from harness.scoring.versus import Pair

Decider = Callable[[list[Pair], float], Decision]
EXIT: Final[dict[Verdict, int]] = {"pass": 0, "regression": 1, "undecided": 3}


@dataclass(frozen=True)
class TaskResult:
    """A task on both sides."""

    task: TaskInfo
    new: Cell
    base: Cell
    difference: Difference
    """On the normalised scale; its p-value is Holm-adjusted."""

    @property
    def dropped(self) -> bool:
        """Whether the task alone shows a drop, told from zero among all tasks."""
        return self.difference.p <= ALPHA


@dataclass(frozen=True)
class Result:
    """What `compare` says."""

    base: str
    new: str
    """Names of what was compared."""
    against: str
    method: str
    """Of BASE and of NEW."""
    margin: float
    setting: str
    """Budget, engine, precision and protocol, in words."""
    decision: Decision | None
    """None where data are missing."""
    tasks: tuple[TaskResult, ...] = ()
    missing: tuple[str, ...] = ()
    """What would have to be there: with any of it nothing is decided."""
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Undecided where anything is missing."""
        return "undecided" if self.decision is None else self.decision.verdict

    @property
    def why(self) -> str:
        """The verdict's reason in a line."""
        return "not enough data: " + "; ".join(self.missing) if self.decision is None else self.decision.why

    @property
    def exit_code(self) -> int:
        """0 pass, 1 regression, 3 not enough data, to decide or at all."""
        return EXIT[self.verdict]


def check_comparable(base: RunData, new: RunData, *, any_version: bool = False) -> list[str]:
    """UserError where two runs are of different kinds, with the difference. Returns notes on what was let pass."""
    left, right = name_of(base), name_of(new)
    other = other_setting(base, new)
    if other is not None:
        raise _refused(left, right, *other)
    tasks = {task.slug: task for task in base.tasks}
    for task in new.tasks:
        differs = other_task(tasks[task.slug], task) if task.slug in tasks else None
        if differs is not None:
            raise _refused(left, right, f"{differs[0]} of task {task.slug!r}", *differs[1:])
    version = other_version(base, new)
    if version is None:
        return []
    if not any_version:
        raise _refused(left, right, f"versions of {version[0]}", *version[1:])
    return [f"versions differ: {version[0]} {version[1]} in {left}, {version[2]} in {right}"]


def compare(
    base: RunData,
    new: RunData,
    margin: float,
    *,
    method: str | None = None,
    against: str | None = None,
    any_version: bool = False,
    decider: Decider = decide,
) -> Result:
    """A method of NEW against one of BASE, on the scale of BASE's human and sparse rewards.

    Those of the reference set count beside BASE's own where one fits; NEW's never do, so that what harms the human
    reward too cannot hide. `method` is by default the only one that both have and that is no reference, `against` is
    `method`. UserError where that is unclear, or where the runs are of different kinds.
    """
    notes = check_comparable(base, new, any_version=any_version)
    method, against = _methods(base, new, method, against)
    wanted = [task for task in base.tasks if (task.slug, against) in base.expected]
    missing = list(absent(base, new, method, against, wanted))
    pairs, unscaled = _pairs(base, new, method, against, wanted) if not missing else ({}, [])
    missing += [line for task, pair in pairs.items() for line in too_few(task, pair)]
    missing += [] if missing or pairs else ["no task has a scale"]
    notes += unscaled
    extra = sorted({task.slug for task in new.tasks} - {task.slug for task in wanted})
    notes += [f"not in {name_of(base)}, and not compared: {', '.join(extra)}"] if extra else []
    notes += _conditional(new, method, wanted)
    result = Result(
        base=name_of(base),
        new=name_of(new),
        against=against,
        method=method,
        margin=margin,
        setting=setting(base),
        decision=None,
        missing=tuple(missing),
        notes=tuple(notes),
    )
    if missing:
        return result
    decision = decider(list(pairs.values()), margin)
    if method == against and _reproduced(base, new, method, list(pairs)):
        why = "every trial of NEW is one of BASE's, with the same key and the same score"
        decision = dataclasses.replace(decision, verdict="pass", why=why)
    rows = zip(pairs.items(), by_task(list(pairs.values())), strict=True)
    results = tuple(TaskResult(task, pair.left, pair.right, found) for (task, pair), found in rows)
    return dataclasses.replace(result, decision=decision, tasks=results)


def name_of(run: RunData) -> str:
    """What a run is called."""
    return run.configs[0][0]


def setting(run: RunData) -> str:
    """How a run was done, in words."""
    config = run.config
    return (
        f"budget {config.budget}, engine {config.engine}, precision {config.precision}, "
        f"protocol {config.protocol}"
    )


def _refused(left: str, right: str, what: str, one: str, other: str) -> UserError:
    return UserError(
        f"{left} and {right} cannot be compared: {what} {'are' if what.startswith('versions') else 'is'} "
        f"{one} in the first and {other} in the second; compare runs of one kind, or renew the baseline"
    )


def only_method(run: RunData, other: RunData | None = None) -> str:
    """The only method of a run (and of another one) that is no reference, or human if there is none of those.

    UserError where that does not tell.
    """
    known = run if other is None else other
    both = [name for name in run.compared if name in known.compared]
    if not both and HUMAN in run.methods and HUMAN in known.methods:
        return HUMAN
    if len(both) == 1:
        return both[0]
    runs = [run] if known is run else [run, known]
    found = "; ".join(f"{name_of(one)} has {', '.join(one.methods)}" for one in runs)
    raise UserError(f"which method is compared is unclear ({found}): name one with --method")


def _methods(base: RunData, new: RunData, method: str | None, against: str | None) -> tuple[str, str]:
    """The methods of NEW and of BASE that are compared."""
    if method is None:
        method = only_method(new, base if against is None else new)
    against = against or method
    for run, name, option in ((new, method, "--method"), (base, against, "--against")):
        if name not in run.methods:
            raise UserError(
                f"{name_of(run)} has no method {name!r}, only {', '.join(run.methods)}: name one with {option}"
            )
    return method, against


def absent(base: RunData, new: RunData, method: str, against: str, tasks: list[TaskInfo]) -> Iterator[str]:
    """What should be there and is not, a line each."""
    if not tasks:
        yield f"{name_of(base)} has no task of {against}"
    for task in tasks:
        if (task.slug, method) not in new.expected:
            yield f"{task.slug} is not in {name_of(new)}"
            continue
        arms = [(new, method), (base, against)]
        arms += [
            (base, name) for name in REFERENCES if (task.slug, name) in base.expected and name != against
        ]
        for run, name in arms:
            how = tally(run, task, name)
            for number, words in ((how.missing, "missing"), (how.altered, "altered since they were stored")):
                if number:
                    yield f"{number} trial(s) of {name} on {task.slug} are {words} in {name_of(run)}"
            if any(search.stopped for search in run.of(task.slug, name)):
                yield f"a search of {name} on {task.slug} stopped before its end in {name_of(run)}"


def _pairs(
    base: RunData, new: RunData, method: str, against: str, tasks: list[TaskInfo]
) -> tuple[dict[TaskInfo, Pair], list[str]]:
    """The arms of each task, and which tasks are left out for want of a scale."""
    scaled, pairs, unscaled = with_references(base), {}, []
    for task in tasks:
        human, sparse = (cell(scaled, task, name) for name in REFERENCES)
        why = why_unscaled(scaled, task, human, sparse)
        if why is None:
            pairs[task] = Pair(cell(new, task, method), cell(base, task, against), human, sparse, task.bounds)
        else:
            unscaled.append(f"{task.slug} is without a scale, and left out: {why}")
    return pairs, unscaled


def too_few(task: TaskInfo, pair: Pair) -> Iterator[str]:
    """Arms of which nothing can be said, a line each."""
    arms = {"NEW": pair.left, "BASE": pair.right, HUMAN: pair.human, SPARSE: pair.sparse}
    for name, arm in arms.items():
        if units(arm).size < 2:
            yield f"{name} has a single {'search' if len(arm) > 1 else 'seed'} on {task.slug}"


def _conditional(new: RunData, method: str, tasks: list[TaskInfo]) -> list[str]:
    if method in new.searching and any(
        new.expected.get((task.slug, method), (0, 0))[0] == 1 for task in tasks
    ):
        return [f"one search of {method} a task: this is about the programs found, not about the method"]
    return []


def _reproduced(base: RunData, new: RunData, method: str, tasks: list[TaskInfo]) -> bool:
    """Whether NEW's trials are BASE's, down to the key, which covers code and versions, and the score."""

    def trials(run: RunData) -> set[tuple[str, int, int, str, float | None]]:
        return {
            (task.slug, search.index, trial.seed, trial.hash, trial.f if trial.ok else None)
            for task in tasks
            for search in run.of(task.slug, method)
            for trial in search.finals
        }

    found = trials(new)
    return bool(found) and found <= trials(base)
