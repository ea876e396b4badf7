"""Ball balance: tilt a tray on three legs so that a thrown ball stays on it (IsaacGymEnvs' BallBalance)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import torch
from torch import Tensor

from harness.sim import Simulation
from harness.task import PPO, Budget, Fitness, Task, Timing, tensor
from suites.models.ball_balance import BALL_RADIUS, KNEE_RANGE, LEG_ANGLES, PIN_RADIUS, ball_balance
from suites.models.contact import contact_wrench

KNEE_SPEED = 20.0  # rad/s of a knee target at full action
SENSORS = [[PIN_RADIUS * math.cos(a), PIN_RADIUS * math.sin(a), 0.0] for a in LEG_ANGLES]  # m, in the tray
TRAY = 1  # body


class BallBalance(Task):
    """Physics runs at 0.0033 s, as the leg drives and the impact of the ball need it; the original takes one step
    of 0.01 s.

    The knee targets are the controls of the simulation themselves, which persist between steps.
    """

    description = "stop the ball from falling off the table top"
    timing = Timing(dt=0.01, substeps=3, episode_steps=500)
    worlds = 4096
    num_actions = 3
    fitness = Fitness.SURVIVAL
    fitness_unit = "steps"
    clip_observations = 5.0
    bound = ("obs_buf",)
    camera = {"lookat": (0.0, 0.0, 0.95), "distance": 3.0, "azimuth": 120.0, "elevation": -13.0}
    ppo = PPO(
        units=(128, 64, 32),
        horizon=16,
        minibatch=8192,
        mini_epochs=8,
        epochs=250,
        learning_rate=3e-4,
        kl_threshold=0.008,
        reward_scale=0.1,
        critic_coef=4,
    )
    quick = Budget(
        1024,
        42,
        16,
        4096,
        "the human reward is far above the sparse one and still rising: three seeds end at 360 to 436 steps",
    )

    @dataclass
    class State(Task.State):
        dof_positions: Tensor = tensor(
            "joint position", "rad", "hip 0, knee 0, hip 1, knee 1, hip 2, knee 2", (6,)
        )
        dof_velocities: Tensor = tensor("joint velocity", "rad/s", "in the order of dof_positions", (6,))
        ball_positions: Tensor = tensor("position", "m", "ball centre, world frame", (3,))
        ball_linvels: Tensor = tensor("velocity", "m/s", "of the ball, world frame", (3,))
        sensor_forces: Tensor = tensor(
            "force", "N", "push of the ball on the tray, tray frame; the same for the three sensors", (3, 3)
        )
        sensor_torques: Tensor = tensor(
            "force",
            "N m",
            "torque of that push about each sensor (on the tray, above a foot), tray frame",
            (3, 3),
        )

    def scene(self) -> mujoco.MjSpec:
        return ball_balance()

    def reset(self, sim: Simulation, carried: object, worlds: Tensor, rng: torch.Generator) -> None:
        draw = torch.rand(4, len(worlds), generator=rng, dtype=sim.qpos.dtype)
        distance = 0.001 + 0.499 * draw[0]
        azimuth = math.pi * (2.0 * draw[1] - 1.0)
        inward_speed = (distance - 0.001) / 0.499 * 5.0 * draw[3]
        outward = torch.stack([azimuth.cos(), azimuth.sin()], dim=-1)
        sim.qpos[worlds, 13:15] = distance[:, None] * outward
        sim.qpos[worlds, 15] = 1.0 + draw[2]
        sim.qvel[worlds, 12:14] = -inward_speed[:, None] * outward
        sim.qvel[worlds, 14] = -5.0

    def act(self, sim: Simulation, carried: object, actions: Tensor) -> None:
        sim.ctrl.add_(actions, alpha=self.timing.control_dt * KNEE_SPEED).clamp_(*KNEE_RANGE)

    def read(self, sim: Simulation, carried: object) -> State:
        rotation = sim.xmat[:, TRAY].view(-1, 3, 3)
        force, torque = contact_wrench(sim.sensordata, sim.xpos[:, TRAY], rotation)
        forces = force[:, None].expand(-1, 3, -1)
        torques = torque[:, None] - torch.linalg.cross(forces.new_tensor(SENSORS).expand_as(forces), forces)
        return self.State(
            dof_positions=sim.qpos[:, 7:13].float(),
            dof_velocities=sim.qvel[:, 6:12].float(),
            ball_positions=sim.qpos[:, 13:16].float(),
            ball_linvels=sim.qvel[:, 12:15].float(),
            sensor_forces=forces.float(),
            sensor_torques=torques.float(),
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat(
            [
                state.dof_positions[:, 1::2],
                state.dof_velocities[:, 1::2],
                state.ball_positions,
                state.ball_linvels,
                state.sensor_forces[:, :, 0] / 20.0,
                state.sensor_torques.transpose(1, 2).flatten(1) / 20.0,  # x of the three, then y, then z
            ],
            dim=-1,
        )

    def terminated(self, state: State) -> Tensor:
        return state.ball_positions[:, 2] < 1.5 * BALL_RADIUS

    def score(self, state: State) -> Tensor:
        return torch.ones_like(state.ball_positions[:, 0])
