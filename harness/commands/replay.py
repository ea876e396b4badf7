"""`replay`: an animated picture of a trained policy."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.code import task_digest
from harness.errors import UserError
from harness.identity import TaskId
from harness.option_arguments import adopted
from harness.registry import METHODS, load_task, resolve, task_names, unknown
from harness.rendering import MOVING, SECONDS, check_place, draw
from harness.store import Store

LONGEST_S = 60.0
"""Of simulated time: a longer picture takes minutes to draw."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `replay`."""
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("--task", required=True, help="task of the policy")
    parser.add_argument("--method", required=True, help="method of the policy")
    parser.add_argument("--seed", type=int, default=0, help="which training (default: 0)")
    parser.add_argument("--search", type=int, default=0, help="which search (default: 0)")
    parser.add_argument(
        "--checkpoint", type=int, default=10, help="0 (untrained) to 10 (default: 10, the final one)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help=f"simulated time, at most {LONGEST_S:g} (default: {SECONDS:g})",
    )
    parser.add_argument(
        "--out", type=Path, help="picture to write, .webp or .gif (default: in the working directory)"
    )


def execute(options: argparse.Namespace, console: Console) -> int:
    """Draw the policy."""
    store, record = opened(options.run)
    task = _task(options.task, record, options.run)
    methods = dict.fromkeys([*record["methods"], *METHODS])
    if options.method not in methods:
        raise UserError(unknown("method", options.method, methods))
    for name in ("seed", "search", "checkpoint"):
        if getattr(options, name) < 0:
            raise UserError(f"--{name} {getattr(options, name)}: expected a whole number, 0 or more")
    if not 0.0 < options.seconds <= LONGEST_S:
        raise UserError(f"--seconds {options.seconds:g}: expected more than 0 and at most {LONGEST_S:g}")
    out = options.out or Path(f"{task.slug}-{options.method}-{options.seed}.webp")
    check_place(out, MOVING)
    folder = store.final_trial(task.slug, options.method, options.seed, options.search) / "checkpoints"
    checkpoint = folder / f"{options.checkpoint:02d}.pt"
    if not checkpoint.is_file():
        saved = ", ".join(str(int(path.stem)) for path in sorted(folder.glob("[0-9]*.pt"))) or "none"
        raise UserError(f"--checkpoint {options.checkpoint}: this training has {saved}")
    draw(task, out, checkpoint, options.seconds, options.seed)
    console.print(f"{out}", highlight=False, markup=False, soft_wrap=True)
    return 0


def opened(run: Path) -> tuple[Store, dict[str, Any]]:
    """A run folder and its run.json. UserError if it is none."""
    if not (run / "run.json").is_file():
        raise UserError(f"{run} is not a run folder: it has no run.json; give the folder that `run` wrote")
    store = Store(run)
    record = store.run_record()
    assert record is not None
    return store, record


def _task(reference: str, record: dict[str, Any], run: Path) -> TaskId:
    """The task of a run that a name or a path means. What the run folder says of it is never imported."""
    slug = reference
    if ":" in reference:
        slug = resolve(reference).slug
    if slug not in record["tasks"]:
        raise UserError(f"{run} has no task {reference!r}: it has {', '.join(record['tasks'])}")
    if ":" not in reference and reference not in task_names():
        raise UserError(
            f"task {reference!r} is neither built in nor installed: name it as path/to/file.py:Class"
        )
    task = adopted(resolve(reference), record, run)
    info = record["task_info"][slug]
    same_place = (info["module"], info["qualname"]) == (task.module, task.qualname)
    if not same_place and info["code"] != task_digest(load_task(task)):
        raise UserError(f"{run} holds another task called {slug!r}: name it as path/to/file.py:Class")
    return task
