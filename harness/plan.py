"""From what is asked to what will be done: tasks, trials, and what they cost, before anything starts."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import torch

from harness.config import RunConfig, search_size
from harness.errors import EnvironmentProblem, UserError
from harness.execution.local import available_cores
from harness.methods import FIXED, METHODS, SearchSettings
from harness.proposers import display_name, settle
from harness.registry import expert_reward, load_task, resolve_suite, task_slug, unknown
from harness.store import Store, read_json
from harness.task import budget_of
from harness.trial import versions

SETTLED = ("budget", "engine", "protocol", "goal_bonus", "proposer")
"""What a run folder holds one value of."""


@dataclass(frozen=True)
class Plan:
    """A run with every default resolved."""

    folder: Path
    tasks: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: int
    searches: int
    settings: SearchSettings
    budget: str
    engine: str
    protocol: str
    goal_bonus: bool
    """Whether candidates get the original's bonus on reached goals."""
    proposer: str
    """As asked for: `grammar`, `openai:MODEL` or `replay:FILE`."""
    notes: tuple[str, ...] = ()
    """What was fallen back to, and why."""

    @property
    def searching(self) -> tuple[str, ...]:
        """The methods that search."""
        return tuple(method for method in self.methods if method not in FIXED)

    def trials(self, task: str) -> int:
        """Policy trainings on one task, if every candidate can be trained."""
        fixed = sum(expert_reward(m, task) is not None for m in self.methods if m in FIXED)
        search = self.settings.iterations * self.settings.samples + self.seeds
        return fixed * self.seeds + len(self.searching) * self.searches * search

    @property
    def total_trials(self) -> int:
        """Policy trainings of the run."""
        return sum(self.trials(task) for task in self.tasks)

    def env_steps(self, task: str) -> int:
        """Control steps of all trainings on one task."""
        return self.trials(task) * budget_of(load_task(task), self.budget).env_steps

    @property
    def total_env_steps(self) -> int:
        """Control steps of the run."""
        return sum(self.env_steps(task) for task in self.tasks)

    def record(self) -> dict[str, Any]:
        """The content of run.json. A replayed run carries the name of what it replays."""
        return {
            "schema": 1,
            "tasks": list(self.tasks),
            "methods": list(self.methods),
            "seeds": self.seeds,
            "searches": self.searches,
            "iterations": self.settings.iterations,
            "samples": self.settings.samples,
            "elitism": self.settings.elitism,
            "repairs": self.settings.repairs,
            "budget": self.budget,
            "engine": self.engine,
            "protocol": self.protocol,
            "goal_bonus": self.goal_bonus,
            "proposer": display_name(self.proposer),
            "versions": versions(),
            "machine": machine(),
            "task_info": {task: task_info(task, self.budget) for task in self.tasks},
        }


def make_plan(config: RunConfig, *, gpu: bool) -> Plan:
    """Resolve defaults for this machine. UserError for names that do not exist."""
    tasks = resolve_suite(config.suite)
    for method in config.method_names:
        if method not in METHODS:
            raise UserError(unknown("method", method, METHODS))
    if not config.method_names:
        raise UserError("no method to run: give at least one of " + ", ".join(METHODS))
    notes = []
    if config.engine in ("warp", "isaacgym"):
        raise EnvironmentProblem(f"engine {config.engine!r} is not available yet: use --engine cpu")
    if config.executor == "ray":
        raise EnvironmentProblem("executor 'ray' is not available yet: use --executor local")
    budget = config.budget
    if budget == "auto":
        budget = "quick"
        notes.append("budget quick: calibrated for CPU cores; the original's is --budget paper")
    if config.engine == "auto":
        notes.append("engine cpu (MuJoCo on the CPU)" + ("" if gpu else ": no GPU found"))
    proposer = settle(config.proposer)
    searching = any(method not in FIXED for method in config.method_names)
    if config.proposer == "auto" and proposer == "grammar" and searching:
        notes.append("proposer grammar (no language model): OPENAI_API_KEY is not set")
    iterations, samples = search_size(budget, config.iterations, config.samples)
    for task in tasks:
        load_task(task)
    slug = "-".join(task_slug(part.strip()) for part in config.suite.split(",") if part.strip())
    plan = Plan(
        folder=Path(config.out) if config.out else Path("runs") / f"{slug}-{budget}-cpu",
        tasks=tuple(tasks),
        methods=tuple(config.method_names),
        seeds=config.seeds,
        searches=config.searches,
        settings=SearchSettings(iterations, samples, config.elitism, config.repairs),
        budget=budget,
        engine="cpu",
        protocol=config.protocol,
        goal_bonus=config.goal_bonus == "on" or (config.goal_bonus == "auto" and config.protocol == "paper"),
        proposer=proposer,
        notes=tuple(notes),
    )
    for task in tasks:
        if not plan.trials(task):
            raise UserError(
                f"nothing to train on {task!r}: it has no reward for {config.methods}; see CONTRIBUTING.md"
            )
    return plan


def extend_existing(plan: Plan, store: Store) -> Plan:
    """The plan together with what its folder was asked for before. Another configuration is refused."""
    path = store.folder / "run.json"
    if not path.exists():
        return plan
    old, new = read_json(path), plan.record()
    for key in SETTLED:
        held = old.get(key, False)  # runs of before the goal bonus had none
        if held != new[key]:
            raise UserError(
                f"run folder {store.folder} holds results of {key} {held!r}, not {new[key]!r}: "
                f"choose another folder with --out"
            )
    return replace(
        plan,
        tasks=tuple(dict.fromkeys([*old["tasks"], *plan.tasks])),
        methods=tuple(dict.fromkeys([*old["methods"], *plan.methods])),
        seeds=max(old["seeds"], plan.seeds),
        searches=max(old["searches"], plan.searches),
        settings=replace(
            plan.settings,
            iterations=max(old["iterations"], plan.settings.iterations),
            samples=max(old["samples"], plan.settings.samples),
        ),
    )


def task_info(reference: str, budget: str) -> dict[str, Any]:
    """What the report needs to know of a task."""
    task = load_task(reference)
    amount = budget_of(task, budget)
    return {
        "slug": task_slug(reference),
        "given": [method for method in FIXED if expert_reward(method, reference) is not None],
        "description": task.description,
        "fitness": task.fitness.name,
        "unit": task.fitness_unit,
        "episode_steps": task.timing.episode_steps,
        "env_steps": amount.env_steps,
        "worlds": amount.worlds,
    }


def machine() -> dict[str, Any]:
    """The hardware, as far as it explains results."""
    return {
        "cpu": cpu_name(),
        "cores": available_cores(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
    }


def cpu_name() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
