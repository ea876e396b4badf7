"""Anymal: the robot against its fact sheet, standing and falling, starts, commands, rewards."""

from __future__ import annotations

import importlib
import math
from typing import Any

import mujoco
import numpy as np
import pytest
import torch
from torch import Tensor

from harness.context import context_of
from harness.registry import expert_reward, load_task
from harness.rewards import compile_reward
from harness.rotations import quat_from_euler_xyz, xyzw_to_wxyz
from harness.sim import compile_scene
from suites.models.anymal import SENSED
from tests.suites.worlds import Worlds

NAME = "suites.isaac.anymal:Anymal"
LEGS = ("LF", "LH", "RF", "RH")
POSE = [0.03, 0.4, -0.8, 0.03, -0.4, 0.8, -0.03, 0.4, -0.8, -0.03, -0.4, 0.8]
WEIGHT = 52.13485 * 9.81  # N


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return compile_scene(load_task(NAME))


def standing(count: int = 1) -> Worlds:
    """Robots that have settled after a second and a half of no action."""
    worlds = Worlds(NAME, count)
    for _ in range(75):
        worlds.step(worlds.still())
    return worlds


def laid(worlds: Worlds, height: float, roll: float, pitch: float, yaw: float = 0.0) -> None:
    """Put the base at a height and attitude, everything at rest."""
    angles = torch.tensor([[roll], [pitch], [yaw]], dtype=torch.float64)
    worlds.sim.qpos[:, 2] = height
    worlds.sim.qpos[:, 3:7] = xyzw_to_wxyz(quat_from_euler_xyz(*angles))
    worlds.sim.qvel[:] = 0.0
    worlds.sim.forward()


def program(kind: str) -> Any:
    return importlib.import_module(f"baselines.{kind}_rewards.isaac.anymal").compute_reward


def test_bodies_joints_and_servos(model: mujoco.MjModel) -> None:
    bodies = ["base", *(f"{leg}_{part}" for leg in LEGS for part in ("HIP", "THIGH", "SHANK"))]
    joints = [f"{leg}_{joint}" for leg in LEGS for joint in ("HAA", "HFE", "KFE")]
    assert [model.body(i).name for i in range(1, model.nbody)] == bodies
    assert [model.joint(i).name for i in range(1, model.njnt)] == joints
    assert [model.actuator(i).name for i in range(model.nu)] == joints
    assert (model.nq, model.nv) == (19, 18)
    assert model.body_mass.sum() == pytest.approx(52.13485, rel=1e-5)
    for body, mass in (("base", 26.37317), ("RF_HIP", 2.781), ("LH_THIGH", 3.071), ("RH_SHANK", 0.58842)):
        assert model.body(body).mass[0] == pytest.approx(mass, rel=1e-5)
    turns = [-9.424778, 9.424778]
    left, right = [[-0.72, 0.49], turns, turns], [[-0.49, 0.72], turns, turns]
    np.testing.assert_allclose(model.jnt_range[1:], [*left, *left, *right, *right], atol=1e-6)
    np.testing.assert_allclose(model.actuator_forcerange, [[-80, 80]] * 12)
    assert not model.actuator_ctrllimited.any()


def test_inertia_and_places_are_those_of_the_asset(model: mujoco.MjModel) -> None:
    """Numbers of the composed asset; a mirrored leg is off by a tenth of a millimetre at most."""
    for body, inertia in (
        ("base", (1.835845, 1.785215, 0.2145125)),
        ("LF_HIP", (0.005857289, 0.004918677, 0.003290813)),
        ("RH_THIGH", (0.03024998, 0.02989429, 0.004184655)),
        ("RF_SHANK", (0.01016366, 0.009238376, 0.001119273)),
    ):
        np.testing.assert_allclose(sorted(model.body(body).inertia), sorted(inertia), rtol=4e-3, err_msg=body)
    data = mujoco.MjData(model)
    data.qpos[2] = 0.0
    mujoco.mj_kinematics(model, data)
    for name, place in (
        ("LF_HIP", (0.2999, 0.104, 0)),
        ("RF_THIGH", (0.3598, -0.18781, 0)),
        ("LH_SHANK", (-0.3598, 0.28811, -0.285)),
    ):
        np.testing.assert_allclose(data.body(name).xpos, place, atol=1e-5, err_msg=name)
    for name, centre in (
        ("LF_SHANK", (0.42105, 0.29357, -0.36566)),
        ("RF_SHANK", (0.42105, -0.29357, -0.36566)),
        ("LH_THIGH", (-0.35985, 0.21862, -0.2457)),
        ("RH_HIP", (-0.35656, -0.12139, -0.00046)),
    ):
        np.testing.assert_allclose(data.body(name).xipos, centre, atol=1.1e-4, err_msg=name)
    for leg, x, y in (("LF", 1, 1), ("LH", -1, 1), ("RF", 1, -1), ("RH", -1, -1)):
        foot = (0.44775 * x, 0.30116 * y, -0.60047)
        np.testing.assert_allclose(data.geom(f"{leg}_FOOT").xpos, foot, atol=1e-5)


def test_all_joints_turn_about_the_same_axes_of_the_base(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    np.testing.assert_allclose(data.xaxis[1:], [[1, 0, 0], [0, 1, 0], [0, 1, 0]] * 4, atol=1e-9)


def test_nothing_touches_above_the_ground_in_any_pose(model: mujoco.MjModel) -> None:
    data, rng = mujoco.MjData(model), np.random.default_rng(0)
    for _ in range(50):
        mujoco.mj_resetData(model, data)
        data.qpos[2] = 3.0
        data.qpos[7:] = rng.uniform(-1.5, 1.5, 12)
        mujoco.mj_forward(model, data)
        assert data.ncon == 0


def test_servos_pull_with_limited_torque() -> None:
    worlds = Worlds(NAME, 2)
    laid(worlds, 3.0, 0.0, 0.0)
    worlds.sim.qpos[:, 7:] = torch.tensor(POSE)
    action = torch.zeros(2, 12)
    action[0, 1] = 1.0
    worlds.task.act(worlds.sim, worlds.carried, action, worlds.rng)
    torch.testing.assert_close(worlds.sim.ctrl[0, 1].item(), 0.9)
    worlds.sim.step(1)
    torques = worlds.state().torques
    assert torques[0, 1].item() == pytest.approx(85 * 0.5, rel=1e-4)
    assert torques[1].abs().max() < 1e-4
    worlds.sim.qpos[:, 7] = 3.0
    worlds.sim.qvel[:] = 0.0
    worlds.sim.step(1)
    assert worlds.state().torques[0, 0].item() == -80.0


def test_the_robot_stands_still_for_ten_seconds() -> None:
    worlds = Worlds(NAME, 32)
    task, score = worlds.task, 0.0
    for step in range(500):
        state, unstable = worlds.step(worlds.still())
        assert not (task.terminated(state) | unstable).any(), step
        score += task.score(state).mean().item() / 500
        if step == 50:
            early = state.root_states[:, :3]
    height = state.root_states[:, 2]
    assert (height > 0.49).all()
    assert (height < 0.55).all()
    assert (state.root_states[:, :3] - early).norm(dim=-1).max() < 0.03
    assert state.root_states[:, 7:].abs().max() < 0.01
    assert state.dof_vel.abs().max() < 0.02
    commands = state.commands.square().sum(-1).mean().item()
    assert score == pytest.approx(-commands, abs=0.03)


def test_the_feet_alone_carry_the_weight() -> None:
    worlds = standing()
    on_base = worlds.sim.qfrc_constraint[0, :3]
    assert on_base[2].item() == pytest.approx(WEIGHT, rel=0.02)
    assert on_base[:2].abs().max() < 0.02 * WEIGHT
    assert worlds.state()._contacts.abs().max() == 0.0


@pytest.mark.parametrize(
    ("pushed", "height", "roll", "hips", "knees"),
    [
        (["base"], 0.1, 0.0, -1.9, 0.0),  # on its belly, legs up
        (["base"], 0.2, math.pi, 0.0, 0.0),  # on its back
        (["LF_THIGH", "LH_THIGH", "RF_THIGH", "RH_THIGH"], 0.345, 0.0, 0.0, -2.2),  # on its knees
        (["LF_THIGH", "LH_THIGH"], 0.28, -0.5 * math.pi, 0.0, -1.5),  # on its left side
    ],
)
def test_a_touch_of_base_or_thighs_ends_the_episode(
    pushed: list[str], height: float, roll: float, hips: float, knees: float
) -> None:
    """Dropped by a centimetre; hips and knees of the front legs, the hind legs mirror them."""
    worlds = Worlds(NAME, 1)
    legs = torch.tensor([[0.0, hips, knees], [0.0, -hips, -knees]] * 2, dtype=torch.float64).flatten()
    worlds.sim.qpos[:, 7:] = worlds.sim.ctrl[:] = legs
    laid(worlds, height, roll, 0.0)
    assert not worlds.task.terminated(worlds.state()).any()
    for _ in range(15):
        worlds.sim.step(worlds.task.timing.physics_steps)
        state = worlds.state()
        if worlds.task.terminated(state).any():
            break
    forces = dict(zip(SENSED, state._contacts[0], strict=True))
    assert [name for name in SENSED if forces[name].norm() > 1.0] == pushed
    assert all(forces[name][2] > 0.0 for name in pushed)
    worlds.reset(worlds.all)
    fresh = worlds.state()
    assert not worlds.task.terminated(fresh).any()
    assert fresh._contacts.abs().max() == fresh.torques.abs().max() == 0.0


def test_one_newton_is_the_limit() -> None:
    worlds = Worlds(NAME, 4)
    state = worlds.state()
    state._contacts = torch.zeros(4, 5, 3)
    state._contacts[0, 0] = torch.tensor([0.6, 0.0, 0.7])
    state._contacts[1, 0] = torch.tensor([0.6, 0.6, 0.6])
    state._contacts[2, 4, 1] = -1.01
    state._contacts[3, :, 2] = 0.9
    assert worlds.task.terminated(state).tolist() == [False, True, True, False]


def test_an_episode_starts_at_rest_near_the_default_pose_with_random_commands() -> None:
    worlds = Worlds(NAME, 3000)
    state = worlds.state()
    start = torch.tensor([0.0, 0.0, 0.62, 0.0, 0.0, 0.0, 1.0, *[0.0] * 6])
    torch.testing.assert_close(state.root_states, start.expand(3000, -1))
    share = state.dof_pos / state.default_dof_pos
    assert 0.4999 < share.min() < 0.51
    assert 1.49 < share.max() < 1.5001
    assert share.mean().item() == pytest.approx(1.0, abs=0.01)
    assert torch.corrcoef(share.T).fill_diagonal_(0.0).abs().max() < 0.1
    assert 0.099 < state.dof_vel.abs().max() <= 0.1
    for column, limit in enumerate((2.0, 1.0, 1.0)):
        command = state.commands[:, column]
        assert 0.99 * limit < command.max() <= limit
        assert -limit <= command.min() < -0.99 * limit
    assert worlds.task.score(state).mean().item() == pytest.approx(-2.0, abs=0.1)
    torch.testing.assert_close(state.default_dof_pos[0], torch.tensor(POSE))
    assert state.gravity_vec[0].tolist() == [0.0, 0.0, -1.0]


def test_commands_last_for_an_episode() -> None:
    worlds = Worlds(NAME, 4)
    before = worlds.state().commands
    for _ in range(5):
        state, _ = worlds.step(worlds.draw())
    assert torch.equal(state.commands, before)
    worlds.reset(worlds.mask(1, 3))
    after = worlds.state().commands
    assert torch.equal(after[[0, 2]], before[[0, 2]])
    assert (after[[1, 3]] != before[[1, 3]]).all()


def turned() -> tuple[Worlds, Any, Tensor, Tensor]:
    """A robot in the air, tilted and turned: its state, velocity and spin in its own frame."""
    worlds = Worlds(NAME, 1)
    laid(worlds, 3.0, 0.3, -0.2, 2.0)
    ahead, spin = torch.tensor([0.7, -0.4, 0.2]), torch.tensor([0.5, 0.1, -0.8])
    rotation = worlds.sim.xmat[0, 1].view(3, 3).float()
    worlds.sim.qvel[0, :3], worlds.sim.qvel[0, 3:6] = rotation @ ahead, spin
    worlds.sim.forward()
    return worlds, worlds.state(), ahead, spin


def test_observation_slices() -> None:
    worlds, state, ahead, spin = turned()
    action = worlds.draw()
    seen = worlds.task.observe(state, action)
    assert seen.shape == (1, 48)
    rotation = worlds.sim.xmat[0, 1].view(3, 3).float()
    expected = [
        2.0 * ahead,
        0.25 * spin,
        -rotation[:, 2],  # the base's down axis in the world, not the world's in the base
        state.commands[0] * torch.tensor([2.0, 2.0, 0.25]),
        state.dof_pos[0] - torch.tensor(POSE),
        0.05 * state.dof_vel[0],
        action[0],
    ]
    torch.testing.assert_close(seen[0], torch.cat(expected), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(state.root_states[0, 10:], rotation @ spin, atol=1e-5, rtol=0.0)


def test_the_score_is_minus_the_squared_errors_in_the_frame_of_the_base() -> None:
    worlds, state, ahead, spin = turned()
    x, y, yaw = state.commands[0].tolist()
    expected = -((x - ahead[0]) ** 2 + (y - ahead[1]) ** 2 + (yaw - spin[2]) ** 2)
    assert worlds.task.score(state).item() == pytest.approx(expected.item(), rel=1e-4)


@pytest.mark.parametrize("torque", [5.0, 60.0])
def test_the_expert_reward(torque: float) -> None:
    seen, commands = torch.zeros(1, 48), torch.tensor([[1.0, -0.5, 0.4]])
    seen[0, :6] = torch.tensor([2.0 * 0.8, 2.0 * -0.1, 9.0, 9.0, 9.0, 0.25 * 0.1])
    torques = torch.full((1, 12), -torque)
    reward, parts = program("human")(seen, commands, torques)
    linear, angular = 0.2**2 + 0.4**2, 0.3**2
    expected = {
        "lin_vel_xy": 0.02 * math.exp(-linear / 0.25),
        "ang_vel_z": 0.01 * math.exp(-angular / 0.25),
        "torque": -5e-7 * 12 * torque**2,
    }
    for part, value in expected.items():
        assert parts[part].item() == pytest.approx(value, rel=1e-4), part
    total = sum(expected.values())
    assert (total < 0.0) == (torque > 50.0)
    assert reward.item() == pytest.approx(max(0.0, total), rel=1e-4)
    sparse, _ = program("sparse")(seen, commands)
    assert sparse.item() == pytest.approx(-linear - angular, rel=1e-5)


@pytest.mark.parametrize("kind", ["human", "sparse"])
def test_rewards_compile_and_sparse_is_the_score(kind: str) -> None:
    task = load_task(NAME)
    source = expert_reward(kind, NAME)
    assert source is not None
    graph = compile_reward(source, task, worlds=64)
    worlds = Worlds(NAME, 64)
    for _ in range(10):
        actions = worlds.draw()
        state, _ = worlds.step(actions)
    named = {**vars(state), "obs_buf": task.observe(state, actions), "actions": actions}
    reward, _ = graph({key: named[key] for key in graph.inputs})
    direct, _ = program(kind)(**{key: named[key] for key in graph.inputs})
    torch.testing.assert_close(reward, direct)
    if kind == "sparse":
        torch.testing.assert_close(reward, task.score(state))


def test_a_designer_is_not_told_what_ends_an_episode() -> None:
    context = context_of(load_task(NAME))
    assert "THIGH" not in context
    assert "contacts" not in context
    source = "def compute_reward(_contacts):\n    return _contacts.sum((1, 2)), {}\n"
    with pytest.raises(Exception, match="contacts"):
        compile_reward(source, load_task(NAME), 4)


@pytest.mark.parametrize("steps", [500, pytest.param(5000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("held", [1, 50])
def test_random_actions_keep_the_physics_sound(held: int, steps: int) -> None:
    """`held` extremes push the legs as hard as they can."""
    worlds = Worlds(NAME, 64)
    for step in range(steps):
        if step % held == 0:
            actions = worlds.draw() if held == 1 else worlds.draw().sign()
        state, unstable = worlds.step(actions)
        assert not unstable.any(), step
        assert state.root_states[:, 2].max() < 1.2
        assert state.root_states[:, 7:10].norm(dim=-1).max() < 6.0
        assert state.dof_vel.abs().max() < 80.0
        ended = worlds.task.terminated(state)
        worlds.reset(ended)
