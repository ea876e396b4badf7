"""Shadow Hand: turn a cube in the hand to random orientations (IsaacGymEnvs' ShadowHand)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import mujoco
import torch

from harness.rotations import quat_mul
from harness.task import Budget, Simulation, Timing, tensor
from suites.isaac.in_hand import FORCE_SCALE, MARKER_OFFSET, VEL_SCALE, InHand
from suites.models.common import add_ground, empty_scene, set_shadow_reach
from suites.models.contact import contact_wrench
from suites.models.draws import turn, uniform
from suites.models.frames import body_states
from suites.models.objects import add_block, add_pen
from suites.models.shadow_hand import (
    ACTUATED,
    BODIES,
    JOINT_NAMES,
    LOWER,
    PALM_UP,
    TIPS,
    UPPER,
    Quaternion,
    Vector,
    add_fingertip_sensors,
    add_shadow_hand,
)

if TYPE_CHECKING:
    from torch import Tensor

ROWS = (*BODIES, "object", "goal")


class ShadowHand(InHand):
    """The palm faces up and the cube falls on it.

    Physics steps of 8.3 ms, two to a control step, as in the original: with them a cube lies still on the
    idle hand (it creeps by 0.3 mm in ten seconds) and no sequence of actions was found unstable.
    Fingertip readings are the net wrench of the contacts of a distal body in the last physics step; the
    original's also hold gravity and joint forces. Joint efforts are those of the servos, zero for the four
    coupled joints. All of these are zero right after a reset.
    """

    description = "turn the object in the shadow hand until it has the wanted orientation"
    timing = Timing(dt=0.01667, substeps=2, episode_steps=600)
    num_actions = len(ACTUATED)
    joints = JOINT_NAMES
    actuated = ACTUATED
    mount: ClassVar[Quaternion] = PALM_UP
    """Rotation (wxyz) of the hand in the world."""
    object_start = (0.0, -0.39, 0.60)
    goal_position = (0.0, -0.39, 0.56)
    camera = {"lookat": (-0.10, -0.38, 0.57), "distance": 0.54, "azimuth": 110.0, "elevation": -38.0}
    constants = {
        "shadow_hand_dof_lower_limits": LOWER,
        "shadow_hand_dof_upper_limits": UPPER,
        "num_fingertips": len(TIPS),
        "num_shadow_hand_dofs": len(JOINT_NAMES),
        "num_actions": len(ACTUATED),
        "vel_obs_scale": VEL_SCALE,
        "force_torque_obs_scale": FORCE_SCALE,
    }
    quick = Budget(
        512,
        70,
        16,
        2048,
        "the reward rises and the exploring hand keeps its cube; goals need a GPU and far more steps",
    )

    @dataclass
    class State(InHand.State):
        shadow_hand_dof_pos: Tensor = tensor(
            "joint position", "rad", "wrist 2, first, middle and ring finger 4 each, little 5, thumb 5", (24,)
        )
        shadow_hand_dof_vel: Tensor = tensor(
            "joint velocity", "rad/s", "in the order of shadow_hand_dof_pos", (24,)
        )
        dof_force_tensor: Tensor = tensor(
            "effort", "N m", "of the servos, in that order; 0 at the ends of four fingers", (24,)
        )
        fingertip_pos: Tensor = tensor(
            "position", "m", "of the last bodies of first, middle, ring, little finger, thumb; world", (5, 3)
        )
        fingertip_state: Tensor = tensor(
            "scalar",
            "m, 1, m/s, rad/s",
            "position, quaternion, linear and angular velocity of these bodies; world frame",
            (5, 13),
        )
        vec_sensor_tensor: Tensor = tensor(
            "force", "N, N m", "contact force and torque on each of these bodies, in its frame", (30,)
        )
        rigid_body_states: Tensor = tensor(
            "scalar",
            "m, 1, m/s, rad/s",
            "rows like fingertip_state of the 26 bodies of the hand, the object, the goal marker",
            (len(ROWS), 13),
        )

    def scene(self) -> mujoco.MjSpec:
        spec = empty_scene()
        spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_ISLAND  # all is one island: a little faster
        add_ground(spec)
        set_shadow_reach(spec, 0.8)
        add_shadow_hand(spec, quat=self.mount)
        add_fingertip_sensors(spec)
        self.add_object(spec, "object", self.object_start)
        x, y, z = (g + m for g, m in zip(self.goal_position, MARKER_OFFSET, strict=True))
        self.add_object(spec, "goal", (x, y, z), goal=True)
        return spec

    def add_object(self, spec: mujoco.MjSpec, name: str, pos: Vector, *, goal: bool = False) -> None:
        """The thing to turn, or a marker that looks like it."""
        add_block(spec, name, pos, goal=goal)

    def read(self, sim: Simulation, carried: InHand.Carried) -> Any:
        bodies, tips = body_states(sim, ROWS), sim.bodies(TIPS)
        force, torque = contact_wrench(sim.sensors(TIPS).data, tips.xpos, tips.xmat)
        tip_states = body_states(sim, TIPS)
        return self.State(
            **self.read_common(sim, carried),
            fingertip_pos=tip_states[..., :3],
            fingertip_state=tip_states,
            vec_sensor_tensor=torch.cat([force, torque], dim=-1).flatten(1).float(),
            rigid_body_states=bodies,
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat(
            [
                self.observe_common(state),
                state.fingertip_state.flatten(1),
                state.vec_sensor_tensor * FORCE_SCALE,
                actions,
            ],
            dim=-1,
        )


class ShadowHandPen(ShadowHand):
    """The variant that Eureka's own configuration selects: a pen, and twice the tolerance."""

    description = "turn the pen in the shadow hand until it has the wanted orientation"
    object_start = (0.0, -0.39, 0.52)
    goal_position = (0.0, -0.39, 0.48)
    tolerance = 0.2

    def add_object(self, spec: mujoco.MjSpec, name: str, pos: Vector, *, goal: bool = False) -> None:
        add_pen(spec, name, pos, goal=goal)

    def start_rotation(self, worlds: Tensor, rng: torch.Generator) -> Tensor:
        """Along the fingers within 0.3 rad, with a roll that grows with the tilt."""
        draw = uniform(worlds, rng=rng)
        return quat_mul(turn(0.5 * math.pi + 0.3 * draw, 0), turn(math.pi * draw, 2))
