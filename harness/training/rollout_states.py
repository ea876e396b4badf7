"""Recording the common states of a task: trajectories of random actions and of trained policies."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from harness.bound import PROGRESS
from harness.code import task_digest
from harness.environment import Environment
from harness.seeds import Role, derive
from harness.task import Task
from harness.training.common_states import DIGITS, MADE_FROM, SOURCES, STATE, Arrays, write_states
from harness.training.policy import Policy, load_checkpoint

if TYPE_CHECKING:
    from torch import Tensor

RANDOM: Final = "random actions"
RANDOM_TRAJECTORIES: Final = 4
STATES: Final = 64
"""Most states of a trajectory, at equal distances over one time limit."""
LEAST_STATES: Final = 8
LARGEST: Final = 300_000
"""Bytes of a file that may have more than LEAST_STATES."""


def record_states(file: Path, slug: str, task: Task, policies: Mapping[str, Path]) -> bool:
    """Write trajectories of random actions and of `policies` (what each is → checkpoint) into `file`.

    Each is one world followed for one time limit, with resets going on as in training. The same file for the same
    task, policies and versions of the libraries; False where it is there already. Raises EnvironmentProblem for a
    damaged checkpoint.
    """
    sources = [*[RANDOM] * RANDOM_TRAJECTORIES, *policies]
    made_from = _digest(task, policies)
    if file.is_file() and _made_from(file) == made_from:
        return False
    actors = [Policy(load_checkpoint(path)["model"]) for path in policies.values()]
    arrays = _trajectories(task, actors, derive(Role.STATES, slug))
    while _bytes(arrays) > LARGEST and len(next(iter(arrays.values()))[0]) > LEAST_STATES:
        arrays = {name: values[:, 1::2] for name, values in arrays.items()}
    write_states(file, {SOURCES: np.array(sources), MADE_FROM: np.array(made_from), **arrays})
    return True


def _trajectories(task: Task, actors: Sequence[Policy], seed: int) -> Arrays:
    """Name → (T, S, ...): of random actions first, then of each policy."""
    worlds = RANDOM_TRAJECTORIES + len(actors)
    environment = Environment(task, worlds, seed)
    rng = torch.Generator().manual_seed(seed)
    steps = task.timing.episode_steps
    kept = set(np.linspace(0, steps - 1, min(STATES, steps)).round().astype(int).tolist())
    found: list[dict[str, Tensor]] = []
    for number in range(steps):
        actions = torch.rand((worlds, task.num_actions), generator=rng).mul(2.0).sub(1.0)
        for world, actor in enumerate(actors, start=RANDOM_TRAJECTORIES):
            actions[world] = actor(environment.observations[world : world + 1])[0]
        step = environment.step(actions)
        if number in kept:
            state = {f"{STATE}{name}": value for name, value in vars(step.state).items()}
            now = {**state, "actions": step.actions, PROGRESS: step.progress}
            found.append({name: value.clone() for name, value in now.items()})
    return {name: torch.stack([each[name] for each in found], dim=1).numpy() for name in found[0]}


def _digest(task: Task, policies: Mapping[str, Path]) -> str:
    """Of all that a file is made from."""
    parts = [task_digest(task), str(STATES), str(LARGEST)]
    for name, path in policies.items():
        parts += [name, hashlib.sha256(path.read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:DIGITS]


def _made_from(file: Path) -> str:
    with np.load(file, allow_pickle=False) as arrays:
        return str(arrays[MADE_FROM])


def _bytes(arrays: Arrays) -> int:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.tell()
