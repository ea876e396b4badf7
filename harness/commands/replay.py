"""`replay`: an animated picture of a trained policy."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from harness.errors import UserError
from harness.rendering import MOVING, SECONDS, check_place, draw
from harness.run import trial_of
from harness.store import Store, read_json

LONGEST = 60.0  # s


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
        "--seconds", type=float, default=SECONDS, help=f"simulated time (default: {SECONDS:g})"
    )
    parser.add_argument(
        "--out", type=Path, help="picture to write, .webp or .gif (default: in the working directory)"
    )


def execute(options: argparse.Namespace, console: Console) -> int:
    """Draw the policy."""
    store = Store(options.run)
    tasks = read_json(store.folder / "run.json")["tasks"]
    if options.task not in tasks:
        raise UserError(f"{options.run} has no task {options.task!r}: it has {', '.join(tasks)}")
    out = options.out or Path(f"{options.task}-{options.method}-{options.seed}.webp")
    check_place(out, MOVING)
    if not 0.0 < options.seconds <= LONGEST:
        raise UserError(f"--seconds {options.seconds:g}: expected more than 0, at most {LONGEST:g}")
    folder = trial_of(store, options.task, options.method, options.seed, options.search)
    checkpoint = folder / "checkpoints" / f"{options.checkpoint:02d}.pt"
    draw(options.task, out, checkpoint, options.seconds, options.seed)
    console.print(f"{out}", highlight=False, markup=False, soft_wrap=True)
    return 0
