"""The sparse reward is the score, also where an option changes what scores."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from harness.environment import Environment
from harness.registry import expert_reward, load_task, resolve
from harness.task_options import with_options

VARIANTS = (
    ("push_block", {"scoring": "intended"}),
    ("grasp_and_place", {"placed": "inside"}),
    ("re_orientation", {"scoring": "either"}),
    ("re_orientation", {"scoring": "both"}),
)
WORLDS = 512


def spread(environment: Environment, name: str, around: dict[str, tuple[float, float, float]]) -> None:
    """Put the things of a task at random within 0.15 m of what scores, turned at random within 0.2 rad of it."""
    rng, sim = torch.Generator().manual_seed(1), environment.sim
    for thing, place in around.items():
        shift = 0.3 * torch.rand(WORLDS, 3, generator=rng, dtype=torch.float64) - 0.15
        sim.joint(thing).qpos[:, :3] = torch.tensor(place, dtype=torch.float64) + shift
    if name == "re_orientation":
        for thing, goal in (("object", "goal"), ("object_another", "goal_another")):
            turn = 0.1 * torch.randn(WORLDS, 4, generator=rng, dtype=torch.float64)
            near = sim.body(goal).mocap_quat + turn
            sim.joint(thing).qpos[:, 3:] = near / near.norm(dim=-1, keepdim=True)
    sim.forward()


@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_the_sparse_reward_goes_with_the_score(name: str, options: dict[str, str]) -> None:
    found = with_options(resolve(name), options)
    task = load_task(found)
    environment = Environment(task, WORLDS, seed=0)
    around = {
        "push_block": {"block": (-0.2, -0.2, 0.625), "object": (-0.2, 0.2, 0.625)},
        "grasp_and_place": {"block": (0.0, 0.2, 0.65)},
    }
    spread(environment, name, around.get(name, {}))
    state: Any = task.read(environment.sim, environment.carried)
    namespace: dict[str, Any] = {}
    exec(expert_reward("sparse", found) or "", namespace)
    compute = namespace["compute_reward"]
    reward, _ = compute(**{key: getattr(state, key) for key in inspect.signature(compute).parameters})
    score = task.score(state)
    assert 0.0 < (score > 0.0).float().mean() < 0.9
    np.testing.assert_array_equal(reward.numpy(), score.numpy())
    assert expert_reward("sparse", found) != expert_reward("sparse", name)
    assert expert_reward("human", found) == expert_reward("human", name)
