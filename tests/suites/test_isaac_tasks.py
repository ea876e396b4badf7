"""What every task promises: steady physics, clean starts, runs that can be repeated."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from harness import registry
from tests.suites.worlds import Worlds

TASKS = [name for name, target in registry.TASKS.items() if target.startswith("suites.isaac.")]
STEADY = ["ball_balance", "quadcopter", "ant", "humanoid"]
"""Those whose physics no other test drives hard."""
SPINS = ("shadow_hand_spin", "shadow_hand_spin_flip", "shadow_hand_upside_down_flip")
GOES_ON = {name: {"goal_rot", "goal_pose", "goal_states", "rigid_body_states"} for name in SPINS}
"""What an episode takes over from the one before: a sequence of goals, and the marker that shows it."""


@pytest.fixture(params=TASKS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", STEADY)
def test_random_and_saturated_actions_keep_the_physics_steady(name: str) -> None:
    """2,000 steps: random, then full torque with and against the motion of each joint in turn."""
    worlds = Worlds(name, 8 if name == "humanoid" else 32)
    task, sim = worlds.task, worlds.sim
    saturated = worlds.draw().sign()
    for step in range(2000):
        if step % 10 == 0:
            saturated = worlds.draw().sign()
        actions = worlds.draw() if step < 1000 else saturated
        if step % 100 > 70 and name in ("ant", "humanoid"):
            actions = sim.qvel[:, 6:].sign().float()
        state, unstable = worlds.step(actions)
        assert not unstable.any()
        if step % 10 == 0:
            assert torch.isfinite(task.observe(state, actions)).all()
            assert sim.qvel.abs().max() < 200.0
        ended = task.terminated(state)
        worlds.reset(ended)


def test_reading_twice_gives_the_same(name: str) -> None:
    worlds = Worlds(name, 6)
    for _ in range(30):
        first, _ = worlds.step(worlds.draw())
    for field in dataclasses.fields(first):
        assert torch.equal(getattr(first, field.name), getattr(worlds.state(), field.name)), field.name


def test_a_new_episode_leaves_other_worlds_and_earlier_states_alone(name: str) -> None:
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
    for field in copies.keys() - GOES_ON.get(name, set()):
        assert torch.equal(getattr(worlds.state(), field), getattr(fresh.state(), field)), field


def test_the_same_seed_gives_the_same_run(name: str) -> None:
    ends = []
    for _ in range(2):
        worlds = Worlds(name, 4, seed=3)
        for _ in range(40):
            worlds.step(worlds.draw())
        ends.append(worlds.sim.qpos.clone())
    assert torch.equal(*ends)
