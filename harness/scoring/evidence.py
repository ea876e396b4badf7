"""What a hash alone does not show: whether a trial belongs where it is named, and its score follows from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.code import code_digest
from harness.fields import finite, line
from harness.keys import options_that_train
from harness.roles import HUMAN, REFERENCES, SPARSE
from harness.scoring.protocol import score
from harness.scoring.rundata import Config
from harness.scoring.task_info import TaskInfo
from harness.training.schedule import halfway

OUTCOMES = ("ok", "rejected", "failed")
TRAINED = ("env_steps", "unstable", "nonfinite", "nonfinite_components", "legacy_f", "transitions", "states")
"""What done.json repeats of training.json."""


@dataclass(frozen=True)
class Place:
    """Where a trial is named, and so what it has to be."""

    task: TaskInfo
    method: str
    role: str
    """`final` or `search`."""
    seed: int
    """Of a candidate, the number of its search."""
    source: str | None
    """The program that it is said to have been trained with."""
    config: Config
    half: bool = False
    """Whether it is the first half of a training, after which candidates were ranked."""


def misplaced(spec: Mapping[str, Any], place: Place) -> str | None:
    """In what the spec of a trial is not that of its place, in words; None if it belongs there."""
    config = place.config
    wanted = {
        "task": place.task.slug,
        "role": place.role,
        "seed": place.seed,
        "engine": config.engine,
        "precision": config.precision,
        "protocol": config.protocol,
        "budget_name": config.budget,
    }
    stored = {"precision": "fp32", **spec}
    for name, value in wanted.items():
        if stored.get(name) != value:
            return f"its {name.removesuffix('_name')} is {line(stored.get(name), 40)}, not {value}"
    until = spec.get("until")
    if not place.half and until is not None:
        return "it is half a training"
    options = options_that_train({"options": place.task.options})
    if options_that_train(spec) != options:
        return f"it was trained with other options of {place.task.slug}"
    source = spec.get("source")
    if (
        place.source is None
        or not isinstance(source, str)
        or code_digest(source) != code_digest(place.source)
    ):
        return "it was trained with another program"
    if place.method == HUMAN and spec.get("human") != code_digest(source):
        return "its program is not the human reward"
    if spec.get("goal_bonus") and (place.method in REFERENCES or not config.goal_bonus):
        return "it was trained with the goal bonus"
    if spec.get("latched") and place.method != SPARSE:
        return "it was trained with a latched reward"
    budget = spec.get("budget")
    epochs = budget.get("epochs") if isinstance(budget, Mapping) else None
    if place.half and (not isinstance(epochs, int) or until != halfway(epochs)):
        return "it is not half a training"
    for name, value in config.overrides.items():
        part, _, field = name.rpartition(".")
        held = spec.get(part or "budget")
        known = held.get(field) if isinstance(held, Mapping) else None
        if known != value and not (name == "epochs" and place.role == "search" and config.candidate_epochs):
            return f"its {name} is {line(known, 40)}, not {line(value, 40)}"
    if place.role == "search" and config.candidate_epochs not in (None, epochs):
        return f"its budget is {line(epochs, 40)} epochs, not {config.candidate_epochs}"
    return None


def unfounded(done: Mapping[str, Any], evaluation: object, training: object, place: Place) -> str | None:
    """What of a done.json does not follow from the evaluation.json and training.json beside it; None if all does."""
    status = done.get("status")
    if status not in OUTCOMES:
        return f"its status is {line(status, 40)}"
    if status != "ok":
        return "it has a score although it failed" if done.get("f") is not None else None
    rows = evaluation.get("checkpoints") if isinstance(evaluation, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return "it has a score without an evaluation"
    trained = [row for row in rows if isinstance(row.get("checkpoint"), int) and row["checkpoint"] > 0]
    measured = [{name: finite(row.get(name)) for name in ("f", "stderr")} for row in trained]
    if not measured or any(row["f"] is None for row in measured):
        return "it has a score although a policy has none"
    follows = score(measured, place.config.protocol)
    if any(finite(done.get(name)) != value for name, value in follows.items()):
        return "its score is not that of its evaluation"
    if isinstance(training, Mapping) and any(done.get(name) != training.get(name) for name in TRAINED):
        return "done.json is not what training.json says"
    return _other_task(evaluation, trained, place.task)


def other_making(spec: Mapping[str, Any], config: Config) -> tuple[str, ...]:
    """The libraries of which a trial was made with other versions than run.json names: `mujoco 3.16.0`, ..."""
    made = spec.get("versions")
    found = made if isinstance(made, Mapping) else {}
    names = sorted({*found, *config.versions})
    return tuple(
        f"{line(name, 40)} {line(found.get(name, 'unknown'), 40)}"
        for name in names
        if found.get(name) != config.versions.get(name)
    )


def _other_task(evaluation: object, rows: list[Mapping[str, Any]], task: TaskInfo) -> str | None:
    steps = evaluation.get("episode_steps") if isinstance(evaluation, Mapping) else None
    if steps is not None and steps != task.episode_steps:
        return f"its episodes have {line(steps, 40)} steps, run.json says {task.episode_steps}"
    episodes = rows[-1].get("episodes")
    succeeds = isinstance(episodes, Mapping) and episodes.get("success") is not None
    if succeeds != (task.fitness == "SUCCESS"):
        return f"its evaluation is of another kind of fitness than run.json's {task.fitness}"
    return None
