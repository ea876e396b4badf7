"""What the tiers of `gate` do."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.commands.compare import update
from harness.commands.run import parse, run_missing, show_plan
from harness.config import RunConfig
from harness.errors import UserError
from harness.estimate import estimate
from harness.files import write_json
from harness.gate.forms import Case, Findings, decision_lines, interval, numbers, of_comparison, task_line
from harness.gate.frozen import BASE_SEEDS, BASELINE, SEEDS, frozen_plan, frozen_record
from harness.gate.looks import LookLog, first_seeds
from harness.gate.replay import replay
from harness.gate.transcript import OWN, machine_kind, read_transcript, result_bytes, transcript_of
from harness.identity import TaskId
from harness.missing import Missing
from harness.overrides import as_asked
from harness.plan import Plan
from harness.planning import make_plan
from harness.run_record import run_record
from harness.scoring.baseline import read_baseline
from harness.scoring.cells import estimate as mean_of
from harness.scoring.gate import decide
from harness.scoring.gate_frozen import FrozenResult, compare_frozen
from harness.scoring.gate_runs import Result, compare, only_method
from harness.scoring.load import read_run
from harness.scoring.rundata import RunData
from harness.scoring.sequential import LOOKS, Looks
from harness.store import Store
from reports.content import make_content
from reports.markdown import to_report

ASKING = ("proposer", "temperature", "max_answer_tokens")
"""Settings of searches that are no method's own."""
RECORDED_TASK = "cartpole"
RECORDED_SEARCH: dict[str, Any] = {
    "budget": "smoke",
    "iterations": 2,
    "samples": 2,
    "seeds": 1,
    "searches": 1,
}
NAME = "transcript"
"""Of the run folder of a transcript: it is in the report."""


def replayed(options: argparse.Namespace, progress: Console) -> Findings | None:
    """Tier 0: the search's code against a transcript, and its bytes where the machine is of the recorded kind."""
    path = options.baseline or OWN
    if options.update:
        with _folder(options.out, NAME) as folder:
            report = _recorded(folder, "grammar", options.jobs, progress)
            write_json(path, transcript_of(folder, RECORDED_TASK, report))
        progress.print(f"transcript: {path}", highlight=False, markup=False, soft_wrap=True)
        return None
    transcript = read_transcript(path)
    cases = [_case("search", replay(transcript), "prompts, programs and record are as recorded")]
    notes = []
    here = machine_kind()
    other = [name for name, value in transcript["machine"].items() if here.get(name) != value]
    if other:
        notes.append(
            "bytes of trainings were not compared: "
            + ", ".join(f"{name} is {here.get(name)}, was {transcript['machine'][name]}" for name in other)
        )
    elif cases[0].verdict == "pass":
        with _folder(options.out, NAME) as folder, tempfile.TemporaryDirectory() as place:
            journal = Path(place) / "journal.jsonl"
            journal.write_text(transcript["journal"], encoding="utf-8")
            report = _recorded(folder, f"replay:{journal}", options.jobs, progress)
            cases.append(_bytes_case(transcript["bytes"], result_bytes(folder, RECORDED_TASK, report)))
    worst = next((case for case in cases if case.verdict != "pass"), None)
    return Findings(
        title="tier 0",
        verdict="regression" if worst else "pass",
        why=worst.line if worst else "; ".join(case.line for case in cases),
        cases=tuple(cases),
        lines=(f"transcript {path}",),
        notes=tuple(notes),
        data={"tier": 0, "cases": {case.name: case.verdict for case in cases}},
    )


def _case(name: str, problem: str | None, good: str) -> Case:
    return Case(name, "regression" if problem else "pass", problem or good)


def _bytes_case(recorded: dict[str, str], found: dict[str, str]) -> Case:
    other = [name for name in {**recorded, **found} if recorded.get(name) != found.get(name)]
    problem = f"other bytes than recorded: {', '.join(other)}" if other else None
    return _case("bytes", problem, f"{len(found)} results of trainings and report have the recorded bytes")


def _recorded(folder: Path, proposer: str, jobs: int | None, progress: Console) -> str:
    """Do the recorded search, with its trainings; the text of the report on it."""
    config = RunConfig(
        suite=RECORDED_TASK,
        methods="eureka",
        precision="fp32",
        proposer=proposer,
        out=str(folder),
        jobs=jobs,
        **RECORDED_SEARCH,
    )
    plan = make_plan(config, gpu=False)
    _run_missing(plan, config, run_record(plan, Store(folder)), progress)
    return to_report(make_content(read_run(folder)))


def retrained(options: argparse.Namespace, progress: Console) -> Findings | None:
    """Tier 1: the frozen programs, trained anew, against their baseline."""
    path = options.baseline or BASELINE
    folder = options.out or Path("runs/gate-tier1")
    base = None if options.update else read_baseline(path)
    plan = frozen_plan(folder, BASE_SEEDS if options.update else SEEDS)
    config = RunConfig(suite=",".join(task.slug for task in plan.tasks), jobs=options.jobs, out=str(folder))
    _run_missing(plan, config, frozen_record(plan, Store(folder)), progress)
    if base is None:
        update(path, folder, options.margin, progress)
        return None
    run, declared = base
    margin = declared if options.margin is None else options.margin
    new = first_seeds(read_run(folder), SEEDS)
    return of_frozen(compare_frozen(run, new, margin, any_version=options.any_version))


def of_frozen(result: FrozenResult) -> Findings:
    """What retraining the frozen programs found."""
    decision = result.decision
    drops = [Case("drops", decision.verdict, decision.why)] if decision is not None else []
    orders = [
        Case(f"{order.higher} above {order.lower}", order.verdict, f"by {interval(order.difference)}")
        for order in result.orders
    ]
    details = [
        Case(f"{row.task.slug} {name}", "told", f"{name}: {task_line(row)}", row.dropped)
        for name, row in result.programs
    ]
    cases = (*drops, *orders, *details)
    bad = [case for case in cases if case.verdict == result.verdict and case.verdict != "pass"]
    reached = [f"{task} {name}: F {mean_of(cell).mean:.4g}" for task, name, cell in result.levels]
    return Findings(
        title="tier 1",
        verdict=result.verdict,
        why="; ".join(f"{case.name}: {case.line}" for case in bad)
        or (decision.why if decision else "not enough data: " + "; ".join(result.missing)),
        cases=cases,
        lines=(
            f"NEW {result.new} against BASE {result.base}; {result.setting}; margin {result.margin:g} of the scale "
            "from the baseline's broken (0) to its good (1) program",
            *(decision_lines(decision) if decision else ()),
            *(f"{case.name}: {case.verdict}, {case.line}" for case in orders),
            *(case.line for case in details),
            *(["reached: " + ", ".join(reached)] if reached else []),
        ),
        notes=result.notes,
        data={
            "tier": 1,
            "base": result.base,
            "new": result.new,
            "margin": result.margin,
            "setting": result.setting,
            "difference": None if decision is None else numbers(decision.difference),
            "smallest_detectable_drop": None if decision is None else decision.smallest,
            "orders": [
                {"higher": o.higher, "lower": o.lower, "verdict": o.verdict, **numbers(o.difference)}
                for o in result.orders
            ],
            "programs": [
                {"task": task, "program": name, "f": mean_of(cell).mean} for task, name, cell in result.levels
            ],
            "missing": list(result.missing),
        },
    )


def looked(options: argparse.Namespace, progress: Console) -> Findings:
    """Tier 2: the baseline's run again, looked at with 2, 4, 6 and 8 seeds until something is decided."""
    if options.baseline is None:
        raise UserError("tier 2 compares with a run of yours: name its baseline file with --baseline")
    base, declared = read_baseline(options.baseline)
    margin = declared if options.margin is None else options.margin
    folder = options.out or Path("runs/gate-tier2")
    method = options.method or only_method(base)
    looks = Looks.of(LOOKS, _base_seeds(base, method.rpartition("/")[2].removesuffix(".py")))
    log = LookLog(folder, looks)
    for seeds, level in zip(looks.seeds, looks.levels, strict=True):
        config = _same_run(base, options, method, seeds, folder)
        plan = make_plan(config, gpu=False)
        _run_missing(plan, config, run_record(plan, Store(folder)), progress)
        result = compare(
            base,
            first_seeds(read_run(folder), seeds),
            margin,
            method=next(iter(plan.methods)),
            any_version=options.any_version,
            decider=functools.partial(decide, alarm=level, clearance=level),
        )
        log.add(seeds, result)
        progress.print(f"look at {seeds} seeds: {result.verdict}", highlight=False, markup=False)
        if result.decision is None or result.verdict != "undecided":
            break
    return _of_looks(result, log)


def _of_looks(result: Result, log: LookLog) -> Findings:
    found = of_comparison(result)
    lines = (*found.lines, *log.lines)
    return dataclasses.replace(found, lines=lines, data={**found.data, "tier": 2, "looks": log.looks})


def _base_seeds(base: RunData, method: str) -> int:
    """Trials of a method on each task of the baseline; the fewest where tasks differ."""
    found = [seeds for (_, name), (_, seeds) in base.expected.items() if name == method]
    if not found:
        raise UserError(
            f"the baseline has no {method}, only {', '.join(base.methods)}: name one with --method"
        )
    return min(found)


def _same_run(base: RunData, options: argparse.Namespace, method: str, seeds: int, folder: Path) -> RunConfig:
    """The command that made the baseline, for one method and so many seeds."""
    config, search = base.config, dict(base.config.search or {})
    proposer, temperature = search.pop("proposer", "auto"), search.pop("temperature", 1.0)
    own = {name: value for name, value in config.settings_of(method).items() if name not in ASKING}
    family = method.partition(":")[0]
    return parse(
        argparse.Namespace(
            suite=options.suite or ",".join(task.slug for task in base.tasks),
            task_option=tuple(
                f"{task.slug}.{name}={value}" for task in base.tasks for name, value in task.chosen.items()
            ),
            methods=method,
            method_option=tuple(
                f"{family}.{name}={value}" for name, value in own.items() if search.get(name) != value
            ),
            seeds=seeds,
            searches=max(searches for searches, _ in base.expected.values()),
            budget=config.budget,
            precision=config.precision,
            protocol=config.protocol,
            goal_bonus="on" if config.goal_bonus else "off",
            candidate_epochs=config.candidate_epochs,
            **as_asked(config.overrides),
            proposer=options.proposer or proposer,
            max_usd=options.max_usd,
            **({"no_temperature": True} if temperature is None else {"temperature": temperature}),
            **search,
            jobs=options.jobs,
            out=str(folder),
        )
    )


def _run_missing(plan: Plan, config: RunConfig, record: dict[str, Any], progress: Console) -> None:
    """Do what is missing of a plan, and name what could not be done: the comparison finds it missing."""

    def show(amounts: dict[TaskId, Missing]) -> None:
        show_plan(plan, amounts, estimate(plan, amounts, config.jobs, None, measure=False), progress)

    for problem in run_missing(plan, config, record, progress, show, pictures=False):
        progress.print(problem, style="red", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _folder(asked: Path | None, name: str) -> Iterator[Path]:
    """The folder asked for, or a passing one of that name."""
    if asked is not None:
        yield asked
        return
    with tempfile.TemporaryDirectory() as place:
        yield Path(place) / name
