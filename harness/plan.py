"""From what is asked to what will be done: tasks and trials, and what of them is missing, before anything starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.config import RunConfig, search_size
from harness.errors import EnvironmentProblem, UserError
from harness.identity import TaskId
from harness.machine import fast_precision
from harness.methods import FIXED, METHODS, SearchSettings
from harness.methods.given import given_programs
from harness.methods.racing import share
from harness.option_arguments import adopted, assigned
from harness.overrides import Overrides, asked_overrides, changed_budget, changed_ppo, held_overrides
from harness.proposers import display_name, settle
from harness.registry import expert_reward, load_task, resolve_suite, task_notes, unknown
from harness.repetitions import repetitions
from harness.reuse import Reuse, stored
from harness.scoring.option_words import override_words
from harness.store import Store
from harness.task import Budget, budget_of
from harness.training.schedule import halfway
from harness.trial import TrialSpec, make_spec

REPLAYED = (
    "budget",
    "precision",
    "protocol",
    "goal_bonus",
    "candidate_epochs",
    "overrides",
    "seeds",
    "searches",
    "search",
)
"""What a replay takes over of the run that it replays, unless it is given."""


@dataclass(frozen=True)
class Plan:
    """What one command asks for, with every default resolved."""

    folder: Path
    tasks: tuple[TaskId, ...]
    methods: tuple[str, ...]
    seeds: int
    searches: int
    settings: SearchSettings
    budget: str
    engine: str
    precision: str
    """Of the networks while they are trained: `fp32` or `bf16`."""
    protocol: str
    goal_bonus: bool
    """Whether candidates get the original's bonus on reached goals."""
    candidate_epochs: int | None
    """Epochs of a candidate's training; None for the budget's."""
    proposer: str
    """As asked for: `grammar`, `openai:MODEL` or `replay:FILE`."""
    given: dict[str, str] = field(default_factory=dict)
    """Methods that are a user's own program, and its source."""
    reuse: Reuse = field(default_factory=Reuse)
    notes: tuple[str, ...] = ()
    """What was fallen back to, and why."""
    first_seed: int = 0
    """Number of the first repetition of every program: that of a reference set is far from a run's."""
    overrides: Overrides = field(default_factory=dict)
    """In what trainings are not the benchmark's."""

    @property
    def searching(self) -> tuple[str, ...]:
        """The methods that search."""
        return tuple(method for method in self.methods if method in METHODS and method not in FIXED)

    def program(self, task: TaskId, method: str) -> str | None:
        """The program of a method that does not search; None where the task has none."""
        return self.given[method] if method in self.given else expert_reward(method, task)

    def fixed(self, task: TaskId) -> tuple[str, ...]:
        """The methods with a program for a task."""
        return tuple(m for m in self.methods if m not in self.searching and self.program(task, m) is not None)

    @property
    def described(self) -> dict[str, Any]:
        """The settings of the searches, as run.json and their records hold them."""
        return {"proposer": display_name(self.proposer), **self.settings.to_dict()}

    def experience(self, task: TaskId) -> Budget:
        """The budget of a reported training on a task."""
        return changed_budget(budget_of(load_task(task), self.budget), self.overrides, task.slug)

    def spec(self, task: TaskId, method: str, source: str, role: str, seed: int) -> TrialSpec:
        """The trial of a method's program. The bonus on goals is for candidates: experts have their own.

        The latch is for the sparse reward, which is the task's own metric.
        """
        spec = make_spec(
            task,
            source,
            role=role,
            seed=seed,
            budget=self.budget,
            engine=self.engine,
            precision=self.precision,
            protocol=self.protocol,
            goal_bonus=self.goal_bonus and method not in FIXED,
            latched=method == "sparse",
        )
        amount = self.experience(task)
        epochs = self.candidate_epochs if role == "search" else None
        budget = replace(amount, epochs=epochs or amount.epochs, why="")
        return replace(spec, budget=budget, ppo=changed_ppo(spec.ppo, self.overrides))

    def finals(self, task: TaskId, method: str, source: str, search: int = 0) -> list[TrialSpec]:
        """The reported trials of the program of a method's search."""
        seeds = repetitions(self.first_seed, search, self.seeds)
        return [self.spec(task, method, source, "final", seed) for seed in seeds]


@dataclass(frozen=True)
class Missing:
    """Trials of one task that are still to be done, if every candidate can be trained."""

    finals: int = 0
    candidates: int = 0

    def __add__(self, other: Missing) -> Missing:
        return Missing(self.finals + other.finals, self.candidates + other.candidates)

    @property
    def total(self) -> int:
        """All of them."""
        return self.finals + self.candidates


def missing(plan: Plan, store: Store) -> dict[TaskId, Missing]:
    """What of a plan a run folder does not hold yet."""
    return {task: sum(_missing(plan, store, task), Missing()) for task in plan.tasks}


def _missing(plan: Plan, store: Store, task: TaskId) -> Iterator[Missing]:
    for method in plan.fixed(task):
        if store.has_trials():
            specs = plan.finals(task, method, plan.program(task, method) or "")
            yield Missing(_unfinished(plan, store, specs))
        else:  # which needs no keys
            yield Missing(plan.seeds)
    for method in plan.searching:
        for index in range(plan.searches):
            record = store.search(task.slug, method, index) or {}
            done = len(record.get("iterations") or ())
            if record.get("status") == "ok" and done >= plan.settings.iterations:
                finals = plan.finals(task, method, record["program"], index)
                tried = tried_trials(plan, task, method, record)
                yield Missing(_unfinished(plan, store, finals), _unfinished(plan, store, tried))
            else:
                yield Missing(plan.seeds, max(0, plan.settings.iterations - done) * plan.settings.samples)


def tried_trials(plan: Plan, task: TaskId, method: str, record: dict[str, Any]) -> list[TrialSpec]:
    """The trials of a search's candidates, each once; those that a race has used, at half and to the end."""
    candidates = [c for iteration in record["iterations"] for c in iteration["candidates"]]
    specs: dict[str, TrialSpec] = {}
    for candidate in candidates:
        if candidate["source"] is None:
            continue
        whole = plan.spec(task, method, candidate["source"], "search", record["search"])
        half = whole.half if candidate.get("half") is not None else None
        if half is not None:
            specs[half.hash] = half
        if half is None or candidate["trial"] != candidate["half"]["trial"]:
            specs[whole.hash] = whole
    return list(specs.values())


def _unfinished(plan: Plan, store: Store, specs: list[TrialSpec]) -> int:
    return sum(stored(store, spec, plan.reuse) is None for spec in specs)


def training_budget(plan: Plan, task: TaskId) -> Budget:
    """The experience of a reported training."""
    return plan.experience(task)


def env_steps(plan: Plan, task: TaskId, amount: Missing) -> int:
    """Control steps of so many trainings on a task."""
    full = training_budget(plan, task)
    epochs = plan.candidate_epochs or full.epochs
    candidates = amount.candidates * full.env_steps // full.epochs * epochs
    return amount.finals * full.env_steps + round(candidates * raced(plan, task))


def raced(plan: Plan, task: TaskId) -> float:
    """The share of the candidates' training that is done; 1 without a race, and where there is no half to race to."""
    return share(plan.settings.samples) if plan.settings.racing and has_half(plan, task) else 1.0


def has_half(plan: Plan, task: TaskId) -> bool:
    """Whether candidates' trainings are long enough for a race."""
    epochs = plan.candidate_epochs or training_budget(plan, task).epochs
    return halfway(epochs) < epochs


def make_plan(config: RunConfig, *, gpu: bool) -> Plan:
    """Resolve defaults for this machine and for what the run folder holds already. UserError for a wrong name.

    What is not asked for stays what the folder was begun with; what is asked for is refused later if it differs.
    """
    if config.engine in ("warp", "isaacgym"):
        raise EnvironmentProblem(f"engine {config.engine!r} is not available yet: use --engine cpu")
    if config.executor == "ray":
        raise EnvironmentProblem("executor 'ray' is not available yet: use --executor local")
    if not config.method_names:
        raise UserError("no method to run: give at least one of " + ", ".join(METHODS))
    given = given_programs(config.method_names)
    methods = tuple(dict.fromkeys(given.names.get(name, name) for name in config.method_names))
    for method in methods:
        if method not in METHODS and method not in given.programs:
            raise UserError(unknown("method", method, METHODS))
    tasks = resolve_suite(config.suite)
    notes = list(task_notes(config.suite))
    folder = _folder(config, tasks)
    held = Store(folder).run_record() or {}
    tasks = assigned([adopted(task, held, folder) for task in tasks], config.task_option)
    held = held or _replayed(config.proposer)
    asked = config.model_fields_set

    def settled(name: str) -> Any:
        return getattr(config, name) if name in asked or name not in held else held[name]

    budget = config.budget
    if budget == "auto":
        budget = held.get("budget", "quick")
        if not held:
            notes.append("budget quick: calibrated for CPU cores; the original's is --budget paper")
    if config.engine == "auto":
        notes.append("engine cpu (MuJoCo on the CPU)" + ("" if gpu else ": no GPU found"))
    precision = _precision(config, held, notes)
    searched = search_settings(config, held, budget)
    searching = any(method in METHODS and method not in FIXED for method in methods)
    proposer = searched.proposer
    if config.proposer == "auto" and proposer == "grammar" and searching and not held.get("search"):
        notes.append("proposer grammar (no language model): OPENAI_API_KEY is not set")
    protocol = settled("protocol")
    if searched.settings.racing and protocol == "paper":
        raise UserError(
            "--racing is not the paper's protocol, in which every candidate is trained: leave one of them out"
        )
    bonus = config.goal_bonus
    overrides = asked_overrides(config)
    if not {"worlds", "epochs", "set"} & asked:
        overrides = held_overrides(held, folder)
    if overrides:
        notes.append(f"trainings are not the benchmark's: {override_words(overrides)}")
    plan = Plan(
        folder=folder,
        tasks=tuple(tasks),
        methods=methods,
        seeds=settled("seeds"),
        searches=settled("searches"),
        settings=searched.settings,
        budget=budget,
        engine="cpu",
        precision=precision,
        protocol=protocol,
        goal_bonus=held.get("goal_bonus", protocol == "paper") if bonus == "auto" else bonus == "on",
        candidate_epochs=settled("candidate_epochs"),
        proposer=proposer,
        given=given.programs,
        reuse=Reuse(any_version=config.reuse_any_version, failed=not config.retry_failed),
        notes=tuple(notes),
        overrides=overrides,
    )
    if plan.settings.racing and (short := [task.slug for task in tasks if not has_half(plan, task)]):
        notes.append(f"no race on {', '.join(short)}: its trainings are too short to be broken off at half")
        plan = replace(plan, notes=tuple(notes))
    for task in tasks:
        if not plan.searching and not plan.fixed(task):
            raise UserError(
                f"nothing to train on {task.slug!r}: it has no reward for {config.methods}; see CONTRIBUTING.md"
            )
    return plan


def _replayed(proposer: str) -> dict[str, Any]:
    """How the run was done whose answers are replayed, where its run.json lies beside its journal."""
    if not proposer.startswith("replay:"):
        return {}
    path = Path(proposer.removeprefix("replay:"))
    record = Store(path if path.is_dir() else path.parent).run_record() or {}
    return {name: value for name, value in record.items() if name in REPLAYED}


def _precision(config: RunConfig, held: dict[str, Any], notes: list[str]) -> str:
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


@dataclass(frozen=True)
class Searched:
    """How searches are done."""

    settings: SearchSettings
    proposer: str


def search_settings(config: RunConfig, held: dict[str, Any], budget: str) -> Searched:
    """The settings of searches: as asked for, else as the run folder's first search was begun with."""
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
    proposer = first["proposer"] if first and config.proposer == "auto" else settle(config.proposer)
    return Searched(SearchSettings(**values), proposer)


def _folder(config: RunConfig, tasks: list[TaskId]) -> Path:
    if config.out is not None:
        if not config.out:
            raise UserError("--out is empty: name a folder, or leave it out")
        return Path(config.out)
    budget = "quick" if config.budget == "auto" else config.budget
    parts = (part.strip() for part in config.suite.split(","))
    named = {task.reference: task.slug for task in tasks}
    slug = "-".join(named.get(part, part.rpartition(":")[2].lower()) for part in parts if part)
    return Path("runs") / f"{slug}-{budget}-cpu"
