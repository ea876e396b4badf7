"""`reference`: train the human and sparse rewards of a reference set, of seeds that no run uses, and write the set."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from rich.console import Console

from harness.commands.run import parse, print_problems, run_missing, show_plan
from harness.config import BUDGETS, RunConfig
from harness.errors import UserError, writing
from harness.estimate import estimate
from harness.identity import TaskId
from harness.importing import importing
from harness.missing import Missing
from harness.planning import make_plan
from harness.registry import resolve_suite
from harness.repetitions import REFERENCE
from harness.run_record import run_record
from harness.store import Store

SEEDS = {
    "cartpole": 20,
    "ball_balance": 20,
    "switch": 20,
    "franka_cabinet": 10,
}
"""Trainings of each reward, fixed before the first: 20 on the quick suite, 10 where ten take little time."""
OTHERS = 5
"""Trainings on all other tasks."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `reference`."""
    parser.add_argument(
        "--suite", default="all", help="the tasks to train: what else is in the set stays (default: all)"
    )
    parser.add_argument("--budget", choices=BUDGETS, default="quick", help="as of `run` (default: quick)")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), help="as of `run`")
    parser.add_argument("--jobs", type=int, help="trials at a time (default: one per core)")
    parser.add_argument(
        "--out", help="run folder; running again there resumes (default: runs/reference-<budget>-<engine>)"
    )
    parser.add_argument(
        "--set", type=Path, help="file to write (default: that of the harness, baselines/reference/)"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan and its cost, and stop")


def execute(options: argparse.Namespace, console: Console) -> int:
    """Train what is missing and put it into the set; 1 if something could not be trained."""
    folder = options.out or f"runs/reference-{options.budget}-cpu"
    groups: dict[int, list[TaskId]] = {}
    for task in resolve_suite(options.suite):
        groups.setdefault(SEEDS.get(task.slug, OTHERS), []).append(task)
    problems: list[str] = []
    for seeds, tasks in sorted(groups.items(), reverse=True):
        problems += _trained(_config(options, folder, seeds, tasks), options.dry_run, console)
    if not options.dry_run:
        path = _written(Path(folder), options.set)
        console.print(f"reference set: {path}", soft_wrap=True, highlight=False, markup=False)
    return print_problems(problems, console)


def _config(options: argparse.Namespace, folder: str, seeds: int, tasks: list[TaskId]) -> RunConfig:
    asked = {
        "suite": ",".join(task.slug for task in tasks),
        "methods": "human,sparse",
        "seeds": seeds,
        "budget": options.budget,
        "out": folder,
    }
    more = {name: getattr(options, name) for name in ("precision", "jobs")}
    return parse(
        argparse.Namespace(**asked, **{name: value for name, value in more.items() if value is not None})
    )


def _trained(config: RunConfig, dry_run: bool, console: Console) -> list[str]:
    plan = dataclasses.replace(make_plan(config, gpu=False), first_seed=REFERENCE)
    record = run_record(plan, Store(plan.folder))

    def show(amounts: dict[TaskId, Missing]) -> None:
        show_plan(plan, amounts, estimate(plan, amounts, config.jobs, None, measure=False), console)

    if dry_run:
        show({task: Missing(finals=2 * plan.seeds) for task in plan.tasks})
        return []
    return run_missing(plan, config, record, console, show, pictures=False)


def _written(folder: Path, target: Path | None) -> Path:
    """Put the trials of a run folder into a set. UserError where the folder is none of a reference set."""
    with importing():
        from harness.scoring.load import read_run
        from harness.scoring.references import read_set, rows_of, set_file, to_text, updated
    run = read_run(folder)
    if run.config.first_seed != REFERENCE:
        raise UserError(
            f"{folder} is not of a reference set: its seeds are those of a run; choose another --out"
        )
    path = target or set_file(run.config.engine, run.config.budget)
    text = to_text(updated(read_set(path), rows_of(run)), path.stem)
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        path.with_suffix(".new").replace(path)
    return path
