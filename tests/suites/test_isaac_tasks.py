"""What every task promises: steady physics, clean starts, runs that can be repeated."""

from __future__ import annotations

import pytest
import torch

from harness import registry
from tests.suites.conformance import check_reading, check_repeats, check_resets
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


@pytest.mark.parametrize("steps", [800, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", STEADY)
def test_random_and_saturated_actions_keep_the_physics_steady(name: str, steps: int) -> None:
    """Random, then full torque with and against the motion of each joint in turn."""
    worlds = Worlds(name, 8 if name == "humanoid" else 16)
    task, sim = worlds.task, worlds.sim
    saturated = worlds.draw().sign()
    for step in range(steps):
        if step % 10 == 0:
            saturated = worlds.draw().sign()
        actions = worlds.draw() if step < steps / 2 else saturated
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
    check_reading(name)


def test_a_new_episode_leaves_other_worlds_and_earlier_states_alone(name: str) -> None:
    check_resets(name, GOES_ON.get(name, ()))


def test_the_same_seed_gives_the_same_run(name: str) -> None:
    check_repeats(name)
