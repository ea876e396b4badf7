"""Common states: recorded the same each time, read back as a program sees them, and asked in parts."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from baselines.human_rewards.isaac import cartpole as human
from harness.environment import Environment
from harness.errors import EnvironmentProblem
from harness.installed import ROOT
from harness.registry import TASKS, expert_reward, load_task, resolve, states_file
from harness.rewards import Graph, probe
from harness.task import Budget
from harness.training.common_states import SOURCES, CommonStates, read_states, write_rewards
from harness.training.record import Recorder
from harness.training.rollout_states import LARGEST, LEAST_STATES, RANDOM, record_states
from harness.training.trainer import train

CARTPOLE = load_task("cartpole")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy that was hardly trained."""
    file = tmp_path_factory.mktemp("policy") / "01.pt"
    budget = Budget(worlds=16, epochs=1, horizon=16, minibatch=64)
    environment = Environment(CARTPOLE, budget.worlds, 0)
    recorder = Recorder(environment, lambda named: (named["dof_pos"][:, 0], {}), None)
    train(environment, recorder, CARTPOLE.ppo, budget, 0, {1: file})
    return file


@pytest.fixture(scope="module")
def file(policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("states") / "cartpole.npz"
    assert record_states(file, "cartpole", CARTPOLE, {"human, checkpoint 1": policy})
    return file


@pytest.fixture(scope="module")
def states(file: Path) -> CommonStates:
    states = read_states(file, CARTPOLE)
    assert states is not None
    return states


def seen_in_training(name: str) -> set[str]:
    environment = Environment(load_task(name), 2, 0)
    return set(environment.step(environment.actions).named(environment.task))


def program(source: str, worlds: int) -> Graph:
    return probe(source, resolve("cartpole"), worlds)


def test_they_are_recorded_once_and_the_same_each_time(file: Path, policy: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    assert not record_states(file, "cartpole", CARTPOLE, {"human, checkpoint 1": policy})
    other = tmp_path / "other.npz"
    assert record_states(other, "cartpole", CARTPOLE, {"human, checkpoint 1": policy})
    assert other.read_bytes() == file.read_bytes() == before
    assert record_states(other, "cartpole", CARTPOLE, {})
    assert other.read_bytes() != before


def test_a_program_sees_all_that_it_may_read(states: CommonStates, file: Path) -> None:
    assert states.trajectories == 5
    assert states.named.keys() == seen_in_training("cartpole")
    assert {len(value) for value in states.named.values()} == {5 * 64}
    with np.load(file) as arrays:
        assert arrays[SOURCES].tolist() == [RANDOM] * 4 + ["human, checkpoint 1"]
        assert arrays["state/dof_pos"].dtype == np.float32
        second = arrays["state/dof_pos"][1]
    assert torch.equal(states.named["dof_pos"][64:128], torch.from_numpy(second))


@pytest.mark.parametrize("worlds", [1, 48, 320, 512])
def test_a_program_made_for_any_number_of_worlds_pays_the_same(worlds: int, states: CommonStates) -> None:
    source = expert_reward("human", "cartpole")
    assert source is not None
    found = states.rewards(program(source, worlds))
    expected, _ = human.compute_reward(states.named["dof_pos"], states.named["dof_vel"], 3.0)
    torch.testing.assert_close(found, expected)


def test_rewards_are_written_by_trajectory_and_nothing_infinite(states: CommonStates, tmp_path: Path) -> None:
    broken = states.named["dof_pos"].clone()
    broken[10, 1], broken[20, 1] = torch.nan, torch.inf
    states = dataclasses.replace(states, named=states.named | {"dof_pos": broken})
    sources = [
        f"def compute_reward({name}):\n    return {name}[:, 1], {{}}\n" for name in ("dof_pos", "dof_vel")
    ]
    write_rewards(tmp_path / "states.csv", states, *(program(source, 64) for source in sources))
    rows = pd.read_csv(tmp_path / "states.csv")
    assert rows["trajectory"].tolist() == np.repeat(np.arange(5), 64).tolist()
    expected = broken[:, 1].masked_fill(~broken[:, 1].isfinite(), torch.nan)
    np.testing.assert_allclose(rows["reward"], expected, rtol=1e-8)
    np.testing.assert_allclose(rows["human_reward"], states.named["dof_vel"][:, 1], rtol=1e-8)


def test_states_of_another_task_are_not_used(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert read_states(file, load_task("ball_balance")) is None
    assert "are not of this task as it is" in caplog.text
    assert read_states(file.with_name("nothing.npz"), CARTPOLE) is None


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_a_damaged_file_is_the_machines_fault(content: bytes, file: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "states.npz"
    for broken in (content, file.read_bytes()[: len(file.read_bytes()) // 2]):
        damaged.write_bytes(broken)
        with pytest.raises(EnvironmentProblem, match=r"states.npz are damaged .*: record them again"):
            read_states(damaged, CARTPOLE)


RECORDED = [name for name in TASKS if states_file(name).is_file()]


def test_there_are_recorded_states() -> None:
    assert {"cartpole", "ball_balance"} <= set(RECORDED)
    lying = set((ROOT / "baselines" / "states").rglob("*.npz"))
    assert lying == {states_file(name) for name in RECORDED}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_states_are_of_the_task_and_small(name: str) -> None:
    file = states_file(name)
    found = read_states(file, load_task(name))
    assert found is not None
    count = len(found.named["progress_buf"]) // found.trajectories
    assert found.trajectories == 16
    assert found.named.keys() == seen_in_training(name)
    assert LEAST_STATES <= count <= 64
    assert file.stat().st_size <= LARGEST or count == LEAST_STATES
    assert all(bool(value.isfinite().all()) for value in found.named.values())
    with np.load(file) as arrays:
        assert arrays[SOURCES].tolist()[:4] == [RANDOM] * 4
