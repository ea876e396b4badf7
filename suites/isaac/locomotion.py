"""What the running tasks share: a torso, a target far ahead on +x, progress towards it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from harness.rotations import get_euler_xyz, normalize, quat_rotate_inverse, unscale, wxyz_to_xyzw
from harness.task import Fitness, Simulation, Task, Timing, constant, rand, tensor
from suites.models.contact import contact_wrench

if TYPE_CHECKING:
    from torch import Tensor

TARGET = 1000.0  # m ahead of the start
DT = 0.0166  # s


class Locomotion(Task):
    """Run along +x. F is the forward speed; the episode ends when the torso is low.

    Progress is the change of a distance near 1000 m over a step of 0.0166 s: in float32 it is quantised to
    0.004 m/s, so the two potentials are float64 here, all other tensors float32.
    The foot readings are the wrench of the contacts alone, in the last physics step; the original's also hold
    gravity and joint forces. They are zero right after a reset.
    """

    timing = Timing(dt=DT, substeps=2, episode_steps=1000)
    worlds = 4096
    fitness = Fitness.RATE
    fitness_unit = "m/s"
    camera = {"lookat": (0.0, 0.0, 0.5), "distance": 3.0, "azimuth": 120.0, "elevation": -15.0}
    follow = "torso"
    joints: ClassVar[Sequence[str]]
    """The driven hinges, in the order of the actions."""
    feet: ClassVar[Sequence[str]]
    """The bodies that are feet; each has a contact sensor of its own name."""
    termination_height: ClassVar[float]
    """Torso height (m) below which an episode ends."""

    @dataclass
    class State(Task.State):
        potentials: Tensor = tensor("progress", "m/s", "minus the horizontal distance to the target, over dt")
        prev_potentials: Tensor = tensor("progress", "m/s", "potentials one step earlier")
        up_vec: Tensor = tensor("direction", "1", "up axis of the torso, world frame", (3,))
        heading_vec: Tensor = tensor("direction", "1", "forward axis of the torso, world frame", (3,))
        root_states: Tensor = tensor(
            "scalar",
            "m, 1, m/s, rad/s",
            "torso position, quaternion (xyzw), linear velocity, angular velocity; world frame",
            (13,),
        )
        targets: Tensor = tensor("position", "m", "the target, world frame", (3,))
        inv_start_rot: Tensor = tensor("rotation", "1", "inverse of the start rotation: identity", (4,))
        basis_vec0: Tensor = tensor("direction", "1", "the world x axis", (3,))
        basis_vec1: Tensor = tensor("direction", "1", "the world z axis", (3,))

    @dataclass
    class Carried(Task.Carried):
        prev_potentials: Tensor

    def carry(self, worlds: int, device: torch.device) -> Carried:
        start = torch.full((worlds,), -TARGET / DT, dtype=torch.float64, device=device)
        return self.Carried(start)

    def reset(self, sim: Simulation, carried: Carried, worlds: Tensor, rng: torch.Generator) -> None:
        lower, upper = self.limits(sim.qpos)
        angle, speed = (2.0 * rand(worlds, len(lower), rng=rng) - 1.0 for _ in range(2))
        nominal = torch.zeros_like(lower).clamp(lower, upper)
        angles = (nominal + 0.2 * angle).clamp(lower, upper)
        sim.joints(self.joints).put(worlds, qpos=angles, qvel=0.1 * speed)
        carried.prev_potentials = torch.where(worlds, -TARGET / DT, carried.prev_potentials)

    def act(self, sim: Simulation, carried: Carried, actions: Tensor, rng: torch.Generator) -> None:
        carried.prev_potentials = self.potentials(sim)
        sim.actuators(self.joints).ctrl = actions

    @abstractmethod
    def read(self, sim: Simulation, carried: Carried) -> Any: ...

    def read_common(self, sim: Simulation, carried: Carried) -> dict[str, Tensor]:
        """The state that both robots have, by name."""
        root, joints, feet = sim.joint("root"), sim.joints(self.joints), sim.bodies(self.feet)
        position, rotation = root.qpos[:, :3], wxyz_to_xyzw(root.qpos[:, 3:])
        axes, spin = sim.body("torso").xmat, root.qvel[:, 3:]
        spin = (axes @ spin[..., None]).squeeze(-1)  # a free joint turns in its own frame
        force, torque = contact_wrench(sim.sensors(self.feet).data, feet.xpos, feet.xmat)
        up_vec, heading_vec = axes[:, :, 2].float(), axes[:, :, 0].float()
        return {
            "potentials": self.potentials(sim),
            "prev_potentials": carried.prev_potentials,
            "up_vec": up_vec,
            "heading_vec": heading_vec,
            "root_states": torch.cat([position, rotation, root.qvel[:, :3], spin], dim=-1).float(),
            "targets": constant((TARGET, 0.0, 0.0), up_vec).expand_as(up_vec),
            "inv_start_rot": constant((0.0, 0.0, 0.0, 1.0), up_vec).expand(sim.worlds, -1),
            "basis_vec0": constant((1.0, 0.0, 0.0), up_vec).expand_as(up_vec),
            "basis_vec1": constant((0.0, 0.0, 1.0), up_vec).expand_as(up_vec),
            "dof_pos": joints.qpos.float(),
            "dof_vel": joints.qvel.float(),
            "vec_sensor_tensor": torch.cat([force, torque], dim=-1).flatten(1).float(),
        }

    def potentials(self, sim: Simulation) -> Tensor:
        """Minus the horizontal distance to the target over a step's time, (N,) m/s, float64."""
        x, y, _ = sim.joint("root").qpos[:, :3].unbind(-1)
        return -torch.hypot(TARGET - x, y) / DT

    def observe_torso(self, state: State) -> Tensor:
        """Height, local velocity (3), local spin (3), yaw, roll, angle to target, two projections: (N, 12)."""
        position, rotation, velocity, spin = state.root_states.split([3, 4, 3, 3], dim=-1)
        roll, _, yaw = get_euler_xyz(rotation)
        to_target = state.targets - position
        # with the height in the place of y, so the angle is about -yaw
        angle_to_target = torch.atan2(to_target[:, 2], to_target[:, 0]) - yaw
        ahead = normalize(to_target[:, :2])
        heading_proj = (state.heading_vec[:, :2] * ahead).sum(-1)
        return torch.cat(
            [
                position[:, 2:],
                quat_rotate_inverse(rotation, velocity),
                quat_rotate_inverse(rotation, spin),
                torch.stack([yaw, roll, angle_to_target, state.up_vec[:, 2], heading_proj], dim=-1),
            ],
            dim=-1,
        )

    def observe_joints(self, dof_pos: Tensor) -> Tensor:
        """Joint angles mapped from their ranges to [-1, 1]."""
        return unscale(dof_pos, *self.limits(dof_pos))

    def terminated(self, state: State) -> Tensor:
        return state.root_states[:, 2] < self.termination_height

    def score(self, state: State) -> Tensor:
        return (state.potentials - state.prev_potentials).float()

    def limits(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Lower and upper joint limits in rad, with the type of `like`."""
        lower, upper = self.constants["dof_limits_lower"], self.constants["dof_limits_upper"]
        return constant(lower, like), constant(upper, like)
