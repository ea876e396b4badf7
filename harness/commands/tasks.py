"""`tasks`: what there is to train on."""

from __future__ import annotations

import argparse
import inspect
from pathlib import Path

import torch
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.config import BUDGETS
from harness.context import context_of
from harness.errors import UserError
from harness.identity import TaskId
from harness.importing import importing
from harness.option_arguments import assigned
from harness.plugins import hidden_plugins
from harness.registry import SUITES, TASKS, load_task, resolve, task_names
from harness.rendering import STILL, check_place, draw
from harness.scoring.option_words import shown
from harness.task import Task, budget_of, state_fields
from harness.task_options import possible, values_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `tasks`."""
    parser.add_argument("task", nargs="?", help="show this task: a name, module:Class or path.py:Class")
    parser.add_argument(
        "--task-option",
        action="append",
        default=[],
        metavar="NAME.FIELD=VALUE",
        help="an option of the task that is shown; may be given several times",
    )
    parser.add_argument("--picture", type=Path, help="also draw its initial state into this .png or .webp")
    parser.add_argument(
        "--mjcf", type=Path, metavar="DIR", help="also write its scene as MJCF into this folder"
    )
    parser.add_argument("--view", action="store_true", help="then open its scene in MuJoCo's viewer")


def execute(options: argparse.Namespace, console: Console) -> int:
    """List the tasks, or show one."""
    if options.task is None:
        for name in ("task_option", "picture", "mjcf", "view"):
            if getattr(options, name):
                raise UserError(
                    f"--{name.replace('_', '-')} is of a task that is shown: name it, `tasks TASK`"
                )
        _list(console)
        return 0
    if options.picture is not None:
        check_place(options.picture, STILL)
    (found,) = assigned([resolve(options.task)], options.task_option)
    task = load_task(found)
    if found.slug not in TASKS:
        with importing():
            from harness.contract_try import try_task
        try_task(task)
    _show(options.task, task, console)
    if options.picture is not None:
        draw(found, options.picture)
        console.print(f"\npicture: {options.picture}", highlight=False, markup=False)
    if options.mjcf is not None or options.view:
        _open(found, options, console)
    return 0


def _open(found: TaskId, options: argparse.Namespace, console: Console) -> None:
    with importing():
        from harness.mjcf import open_viewer, write_mjcf
    if options.mjcf is not None:
        console.print(f"\nscene: {write_mjcf(found, options.mjcf)}", highlight=False, markup=False)
    if options.view:
        open_viewer(found)


def _list(console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("task", "suites", "F", "actions", "worlds", "goal"):
        table.add_column(heading)
    broken = hidden_plugins({*TASKS, *SUITES})
    for name in task_names():
        try:
            task = load_task(name)
        except UserError as error:  # of one plug-in: the other tasks can be used
            broken.append(str(error))
            continue
        suites = ", ".join(suite for suite, members in SUITES.items() if name in members and suite != "all")
        kind = f"{task.fitness.name.lower()} ({task.fitness_unit})"
        table.add_row(name, suites, kind, str(task.num_actions), str(task.worlds), escape(task.description))
    console.print(table)
    for line in broken:
        console.print(line, style="red", highlight=False, markup=False, soft_wrap=True)


def _show(name: str, task: Task, console: Console) -> None:
    with importing():
        from harness.environment import Environment
    environment = Environment(task, worlds=1, seed=0)
    torch.manual_seed(0)
    seconds = task.timing.episode_steps * task.timing.control_dt
    lines = [
        f"goal: {task.description}",
        f"fitness F ({task.fitness_unit}): {task.fitness.value}",
        f"observations: {environment.observations.shape[1]}, actions: {task.num_actions} in [-1, 1]",
        f"time: {1 / task.timing.control_dt:.0f} Hz control, {1 / task.timing.physics_dt:.0f} Hz physics, "
        f"episodes of {task.timing.episode_steps} steps ({seconds:.1f} s)",
    ]
    console.print(f"[bold]{name}[/bold]")
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
    console.print()
    if notes := type(
        task
    ).__doc__:  # not for designers: which version this is, where it differs from the original
        console.print(f"{inspect.cleandoc(notes)}\n", highlight=False, markup=False, soft_wrap=True)
    if values_of(task.options):
        console.print(_options_table(task))
        console.print()
    console.print(_state_table(task))
    console.print()
    console.print(_budget_table(task))
    console.print("\n[bold]what a designer is shown[/bold]\n")
    console.print(context_of(task), highlight=False, markup=False, soft_wrap=True)


def _options_table(task: Task) -> Table:
    table = Table(title="options: what --task-option chooses", title_justify="left", box=None, pad_edge=False)
    for heading in ("name", "value", "default", "values", "meaning"):
        table.add_column(heading)
    defaults = values_of(type(task.options)())
    for name, value in values_of(task.options).items():
        field = type(task.options).model_fields[name]
        about = " ".join((field.description or "").split())
        words = (name, shown(value), shown(defaults[name]), possible(field), about)
        table.add_row(*map(escape, words))
    return table


def _state_table(task: Task) -> Table:
    table = Table(title="state: what a reward may read", title_justify="left", box=None, pad_edge=False)
    for heading in ("name", "shape", "unit", "kind", "meaning"):
        table.add_column(heading)
    for name, field in state_fields(task).items():
        shape = ", ".join(["N", *map(str, field["shape"])])
        table.add_row(name, f"({shape})", field["unit"], field["kind"], field["about"])
    for name, value in task.constants.items():
        shown = f"{value:g}" if isinstance(value, int | float) else f"{len(value)} numbers"
        table.add_row(name, shown, "", "constant", "")
    for name in task.bound:
        table.add_row(name, "", "", "from the harness", "")
    return table


def _budget_table(task: Task) -> Table:
    table = Table(title="budgets of one training", title_justify="left", box=None, pad_edge=False)
    for heading in ("budget", "worlds", "epochs", "horizon", "minibatch", "env steps", "chosen"):
        table.add_column(heading)
    for name in BUDGETS:
        budget = budget_of(task, name)
        numbers = (budget.worlds, budget.epochs, budget.horizon, budget.minibatch, budget.env_steps)
        table.add_row(name, *(f"{number:,}" for number in numbers), budget.why)
    return table
