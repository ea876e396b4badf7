"""Allegro Hand: turn a cube in the hand to random orientations (IsaacGymEnvs' AllegroHand)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.task import Budget, Simulation, Timing, tensor
from suites.isaac.in_hand import FORCE_SCALE, MARKER_OFFSET, VEL_SCALE, InHand
from suites.models.allegro_hand import JOINTS, RANGES, allegro_hand
from suites.models.objects import add_block

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

EDGE, DENSITY = 0.065, 400.0  # m, kg/m^3


class AllegroHand(InHand):
    """The palm faces up and the cube falls on palm and fingers.

    Three physics steps of 0.011 s make a control step, where the original takes four of 0.0083 s: with the
    hand's damping known to the contact solver, fingers sink 3 mm into the cube at the 95th percentile of random
    actions, as they do with eight steps of a plain implicit integrator.
    The original never turns its joint torque readings on, so they are zero here as well.
    """

    description = "turn the object in the hand until it has the wanted orientation"
    timing = Timing(dt=0.03334, substeps=3, episode_steps=600)
    num_actions = len(JOINTS)
    bound = ("obs_buf", "actions")
    joints = JOINTS
    actuated = range(len(JOINTS))
    object_start = (0.0, -0.20, 0.56)
    goal_position = (0.0, -0.20, 0.52)
    camera = {"lookat": (-0.10, -0.20, 0.56), "distance": 0.52, "azimuth": 115.0, "elevation": -40.0}
    constants = {
        "shadow_hand_dof_lower_limits": tuple(low for low, _ in RANGES),
        "shadow_hand_dof_upper_limits": tuple(high for _, high in RANGES),
        "num_shadow_hand_dofs": len(JOINTS),
        "num_actions": len(JOINTS),
        "vel_obs_scale": VEL_SCALE,
        "force_torque_obs_scale": FORCE_SCALE,
    }
    ppo = dataclasses.replace(InHand.ppo, units=(512, 256, 128))
    quick = Budget(
        512,
        150,
        16,
        2048,
        "the cube stays in the hand; the reward rises, goals need a GPU and far more steps",
    )

    night = Budget(1024, 2440, 16, 4096, "the human reward reaches a goal per episode, and is still rising")

    @dataclass
    class State(InHand.State):
        shadow_hand_dof_pos: Tensor = tensor(
            "joint position", "rad", "index, middle, ring finger, thumb: four each, from the base", (16,)
        )
        shadow_hand_dof_vel: Tensor = tensor(
            "joint velocity", "rad/s", "in the order of shadow_hand_dof_pos", (16,)
        )
        dof_force_tensor: Tensor = tensor("effort", "N m", "not measured on this hand: zero", (16,))

    def scene(self) -> mujoco.MjSpec:
        spec = allegro_hand(self.timing.physics_dt)
        (x, y, z), (dx, dy, dz) = self.goal_position, MARKER_OFFSET
        add_block(spec, "object", self.object_start, edge=EDGE, density=DENSITY)
        add_block(spec, "goal", (x + dx, y + dy, z + dz), edge=EDGE, density=DENSITY, goal=True)
        return spec

    def read(self, sim: Simulation, carried: InHand.Carried) -> State:
        common = self.read_common(sim, carried)
        return self.State(**common | {"dof_force_tensor": torch.zeros_like(common["dof_force_tensor"])})

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat([self.observe_common(state), actions], dim=-1)
