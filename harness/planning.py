"""From what is asked to a plan: every default resolved, for this machine and for what the run folder holds already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import RunConfig, search_size
from harness.errors import UserError
from harness.identity import TaskId
from harness.machine import fast_precision
from harness.methods.chosen import Chosen, choose, method_names, no_setting, searches, settings_of
from harness.methods.contract import SearchSettings
from harness.methods.eureka import EurekaSettings
from harness.option_arguments import adopted, assigned
from harness.overrides import asked_overrides, held_overrides
from harness.parts import check_part
from harness.plan import Asking, Plan
from harness.proposers import resolve_proposer
from harness.registry import resolve_suite, task_notes
from harness.reuse import Reuse
from harness.scoring.option_words import override_words
from harness.store import Store

REPLAYED = (
    "budget",
    "engine",
    "trainer",
    "precision",
    "protocol",
    "goal_bonus",
    "candidate_epochs",
    "overrides",
    "seeds",
    "searches",
    "search",
    "settings",
)
"""What a replay takes over of the run that it replays, unless it is given."""

Held = Mapping[str, Any]
"""What run.json of the folder, or of a run that is replayed, says."""


def make_plan(config: RunConfig, *, gpu: bool) -> Plan:
    """Resolve defaults for this machine and for what the run folder holds already. UserError for a wrong name.

    What is not asked for stays what the folder was begun with; what is asked for is refused later if it differs.
    """
    check_part("executor", config.executor)
    if not config.method_names:
        raise UserError("no method to run: give at least one of " + ", ".join(method_names()))
    chosen = choose(config.method_names)
    tasks = resolve_suite(config.suite)
    notes = list(task_notes(config.suite))
    folder = _folder(config, tasks)
    held: Held = Store(folder).run_record() or {}
    tasks = assigned([adopted(task, held, folder) for task in tasks], config.task_option)
    held = held or _replayed(config.proposer)
    asked = config.model_fields_set

    def resolved(name: str) -> Any:
        return getattr(config, name) if name in asked or name not in held else held[name]

    budget = config.budget
    if budget == "auto":
        budget = held.get("budget", "quick")
        if not held:
            notes.append("budget quick: calibrated for CPU cores; the original's is --budget paper")
    engine = held.get("engine", "cpu") if config.engine == "auto" else config.engine
    if config.engine == "auto" and engine == "cpu":
        notes.append("engine cpu (MuJoCo on the CPU)" + ("" if gpu else ": no GPU found"))
    check_part("engine", engine)
    check_part("trainer", resolved("trainer"))
    precision = _precision(config, held, notes)
    usual = search_values(config, held, budget)
    settings = _settings(config, held, usual, chosen)
    first = held.get("search") or {}
    proposer = first["proposer"] if first and config.proposer == "auto" else resolve_proposer(config.proposer)
    if config.proposer == "auto" and proposer == "grammar" and settings and not first:
        notes.append("proposer grammar (no language model): OPENAI_API_KEY is not set")
    bonus, protocol = config.goal_bonus, resolved("protocol")
    overrides = asked_overrides(config)
    if not {"worlds", "epochs", "set"} & asked:
        overrides = held_overrides(held, folder)
    if overrides:
        notes.append(f"trainings are not the benchmark's: {override_words(overrides)}")
    plan = Plan(
        folder=folder,
        tasks=tuple(tasks),
        chosen=chosen,
        seeds=resolved("seeds"),
        searches=resolved("searches"),
        settings=settings,
        usual=_known(usual),
        budget=budget,
        engine=engine,
        trainer=resolved("trainer"),
        precision=precision,
        protocol=protocol,
        goal_bonus=held.get("goal_bonus", protocol == "paper") if bonus == "auto" else bonus == "on",
        candidate_epochs=resolved("candidate_epochs"),
        proposer=proposer,
        asking=Asking(usual["temperature"], usual["max_answer_tokens"]),
        reuse=Reuse(any_version=config.reuse_any_version, failed=not config.retry_failed),
        notes=tuple(notes),
        overrides=overrides,
    )
    return _checked(plan, config)


def _checked(plan: Plan, config: RunConfig) -> Plan:
    """The plan, with a note on races that cannot be. UserError where it asks for what does not go together."""
    racing = any(plan.races(method) for method in plan.searching)
    if racing and plan.protocol == "paper":
        raise UserError(
            "--racing is not the paper's protocol, in which every candidate is trained: leave one of them out"
        )
    for task in plan.tasks:
        if not plan.searching and not plan.fixed(task):
            raise UserError(
                f"nothing to train on {task.slug!r}: it has no reward for {config.methods}; see CONTRIBUTING.md"
            )
    short = [task.slug for task in plan.tasks if racing and not plan.has_half(task)]
    if not short:
        return plan
    note = f"no race on {', '.join(short)}: its trainings are too short to be broken off at half"
    return replace(plan, notes=(*plan.notes, note))


def search_values(config: RunConfig, held: Held, budget: str) -> dict[str, Any]:
    """How searches are done: as asked for, else as the run folder's first search was begun with."""
    first: dict[str, Any] = held.get("search") or {}
    asked = config.model_fields_set
    iterations, samples = search_size(budget, config.iterations, config.samples)
    values: dict[str, Any] = {
        "iterations": iterations,
        "samples": samples,
        "elitism": config.elitism,
        "repairs": config.repairs,
        "racing": config.racing,
        "temperature": None if config.no_temperature else config.temperature,
        "max_answer_tokens": config.max_answer_tokens,
    }
    names = {"temperature": {"temperature", "no_temperature"}}
    for name in values:
        if first and not names.get(name, {name}) & asked:
            values[name] = first.get(name, values[name])
    return values


def _known(values: Mapping[str, Any]) -> EurekaSettings:
    fields = EurekaSettings.model_fields
    return EurekaSettings(**{name: value for name, value in values.items() if name in fields})


def _settings(
    config: RunConfig, held: Held, usual: Mapping[str, Any], chosen: Mapping[str, Chosen]
) -> dict[str, SearchSettings]:
    """The settings of each method that searches."""
    options = _options(config.method_option, chosen)
    common = {"iterations", "samples", "elitism", "repairs", "racing"} & config.model_fields_set
    found = {}
    for name, method in chosen.items():
        if searches(method.method):
            before = held.get("settings", {}).get(name, {})
            kept = {field: value for field, value in before.items() if field not in common}
            found[name] = settings_of(method, usual, kept, options[name])
    return found


def _options(arguments: tuple[str, ...], chosen: Mapping[str, Chosen]) -> dict[str, dict[str, str]]:
    """Method → the settings that `--method-option NAME.FIELD=VALUE` gives it. UserError for what fits none."""
    found: dict[str, dict[str, str]] = {name: {} for name in chosen}
    for argument in arguments:
        place, assigns, value = argument.partition("=")
        name, dot, field = place.rpartition(".")
        if not (assigns and dot and name and field):
            raise UserError(f"--method-option {argument!r}: expected METHOD.FIELD=VALUE")
        meant = [one for one in chosen.values() if name in (one.name, one.base)]
        if not meant:
            raise UserError(
                f"--method-option {argument!r}: no method here is called {name!r}: expected {', '.join(chosen)}"
            )
        for one in meant:
            if not searches(one.method):
                raise UserError(
                    f"--method-option {argument!r}: {one.name} does not search, and has no settings"
                )
            model = one.method.Settings
            if field not in model.model_fields:
                raise UserError(f"--method-option {argument!r}: {no_setting(one.base, field, model)}")
            found[one.name][field] = value
    return found


def _replayed(proposer: str) -> dict[str, Any]:
    """How the run was done whose answers are replayed, where its run.json lies beside its journal."""
    if not proposer.startswith("replay:"):
        return {}
    path = Path(proposer.removeprefix("replay:"))
    record = Store(path if path.is_dir() else path.parent).run_record() or {}
    return {name: value for name, value in record.items() if name in REPLAYED}


def _precision(config: RunConfig, held: Held, notes: list[str]) -> str:
    """The precision asked for, else the run folder's, else the fastest one on this processor."""
    fast = fast_precision()
    if config.precision != "auto":
        precision: str = config.precision
    elif "precision" in held:
        precision = held["precision"]
    else:
        precision = fast
        if fast == "bf16":
            notes.append(
                "precision bf16: hidden layers are trained in it, as this processor can; --precision fp32 is slower"
            )
    if precision == "bf16" != fast:
        notes.append("precision bf16 is slow here: this processor has no instructions for it")
    return precision


def _folder(config: RunConfig, tasks: list[TaskId]) -> Path:
    if config.out is not None:
        if not config.out:
            raise UserError("--out is empty: name a folder, or leave it out")
        return Path(config.out)
    budget = "quick" if config.budget == "auto" else config.budget
    parts = (part.strip() for part in config.suite.split(","))
    named = {task.reference: task.slug for task in tasks}
    slug = "-".join(named.get(part, part.rpartition(":")[2].lower()) for part in parts if part)
    engine = "cpu" if config.engine == "auto" else config.engine
    return Path("runs") / f"{slug}-{budget}-{engine}"
