"""Quadcopter: fly to a point and hover there with four gimballed thrusters (IsaacGymEnvs' Quadcopter)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.rotations import quat_apply, wxyz_to_xyzw
from harness.task import PPO, Budget, Fitness, Simulation, Task, Timing, constant, put, rand, tensor
from suites.models.quadcopter import GIMBALS, MAX_THRUST, THRUSTERS, TILT, quadcopter

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

TILT_RATE = 8.0 * math.pi  # rad/s of a hinge target at full action
THRUST_RATE = 200.0  # N/s at full action
MAX_SPIN = 4.0 * math.pi  # rad/s of the chassis
HOVER = (0.0, 0.0, 1.0)  # m, world frame


class Quadcopter(Task):
    """The hinge targets and thrusts are the controls of the simulation themselves, which persist between steps.

    The original's cap on angular speed is applied to the chassis once per control step: without it a tumbling
    craft reaches speeds at which the gyroscopic forces of the rotors diverge.
    """

    description = "fly to a fixed point and hover there"
    timing = Timing(dt=0.01, substeps=2, episode_steps=500)
    worlds = 8192
    num_actions = 12
    fitness = Fitness.RATE
    best_rate = 0.0
    fitness_floor = -1.7
    """Carried off or dropped by random thrusts, again and again."""
    fitness_unit = "m"
    clip_observations = 5.0
    bound = ("obs_buf",)
    constants = {"dt": timing.control_dt}
    camera = {
        "lookat": HOVER,
        "nearest": 0.8,
        "distance": 4.2,
        "azimuth": 100.0,
        "elevation": -26.0,
    }
    follow = "chassis"
    ppo = PPO(
        units=(256, 256, 128),
        horizon=8,
        minibatch=16384,
        mini_epochs=8,
        epochs=500,
        learning_rate=1e-3,
        kl_threshold=0.016,
        reward_scale=0.1,
        critic_coef=2,
    )
    quick = Budget(
        2048, 140, 16, 8192, "the human reward settles within 0.1 m; smaller batches keep wandering"
    )

    @dataclass
    class State(Task.State):
        root_positions: Tensor = tensor("position", "m", "of the chassis, world frame", (3,))
        root_quats: Tensor = tensor("rotation", "1", "of the chassis (xyzw), to the world frame", (4,))
        root_linvels: Tensor = tensor("velocity", "m/s", "of the chassis, world frame", (3,))
        root_angvels: Tensor = tensor("angular velocity", "rad/s", "of the chassis, world frame", (3,))
        dof_positions: Tensor = tensor(
            "joint position", "rad", "gimbal pitch and roll of rotors 0 to 3 in turn", (8,)
        )

    def scene(self) -> mujoco.MjSpec:
        return quadcopter()

    def reset(self, sim: Simulation, carried: object, worlds: Tensor, rng: torch.Generator) -> None:
        draw = rand(worlds, 3 + len(GIMBALS), rng=rng)
        place = sim.joint("root").qpos[:, :3]
        put(place[:, :2], worlds, 3.0 * draw[:, :2] - 1.5)
        put(place[:, 2], worlds, 0.8 + 1.7 * draw[:, 2])
        tilts = 0.4 * draw[:, 3:] - 0.2
        sim.joints(GIMBALS).put(worlds, qpos=tilts)
        sim.actuators(GIMBALS).put(worlds, ctrl=tilts)

    def act(self, sim: Simulation, carried: object, actions: Tensor, rng: torch.Generator) -> None:
        spin, dt = sim.joint("root").qvel[:, 3:], self.timing.control_dt
        spin.mul_((MAX_SPIN / spin.norm(dim=-1, keepdim=True)).clamp(max=1.0))
        tilt, thrust = actions.split([len(GIMBALS), len(THRUSTERS)], dim=-1)
        gimbals, thrusters = sim.actuators(GIMBALS), sim.actuators(THRUSTERS)
        gimbals.ctrl = gimbals.ctrl.add(tilt, alpha=dt * TILT_RATE).clamp(-TILT, TILT)
        thrusters.ctrl = thrusters.ctrl.add(thrust, alpha=dt * THRUST_RATE).clamp(0.0, MAX_THRUST)

    def read(self, sim: Simulation, carried: object) -> State:
        root = sim.joint("root")
        rotation = wxyz_to_xyzw(root.qpos[:, 3:])
        angvels = quat_apply(rotation, root.qvel[:, 3:])  # a free joint turns in its own frame
        return self.State(
            root_positions=root.qpos[:, :3].float(),
            root_quats=rotation.float(),
            root_linvels=root.qvel[:, :3].float(),
            root_angvels=angvels.float(),
            dof_positions=sim.joints(GIMBALS).qpos.float(),
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        target = constant(HOVER, state.root_positions)
        return torch.cat(
            [
                (target - state.root_positions) / 3.0,
                state.root_quats,
                state.root_linvels / 2.0,
                state.root_angvels / math.pi,
                state.dof_positions,
            ],
            dim=-1,
        )

    def terminated(self, state: State) -> Tensor:
        return (self.distance(state) > 3.0) | (state.root_positions[:, 2] < 0.3)

    def score(self, state: State) -> Tensor:
        return -self.distance(state)

    def distance(self, state: State) -> Tensor:
        """From the chassis to the hover point, (N,)."""
        return (state.root_positions - constant(HOVER, state.root_positions)).square().sum(-1).sqrt()
