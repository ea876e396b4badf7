"""Reference sets: what the human and sparse rewards reached on each task, as data that comes with the harness.

`baselines/reference/<engine>-<budget>.csv` holds one training a row, of seeds that no run uses; `harness reference`
makes it. A run's scores are normalised by the set's trials together with its own, and the set says which tasks have a
scale: judging that by the run's own few trials loses good tasks, and biases the mean of those that are left.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import math
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.errors import EnvironmentProblem
from harness.fields import line
from harness.roles import REFERENCES
from harness.scoring.cells import Cell, estimate
from harness.scoring.normalise import why_not_normalisable
from harness.scoring.rundata import Reference, RunData, base_name
from harness.scoring.task_info import TaskInfo

FIT: Final = {"task_code": str, "program": str, "env_steps": int, "worlds": int, "episode_steps": int}
"""Columns in which a row has to agree with a run's task."""
COLUMNS: Final = {
    "task": str,
    "method": str,
    "seed": int,
    "f": float,
    "stderr": float,
    "legacy_f": float,
    **FIT,
    "precision": str,
    "versions": str,
    "machine": str,
}
"""Columns of a reference set: the strict protocol's F (empty where the training failed), its standard error over the
worlds of the evaluation, the original's estimator, what was trained, and what with."""
ORDER: Final = ("task", "precision", "method", "seed")
"""Columns that name a row."""


def set_file(engine: str, budget: str) -> Path:
    """Where the reference set of an engine and a budget lies, whether there is one or not."""
    return Path(str(importlib.resources.files("baselines"))) / "reference" / f"{engine}-{budget}.csv"


def read_set(path: Path) -> pd.DataFrame:
    """A reference set as a table of `COLUMNS`; empty if there is no such file. EnvironmentProblem if it is damaged."""
    if not path.is_file():
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    try:
        table = pd.read_csv(path, comment="#", dtype=COLUMNS, keep_default_na=False, na_values={"f": ""})
    except (ValueError, OSError) as error:
        raise EnvironmentProblem(
            f"{path} is damaged ({line(error, 200)}): restore it, or make it again with `harness reference`"
        ) from error
    if list(table.columns) != list(COLUMNS) or table.duplicated(list(ORDER)).any():
        raise EnvironmentProblem(
            f"{path} is damaged (expected one row per {', '.join(ORDER)}, with {', '.join(COLUMNS)}): restore it"
        )
    return table


def named(table: pd.DataFrame, engine: str, budget: str) -> str:
    """What a page calls a reference set: `cpu-quick (1a2b3c4d)`, with 8 hex digits of its content."""
    version = hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()[:8]
    return f"{engine}-{budget} ({version})"


def with_references(run: RunData, table: pd.DataFrame | None = None) -> RunData:
    """The run with the trials of the reference set that fit it: same engine, budget, code of the task and programs.

    A run under the paper protocol is returned as it is: its F is another estimator's; and one whose trainings are not
    the benchmark's. `table` stands in for the set that comes with the harness.
    """
    config = run.config
    if config.protocol != "strict" or config.overrides:
        return run
    found = read_set(set_file(config.engine, config.budget)) if table is None else table
    name = named(found, config.engine, config.budget)
    references = {
        (task.slug, method): Reference(*fitting, name)
        for task in run.tasks
        for method in REFERENCES
        if (fitting := _fitting(found, task, method, config.precision)) is not None
    }
    shown = {method for _, method in references} - {base_name(method) for method in run.methods}
    methods = (*(method for method in REFERENCES if method in shown), *run.methods)
    return dataclasses.replace(run, references=references, methods=methods)


def why_unscaled(run: RunData, task: TaskInfo, human: Cell, sparse: Cell) -> str | None:
    """Why a task has no scale in a run, None if it has.

    The reference set decides where one fits; never the run's own trials, unless both references score the same: a test
    on the data that is normalised loses good tasks and biases the mean of the others.
    """
    known = [run.reference(task.slug, method) for method in REFERENCES]
    found = [reference for reference in known if reference is not None]
    if len(found) == len(REFERENCES):
        why = why_not_normalisable(*((reference.scores,) for reference in found))
        return None if why is None else f"{why} in the reference set {found[0].name}"
    for name, scores in zip(REFERENCES, (human, sparse), strict=True):
        if not scores:
            return f"no {name} score to normalise by"
    return "human and sparse score the same" if estimate(human).mean == estimate(sparse).mean else None


def _fitting(
    table: pd.DataFrame, task: TaskInfo, method: str, precision: str
) -> tuple[NDArray[np.float64], tuple[str, ...]] | None:
    """Scores (n,) and precisions of the rows that are of this very task and program; None if there are none.

    Rows of other precisions than the run's stand in for its own only where there are none of those.
    """
    if task.chosen or method not in task.programs:
        return None
    wanted = {
        "task": task.slug,
        "method": method,
        "task_code": task.code,
        "program": task.programs[method],
        "env_steps": task.env_steps,
        "worlds": task.worlds,
        "episode_steps": task.episode_steps,
    }
    rows = table[np.logical_and.reduce([table[name] == value for name, value in wanted.items()])]
    if rows.empty:
        return None
    same = rows[rows["precision"] == precision]
    rows = rows if same.empty else same
    scores = rows["f"].to_numpy(dtype=float)
    scores = np.where(np.isnan(scores), math.nan if task.floor is None else task.floor, scores)
    return scores[np.isfinite(scores)], tuple(sorted(set(rows["precision"])))


def rows_of(run: RunData) -> pd.DataFrame:
    """The finished trials of a run of human and sparse rewards as rows of a reference set, by task, method and seed."""
    config, rows = run.config, []
    versions = " ".join(f"{name}={number}" for name, number in sorted(config.versions.items()))
    for task in run.tasks:
        for method in REFERENCES:
            for search in run.of(task.slug, method):
                same = {
                    "task_code": task.code,
                    "program": task.programs[method],
                    "env_steps": task.env_steps,
                    "worlds": task.worlds,
                    "episode_steps": task.episode_steps,
                    "precision": config.precision,
                    "versions": versions,
                    "machine": str(config.machine.get("cpu", "")),
                }
                for trial in (one for one in search.finals if not (one.missing or one.altered)):
                    measured = {"f": trial.f, "stderr": trial.stderr, "legacy_f": trial.legacy_f}
                    rows.append({"task": task.slug, "method": method, "seed": trial.seed, **measured, **same})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def updated(table: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """A reference set with what was `made` in place of what it had of the same task in the same precision."""
    what = ["task", "precision"]
    kept = table[~table.set_index(what).index.isin(made.set_index(what).index)]
    return pd.concat([frame for frame in (kept, made) if not frame.empty], ignore_index=True).sort_values(
        list(ORDER), ignore_index=True
    )


def to_text(table: pd.DataFrame, name: str) -> str:
    """A reference set as it is stored."""
    return (
        f"# {name}: see harness/scoring/references.py; made by `python -m harness reference`\n"
        + table.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    )
