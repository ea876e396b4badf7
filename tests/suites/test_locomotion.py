"""Ant and humanoid: what their feet feel, progress, starts, what the policy sees."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import pytest
import torch
from torch import Tensor

from harness.rotations import quat_from_euler_xyz, xyzw_to_wxyz
from tests.suites.worlds import Worlds

DT = 0.0166
WEIGHT = {"ant": 0.91088 * 9.81, "humanoid": 40.844 * 9.81}
FEET = {"ant": 4, "humanoid": 2}


@pytest.fixture(params=["ant", "humanoid"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def standing(name: str, steps: int) -> Worlds:
    """One robot put on its feet, after `steps` of no action."""
    worlds = Worlds(name, 1)
    bent = sum(worlds.task.limits(worlds.sim.qpos)) / 2 if name == "ant" else 0.0
    worlds.sim.qpos[:, 7:] = bent
    worlds.sim.qpos[:, 2] = 0.62 if name == "ant" else 1.285
    worlds.sim.qvel[:] = 0.0
    worlds.sim.forward()
    for _ in range(steps):
        worlds.step(worlds.still())
    return worlds


def foot_wrenches(worlds: Worlds) -> tuple[Tensor, Tensor]:
    """Forces and torques (feet, 3) in the world frame, torques about the torso, from the state's readings."""
    feet, torso = worlds.sim.bodies(worlds.task.feet), worlds.sim.body("torso")
    readings = worlds.state().vec_sensor_tensor[0].double().view(-1, 2, 3)
    force, torque = (torch.einsum("fij,fj->fi", feet.xmat[0], readings[:, i]) for i in (0, 1))
    lever = feet.xpos[0] - torso.xpos[0]
    return force, torque + torch.linalg.cross(lever, force)


def test_feet_carry_the_weight_of_a_standing_ant() -> None:
    force, torque = foot_wrenches(standing("ant", 120))
    torch.testing.assert_close(
        force.sum(0), torch.tensor([0.0, 0.0, WEIGHT["ant"]]).double(), atol=0.02, rtol=0
    )
    torch.testing.assert_close(torque.sum(0), torch.zeros(3).double(), atol=0.02, rtol=0)
    torch.testing.assert_close(force[:, 2], torch.full((4,), WEIGHT["ant"] / 4).double(), atol=0.05, rtol=0)


def test_feet_carry_the_weight_of_a_humanoid_before_it_falls() -> None:
    worlds = standing("humanoid", 12)
    force, _ = foot_wrenches(worlds)
    assert force[:, 2].sum().item() == pytest.approx(WEIGHT["humanoid"], rel=0.1)
    assert force[0, 2].item() == pytest.approx(force[1, 2].item(), rel=1e-3)


def test_foot_wrenches_are_what_the_solver_applies_to_the_whole_robot(name: str) -> None:
    worlds = standing(name, 10)
    force, torque = foot_wrenches(worlds)
    applied, axes = worlds.sim.qfrc_constraint[0, :6], worlds.sim.xmat[0, 1].view(3, 3)
    scale = WEIGHT[name]
    rtol = 2e-2 if name == "ant" else 1e-2  # its applied forces are those of Runge-Kutta's last stage
    torch.testing.assert_close(force.sum(0), applied[:3], atol=1e-3 * scale, rtol=rtol)
    torch.testing.assert_close(torque.sum(0), axes @ applied[3:], atol=3e-3 * scale, rtol=3e-2)


def test_foot_readings_are_zero_after_a_reset_and_in_the_air(name: str) -> None:
    worlds = standing(name, 10)
    assert worlds.state().vec_sensor_tensor.abs().max() > 0.1
    worlds.reset(worlds.all)
    assert worlds.state().vec_sensor_tensor.abs().max() == 0.0
    worlds.sim.qpos[:, 2] = 3.0
    worlds.sim.forward()
    assert worlds.step(worlds.still())[0].vec_sensor_tensor.abs().max() == 0.0


def test_an_episode_starts_near_the_nominal_pose(name: str) -> None:
    worlds = Worlds(name, 1500)
    state = worlds.state()
    lower, upper = worlds.task.limits(state.dof_pos)
    nominal = torch.zeros_like(lower).clamp(lower, upper)
    torch.testing.assert_close(state.dof_pos.amin(0), (nominal - 0.2).maximum(lower), atol=2e-3, rtol=0)
    torch.testing.assert_close(state.dof_pos.amax(0), (nominal + 0.2).minimum(upper), atol=2e-3, rtol=0)
    torch.testing.assert_close(state.dof_vel.amax(0), torch.full_like(lower, 0.1), atol=1e-3, rtol=0)
    torch.testing.assert_close(state.dof_vel.mean(0), torch.zeros_like(lower), atol=9e-3, rtol=0)
    height = {"ant": 0.44, "humanoid": 1.34}[name]
    start = torch.tensor([0.0, 0.0, height, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert (state.root_states == start).all()
    assert (worlds.task.score(state) == 0.0).all()
    assert (state.potentials == -1000.0 / DT).all()


def test_ant_ankles_start_at_their_nearer_limit() -> None:
    state = Worlds("ant", 500).state()
    limit = math.radians(30)
    assert state.dof_pos[:, [1, 7]].min().item() == pytest.approx(limit, abs=1e-4)
    assert state.dof_pos[:, [3, 5]].max().item() == pytest.approx(-limit, abs=1e-4)
    assert (state.dof_pos[:, 1] < limit + 1e-4).float().mean().item() == pytest.approx(0.5, abs=0.1)


def test_progress_is_the_change_of_distance_over_the_step(name: str) -> None:
    worlds = Worlds(name, 3)
    worlds.sim.qvel[:, :2] = torch.tensor([[3.0, 0.0], [-2.0, 1.0], [0.0, -1.5]])
    first, _ = worlds.step(worlds.still())
    start = first.root_states[:, :2].double()
    second, _ = worlds.step(worlds.still())
    end = second.root_states[:, :2].double()
    for world in range(3):
        before = math.hypot(1000 - start[world, 0], start[world, 1])
        after = math.hypot(1000 - end[world, 0], end[world, 1])
        assert second.potentials[world].item() == pytest.approx(-after / DT, rel=1e-9)
        assert worlds.task.score(second)[world].item() == pytest.approx((before - after) / DT, abs=1e-4)
    assert worlds.task.score(second)[0] > 1.0
    assert torch.equal(second.prev_potentials, first.potentials)


def test_score_resolves_millimetres_per_second(name: str) -> None:
    """In float32 the potentials near -60241 would round progress to 0.004 m/s."""
    worlds = Worlds(name, 1)
    state = worlds.state()
    state.potentials = state.prev_potentials + 0.0005
    assert worlds.task.score(state).item() == pytest.approx(0.0005, rel=1e-3)


def test_axes_and_velocities_of_a_turned_torso(name: str) -> None:
    worlds = Worlds(name, 1)
    roll, pitch, yaw = (torch.tensor([angle], dtype=torch.float64) for angle in (0.3, 0.2, -0.5))
    quat = quat_from_euler_xyz(roll, pitch, yaw)
    worlds.sim.qpos[:, 3:7] = xyzw_to_wxyz(quat)
    worlds.sim.qvel[:, :6] = torch.tensor([1.0, 2.0, 3.0, 0.4, 0.5, 0.6])
    worlds.sim.forward()
    state = worlds.state()
    cr, sr, cp, sp, cy, sy = (f(angle.item()) for angle in (roll, pitch, yaw) for f in (math.cos, math.sin))
    heading = torch.tensor([cy * cp, sy * cp, -sp])
    up = torch.tensor([cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr])
    torch.testing.assert_close(state.heading_vec[0], heading, atol=1e-6, rtol=0)
    torch.testing.assert_close(state.up_vec[0], up, atol=1e-6, rtol=0)
    torch.testing.assert_close(state.root_states[0, 3:7].double(), quat[0], atol=1e-6, rtol=0)
    torch.testing.assert_close(state.root_states[0, 7:10], torch.tensor([1.0, 2.0, 3.0]))
    seen = worlds.task.observe(state, worlds.still())[0]
    local = torch.stack([heading, torch.linalg.cross(up, heading), up]) @ torch.tensor([1.0, 2.0, 3.0])
    torch.testing.assert_close(seen[1:4], local, atol=1e-5, rtol=0)
    scale = 0.25 if name == "humanoid" else 1.0
    torch.testing.assert_close(seen[4:7], scale * torch.tensor([0.4, 0.5, 0.6]), atol=1e-5, rtol=0)
    wrapped = name == "humanoid"
    assert seen[7].item() == pytest.approx(-0.5 if wrapped else 2 * math.pi - 0.5, abs=1e-5)
    assert seen[8].item() == pytest.approx(0.3, abs=1e-5)
    drop = math.atan2(-state.root_states[0, 2].item(), 1000.0)
    assert seen[9].item() == pytest.approx(drop + (0.5 if wrapped else 0.5 - 2 * math.pi), abs=1e-5)
    assert seen[10].item() == pytest.approx(cp * cr, abs=1e-6)
    assert seen[11].item() == pytest.approx(cy * cp, abs=1e-6)


def test_observation_slices_of_the_ant() -> None:
    worlds = Worlds("ant", 4)
    for _ in range(20):
        actions = worlds.draw()
        state, _ = worlds.step(actions)
    seen = worlds.task.observe(state, actions)
    torch.testing.assert_close(seen[:, 0], state.root_states[:, 2])
    hip, ankle = math.radians(40), (math.radians(65), math.radians(35))
    torch.testing.assert_close(seen[:, 12], state.dof_pos[:, 0] / hip)
    torch.testing.assert_close(seen[:, 13], (state.dof_pos[:, 1] - ankle[0]) / ankle[1])
    torch.testing.assert_close(seen[:, 15], (state.dof_pos[:, 3] + ankle[0]) / ankle[1])
    torch.testing.assert_close(seen[:, 20:28], state.dof_vel * 0.2)
    torch.testing.assert_close(seen[:, 28:52], state.vec_sensor_tensor * 0.1)
    torch.testing.assert_close(seen[:, 52:60], actions)


def test_observation_slices_of_the_humanoid() -> None:
    worlds = Worlds("humanoid", 4)
    for _ in range(20):
        actions = worlds.draw()
        state, _ = worlds.step(actions)
    seen = worlds.task.observe(state, actions)
    torch.testing.assert_close(seen[:, 0], state.root_states[:, 2])
    torch.testing.assert_close(seen[:, 12], state.dof_pos[:, 0] / math.radians(45))
    knee = (state.dof_pos[:, 6] + math.radians(79)) / math.radians(81)
    torch.testing.assert_close(seen[:, 18], knee, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(seen[:, 33:54], state.dof_vel * 0.1)
    torch.testing.assert_close(seen[:, 54:75], state.dof_force_tensor * 0.01)
    torch.testing.assert_close(seen[:, 75:87], state.vec_sensor_tensor * 0.01)
    torch.testing.assert_close(seen[:, 87:108], actions)


def test_motor_torques_are_effort_times_action() -> None:
    worlds = Worlds("humanoid", 2)
    actions = worlds.draw()
    state, _ = worlds.step(actions)
    leg, arm = [45.0, 45.0, 135.0, 90.0, 22.5, 22.5], [67.5, 67.5, 45.0]
    efforts = torch.tensor([67.5, 67.5, 67.5, *leg, *leg, *arm, *arm])
    torch.testing.assert_close(state.dof_force_tensor, efforts * actions, atol=1e-3, rtol=1e-5)
    worlds.reset(worlds.all)
    assert worlds.state().dof_force_tensor.abs().max() == 0.0


def test_an_episode_ends_when_the_torso_is_low(name: str) -> None:
    worlds = Worlds(name, 3)
    state = worlds.state()
    limit = {"ant": 0.31, "humanoid": 0.8}[name]
    state.root_states[:, 2] = torch.tensor([limit - 0.001, limit + 0.001, 1.3])
    assert worlds.task.terminated(state).tolist() == [True, False, False]


def test_constant_rows_are_the_target_and_the_axes(name: str) -> None:
    state = Worlds(name, 2).state()
    assert state.targets.tolist() == [[1000.0, 0.0, 0.0]] * 2
    assert state.inv_start_rot.tolist() == [[0.0, 0.0, 0.0, 1.0]] * 2
    assert state.basis_vec0.tolist() == [[1.0, 0.0, 0.0]] * 2
    assert state.basis_vec1.tolist() == [[0.0, 0.0, 1.0]] * 2


@pytest.mark.parametrize(("name", "bound"), [("ant", 0.5), ("anymal", 2.0), ("humanoid", 10.0)])
def test_flailing_in_the_air_does_not_push(name: str, bound: float) -> None:
    """Root mean square of the centre of mass' acceleration, less gravity, in m/s^2: momentum is conserved.

    What is left is the integrator's; the ant would have 9 with an implicit one, and policies would learn to fly by it.
    """
    worlds = Worlds(name, 16)
    worlds.sim.qpos[:, 2] += 50.0
    worlds.sim.forward(worlds.all)
    actions = worlds.draw().sign()
    velocities = [centre_velocities(worlds)]
    for _ in range(60):
        flip = torch.rand(actions.shape, generator=worlds.rng) < 0.15
        actions = torch.where(flip, -actions, actions)
        worlds.step(actions)
        velocities.append(centre_velocities(worlds))
    dt = worlds.task.timing.control_dt
    residual = np.diff(velocities, axis=0) / dt + [0.0, 0.0, 9.81]
    assert math.sqrt((residual**2).mean()) < bound


def centre_velocities(worlds: Worlds) -> np.ndarray:
    """Velocity of every world's centre of mass, (N, 3), m/s."""
    model, found = worlds.sim.model, []
    data = mujoco.MjData(model)
    for qpos, qvel in zip(worlds.sim.qpos, worlds.sim.qvel, strict=True):
        data.qpos, data.qvel = qpos.numpy(), qvel.numpy()
        mujoco.mj_fwdPosition(model, data)
        mujoco.mj_fwdVelocity(model, data)
        mujoco.mj_subtreeVel(model, data)
        found.append(data.subtree_linvel[0].copy())
    return np.array(found)
