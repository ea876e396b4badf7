"""The sparse reward of tasks that latch it: paid until the end of the episode, to the method `sparse` alone."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.config import RunConfig
from harness.environment import Environment
from harness.plan import Plan
from harness.planning import make_plan
from harness.registry import load_task, resolve
from harness.task import Fitness
from harness.training.record import Recorder
from suites.dexterity.over import Over


@pytest.mark.parametrize("latched", [True, False])
def test_a_success_is_paid_for_until_the_episode_ends(latched: bool) -> None:
    """An egg is put to its goal for one step, in one of two worlds; later both episodes start anew."""
    environment = Environment(load_task("over"), 2, seed=0)
    program = importlib.import_module("baselines.sparse_rewards.dexterity.over").compute_reward

    def reward(named: Any) -> Any:
        return program(named["object_pos"], named["goal_pos"])

    recorder = Recorder(environment, reward, None, latched=latched)
    actions = torch.zeros(2, 40)

    def learned() -> list[float]:
        return recorder.take(environment.step(actions)).tolist()

    def put(place: torch.Tensor) -> None:
        egg = environment.sim.joint("object")
        egg.qpos[0, :3], egg.qvel[0] = place, 0.0
        environment.sim.forward()

    assert learned() == [0.0, 0.0]
    start = environment.sim.joint("object").qpos[0, :3].clone()
    put(environment.sim.body("goal").mocap_pos[0])
    assert learned() == [1.0, 0.0]
    put(start)
    for _ in range(3):
        assert learned() == [float(latched), 0.0]
    environment.progress[:] = environment.task.timing.episode_steps - 1
    assert learned() == [float(latched), 0.0]
    assert learned() == [0.0, 0.0]
    recorder.close_epoch(1, 14)
    assert recorder.rows[0]["reward"] == pytest.approx(1 / 14)  # what the program pays, latched or not


def test_counts_add_up_and_broken_physics_pay_nothing() -> None:
    task = load_task("over")
    environment = Environment(task, 3, seed=0)
    step = environment.step(torch.zeros(3, 40))
    step.state._succeeded[:] = torch.tensor([1.0, 2.0, 1.0])
    unstable = torch.tensor([False, False, True])
    recorder = Recorder(environment, lambda named: (torch.full((3,), 0.5), {}), None, latched=True)
    assert recorder.take(dataclasses.replace(step, unstable=unstable)).tolist() == [1.0, 2.0, 0.0]
    counting = type("Counting", (Over,), {"fitness": Fitness.COUNT})()
    assert counting.latched(step.state, torch.full((3,), 0.5)).tolist() == [1.5, 2.5, 1.5]


def plan(folder: Path, *options: str) -> Plan:
    config = {"suite": "over,shadow_hand,cartpole", "budget": "smoke", "out": str(folder / "run")}
    return make_plan(RunConfig.model_validate(config | {"task_option": options}), gpu=False)


def test_only_the_sparse_reward_of_tasks_that_latch_it_has_it_in_its_spec(tmp_path: Path) -> None:
    usual = plan(tmp_path)
    for task in usual.tasks:
        for method in ("human", "sparse", "eureka"):
            stored = usual.spec(task, method, "", "final", 0).to_dict()
            assert ("latched" in stored) is ((task.slug, method) == ("over", "sparse"))
            assert stored.get("latched", True) is True
    instant = plan(tmp_path, "over.sparse=instant")
    spec = instant.spec(instant.tasks[0], "sparse", "", "final", 0)
    assert not spec.latched
    latched = usual.spec(usual.tasks[0], "sparse", "", "final", 0)
    assert latched.hash != dataclasses.replace(latched, latched=False).hash
    assert not load_task(resolve("cartpole")).latches
