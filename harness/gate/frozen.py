"""Frozen reward programs, retrained: what a pull request must not change.

For each task four programs: `good`, `mediocre`, `broken` (a sign error: nothing is learned) and `hacked` (much reward,
low F). Trainings are shorter than the quick budget's, so that all of them fit into minutes on two cores.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from harness.code import code_digest
from harness.config import RunConfig
from harness.identity import TaskId
from harness.methods.chosen import Chosen
from harness.plan import Plan
from harness.planning import make_plan
from harness.roles import Role
from harness.run_record import run_record
from harness.store import Store
from harness.task import Budget
from harness.training.schedule import Evaluation
from harness.trial import TrialSpec

FOLDER: Final = Path(str(files("harness.gate")))
BASELINE: Final = FOLDER / "baseline.json"
"""Of the frozen programs."""
PROGRAMS: Final = ("good", "mediocre", "broken", "hacked")
SEEDS: Final = 3
"""Trainings of each program in a gate."""
BASE_SEEDS: Final = 6
"""In the baseline; the gate's are the first of them."""
SIZES: Final[dict[str, dict[str, Any]]] = {
    "cartpole": {"epochs": 40},
    "ball_balance": {"worlds": 512, "minibatch": 2048},
    "quadcopter": {"worlds": 512, "minibatch": 2048, "epochs": 40},
}
"""Task → in what a training differs from the quick budget's."""
EVALUATION: Final = Evaluation(last=128, between=0, first=0)
"""Only the final policy is measured."""


@dataclass(frozen=True)
class Frozen:
    """The frozen program of each task that goes by one name."""

    name: str
    role: Role = "program"

    def program(self, task: TaskId) -> str | None:
        """The frozen program of a task."""
        return (FOLDER / "programs" / task.slug / f"{self.name}.py").read_text(encoding="utf-8")


class FrozenPlan(Plan):
    """A run whose methods are the frozen programs."""

    def experience(self, task: TaskId) -> Budget:
        """That of a short training."""
        return dataclasses.replace(super().experience(task), **SIZES[task.slug])

    def spec(self, task: TaskId, method: str, source: str, role: str, seed: int) -> TrialSpec:
        """Its short training."""
        return dataclasses.replace(super().spec(task, method, source, role, seed), evaluation=EVALUATION)


def frozen_plan(folder: Path, seeds: int) -> FrozenPlan:
    """The plan of training every frozen program with so many seeds, in fp32, which every processor has."""
    config = RunConfig(
        suite=",".join(SIZES),
        methods="human",
        seeds=seeds,
        budget="quick",
        precision="fp32",
        protocol="strict",
        out=str(folder),
    )
    plan = make_plan(config, gpu=False)
    parts = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
    chosen = {name: Chosen(name, Frozen(name)) for name in PROGRAMS}
    return FrozenPlan(**(parts | {"chosen": chosen, "notes": ()}))


def frozen_record(plan: FrozenPlan, store: Store) -> dict[str, Any]:
    """The run.json of such a run, with its programs."""
    record = run_record(plan, store)
    texts = {
        method: "\n".join(plan.program(task, method) or "" for task in plan.tasks) for method in plan.methods
    }
    record["given"] = {method: f"{method}.py, {code_digest(text)}" for method, text in texts.items()}
    return record
