"""What the in-hand tasks share: a hand that turns an object to goals, each replaced once reached."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from harness.rotations import (
    quat_conjugate,
    quat_diff_rad,
    quat_mul,
    quat_unit,
    scale,
    unscale,
    wxyz_to_xyzw,
    xyzw_to_wxyz,
)
from harness.task import PPO, Fitness, MemoryForm, Simulation, Task, constant, put, rand, tensor
from suites.models.draws import random_rotation, uniform

if TYPE_CHECKING:
    from torch import Tensor

MARKER_OFFSET = (-0.2, -0.06, 0.12)  # m, from the goal to where its marker is shown
FALL_DISTANCE = 0.24  # m, from the goal position
START_SPREAD = 0.2  # share of the joint ranges
POSITION_SPREAD = 0.01  # m
VEL_SCALE, FORCE_SCALE = 0.2, 10.0  # of what the policy sees


class InHand(Task):
    """Turn an object to one goal after another. F is the number of goals per episode.

    A goal counts when the object's whole orientation is within `tolerance`, whatever its position and
    speed; a new one is drawn before the next step, and may count at once. The episode ends when the object
    is far from the goal position, which never moves (the marker in pictures is beside the hand).

    A scene has the hand's hinges, the free joint `object` and the motion capture body `goal`. Servos have the names
    of the hinges that they drive and take absolute targets.
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
    joints: ClassVar[Sequence[str]]
    """The hinges of the hand, in the order of the state."""
    actuated: ClassVar[Sequence[int]]
    """Positions of the driven joints among them, in the order of the actions."""
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

    def carry(self, worlds: int, device: torch.device) -> Carried:
        identity = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64, device=device)
        fresh = torch.ones(worlds, dtype=torch.bool, device=device)
        return self.Carried(identity.repeat(worlds, 1), fresh)

    def reset(self, sim: Simulation, carried: Carried, worlds: Tensor, rng: torch.Generator) -> None:
        lower, upper = self.limits(sim.qpos)
        draw = rand(worlds, len(lower), rng=rng)
        angles = (START_SPREAD * (lower + draw * (upper - lower))).clamp(lower, upper)
        shift = POSITION_SPREAD * uniform(worlds, 3, rng=rng)
        place = shift + constant(self.object_start, shift)
        rotation = xyzw_to_wxyz(self.start_rotation(worlds, rng))
        sim.joints(self.joints).put(worlds, qpos=angles)
        sim.joint("object").put(worlds, qpos=torch.cat([place, rotation], dim=-1))
        sim.actuators(self.driven()).put(
            worlds, ctrl=angles[:, constant(tuple(self.actuated), worlds, torch.long)]
        )
        put(carried.fresh, worlds, True)
        self.renew_goals(sim, carried, worlds, rng)

    def driven(self) -> tuple[str, ...]:
        """The joints with a servo, in the order of the actions."""
        return tuple(self.joints[position] for position in self.actuated)

    def start_rotation(self, worlds: Tensor, rng: torch.Generator) -> Tensor:
        """Rotations (N, 4) xyzw of the object at the start of episodes, drawn in the worlds of a mask (N,)."""
        return random_rotation(worlds, rng)

    def new_goal(self, carried: Carried, worlds: Tensor, rng: torch.Generator) -> Tensor:
        """The next goals (N, 4) xyzw, drawn in the worlds of a mask (N,)."""
        return random_rotation(worlds, rng)

    def renew_goals(self, sim: Simulation, carried: Carried, worlds: Tensor, rng: torch.Generator) -> None:
        """Give the worlds of a mask (N,) their next goals, and their markers the same rotation."""
        goals = self.new_goal(carried, worlds, rng)
        put(carried.goal_rot, worlds, goals)
        sim.body("goal").put(worlds, mocap_quat=xyzw_to_wxyz(quat_unit(goals)))

    def act(self, sim: Simulation, carried: Carried, actions: Tensor, rng: torch.Generator) -> None:
        object_rot = wxyz_to_xyzw(sim.joint("object").qpos[:, 3:]).float()
        reached = self.reached(object_rot, carried.goal_rot.float()) & ~carried.fresh
        self.renew_goals(sim, carried, reached, rng)
        carried.fresh.fill_(False)
        servos = sim.actuators(self.driven())
        servos.ctrl = scale(actions.to(sim.ctrl), *self.driven_limits(sim.ctrl))

    @abstractmethod
    def read(self, sim: Simulation, carried: Carried) -> Any: ...

    def read_common(self, sim: Simulation, carried: Carried) -> dict[str, Tensor]:
        """The state that all hands have, by name."""
        joints, thing = sim.joints(self.joints), sim.joint("object")
        position, rotation = thing.qpos[:, :3].float(), wxyz_to_xyzw(thing.qpos[:, 3:]).float()
        axes, spin = sim.body("object").xmat, thing.qvel[:, 3:]
        spin = (axes @ spin[..., None]).squeeze(-1)  # a free joint turns in its own frame
        goal_pos = constant(self.goal_position, position).expand_as(position)
        goal_pose = torch.cat([goal_pos, carried.goal_rot.float()], dim=-1)
        return {
            "object_rot": rotation,
            "goal_rot": carried.goal_rot.float(),
            "object_pos": position,
            "goal_pos": goal_pos,
            "object_linvel": thing.qvel[:, :3].float(),
            "object_angvel": spin.float(),
            "object_pose": torch.cat([position, rotation], dim=-1),
            "goal_pose": goal_pose,
            "goal_states": torch.cat([goal_pose, torch.zeros_like(goal_pose[:, :6])], dim=-1),
            "shadow_hand_dof_pos": joints.qpos.float(),
            "shadow_hand_dof_vel": joints.qvel.float(),
            "dof_force_tensor": joints.qfrc_actuator.float(),
        }

    def observe_common(self, state: Any) -> Tensor:
        """Joint angles mapped to [-1, 1], speeds, efforts; object; goal; the turn between them: (N, 3 J + 24)."""
        return torch.cat(
            [
                unscale(state.shadow_hand_dof_pos, *self.limits(state.shadow_hand_dof_pos)),
                state.shadow_hand_dof_vel * VEL_SCALE,
                state.dof_force_tensor * FORCE_SCALE,
                state.object_pose,
                state.object_linvel,
                state.object_angvel * VEL_SCALE,
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
        return constant(lower, like), constant(upper, like)

    def driven_limits(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Those of the joints with a servo."""
        driven = constant(tuple(self.actuated), like, torch.long)
        lower, upper = self.limits(like)
        return lower[driven], upper[driven]
