"""Ball balance: tilt a tray on three legs so that a thrown ball stays on it (IsaacGymEnvs' BallBalance)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, constant, put, rand, tensor
from suites.models.ball_balance import (
    BALL_RADIUS,
    HIPS,
    KNEE_RANGE,
    KNEES,
    LEG_ANGLES,
    PIN_RADIUS,
    ball_balance,
)
from suites.models.contact import contact_wrench

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

KNEE_SPEED = 20.0  # rad/s of a knee target at full action
SENSORS = tuple(
    (PIN_RADIUS * math.cos(a), PIN_RADIUS * math.sin(a), 0.0) for a in LEG_ANGLES
)  # m, in the tray
JOINTS = tuple(joint for leg in zip(HIPS, KNEES, strict=True) for joint in leg)


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
        out, turn, height, push = (rand(worlds, rng=rng) for _ in range(4))
        distance = 0.001 + 0.499 * out
        azimuth = math.pi * (2.0 * turn - 1.0)
        inward_speed = (distance - 0.001) / 0.499 * 5.0 * push
        outward = torch.stack([azimuth.cos(), azimuth.sin()], dim=-1)
        ball = sim.joint("ball")
        put(ball.qpos[:, :2], worlds, distance[:, None] * outward)
        put(ball.qpos[:, 2], worlds, 1.0 + height)
        put(ball.qvel[:, :2], worlds, -inward_speed[:, None] * outward)
        put(ball.qvel[:, 2], worlds, -5.0)

    def act(self, sim: Simulation, carried: object, actions: Tensor, rng: torch.Generator) -> None:
        knees, change = sim.actuators(KNEES), self.timing.control_dt * KNEE_SPEED
        knees.ctrl = knees.ctrl.add(actions, alpha=change).clamp(*KNEE_RANGE)

    def read(self, sim: Simulation, carried: object) -> State:
        joints, ball, tray = sim.joints(JOINTS), sim.joint("ball"), sim.body("tray")
        force, torque = contact_wrench(sim.sensor("tray").data, tray.xpos, tray.xmat)
        forces = force[:, None].expand(-1, len(SENSORS), -1)
        torques = torque[:, None] - torch.linalg.cross(constant(SENSORS, forces).expand_as(forces), forces)
        return self.State(
            dof_positions=joints.qpos.float(),
            dof_velocities=joints.qvel.float(),
            ball_positions=ball.qpos[:, :3].float(),
            ball_linvels=ball.qvel[:, :3].float(),
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
