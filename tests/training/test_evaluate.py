"""What a policy is found to be worth depends on the policy, the number of its worlds and the seed, on nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from harness.environment import Environment
from harness.registry import load_task
from harness.task import Budget
from harness.training.evaluate import evaluate
from harness.training.record import Recorder
from harness.training.trainer import train

STEPS = {"cartpole": 200, "anymal": 60, "allegro_hand": 60}
"""Task → control steps of an evaluation."""
ONE_EPOCH = Budget(worlds=8, epochs=1, horizon=8, minibatch=64)


def policies(task_name: str, folder: Path) -> tuple[Path, Path]:
    """Two of a task: untrained, and after one epoch."""
    task = load_task(task_name)
    environment = Environment(task, ONE_EPOCH.worlds, 0)
    recorder = Recorder(environment, lambda named: (torch.zeros(ONE_EPOCH.worlds), {}), None)
    first, second = folder / "00.pt", folder / "01.pt"
    train(environment, recorder, task.ppo, ONE_EPOCH, 0, {0: first, 1: second})
    return first, second


@pytest.mark.parametrize("name", STEPS)
def test_a_policy_meets_the_same_worlds_whatever_else_is_evaluated(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With episodes that end at different times, draws in `act` (goals, commands) and rates."""
    task = load_task(name)
    first, second = policies(name, tmp_path)
    monkeypatch.setattr(task, "timing", replace(task.timing, episode_steps=STEPS[name]))
    alone = evaluate(task, {second: 6}, seed=5)
    assert evaluate(task, {first: 3, second: 6}, seed=5)[1:] == alone
    assert evaluate(task, {second: 6, first: 4}, seed=5)[:1] == alone
    assert evaluate(task, {second: 6}, seed=6) != alone


def test_shares_of_worlds_do_not_know_of_each_other() -> None:
    """Not even where the physics of a world fails, which costs it the worst score of its own share."""
    task = load_task("quadcopter")
    both, alone = Environment(task, 8, 3, shares=(5, 3)), Environment(task, 3, 3, shares=(3,))
    for step in range(4):
        if step == 2:
            both.sim.qvel[0, 0] = torch.nan
            both.sim.qvel[5, 0] = alone.sim.qvel[0, 0] = torch.nan
        actions = torch.full((8, task.num_actions), 0.5).cumsum(dim=0).sin()
        seen, expected = both.step(actions), alone.step(actions[5:])
        assert torch.equal(seen.score[5:], expected.score)
        assert torch.equal(both.observations[5:], alone.observations)
    assert both.unstable_count == 2
