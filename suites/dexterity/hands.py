"""What a simulation of two hands holds for the policies of all two-handed tasks: read into, and out of, a State."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import torch

from harness.rotations import get_euler_xyz, quat_conjugate, quat_mul, unscale, wxyz_to_xyzw
from harness.task import Simulation, constant, state_fields
from suites.dexterity.hand_points import HandPoints, read_finger_points, read_palm_points
from suites.models.contact import contact_wrench
from suites.models.frames import body_states
from suites.models.shadow_hand import ACTUATED, JOINTS, LOWER, PALM_UP, TIPS, UPPER
from suites.models.two_hands import SIDES

if TYPE_CHECKING:
    from torch import Tensor

    from suites.dexterity.bimanual import Bimanual

TIP_NAMES = {side: tuple(f"{side}_{tip}" for tip in TIPS) for side in SIDES}
JOINT_NAMES = {side: tuple(f"{side}_{joint.name}" for joint in JOINTS) for side in SIDES}
SERVO_NAMES = tuple(JOINT_NAMES[side][place] for side in SIDES for place in ACTUATED)
"""Right hand first, in the order of the actions."""
FOREARMS = tuple(f"{side}_forearm" for side in SIDES)
DAMPING = tuple(joint.damping for joint in JOINTS)  # N m s/rad
UPRIGHT = (-PALM_UP[1], -PALM_UP[2], -PALM_UP[3], PALM_UP[0])
"""Turn (xyzw) back from the body `hand_mount` to the root of the hand, which is not turned while the palm faces up."""
_OF_ONE_HAND = (
    *("dof_pos", "dof_vel", "dof_force", "fingertip_wrench"),
    *("root_pos", "root_euler", "palm_pos"),
)
HAND_FIELDS = frozenset(
    [f"{tips}_{name}" for tips in ("fingertip", "fingertip_another") for name in ("state", "pos")]
    + [f"_{side}_{name}" for side in SIDES for name in _OF_ONE_HAND]
    + [field.name for field in fields(HandPoints)]
)
"""What `hand_fields` can read of hands."""
VELOCITY_SCALE, FORCE_SCALE, FORCE_BOUND = 0.2, 10.0, 100.0  # of what a policy sees


def hand_fields(task: Bimanual, sim: Simulation, carried: Any) -> dict[str, Tensor]:
    """The state of both hands, float32, by name.

    Fingertips, the hand points that the task's State has, and the hidden fields of `Bimanual.State`.
    """
    found = (
        read_tips(sim, left=task.options.left_fingertips) | read_hand(sim, "right") | read_hand(sim, "left")
    )
    wanted = state_fields(task)
    if "right_hand_pos" in wanted:
        found |= read_palm_points(sim)
    for side in SIDES:
        if f"{side}_hand_ff_pos" in wanted:
            found |= read_finger_points(sim, side)
    return found | _latch(task, carried)


def unread_fields(task: Bimanual, carried: Any) -> dict[str, Any]:
    """The names of `hand_fields`, None for each but the latch."""
    names = [field.name for field in fields(task.State) if field.name in HAND_FIELDS]
    return dict.fromkeys(names) | _latch(task, carried)


def _latch(task: Bimanual, carried: Any) -> dict[str, Tensor]:
    latched, before = task.options.sparse == "latched", carried.succeeded
    return {"_succeeded": before.clone() if latched else torch.zeros_like(before)}


def read_hand(sim: Simulation, side: str) -> dict[str, Tensor]:
    """Joints, wrenches and places of one hand, float32: the hidden fields of `Bimanual.State` that begin with `_side`.

    Efforts are those of the servos in the last physics step, less the damping of the joints; forces on fingertips are
    the net wrench of the contacts in that step. Efforts and wrenches are zero right after a reset.
    """
    joints, tips = sim.joints(JOINT_NAMES[side]), sim.bodies(TIP_NAMES[side])
    readings = sim.sensors(TIP_NAMES[side]).data
    wrench = torch.cat(contact_wrench(readings, tips.xpos, tips.xmat), dim=-1)
    effort = joints.qfrc_actuator - constant(DAMPING, joints.qvel) * joints.qvel
    mount = sim.body(f"{side}_hand_mount")
    rotation = wxyz_to_xyzw(mount.xquat)
    root = quat_mul(rotation, constant(UPRIGHT, rotation).expand_as(rotation))
    found = {
        "dof_pos": joints.qpos,
        "dof_vel": joints.qvel,
        "dof_force": effort,
        "fingertip_wrench": wrench.flatten(1),
        "root_pos": mount.xpos,
        "root_euler": torch.stack(get_euler_xyz(root), dim=-1),
        "palm_pos": sim.body(f"{side}_palm").xpos,
    }
    return {f"_{side}_{name}": value.float() for name, value in found.items()}


def read_tips(sim: Simulation, *, left: str) -> dict[str, Tensor]:
    """`fingertip_state`, `fingertip_pos` and the same of the other hand: that of the side `left`."""
    found: dict[str, Tensor] = {}
    for name, side in (("fingertip", "right"), ("fingertip_another", left)):
        states = body_states(sim, TIP_NAMES[side])
        found |= {f"{name}_state": states, f"{name}_pos": states[..., :3]}
    return found


def read_object(sim: Simulation, body: str = "object", name: str = "object") -> dict[str, Tensor]:
    """`name`_pose, _pos, _rot, _linvel and _angvel of a body, in the world frame, float32."""
    pose, linear, angular = body_states(sim, (body,))[:, 0].split([7, 3, 3], dim=-1)
    velocities = {f"{name}_linvel": linear, f"{name}_angvel": angular}
    return pose_fields(name, pose) | velocities


def pose_fields(name: str, pose: Tensor) -> dict[str, Tensor]:
    """`name`_pose (N, 7), _pos and _rot."""
    return {f"{name}_pose": pose, f"{name}_pos": pose[:, :3], f"{name}_rot": pose[:, 3:]}


def object_entries(state: Any, name: str = "object") -> list[Tensor]:
    """What a policy sees of an object: pose, velocity, spin, (N, 13) in all."""
    spin = getattr(state, f"{name}_angvel") * VELOCITY_SCALE
    return [getattr(state, f"{name}_pose"), getattr(state, f"{name}_linvel"), spin]


def goal_entries(state: Any, thing: str = "object", goal: str = "goal") -> list[Tensor]:
    """What a policy sees of an object's goal: its pose, and the turn from it to the object, (N, 11) in all."""
    goal_rot, rot = getattr(state, f"{goal}_rot"), getattr(state, f"{thing}_rot")
    return [getattr(state, f"{goal}_pose"), quat_mul(rot, quat_conjugate(goal_rot))]


def hand_entries(task: Bimanual, state: Any, actions: Tensor) -> list[Tensor]:
    """What a policy sees of the hands: 187 numbers each, and 12 more each if free, with the actions (N, A)."""
    bound = FORCE_BOUND if task.options.force_entries == "clipped" else float("inf")
    seen = []
    for side, action in zip(SIDES, actions.chunk(2, dim=-1), strict=True):
        angles = getattr(state, f"_{side}_dof_pos")
        tips = state.fingertip_state if side == "right" else state.fingertip_another_state
        seen += [
            unscale(angles, constant(LOWER, angles), constant(UPPER, angles)),
            getattr(state, f"_{side}_dof_vel") * VELOCITY_SCALE,
            (getattr(state, f"_{side}_dof_force") * FORCE_SCALE).clamp(-bound, bound),
            tips.flatten(1),
            (getattr(state, f"_{side}_fingertip_wrench") * FORCE_SCALE).clamp(-bound, bound),
        ]
        if task.free:
            place = f"{side}_hand_pos" if task.base_point == "palm" else f"_{side}_root_pos"
            seen += [getattr(state, place), getattr(state, f"_{side}_root_euler")]
        seen.append(action)
    return seen
