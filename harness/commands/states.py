"""`states`: record the common states of tasks, on which reward programs are compared, from the policies of a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.commands.replay import opened
from harness.errors import EnvironmentProblem, UserError
from harness.identity import TaskId
from harness.importing import importing
from harness.option_arguments import adopted
from harness.registry import load_task, resolve, states_file, task_names
from harness.store import Store

CHECKPOINTS = (1, 4, 7, 10)
"""Of each method's first policy training: what it does early, on the way and at the end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `states`."""
    parser.add_argument("run", type=Path, help="run folder whose policies are followed")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="tasks of the run (default: all)")
    parser.add_argument(
        "--out", type=Path, help="folder to write TASK.npz into (default: beside the rewards)"
    )


def execute(options: argparse.Namespace, console: Console) -> int:
    """Record tasks of the run; what is as it would be recorded is left."""
    with importing():
        import torch

        from harness.training.rollout_states import record_states

    torch.set_num_threads(1)
    store, record = opened(options.run)
    for task in [_task(slug, record, options.run) for slug in options.tasks or record["tasks"]]:
        policies = _policies(store, task, record)
        file = states_file(task) if options.out is None else options.out / f"{task.slug}.npz"
        new = record_states(file, task.slug, load_task(task), policies)
        console.print(
            f"{file}{'' if new else ' is up to date'}", highlight=False, markup=False, soft_wrap=True
        )
    return 0


def _task(slug: str, record: dict[str, Any], run: Path) -> TaskId:
    if slug not in record["tasks"]:
        raise UserError(f"{run} has no task {slug!r}: it has {', '.join(record['tasks'])}")
    if slug not in task_names():
        raise UserError(f"task {slug!r} of {run} is neither built in nor installed: name a run without it")
    task = adopted(resolve(slug), record, run)
    if task.options:
        raise UserError(
            f"{run} has options of {slug!r} ({task.options}): expected a run without --task-option"
        )
    return task


def _policies(store: Store, task: TaskId, record: dict[str, Any]) -> dict[str, Path]:
    """What each policy is → its checkpoint, of all methods of the run."""
    found = {}
    for method in record["methods"]:
        folder = store.final_trial(task.slug, method)
        for number in CHECKPOINTS:
            path = folder / "checkpoints" / f"{number:02d}.pt"
            if not path.is_file():
                raise EnvironmentProblem(f"{folder} has no checkpoint {number}: delete it and run again")
            found[f"{method} at budget {record['budget']}, checkpoint {number} of 10"] = path
    return found
