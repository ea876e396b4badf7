"""`profile`: where the time of a trial goes."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from harness.config import BUDGETS
from harness.errors import UserError
from harness.importing import importing
from harness.machine import cpu_name, fast_precision
from harness.option_arguments import assigned
from harness.registry import load_task, resolve
from harness.task import budget_of
from harness.training.profiled import Profile, profiled

MOST_EPOCHS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `profile`."""
    parser.add_argument("task", help="a name, module:Class or path.py:Class")
    parser.add_argument(
        "--task-option", action="append", default=[], metavar="NAME.FIELD=VALUE", help="an option of the task"
    )
    parser.add_argument(
        "--budget",
        choices=BUDGETS,
        default="quick",
        help="budget of the trial (default: quick)",
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        default="auto",
        help="of the networks while they are trained, as of `run` (default: auto)",
    )
    parser.add_argument(
        "--epochs", type=int, default=3, help="epochs that are measured, after a first one (default: 3)"
    )


def execute(options: argparse.Namespace, console: Console) -> int:
    """Measure, in a process of its own, and show."""
    if not 1 <= options.epochs <= MOST_EPOCHS:
        raise UserError(f"--epochs {options.epochs}: expected a whole number from 1 to {MOST_EPOCHS}")
    precision = fast_precision() if options.precision == "auto" else options.precision
    (task,) = assigned([resolve(options.task)], options.task_option)
    with importing():
        from harness.execution.asked import asked
        from harness.execution.trial_runner import human_graph
    worlds = budget_of(load_task(task), options.budget).worlds
    reward = human_graph(task, worlds)
    found: Profile = asked("profile", profiled, task, options.budget, reward, options.epochs, precision)
    rewarded = "the human reward" if reward is not None else "no reward program, for it has no human reward"
    console.print(
        f"{task.slug}: a trial of {rewarded}; budget {options.budget}, precision {precision}, "
        f"on one core of {cpu_name()}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    console.print(_table(found))
    steps = found.budget.env_steps
    console.print(
        f"training: {steps:,} env steps, {steps / found.training:,.0f} per processor second\n"
        f"physics and the multiplications of the networks alone: {found.floor / found.training:.0%} of training",
        highlight=False,
        soft_wrap=True,
    )
    return 0


def _table(found: Profile) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    for heading in ("processor s", "share"):
        table.add_column(heading, justify="right")
    total = sum(found.seconds.values())
    for part, seconds in sorted(found.seconds.items(), key=lambda item: -item[1]):
        table.add_row(part, f"{seconds:.1f}", f"{seconds / total:.0%}")
    table.add_row("a trial", f"{total:.1f}", "")
    return table
