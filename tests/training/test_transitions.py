"""Streamed sums and the sample of transitions: what numpy says of the whole series, however it comes in."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from torch import Tensor

from harness.environment import Environment
from harness.registry import load_task
from harness.scoring.correlate import SAME, Moments, spearman
from harness.training.record import Recorder
from harness.training.transitions import SAMPLE, Transitions

Rewards = np.ndarray


def series(count: int, r: float = 0.6, mean: float = 0.0) -> Rewards:
    """Rewards (2, count) in single precision."""
    x, noise = np.random.default_rng(count).normal(size=(2, count))
    return np.stack([x + mean, 3.0 * (r * x + np.sqrt(1 - r * r) * noise)]).astype(np.float32)


def taken(rewards: Rewards, cuts: Sequence[int] = ()) -> Transitions:
    """All of them, in parts that end at `cuts`."""
    found = Transitions()
    for part in np.split(rewards, sorted(cuts), axis=1):
        found.add(torch.from_numpy(part.copy()))
    return found


def moments(found: Transitions) -> Moments:
    return Moments(**found.summary())


def sample(found: Transitions, path: Path) -> pd.DataFrame:
    found.write(path)
    return pd.read_csv(path)


def test_sums_by_hand() -> None:
    found = taken(np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]], np.float32), [1])
    assert found.summary() == pytest.approx(
        {
            **{"n": 3, "left_out": 0, "reward_mean": 2.0, "human_mean": 2.0},
            **{"reward_squares": 2.0, "human_squares": 2.0, "products": 1.0},
        }
    )
    assert moments(found).pearson().r == pytest.approx(0.5)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=8), st.sampled_from([0.0, 1e3, -1e6]))
def test_they_are_those_of_the_whole_series_however_it_is_cut(cuts: list[int], mean: float) -> None:
    rewards = series(3000, mean=mean)
    found = moments(taken(rewards, cuts)).pearson()
    assert found.n == 3000
    assert found.r == pytest.approx(np.corrcoef(rewards.astype(np.float64))[0, 1], rel=1e-9)


def test_the_order_of_the_parts_does_not_count() -> None:
    parts = np.split(series(4000, mean=50.0), 8, axis=1)
    one, other = (moments(taken(np.concatenate(order, axis=1))) for order in (parts, parts[::-1]))
    assert dataclasses.astuple(one) == pytest.approx(dataclasses.astuple(other), rel=1e-10)


def test_pairs_that_are_not_finite_are_left_out_and_counted() -> None:
    rewards = series(1000)
    broken = rewards.copy()
    broken[0, ::10], broken[1, 5::10], broken[0, 5] = np.inf, np.nan, np.nan  # the last one in both
    whole = np.isfinite(broken).all(axis=0)
    found = moments(taken(broken, [3, 400])).pearson()
    assert (found.n, found.left_out) == (800, 200)
    assert found.r == pytest.approx(np.corrcoef(rewards[:, whole].astype(np.float64))[0, 1], rel=1e-9)
    assert moments(taken(np.full((2, 50), np.nan, np.float32))).pearson().n == 0


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e7])
def test_a_constant_reward_has_no_correlation(constant: float) -> None:
    rewards = series(5000)
    rewards[0] = constant
    found = moments(taken(rewards, range(0, 5000, 7))).pearson()
    assert np.isnan(found.r)
    assert found.why == SAME


def test_the_sample_is_fixed_by_the_number_of_transitions_alone(tmp_path: Path) -> None:
    rewards = series(50_000)
    rows = sample(taken(rewards, range(0, 50_000, 640)), tmp_path / "a.csv")
    assert len(rows) == SAMPLE
    numbers = rows["transition"].to_numpy()
    assert (np.diff(numbers) > 0).all()
    np.testing.assert_array_equal(rows["reward"].astype(np.float32), rewards[0, numbers])
    np.testing.assert_array_equal(rows["human_reward"].astype(np.float32), rewards[1, numbers])
    pd.testing.assert_frame_equal(rows, sample(taken(rewards), tmp_path / "b.csv"))
    assert (sample(taken(-rewards), tmp_path / "c.csv")["transition"] == numbers).all()


@pytest.mark.parametrize("part", [lambda n: n * 16 // 262_144, lambda n: n % 16, lambda n: n % 512 // 32])
def test_the_sample_is_spread_over_time_and_worlds(part: object, tmp_path: Path) -> None:
    """Sixteen equal parts of the training, or of 512 worlds, have about the same share of it."""
    numbers = sample(taken(np.zeros((2, 262_144), np.float32)), tmp_path / "a.csv")["transition"].to_numpy()
    assert callable(part)
    counts = np.bincount(part(numbers), minlength=16)
    assert abs(counts - SAMPLE / 16).max() < 4 * np.sqrt(SAMPLE / 16)


def test_ranks_of_the_sample_are_those_of_all(tmp_path: Path) -> None:
    rewards = np.exp(series(100_000))
    rows = sample(taken(rewards), tmp_path / "a.csv")
    found = spearman(rows["reward"], rows["human_reward"])
    assert found.r == pytest.approx(spearmanr(*rewards).statistic, abs=3 / np.sqrt(SAMPLE))


def test_a_short_training_is_kept_whole(tmp_path: Path) -> None:
    rewards = series(100)
    rewards[0, 3] = np.inf
    rows = sample(taken(rewards, [40]), tmp_path / "a.csv")
    assert rows["transition"].tolist() == list(range(100))
    assert rows.isna().sum().tolist() == [0, 1, 0]


@pytest.mark.parametrize("stop", [1, 700, 2048, 2049, 9000])
def test_it_goes_on_from_its_state_to_the_same_bytes(stop: int, tmp_path: Path) -> None:
    rewards = torch.from_numpy(series(10_000))
    alone, stopped, later = Transitions(), Transitions(), Transitions()
    for found in (alone, stopped):
        found.add(rewards[:, :stop])
    buffer = io.BytesIO()
    torch.save(stopped.state(), buffer)
    later.restore(torch.load(io.BytesIO(buffer.getvalue()), weights_only=True))
    for found, name in ((alone, "alone"), (later, "later")):
        found.add(rewards[:, stop:])
        found.write(tmp_path / name)
    assert later.summary() == alone.summary()
    assert (tmp_path / "later").read_bytes() == (tmp_path / "alone").read_bytes()


def test_it_draws_nothing_random() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1]
    taken(series(30_000))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


def test_a_recorder_keeps_last_steps_and_leaves_broken_worlds_out() -> None:
    environment = Environment(load_task("cartpole"), 8, 0)
    paid = iter(np.arange(6.0))

    def reward(named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        return torch.arange(8.0) + next(paid), {}

    def human(named: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        return torch.arange(8.0) ** 2, {}

    recorder = Recorder(environment, reward, human)
    for epoch in (1, 2):
        for _ in range(3):
            step = environment.step(torch.zeros(8, 1))
            recorder.take(dataclasses.replace(step, unstable=torch.arange(8) == 7))
        recorder.close_epoch(epoch, 24 * epoch)
    assert recorder.transitions is not None
    summary = recorder.transitions.summary()
    assert (summary["n"], summary["left_out"]) == (42, 6)
    assert summary["reward_mean"] == pytest.approx(3.0 + 2.5)
    last = [(row["reward_last_step"], row["human_reward_last_step"]) for row in recorder.rows]
    assert last == [((21 + 7 * 2) / 8, 91 / 8), ((21 + 7 * 5) / 8, 91 / 8)]  # the broken world counts as 0
