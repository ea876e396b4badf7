"""`replay`: an animated picture of a trained policy."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.errors import EnvironmentProblem, UserError
from harness.methods import METHODS
from harness.registry import unknown
from harness.rendering import SECONDS, draw
from harness.run import trial_of
from harness.store import Store, read_json

FORMATS = (".webp", ".gif")
LONGEST_S = 120.0
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
    if options.task not in record["tasks"]:
        raise UserError(f"{options.run} has no task {options.task!r}: it has {', '.join(record['tasks'])}")
    methods = dict.fromkeys([*record.get("methods", ()), *METHODS])
    if options.method not in methods:
        raise UserError(unknown("method", options.method, methods))
    for name in ("seed", "search", "checkpoint"):
        if getattr(options, name) < 0:
            raise UserError(f"--{name} {getattr(options, name)}: expected a whole number, 0 or more")
    if not 0.0 < options.seconds <= LONGEST_S:
        raise UserError(f"--seconds {options.seconds:g}: expected more than 0 and at most {LONGEST_S:g}")
    out = options.out or Path(f"{options.task.rpartition(':')[2]}-{options.method}-{options.seed}.webp")
    check_picture(out)
    folder = trial_of(store, options.task, options.method, options.seed, options.search) / "checkpoints"
    checkpoint = folder / f"{options.checkpoint:02d}.pt"
    if not checkpoint.is_file():
        saved = ", ".join(str(int(path.stem)) for path in sorted(folder.glob("[0-9]*.pt"))) or "none"
        raise UserError(f"--checkpoint {options.checkpoint}: this training has {saved}")
    draw(options.task, out, checkpoint, options.seconds, options.seed)
    console.print(f"{out}", highlight=False, markup=False, soft_wrap=True)
    return 0


def opened(run: Path) -> tuple[Store, dict[str, Any]]:
    """A run folder and its run.json. UserError if it is none."""
    if not (run / "run.json").is_file():
        raise UserError(f"{run} is not a run folder: it has no run.json; give the folder that `run` wrote")
    store = Store(run)
    record = read_json(store.folder / "run.json")
    if not isinstance(record, dict) or not isinstance(record.get("tasks"), list):
        raise UserError(
            f"{run} is not a run folder: its run.json names no tasks; give the folder that `run` wrote"
        )
    return store, record


def check_picture(out: Path) -> None:
    """UserError for a name that is no picture's, EnvironmentProblem for a place that cannot be written."""
    if out.suffix not in FORMATS:
        raise UserError(f"--out {out}: expected a name ending in {' or '.join(FORMATS)}")
    if out.is_dir():
        raise UserError(f"--out {out}: this is a folder; expected the name of a picture")
    if not out.parent.is_dir():
        raise UserError(f"--out {out}: there is no folder {out.parent}; make it, or choose another")
    try:
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise EnvironmentProblem(
            f"--out {out}: {out.parent} cannot be written ({error.strerror}); choose another place"
        ) from error
