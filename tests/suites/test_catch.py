"""Over and Catch Underarm: starts, goals, ends and scores against the originals' numbers."""

from __future__ import annotations

import pytest
import torch

from harness.environment import Environment
from harness.registry import load_task
from harness.rotations import quat_diff_rad
from harness.task import Fitness, MemoryForm, state_fields
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.catch import Catch
from suites.dexterity.over import Over
from tests.suites.hands import Table

TASKS = OVER, UNDERARM = "over", "catch_underarm"
GOAL = {OVER: (0.0, -0.64, 0.54), UNDERARM: (0.0, -0.79, 0.54)}
DISTANCE = {OVER: 0.25, UNDERARM: 0.40}


def table(name: str, count: int = 4) -> Table:
    task = load_task(name)
    assert isinstance(task, Catch)
    return Table(task, count)


@pytest.mark.parametrize(
    ("name", "sizes", "form"),
    [(OVER, (398, 40), MemoryForm.SCALAR_EMA), (UNDERARM, (422, 52), MemoryForm.PER_WORLD_LAST)],
)
def test_sizes_settings_and_names(name: str, sizes: tuple[int, int], form: MemoryForm) -> None:
    task = load_task(name)
    environment = Environment(task, 3, seed=0)
    assert (environment.observations.shape, task.num_actions) == ((3, sizes[0]), sizes[1])
    assert task.fitness is Fitness.SUCCESS
    assert task.memory_form is form
    assert (task.worlds, task.timing.episode_steps, task.timing.physics_steps) == (2048, 75, 2)
    assert task.timing.control_dt == 0.01667
    assert task.clip_observations == float("inf")
    assert (task.ppo.gamma, task.ppo.epochs, task.ppo.horizon, task.ppo.reward_scale) == (0.96, 6000, 8, 0.01)
    goal = {"goal_pose", "goal_pos", "goal_rot"}
    assert set(state_fields(task)) == set(state_fields(type("Bare", (Bimanual,), {}))) | goal
    assert task.text is not None
    assert task.description == task.text.given
    assert load_task(name, {"text": "true"}).description == task.text.true


@pytest.mark.parametrize("name", TASKS)
def test_starts_and_goals_are_the_originals(name: str) -> None:
    run = table(name, 1000)
    state = run.state()
    offset = state.object_pos - torch.tensor([0.0, -0.39, 0.54])
    assert offset.abs().max() <= 0.01 + 1e-6
    torch.testing.assert_close(offset.amax(0), torch.full((3,), 0.01), atol=2e-4, rtol=0.0)
    assert state.object_linvel.abs().max() == state.object_angvel.abs().max() == 0.0
    torch.testing.assert_close(state.goal_pos, torch.tensor(GOAL[name]).expand(1000, 3))
    distance = (state.goal_pos - state.object_pos).norm(dim=-1)
    assert (distance - DISTANCE[name]).abs().max() < 0.0175
    angle = quat_diff_rad(state.object_rot, state.goal_rot)
    assert angle.min() < 0.3
    assert angle.max() > 3.0
    reward = torch.exp(-0.2 * (50.0 * DISTANCE[name] + angle))
    low, high = {OVER: (0.044, 0.082), UNDERARM: (0.010, 0.018)}[name]
    assert low - 1e-3 < reward.min() < reward.max() < high + 1e-3
    torch.testing.assert_close(state.object_pose, torch.cat([state.object_pos, state.object_rot], dim=-1))
    torch.testing.assert_close(state.goal_pose, torch.cat([state.goal_pos, state.goal_rot], dim=-1))


class Straight(Over):
    """Whose fingers start straight."""

    joint_spread = 0.0


def test_palms_of_over_are_where_the_original_has_them() -> None:
    state = Table(Straight()).state()
    right, left = torch.tensor([0.0, -0.29, 0.49]), torch.tensor([0.0, -0.71, 0.49])
    torch.testing.assert_close(state._right_palm_pos[0], right, atol=1e-4, rtol=0.0)
    torch.testing.assert_close(state._left_palm_pos[0], left, atol=1e-4, rtol=0.0)


def test_an_egg_comes_to_rest_on_the_straight_hand() -> None:
    run = Table(Straight())
    upright = [0.0, -0.39, 0.54, 1.0, 0.0, 0.0, 0.0]
    run.sim.joint("object").qpos[:] = torch.tensor(upright, dtype=torch.float64)
    run.sim.forward()
    for _ in range(180):  # 3 s
        state, _ = run.step(run.idle())
    assert state.object_pos[0, 2].item() == pytest.approx(0.527, abs=4e-3)
    assert state.object_linvel.norm() < 5e-3


def test_bases_stay_put_without_a_wrench() -> None:
    run = table(UNDERARM, 4)
    run.sim.joint("object").qpos[:, 0] += 1.0  # an egg on a hand would tilt it
    start = run.state()
    for _ in range(75):
        state, _ = run.step(run.idle())
    for side in ("right", "left"):
        shift = getattr(state, f"_{side}_root_pos") - getattr(start, f"_{side}_root_pos")
        assert shift.abs().max() < 3e-3
    wrench = run.idle()
    wrench[:, 1, 1] = 1.0
    for _ in range(75):
        state, _ = run.step(wrench)
    moved = (state._left_root_pos - start._left_root_pos)[:, 1]
    torch.testing.assert_close(moved, torch.full((4,), 0.035), atol=3e-3, rtol=0.0)


@pytest.mark.parametrize(("name", "fallen"), [(OVER, 0.2), (UNDERARM, 0.1)])
def test_a_caught_egg_scores_and_a_fallen_one_ends_the_episode(name: str, fallen: float) -> None:
    run = table(name, 4)
    goal = torch.tensor(GOAL[name], dtype=torch.float64)
    egg = run.sim.joint("object").qpos
    egg[0, :3] = goal + torch.tensor([0.0, 0.0, 0.029])
    egg[1, :3] = goal + torch.tensor([0.0, 0.0, 0.031])
    egg[2, 2], egg[3, 2] = fallen + 1e-3, fallen - 1e-3
    run.sim.forward()
    state = run.state()
    assert run.task.score(state).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert run.task.terminated(state).tolist() == [False, False, False, True]


def test_the_policy_sees_the_egg_and_the_turn_to_its_goal() -> None:
    run = table(UNDERARM, 2)
    actions = run.draw()
    state, _ = run.step(actions)
    run.sim.joint("object").qpos[0, 3:] = run.sim.body("goal").mocap_quat[0]
    run.sim.forward()
    state = run.state()
    seen = run.task.observe(state, actions)
    torch.testing.assert_close(seen[:, 398:405], state.object_pose)
    torch.testing.assert_close(seen[:, 408:411], state.object_angvel * 0.2)
    torch.testing.assert_close(seen[:, 411:418], state.goal_pose)
    torch.testing.assert_close(seen[0, 418:].abs(), torch.tensor([0.0, 0.0, 0.0, 1.0]), atol=1e-5, rtol=0.0)
    torch.testing.assert_close(seen[:, 167:170], state._right_root_pos)
