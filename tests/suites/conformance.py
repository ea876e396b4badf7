"""What every task is held to: the names, shapes, sizes and settings of its facts, and runs that can be repeated."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

import pytest
import torch

from harness.environment import Environment, Step
from harness.task import Task, state_fields
from tests.suites.worlds import Worlds


def check_names(task: Task, facts: dict[str, Any]) -> None:
    """A designer sees the names of the original."""
    original = {*facts["state"], *facts["constants"], *facts["bound"], *facts["left_out"]}
    offered = {*state_fields(task), *task.constants, *task.bound}
    assert offered.isdisjoint(facts["left_out"])
    assert set(facts["added"]) <= offered
    assert original.isdisjoint(facts["added"])
    assert original == (offered - set(facts["added"])) | set(facts["left_out"])
    assert set(state_fields(task)) - set(facts["added"]) == set(facts["state"])
    assert set(task.bound) - set(facts["added"]) == set(facts["bound"])


def check_shapes(task: Task, step: Step, facts: dict[str, Any], double: Collection[str] = ()) -> None:
    """State tensors have the shapes of the original and of their declaration; those in `double` are float64."""
    declared = {field: list(meta["shape"]) for field, meta in state_fields(task).items()}
    assert {field: declared[field] for field in facts["state"]} == facts["state"]
    for field, shape in declared.items():
        value = getattr(step.state, field)
        assert list(value.shape) == [len(step.score), *shape], field
        assert value.dtype == (torch.float64 if field in double else torch.float32), field
        assert value.isfinite().all(), field


def check_constants(task: Task, facts: dict[str, Any]) -> None:
    """Numbers as in the facts; of tensors the shapes."""
    assert set(facts["constants"]) <= set(task.constants)
    for constant, expected in facts["constants"].items():
        if isinstance(expected, list):
            assert list(torch.tensor(task.constants[constant]).shape) == expected, constant
        else:
            assert task.constants[constant] == pytest.approx(expected), constant


def check_sizes(environment: Environment, step: Step, sizes: dict[str, Any]) -> None:
    """Observations, actions, worlds and timing."""
    task = environment.task
    assert {
        "observations": step.obs_buf.shape[1],
        "actions": task.num_actions,
        "worlds": task.worlds,
        "control_dt": pytest.approx(task.timing.control_dt, rel=1e-6),
        "episode_steps": task.timing.episode_steps,
        "clip": task.clip_observations,
    } == sizes
    assert step.obs_buf.shape == environment.observations.shape == (environment.worlds, sizes["observations"])
    assert step.obs_buf.dtype == torch.float32
    assert environment.observations.abs().max() <= sizes["clip"]
    assert environment.sim.model.opt.timestep * task.timing.physics_steps == pytest.approx(
        sizes["control_dt"], rel=1e-6
    )


def check_ppo(task: Task, facts: dict[str, Any]) -> None:
    """Every setting."""
    found = dataclasses.asdict(task.ppo)
    assert found | {"units": list(found["units"])} == facts["ppo"]


def check_reading(name: str) -> None:
    """Reading twice gives the same."""
    worlds = Worlds(name, 6)
    for _ in range(30):
        first, _ = worlds.step(worlds.draw())
    for field in dataclasses.fields(first):
        assert torch.equal(getattr(first, field.name), getattr(worlds.state(), field.name)), field.name


def check_resets(name: str, goes_on: Collection[str] = ()) -> None:
    """A new episode leaves other worlds and earlier states alone, and takes over nothing but the fields `goes_on`."""
    worlds = Worlds(name, 6)
    for _ in range(60):
        before, _ = worlds.step(worlds.draw())
    copies = {field.name: getattr(before, field.name).clone() for field in dataclasses.fields(before)}
    worlds.reset(worlds.mask(1, 4))
    after = worlds.state()
    for field, copy in copies.items():
        assert torch.equal(getattr(before, field), copy), field
        kept = torch.tensor([0, 2, 3, 5])
        assert torch.equal(getattr(after, field)[kept], copy[kept]), field
    worlds.reset(worlds.all)
    fresh = Worlds(name, 6, seed=1)
    fresh.rng.set_state(worlds.rng.get_state())
    worlds.reset(worlds.all)
    fresh.reset(fresh.all)
    for field in copies.keys() - {*goes_on}:
        assert torch.equal(getattr(worlds.state(), field), getattr(fresh.state(), field)), field


def check_repeats(name: str) -> None:
    """The same seed gives the same run."""
    ends = []
    for _ in range(2):
        worlds = Worlds(name, 4, seed=3)
        for _ in range(40):
            worlds.step(worlds.draw())
        ends.append(worlds.sim.qpos.clone())
    assert torch.equal(*ends)
