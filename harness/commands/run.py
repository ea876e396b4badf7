"""`run`: the main job."""

from __future__ import annotations

import argparse
import typing
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.commands.report import publish
from harness.config import RunConfig, option_fields
from harness.confine.fork_server import fork_server
from harness.errors import UserError
from harness.estimate import Estimate, check_limits, estimate, largest_request
from harness.identity import TaskId
from harness.importing import importing, load
from harness.machine import machine
from harness.missing import Missing, env_steps, missing
from harness.not_reused import not_reused
from harness.plan import Plan
from harness.planning import make_plan
from harness.proposers import Journal, Limits, Proposer, Server, display_name, make_proposer, model_server
from harness.proposers.limits import Cost
from harness.registry import TASKS
from harness.run_record import run_record
from harness.scoring.option_words import option_words
from harness.store import Store
from harness.task_options import chosen

LONG_RUN_H = 12.0
ASSIGNED = {"task_option": "NAME.FIELD=VALUE", "method_option": "METHOD.FIELD=VALUE", "set": "NAME=VALUE"}
"""How options are written that may be given several times."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One option per field of RunConfig."""
    for name, field in option_fields().items():
        option, default = "--" + name.replace("_", "-"), field.default
        text = (field.description or "").replace("%", "%%")
        if default == ():
            parser.add_argument(
                option, action="append", default=argparse.SUPPRESS, metavar=ASSIGNED[name], help=text
            )
            continue
        if field.annotation is bool:
            parser.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=text)
            continue
        choices = [str(choice) for choice in typing.get_args(field.annotation) if isinstance(choice, str)]
        shown = "" if default is None else f" (default: {default})"
        parser.add_argument(
            option,
            default=argparse.SUPPRESS,
            choices=choices or None,
            metavar=None if choices else name.upper(),
            help=text + shown,
        )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show the plan and its cost, and stop; times are typical ones, this machine is measured when a run starts",
    )
    parser.add_argument("--no-pictures", action="store_true", help="do not draw the final policies")
    parser.add_argument("--no-report", action="store_true", help="leave the page for `report`")


def execute(options: argparse.Namespace, console: Console) -> int:
    """Check, plan, show the plan, carry it out, write the report."""
    config = parse(options)
    plan = make_plan(config, gpu=machine()["gpu"] is not None)
    store = Store(plan.folder)
    fresh = options.dry_run and store.run_record() is None
    record = {} if fresh else run_record(plan, store)  # which refuses what does not go with the folder
    limits = limits_of(config, plan)
    server = model_server(plan.proposer, key_needed=not options.dry_run) if plan.searching else None
    request = largest_request(plan, limits, config.prices)
    if request is not None and not store.journal.exists():  # recorded answers cost nothing
        check_limits(plan, limits, request)

    def show(amounts: dict[TaskId, Missing], *, measure: bool = True) -> None:
        expected = estimate(plan, amounts, config.jobs, config.prices, measure=measure)
        show_plan(plan, amounts, expected, console)
        if any(amount.total for amount in amounts.values()):
            show_other_versions(plan, store, console)
        if server is not None and request is not None:
            show_model(server, request, expected, limits, console)

    if options.dry_run:
        if has_own(plan):
            with importing():
                from harness.precheck import check_written
            check_written(plan, built_in=False)
        show(missing(plan, store), measure=False)
        return 0
    problems = run_missing(plan, config, record, console, show, pictures=not options.no_pictures)
    if not options.no_report:
        publish([store.folder], store.report, console)
    return print_problems(problems, console)


def run_missing(
    plan: Plan,
    config: RunConfig,
    record: dict[str, Any],
    console: Console,
    show: Callable[[dict[TaskId, Missing]], None],
    *,
    pictures: bool,
) -> list[str]:
    """Do what of a plan is missing, after showing how much that is; what is missing then, a line each."""
    with importing():
        from harness.commands.execution import execute_plan
        from harness.precheck import check_written
    store = Store(plan.folder)
    amounts = missing(plan, store)
    incomplete = any(amount.total for amount in amounts.values())
    if incomplete:
        fork_server()  # which imports for seconds, beside this process
        if plan.searching or has_own(plan):
            load()  # while there is neither a lock to be left nor a thread
    with store.opened(), Journal(store.journal) as journal:
        proposer = _proposer(config, plan, journal)
        if incomplete:
            amounts = missing(plan, store)  # which another command may have done meanwhile
            check_written(plan)
        show(amounts)
        outcome, undrawn = execute_plan(
            plan,
            record,
            store,
            proposer,
            amounts,
            config.jobs,
            console,
            executor_name=config.executor,
            pictures=pictures,
        )
        if undrawn:
            console.print(f"no pictures: {undrawn}", style="yellow", markup=False, soft_wrap=True)
        if not outcome.problems:
            store.clear_work()
    return outcome.problems


def has_own(plan: Plan) -> bool:
    """Whether something of a plan is a user's own: a program, or a task."""
    return bool(plan.written) or any(task.slug not in TASKS for task in plan.tasks)


def print_problems(problems: Sequence[str], console: Console) -> int:
    """Name what is missing and the searches that found nothing or stopped; the exit code: 1 if there are any."""
    for problem in problems:
        console.print(problem, style="red", highlight=False, markup=False, soft_wrap=True)
    return 1 if problems else 0


def parse(options: argparse.Namespace) -> RunConfig:
    """Options to RunConfig; UserError with one line for the first wrong value."""
    given = {name: getattr(options, name) for name in option_fields() if hasattr(options, name)}
    try:
        return RunConfig(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise UserError(f"--{name} {first['input']!r}: {first['msg'].lower()}") from error


def _sizes(plan: Plan) -> str:
    """Iterations × samples of the searches, each size once with the methods that have it, where those differ."""
    sizes: dict[str, list[str]] = {}
    for name, settings in plan.settings.items():
        size = f"{settings.iterations} x {settings.samples}{', racing,' if plan.races(name) else ''}"
        sizes.setdefault(size, []).append(name)
    if len(sizes) == 1:
        return next(iter(sizes))
    return " and ".join(f"{size} ({', '.join(names)})" for size, names in sizes.items())


def show_plan(plan: Plan, amounts: dict[TaskId, Missing], expected: Estimate, console: Console) -> None:
    """The size of what is still to be done, before it starts."""
    for note in plan.notes:
        console.print(f"note: {note}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    table = Table(title=None, box=None, pad_edge=False)
    for heading in ("task", "trials", "env steps each", "worlds", "expected time"):
        table.add_column(heading, justify="left" if heading == "task" else "right")
    for task in plan.tasks:
        budget = plan.experience(task)
        table.add_row(
            escape(task.slug),
            f"{amounts[task].total}",
            f"{budget.env_steps:,}",
            f"{budget.worlds}",
            "?" if (seconds := expected.seconds[task]) is None else duration(seconds),
        )
    console.print(table)
    trials = sum(amount.total for amount in amounts.values())
    steps = sum(env_steps(plan, task, amount) for task, amount in amounts.items())
    options = option_words({task.slug: chosen(task) for task in plan.tasks})
    unknown = sum(seconds is None for seconds in expected.seconds.values())
    where = "here" if expected.machine is None else f"on cores of {expected.machine}"
    todo = (
        f"{trials} trials, {steps:,} env steps, about {duration(expected.total)} {where} ({expected.jobs} at a time)"
        + (f" without {unknown} task(s) of unknown speed" if unknown else "")
    )
    console.print(
        (todo if trials else "nothing is missing, the report is written again")
        + f". Methods: {', '.join(plan.methods)}; {plan.seeds} seeds; "
        + (
            f"{plan.searches} search(es) of {_sizes(plan)} by {display_name(plan.proposer)}; "
            if plan.searching
            else ""
        )
        + f"budget {plan.budget}, engine {plan.engine}, precision {plan.precision}, protocol {plan.protocol}"
        + (f", options {options}." if options else "."),
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
    console.print(f"run folder: {plan.folder}", highlight=False, soft_wrap=True, markup=False)
    if expected.total > LONG_RUN_H * 3600:
        console.print(
            f"this is a long job for this machine ({duration(expected.total)}): "
            "fewer --seeds, a smaller --suite or --budget quick make it shorter; it can be interrupted and resumed",
            style="yellow",
            soft_wrap=True,
        )


def show_other_versions(plan: Plan, store: Store, console: Console) -> None:
    """Stored trials that would do but for the versions of the libraries or the code they were made with."""
    for line in not_reused(plan, store):
        console.print(f"note: {line}", style="yellow", highlight=False, markup=False, soft_wrap=True)


def show_model(server: Server, request: Cost, expected: Estimate, limits: Limits, console: Console) -> None:
    """Where a model is asked, and what that can cost, before it starts."""
    about, most = "unknown price", ""
    if expected.usd is not None:
        about, most = f"about ${expected.usd:.2f}", f", ${request.usd:.4f}"
    bounds = [f"{limits.max_tokens:,} tokens"] if limits.max_tokens is not None else []
    bounds += [f"${limits.max_usd:g}"] if limits.max_usd is not None else []
    missing = "; it needs a key: set OPENAI_API_KEY" if server.lacks_key else ""
    console.print(
        f"model server: {server.shown}{missing}\n"
        f"model calls: about {expected.tokens:,} tokens, {about}; one request at most {request.tokens:,} tokens{most}; "
        f"limit: {' and '.join(bounds) or 'none (--max-tokens, --max-usd)'}",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def limits_of(config: RunConfig, plan: Plan) -> Limits:
    """What may be asked of a model."""
    return Limits(config.max_usd, config.max_tokens, plan.asking.max_answer_tokens)


def _proposer(config: RunConfig, plan: Plan, journal: Journal) -> Proposer:
    return make_proposer(
        plan.proposer,
        journal,
        limits=limits_of(config, plan),
        prices=config.prices,
        timeout_s=config.timeout,
        concurrency=config.concurrency,
    )
