"""Franka cabinet: open the top drawer of a cabinet with an arm and its gripper (IsaacGymEnvs' FrankaCabinet)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.rotations import tensor_clamp, tf_combine, unscale
from harness.task import (
    PPO,
    Budget,
    Fitness,
    MemoryForm,
    Simulation,
    Task,
    Timing,
    constant,
    put,
    rand,
    tensor,
)
from suites.models.cabinet import DOORS, DRAWERS, LOAD_GRID, add_cabinet
from suites.models.common import add_ground, empty_scene, set_shadow_reach
from suites.models.frames import body_states
from suites.models.franka import (
    ARM_DAMPING,
    ARM_STIFFNESS,
    FINGER_RANGE,
    JOINTS,
    RANGES,
    SPEEDS,
    add_franka,
)

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

CABINET_JOINTS = tuple(f"{part}_joint" for part in (*DOORS, *DRAWERS))
START = (1.157, -1.066, -0.155, -2.239, -1.841, 1.003, 0.469, 0.035, 0.035)  # rad (7), m (2)
START_SPREAD = 0.125  # rad or m
TARGET_SPEEDS = (7.5,) * 7 + (0.75,) * 2  # rad/s or m/s of the targets at full action
TARGET_DT = 1.0 / 60.0  # s: the original's constant, not quite the control step
LEADS = (*(speed * ARM_DAMPING / ARM_STIFFNESS for speed in SPEEDS), FINGER_RANGE[1], FINGER_RANGE[1])
"""How far a servo's set point may be ahead of its joint: in free motion this is the joint's top speed."""
ARM = tuple(f"panda_link{number}" for number in range(8))
FINGERS = ("panda_leftfinger", "panda_rightfinger")
BODIES = (*ARM, *FINGERS, "sektion", *(f"{door}_link" for door in DOORS), *DRAWERS)
"""The first 15 rows of `rigid_body_states`; the hand's body is left out, which the original merges into link 7."""
HAND, LEFT_FINGER, RIGHT_FINGER, DRAWER = map(BODIES.index, (ARM[-1], *FINGERS, "drawer_top"))
TOP_DRAWER = CABINET_JOINTS.index("drawer_top_joint")
OPEN = 0.39  # m
DOF_VEL_SCALE = 0.1  # of what the policy sees
HAND_GRASP = (0.0, 0.04, 0.1654, 0.0, 0.0, -math.sin(math.pi / 8.0), math.cos(math.pi / 8.0))
"""Pose (m, xyzw) of the grasp point in link 7."""
DRAWER_GRASP = (0.3, 0.01, 0.0, 0.0, 0.0, 0.0, 1.0)
"""Pose (m, xyzw) of the grasp point in the top drawer's frame."""


class FrankaCabinet(Task):
    """Physics steps of 0.0083 s: at the original's 0.0166 s the fingers sink through the handle.

    Targets integrate the actions. The original caps joint speeds (2.2 to 2.6 rad/s), which MuJoCo cannot:
    here the set point of an arm servo stays so close to its joint that stiffness and damping balance at that
    speed. Nothing in the scene feels gravity: the arm carries itself, the drawer slides level, and its 16 boxes,
    loose in the original, are fixed to it and add their mass; their rows of `rigid_body_states` follow it.
    """

    description = "open the cabinet with the arm and its gripper"
    timing = Timing(dt=0.0166, substeps=2, episode_steps=500)
    worlds = 4096
    num_actions = len(JOINTS)
    fitness = Fitness.SUCCESS
    fitness_unit = "share of episodes"
    memory_form = MemoryForm.SCALAR_EMA
    clip_observations = 5.0
    constants = {
        "franka_dof_lower_limits": tuple(low for low, _ in RANGES),
        "franka_dof_upper_limits": tuple(high for _, high in RANGES),
        "dof_vel_scale": DOF_VEL_SCALE,
        "hand_handle": HAND,
        "lfinger_handle": LEFT_FINGER,
        "rfinger_handle": RIGHT_FINGER,
        "drawer_handle": DRAWER,
    }
    camera = {"lookat": (0.43, 0.0, 0.47), "distance": 1.85, "azimuth": 230.0, "elevation": -23.0}
    ppo = PPO(
        units=(256, 128, 64),
        horizon=16,
        minibatch=8192,
        mini_epochs=8,
        epochs=1500,
        learning_rate=5e-4,
        kl_threshold=0.008,
        reward_scale=0.01,
        critic_coef=4,
    )
    quick = Budget(256, 400, 16, 1024, "the human reward pulls the drawer, in few episodes past 0.39 m")

    @dataclass
    class State(Task.State):
        franka_grasp_pos: Tensor = tensor("position", "m", "grasp point of the hand, world frame", (3,))
        franka_grasp_rot: Tensor = tensor(
            "rotation", "1", "grasp frame (z: where the gripper points, y: finger travel) to world", (4,)
        )
        drawer_grasp_pos: Tensor = tensor(
            "position", "m", "grasp point at the top drawer's handle, world", (3,)
        )
        drawer_grasp_rot: Tensor = tensor("rotation", "1", "top drawer (x: opening, z: up) to world", (4,))
        cabinet_dof_pos: Tensor = tensor(
            "joint position",
            "rad, rad, m, m",
            "left door, right door, bottom drawer, top drawer (index 3): the cabinet is open when the top drawer is",
            (4,),
        )
        cabinet_dof_vel: Tensor = tensor(
            "joint velocity", "rad/s, rad/s, m/s, m/s", "in the order of cabinet_dof_pos", (4,)
        )
        franka_lfinger_pos: Tensor = tensor("position", "m", "base of the left finger, world frame", (3,))
        franka_rfinger_pos: Tensor = tensor("position", "m", "base of the right finger, world frame", (3,))
        franka_lfinger_rot: Tensor = tensor("rotation", "1", "left finger to world", (4,))
        franka_rfinger_rot: Tensor = tensor("rotation", "1", "right finger to world", (4,))
        franka_dof_pos: Tensor = tensor(
            "joint position", "rad (7), m (2)", "joints 1 to 7, left finger, right finger", (9,)
        )
        franka_dof_vel: Tensor = tensor(
            "joint velocity", "rad/s (7), m/s (2)", "in the order of franka_dof_pos", (9,)
        )
        rigid_body_states: Tensor = tensor(
            "scalar",
            "m, 1, m/s, rad/s",
            "position, quaternion, linear and angular velocity in the world frame of arm links 0 to 7 (the hand is "
            "row 7), left and right finger, cabinet, left and right door, bottom and top drawer, 16 boxes",
            (31, 13),
        )
        franka_local_grasp_pos: Tensor = tensor(
            "position", "m", "grasp point of the hand in its link 7", (3,)
        )
        franka_local_grasp_rot: Tensor = tensor("rotation", "1", "grasp frame to link 7", (4,))
        drawer_local_grasp_pos: Tensor = tensor(
            "position", "m", "grasp point in the top drawer's frame", (3,)
        )
        drawer_local_grasp_rot: Tensor = tensor("rotation", "1", "grasp frame to top drawer: identity", (4,))

    @dataclass
    class Carried(Task.Carried):
        targets: Tensor
        """Joint targets (N, 9), rad and m."""

    def scene(self) -> mujoco.MjSpec:
        spec = empty_scene()
        spec.option.gravity = [0, 0, 0]
        add_ground(spec)
        set_shadow_reach(spec, 1.5)
        add_franka(spec, [1, 0, 0], [0, 0, 0, 1])
        add_cabinet(spec, [0, 0, 0.4])
        return spec

    def carry(self, worlds: int, device: torch.device) -> Carried:
        return self.Carried(torch.tensor(START, dtype=torch.float64, device=device).repeat(worlds, 1))

    def reset(self, sim: Simulation, carried: Carried, worlds: Tensor, rng: torch.Generator) -> None:
        spread = START_SPREAD * (2.0 * rand(worlds, len(JOINTS), rng=rng) - 1.0)
        start = tensor_clamp(spread + constant(START, spread), *self.limits(spread))
        sim.joints(JOINTS).put(worlds, qpos=start)
        sim.actuators(JOINTS).put(worlds, ctrl=start)
        put(carried.targets, worlds, start)

    def act(self, sim: Simulation, carried: Carried, actions: Tensor, rng: torch.Generator) -> None:
        joints = sim.joints(JOINTS).qpos
        speeds, lead = constant(TARGET_SPEEDS, joints), constant(LEADS, joints)
        targets = carried.targets + TARGET_DT * speeds * actions
        carried.targets = tensor_clamp(targets, *self.limits(joints))
        sim.actuators(JOINTS).ctrl = joints + tensor_clamp(carried.targets - joints, -lead, lead)

    def read(self, sim: Simulation, carried: Carried) -> State:
        arm, cabinet, bodies = sim.joints(JOINTS), sim.joints(CABINET_JOINTS), body_states(sim, BODIES)
        places = torch.nn.functional.pad(constant(LOAD_GRID, bodies), (0, 10))
        boxes = bodies[:, DRAWER:] + places  # the drawer does not turn
        rows = torch.cat([bodies, boxes], dim=1)
        hand, left, right, drawer = (rows[:, i, :7] for i in (HAND, LEFT_FINGER, RIGHT_FINGER, DRAWER))
        hand_grasp = constant(HAND_GRASP, bodies).expand(sim.worlds, -1)
        drawer_grasp = constant(DRAWER_GRASP, bodies).expand(sim.worlds, -1)
        franka_rot, franka_pos = tf_combine(hand[:, 3:], hand[:, :3], hand_grasp[:, 3:], hand_grasp[:, :3])
        drawer_rot, drawer_pos = tf_combine(
            drawer[:, 3:], drawer[:, :3], drawer_grasp[:, 3:], drawer_grasp[:, :3]
        )
        return self.State(
            franka_grasp_pos=franka_pos,
            franka_grasp_rot=franka_rot,
            drawer_grasp_pos=drawer_pos,
            drawer_grasp_rot=drawer_rot,
            cabinet_dof_pos=cabinet.qpos.float(),
            cabinet_dof_vel=cabinet.qvel.float(),
            franka_lfinger_pos=left[:, :3],
            franka_rfinger_pos=right[:, :3],
            franka_lfinger_rot=left[:, 3:],
            franka_rfinger_rot=right[:, 3:],
            franka_dof_pos=arm.qpos.float(),
            franka_dof_vel=arm.qvel.float(),
            rigid_body_states=rows,
            franka_local_grasp_pos=hand_grasp[:, :3],
            franka_local_grasp_rot=hand_grasp[:, 3:],
            drawer_local_grasp_pos=drawer_grasp[:, :3],
            drawer_local_grasp_rot=drawer_grasp[:, 3:],
        )

    def observe(self, state: State, actions: Tensor) -> Tensor:
        return torch.cat(
            [
                unscale(state.franka_dof_pos, *self.limits(state.franka_dof_pos)),
                state.franka_dof_vel * DOF_VEL_SCALE,
                state.drawer_grasp_pos - state.franka_grasp_pos,
                state.cabinet_dof_pos[:, TOP_DRAWER, None],
                state.cabinet_dof_vel[:, TOP_DRAWER, None],
            ],
            dim=-1,
        )

    def terminated(self, state: State) -> Tensor:
        return state.cabinet_dof_pos[:, TOP_DRAWER] > OPEN

    def score(self, state: State) -> Tensor:
        return self.terminated(state).float()

    def limits(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Lower and upper limits of the arm's joints, with the type of `like`."""
        lower, upper = self.constants["franka_dof_lower_limits"], self.constants["franka_dof_upper_limits"]
        return constant(lower, like), constant(upper, like)
