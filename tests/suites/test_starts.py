"""Starts are drawn as in the original, which puts objects into hands: how often, as docs/isaac.md says."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
import torch

from harness.rotations import unscale
from tests.suites.worlds import Worlds


def depths(worlds: Worlds) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The deepest contact (m) of every world as it is, 0 if nothing touches."""
    model = worlds.sim.model
    data = mujoco.MjData(model)
    deepest = np.zeros(worlds.sim.worlds)
    for world, qpos in enumerate(worlds.sim.qpos.numpy()):
        data.qpos[:] = qpos
        mujoco.mj_forward(model, data)
        deepest[world] = max([0.0, *(-contact.dist for contact in data.contact)])
    return deepest


@pytest.mark.parametrize(
    ("name", "share", "median"),
    [
        ("shadow_hand_spin", 0.84, 7e-3),
        ("shadow_hand_upside_down", 0.76, 7e-3),
        ("allegro_hand", 0.53, 2e-3),
    ],
)
def test_objects_start_inside_the_hand_as_often_as_the_docs_say(
    name: str, share: float, median: float
) -> None:
    deep = depths(Worlds(name, 200))
    assert (deep > 1e-3).mean() == pytest.approx(share, abs=0.01)
    assert np.median(deep) == pytest.approx(median, abs=0.5e-3)


@pytest.mark.parametrize(
    ("name", "pushed", "falling"),
    [("shadow_hand_spin", 0.33, 0.16), ("shadow_hand_upside_down", 0.33, 0.16), ("allegro_hand", 0.74, 0.33)],
)
def test_the_push_that_follows_is_as_strong_as_the_docs_say(name: str, pushed: float, falling: float) -> None:
    worlds = Worlds(name, 500)
    lower, upper = (limit[list(worlds.task.actuated)] for limit in worlds.task.limits(worlds.sim.ctrl))
    state, _ = worlds.step(unscale(worlds.sim.ctrl, lower, upper).float())  # targets stay where they are
    assert state.object_linvel.norm(dim=-1).quantile(0.95).item() == pytest.approx(pushed, abs=0.03)
    assert 9.81 * worlds.task.timing.control_dt == pytest.approx(falling, abs=0.005)


def test_allegros_thumb_starts_within_its_limits_where_the_original_mostly_draws_below() -> None:
    first = Worlds("allegro_hand", 2000).state().shadow_hand_dof_pos[:, 12]
    low, high = 0.2792444, 1.57075
    torch.testing.assert_close(first.min().item(), low, atol=1e-6, rtol=0.0)
    assert first.max() < 0.2 * high + 1e-6
    below = (low - 0.2 * low) / (0.2 * high - 0.2 * low)
    assert below == pytest.approx(0.86, abs=0.005)
    assert (first <= low + 1e-6).float().mean().item() == pytest.approx(below, abs=0.03)
