"""Episodes of an environment: limits, resets, what a policy sees."""

import io
from dataclasses import dataclass

import pytest
import torch

from harness.environment import Environment
from harness.registry import load_task


@pytest.fixture
def cartpole() -> Environment:
    return Environment(load_task("cartpole"), worlds=8, seed=1)


def test_starts_within_the_reset_distribution(cartpole: Environment) -> None:
    assert cartpole.sim.qpos.abs().max() <= 0.1
    assert cartpole.sim.qvel.abs().max() <= 0.25
    expected = torch.stack([cartpole.sim.qpos, cartpole.sim.qvel], -1).flatten(1).float()
    assert torch.equal(cartpole.observations, expected)


def test_an_episode_ends_at_the_time_limit_and_not_before() -> None:
    task = load_task("cartpole")
    environment = Environment(task, worlds=2, seed=0)
    for count in range(1, task.timing.episode_steps + 1):
        environment.sim.qpos[:] = 0.0  # held upright
        environment.sim.qvel[:] = 0.0
        step = environment.step(torch.zeros(2, 1))
        assert step.done.tolist() == [count == 500] * 2
        assert step.time_out.tolist() == [count == 500] * 2
    assert environment.progress.tolist() == [0, 0]


def test_a_finished_world_shows_its_new_episode_to_the_policy_and_its_end_to_the_reward(
    cartpole: Environment,
) -> None:
    cartpole.sim.qpos[3, 1] = 2.0  # fallen
    step = cartpole.step(torch.zeros(8, 1))
    assert step.done.tolist() == [i == 3 for i in range(8)]
    assert not step.time_out.any()
    assert step.state.dof_pos[3, 1] > 1.5
    assert step.obs_buf[3, 2] > 1.5
    assert cartpole.observations[3].abs().max() <= 0.25
    assert torch.equal(cartpole.observations[0], step.obs_buf[0])
    assert cartpole.progress.tolist() == [0 if i == 3 else 1 for i in range(8)]


def test_an_unstable_world_ends_its_episode_without_score(cartpole: Environment) -> None:
    cartpole.sim.qvel[5, 0] = float("nan")
    step = cartpole.step(torch.zeros(8, 1))
    assert step.unstable.tolist() == [i == 5 for i in range(8)]
    assert step.done[5]
    assert step.score.tolist() == [float(i != 5) for i in range(8)]
    assert cartpole.unstable_count == 1
    assert cartpole.observations.isfinite().all()


def test_breaking_the_physics_never_pays_where_zero_is_the_best_score() -> None:
    environment = Environment(load_task("quadcopter"), 8, 0)
    first = environment.step(torch.zeros(8, 12))
    environment.sim.qvel[5, 0] = float("nan")
    second = environment.step(torch.zeros(8, 12))
    stable = torch.cat([first.score, second.score[second.unstable.logical_not()]])
    assert second.unstable.tolist() == [i == 5 for i in range(8)]
    assert second.score[5] == stable.min() < 0.0


def test_a_score_that_is_no_number_does_not_reach_the_worlds_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    task = load_task("quadcopter")
    monkeypatch.setattr(task, "score", lambda state: torch.tensor([-1.0, torch.nan, -torch.inf, -2.0]))
    environment = Environment(task, 4, 0)
    environment.sim.qvel[0, 0] = torch.nan
    assert environment.step(torch.zeros(4, 12)).score[0] == -2.0  # the worst number of any world


@dataclass(slots=True)
class Luggage:
    goal: torch.Tensor
    same_goal: torch.Tensor
    count: int


def test_all_that_a_task_carries_is_restored(cartpole: Environment) -> None:
    """Tensors that are one stay one."""

    def luggage(seed: int) -> Luggage:
        goal = torch.full((8,), float(seed))
        return Luggage(goal, goal, seed)

    cartpole.carried = luggage(1)
    other = Environment(load_task("cartpole"), worlds=8, seed=2)
    other.carried = luggage(2)
    file = io.BytesIO()
    torch.save(cartpole.state(), file)
    file.seek(0)
    other.restore(torch.load(file, weights_only=True))
    assert other.carried.goal is not cartpole.carried.goal
    assert other.carried.count == 1
    other.carried.goal[0] = 7.0
    assert other.carried.same_goal.tolist() == [7.0] + [1.0] * 7
    assert torch.equal(*[torch.rand(3, generator=environment.rng) for environment in (cartpole, other)])


def test_actions_are_clipped_before_the_task_sees_them(cartpole: Environment) -> None:
    step = cartpole.step(torch.full((8, 1), 7.0))
    assert step.actions.tolist() == [[1.0]] * 8
    assert cartpole.sim.ctrl.max() == 1.0


def test_observations_are_clipped_but_obs_buf_is_not(cartpole: Environment) -> None:
    for _ in range(2):
        step = cartpole.step(torch.ones(8, 1))
    moving = ~step.done
    assert step.obs_buf[moving, 1].min() > 5.0  # 3.3 m/s per step of full push
    assert cartpole.observations.max() == 5.0


def test_rewards_may_read_state_and_bound_names_only(cartpole: Environment) -> None:
    named = cartpole.step(torch.zeros(8, 1)).named(cartpole.task)
    assert sorted(named) == ["dof_pos", "dof_vel", "obs_buf", "progress_buf"]


@pytest.mark.parametrize("task", ["cartpole", "ball_balance", "quadcopter", "ant", "humanoid"])
def test_same_seed_same_bits_at_any_thread_count(task: str) -> None:
    seen = []
    for threads in (1, 2):
        environment = Environment(load_task(task), worlds=16, seed=7, threads=threads)
        actions = torch.Generator().manual_seed(3)
        for _ in range(60):
            environment.step(2 * torch.rand(16, environment.task.num_actions, generator=actions) - 1)
        seen.append(environment.observations)
    assert torch.equal(*seen)
    assert seen[0].isfinite().all()
