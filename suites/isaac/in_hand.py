"""What the in-hand tasks share: a hand that turns an object to goals, each replaced once reached."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from harness.rotations import (
    quat_conjugate,
    quat_diff_rad,
    quat_from_angle_axis,
    quat_mul,
    quat_unit,
    scale,
    unscale,
    wxyz_to_xyzw,
    xyzw_to_wxyz,
)
from harness.sim import Simulation
from harness.task import PPO, Fitness, MemoryForm, Task, tensor

MARKER_OFFSET = (-0.2, -0.06, 0.12)  # m, from the goal to where its marker is shown
FALL_DISTANCE = 0.24  # m, from the goal position
START_SPREAD = 0.2  # share of the joint ranges
POSITION_SPREAD = 0.01  # m


class InHand(Task):
    """Turn an object to one goal after another. F is the number of goals per episode.

    A goal counts when the object's whole orientation is within `tolerance`, whatever its position and
    speed; a new one is drawn before the next step, and may count at once. The episode ends when the object
    is far from the goal position, which never moves (the marker in pictures is beside the hand).

    A scene's coordinates are those of the hand, then those of the free joint `object`; it has one motion
    capture body, `goal`. Servos are in the order of the joints and take absolute targets.
    """

    worlds = 16384
    fitness = Fitness.COUNT
    fitness_unit = "goals"
    memory_form = MemoryForm.EMA_OF_COUNTS
    goal_bonus = 250.0
    ppo = PPO(
        units=(512, 512, 256, 128),
        horizon=8,
        minibatch=32768,
        mini_epochs=5,
        epochs=5000,
        learning_rate=5e-4,
        kl_threshold=0.016,
        reward_scale=0.01,
        critic_coef=4,
        value_bootstrap=True,
        schedule="standard",
    )
    clip_observations = 5.0
    bound: ClassVar[tuple[str, ...]] = ("obs_buf", "actions", "num_envs")
    actuated: ClassVar[Sequence[int]]
    """Positions of the driven joints among all."""
    object_start: ClassVar[tuple[float, float, float]]
    """Nominal position of the object (m, world frame)."""
    goal_position: ClassVar[tuple[float, float, float]]
    """Where the object should stay (m, world frame)."""
    tolerance: ClassVar[float] = 0.1
    """Largest angle (rad) between the object and a reached goal."""

    @dataclass
    class State(Task.State):
        object_rot: Tensor = tensor("rotation", "1", "of the object, world frame", (4,))
        goal_rot: Tensor = tensor("rotation", "1", "that the object should get, world frame", (4,))
        object_pos: Tensor = tensor("position", "m", "of the object, world frame", (3,))
        goal_pos: Tensor = tensor("position", "m", "fixed place in the hand, world frame", (3,))
        object_linvel: Tensor = tensor("velocity", "m/s", "of the object, world frame", (3,))
        object_angvel: Tensor = tensor("angular velocity", "rad/s", "of the object, world frame", (3,))
        object_pose: Tensor = tensor("scalar", "m, 1", "object_pos, object_rot", (7,))
        goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
        goal_states: Tensor = tensor("scalar", "m, 1, m/s, rad/s", "goal_pose, then six zeros", (13,))

    @dataclass
    class Carried(Task.Carried):
        goal_rot: Tensor
        """(N, 4) xyzw, float64."""
        fresh: Tensor
        """(N,) bool: no step since the reset, so a goal that the start pose happens to meet stands."""
        rng: torch.Generator
        """The generator of the last reset, which goals within episodes are drawn from too."""

    def carry(self, worlds: int, device: torch.device) -> Carried:
        identity = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64, device=device)
        fresh = torch.ones(worlds, dtype=torch.bool, device=device)
        return self.Carried(identity.repeat(worlds, 1), fresh, torch.Generator(device))

    def reset(self, sim: Simulation, carried: Carried, worlds: Tensor, rng: torch.Generator) -> None:
        lower, upper = self.limits(sim.qpos)
        draw = torch.rand(len(worlds), len(lower), generator=rng, dtype=sim.qpos.dtype)
        joints = (START_SPREAD * (lower + draw * (upper - lower))).clamp(lower, upper)
        shift = POSITION_SPREAD * uniform(rng, len(worlds), 3)
        sim.qpos[worlds, :-7] = joints
        sim.qpos[worlds, -7:-4] = shift + shift.new_tensor(self.object_start)
        sim.qpos[worlds, -4:] = xyzw_to_wxyz(self.start_rotation(len(worlds), rng))
        sim.ctrl[worlds] = joints[:, list(self.actuated)]
        carried.rng = rng
        carried.fresh[worlds] = True
        self.renew_goals(sim, carried, worlds)

    def start_rotation(self, count: int, rng: torch.Generator) -> Tensor:
        """Rotations (count, 4) xyzw of the object at the start of episodes."""
        return random_rotation(count, rng)

    def new_goal(self, carried: Carried, worlds: Tensor, rng: torch.Generator) -> Tensor:
        """The next goals (M, 4) xyzw of `worlds` (M,)."""
        return random_rotation(len(worlds), rng)

    def renew_goals(self, sim: Simulation, carried: Carried, worlds: Tensor) -> None:
        """Give `worlds` (M,) their next goals, and their markers the same rotation."""
        goals = self.new_goal(carried, worlds, carried.rng)
        carried.goal_rot[worlds] = goals
        sim.mocap_quat[worlds, 0] = xyzw_to_wxyz(quat_unit(goals))

    def act(self, sim: Simulation, carried: Carried, actions: Tensor) -> None:
        object_rot = wxyz_to_xyzw(sim.qpos[:, -4:]).float()
        reached = self.reached(object_rot, carried.goal_rot.float()) & ~carried.fresh
        if reached.any():
            self.renew_goals(sim, carried, reached.nonzero().squeeze(1))
        carried.fresh.fill_(False)
        lower, upper = self.limits(sim.ctrl)
        driven = list(self.actuated)
        sim.ctrl[:] = scale(actions.to(sim.ctrl), lower[driven], upper[driven])

    @abstractmethod
    def read(self, sim: Simulation, carried: Carried) -> Any: ...

    def read_common(self, sim: Simulation, carried: Carried) -> dict[str, Tensor]:
        """The state that all hands have, by name."""
        position, rotation = sim.qpos[:, -7:-4].float(), wxyz_to_xyzw(sim.qpos[:, -4:]).float()
        axes = sim.xmat[:, sim.model.body("object").id].view(-1, 3, 3)
        spin = (axes @ sim.qvel[:, -3:, None]).squeeze(-1)  # a free joint turns in its own frame
        goal_pos = position.new_tensor(self.goal_position).expand_as(position)
        goal_pose = torch.cat([goal_pos, carried.goal_rot.float()], dim=-1)
        efforts = sim.qvel.new_zeros(sim.worlds, sim.qvel.shape[1] - 6)
        efforts[:, list(self.actuated)] = sim.actuator_force
        return {
            "object_rot": rotation,
            "goal_rot": carried.goal_rot.float(),
            "object_pos": position,
            "goal_pos": goal_pos,
            "object_linvel": sim.qvel[:, -6:-3].float(),
            "object_angvel": spin.float(),
            "object_pose": torch.cat([position, rotation], dim=-1),
            "goal_pose": goal_pose,
            "goal_states": torch.cat([goal_pose, torch.zeros_like(goal_pose[:, :6])], dim=-1),
            "shadow_hand_dof_pos": sim.qpos[:, :-7].float(),
            "shadow_hand_dof_vel": sim.qvel[:, :-6].float(),
            "dof_force_tensor": efforts.float(),
        }

    def observe_common(self, state: Any) -> Tensor:
        """Joint angles mapped to [-1, 1], speeds, efforts; object; goal; the turn between them: (N, 3 J + 24)."""
        return torch.cat(
            [
                unscale(state.shadow_hand_dof_pos, *self.limits(state.shadow_hand_dof_pos)),
                state.shadow_hand_dof_vel * 0.2,
                state.dof_force_tensor * 10.0,
                state.object_pose,
                state.object_linvel,
                state.object_angvel * 0.2,
                state.goal_pose,
                quat_mul(state.object_rot, quat_conjugate(state.goal_rot)),
            ],
            dim=-1,
        )

    def terminated(self, state: Any) -> Tensor:
        distance: Tensor = (state.object_pos - state.goal_pos).norm(dim=-1)
        return distance >= FALL_DISTANCE

    def score(self, state: Any) -> Tensor:
        return self.reached(state.object_rot, state.goal_rot).float()

    def reached(self, object_rot: Tensor, goal_rot: Tensor) -> Tensor:
        """Whether rotations (N, 4) meet their goals, (N,) bool."""
        close: Tensor = quat_diff_rad(object_rot, goal_rot) <= self.tolerance
        return close

    def limits(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Lower and upper limits (rad) of all joints, with the type of `like`."""
        lower, upper = (self.constants[f"shadow_hand_dof_{side}_limits"] for side in ("lower", "upper"))
        return like.new_tensor(lower), like.new_tensor(upper)


def uniform(rng: torch.Generator, *shape: int) -> Tensor:
    """Independent draws from [-1, 1], float64."""
    return 2.0 * torch.rand(shape, generator=rng, dtype=torch.float64) - 1.0


def turn(angle: Tensor, axis: int) -> Tensor:
    """Rotations (M, 4) xyzw by `angle` (M,) in rad about the coordinate axis 0, 1 or 2."""
    direction = angle.new_zeros(len(angle), 3)
    direction[:, axis] = 1.0
    return quat_from_angle_axis(angle, direction)


def random_rotation(count: int, rng: torch.Generator) -> Tensor:
    """Rotations (count, 4) xyzw: a turn about y, then one about x; every orientation, not all as likely."""
    about_x, about_y = math.pi * uniform(rng, 2, count)
    return quat_mul(turn(about_x, 0), turn(about_y, 1))
