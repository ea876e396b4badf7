"""Anymal: follow random commands for forward speed, sideways speed and turning rate (IsaacGymEnvs' Anymal)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.rotations import quat_rotate, quat_rotate_inverse, wxyz_to_xyzw
from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, constant, rand, tensor
from suites.models.anymal import DEFAULT_POSE, JOINTS, SENSED, anymal

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

ACTION_SCALE = 0.5  # rad that a servo's target moves at full action
COMMAND_LIMITS = (2.0, 1.0, 1.0)  # m/s forward, m/s to the left, rad/s
TOUCH = 1.0  # N
LIN_VEL_SCALE, ANG_VEL_SCALE, DOF_VEL_SCALE = 2.0, 0.25, 0.05  # of what the policy sees


class Anymal(Task):
    """Physics steps of 0.004 s; with the original's 0.01 s feet sink into the ground. Commands are drawn when an
    episode starts and then constant.

    The linear velocity is that of the base frame's origin, PhysX's that of the centre of mass, 2 cm away.
    Joint speeds are not capped at 20 rad/s, torques are those of the last physics step. Contact readings are
    zero right after a reset, where the original's are still those of the fall and end the new episode at once.
    The observed gravity is turned by the base's rotation, not by its inverse: the original has it so.
    """

    description = (
        "make the four-legged robot follow random commands for forward speed, sideways speed and turning rate"
    )
    timing = Timing(dt=0.02, substeps=5, episode_steps=2500)
    worlds = 4096
    num_actions = 12
    fitness = Fitness.RATE
    best_rate = 0.0
    fitness_floor = -2.4
    """Stumbling about with random targets. One that stands still has -2, the mean square of its commands."""
    fitness_unit = "(m/s)^2 + (rad/s)^2"
    clip_observations = 5.0
    constants = {
        "lin_vel_scale": LIN_VEL_SCALE,
        "ang_vel_scale": ANG_VEL_SCALE,
        "dof_pos_scale": 1.0,
        "dof_vel_scale": DOF_VEL_SCALE,
    }
    camera = {"lookat": (0.0, 0.0, 0.4), "distance": 2.2, "azimuth": 130.0, "elevation": -18.0}
    follow = "base"
    ppo = PPO(
        units=(256, 128, 64),
        horizon=24,
        minibatch=32768,
        mini_epochs=5,
        epochs=1000,
        learning_rate=3e-4,
        kl_threshold=0.008,
        reward_scale=1.0,
        critic_coef=2,
        bounds_loss_coef=1e-3,
        value_bootstrap=True,
    )
    quick = Budget(
        512, 300, 24, 4096, "the human reward visibly follows its commands: from -2.0 to better than -0.5"
    )

    @dataclass
    class State(Task.State):
        root_states: Tensor = tensor(
            "scalar",
            "m, 1, m/s, rad/s",
            "base position, quaternion (xyzw), linear velocity, angular velocity; world frame",
            (13,),
        )
        commands: Tensor = tensor(
            "velocity", "m/s, m/s, rad/s", "wanted forward and leftward speed and yaw rate, base frame", (3,)
        )
        dof_pos: Tensor = tensor(
            "joint position",
            "rad",
            "hip abduction, hip and knee flexion of the legs left front, left hind, right front, right hind",
            (12,),
        )
        default_dof_pos: Tensor = tensor("joint position", "rad", "of the standing robot", (12,))
        dof_vel: Tensor = tensor("joint velocity", "rad/s", "in the order of dof_pos", (12,))
        torques: Tensor = tensor("effort", "N m", "of the joint servos, in the order of dof_pos", (12,))
        gravity_vec: Tensor = tensor("direction", "1", "down, world frame", (3,))
        _contacts: Tensor = tensor(
            "force", "N", "net contact force on the base and each thigh, world frame", (5, 3)
        )

    @dataclass
    class Carried(Task.Carried):
        commands: Tensor

    def scene(self) -> mujoco.MjSpec:
        return anymal()

    def carry(self, worlds: int, device: torch.device) -> Carried:
        return self.Carried(torch.zeros(worlds, 3, device=device))

    def reset(self, sim: Simulation, carried: Carried, worlds: Tensor, rng: torch.Generator) -> None:
        draw = rand(worlds, 2 * len(JOINTS) + len(COMMAND_LIMITS), rng=rng)
        stretch, spin, command = draw.split([len(JOINTS), len(JOINTS), len(COMMAND_LIMITS)], dim=-1)
        angles = constant(DEFAULT_POSE, draw) * (0.5 + stretch)
        sim.joints(JOINTS).put(worlds, qpos=angles, qvel=0.2 * spin - 0.1)
        commands = (2.0 * command - 1.0) * constant(COMMAND_LIMITS, draw)
        carried.commands = torch.where(worlds[:, None], commands.float(), carried.commands)

    def act(self, sim: Simulation, carried: Carried, actions: Tensor, rng: torch.Generator) -> None:
        servos = sim.actuators(JOINTS)
        servos.ctrl = constant(DEFAULT_POSE, servos.ctrl) + ACTION_SCALE * actions

    def read(self, sim: Simulation, carried: Carried) -> State:
        root, joints = sim.joint("root"), sim.joints(JOINTS)
        rotation = wxyz_to_xyzw(root.qpos[:, 3:])
        spin = quat_rotate(rotation, root.qvel[:, 3:])  # a free joint turns in its own frame
        dof_pos = joints.qpos.float()
        return self.State(
            root_states=torch.cat([root.qpos[:, :3], rotation, root.qvel[:, :3], spin], dim=-1).float(),
            commands=carried.commands,
            dof_pos=dof_pos,
            default_dof_pos=constant(DEFAULT_POSE, dof_pos).expand_as(dof_pos),
            dof_vel=joints.qvel.float(),
            torques=joints.qfrc_actuator.float(),
            gravity_vec=constant((0.0, 0.0, -1.0), dof_pos).expand(sim.worlds, -1),
            _contacts=sim.sensors(SENSED).data[..., :3].float(),
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        _, rotation, velocity, spin = state.root_states.split([3, 4, 3, 3], dim=-1)
        return torch.cat(
            [
                quat_rotate_inverse(rotation, velocity) * LIN_VEL_SCALE,
                quat_rotate_inverse(rotation, spin) * ANG_VEL_SCALE,
                quat_rotate(rotation, state.gravity_vec),
                state.commands * constant((LIN_VEL_SCALE, LIN_VEL_SCALE, ANG_VEL_SCALE), state.commands),
                state.dof_pos - state.default_dof_pos,
                state.dof_vel * DOF_VEL_SCALE,
                actions,
            ],
            dim=-1,
        )

    def terminated(self, state: State) -> Tensor:
        touches: Tensor = state._contacts.norm(dim=-1) > TOUCH
        return touches.any(dim=-1)

    def score(self, state: State) -> Tensor:
        _, rotation, velocity, spin = state.root_states.split([3, 4, 3, 3], dim=-1)
        ahead = quat_rotate_inverse(rotation, velocity)[:, :2]
        turning = quat_rotate_inverse(rotation, spin)[:, 2:]
        return -(state.commands - torch.cat([ahead, turning], dim=-1)).square().sum(-1)
