"""The humanoid of IsaacGymEnvs: 21 torque-driven hinges, capsules and spheres of density 1000."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from suites.models.common import CAPSULE, SPHERE, add_ground, add_motor, empty_scene
from suites.models.contact import add_contact_sensor

if TYPE_CHECKING:
    import mujoco

START_HEIGHT = 1.34  # m
RIGHT, LEFT = -1, 1  # signs of y
NAMES = {RIGHT: "right", LEFT: "left"}
SHIRT, TROUSERS, SKIN, SHOES = (
    [0.22, 0.42, 0.60, 1],
    [0.25, 0.28, 0.34, 1],
    [0.87, 0.66, 0.52, 1],
    [0.75, 0.30, 0.20, 1],
)

Point = tuple[float, float, float]


class Kind(NamedTuple):
    """Passive elements of a joint: damping (N m s/rad), spring towards 0 (N m/rad), armature (kg m^2)."""

    damping: float
    stiffness: float
    armature: float


PLAIN, SMALL = Kind(0.1, 5, 0.007), Kind(1, 2, 0.006)
BIG, BIGGER_STIFF, BIG_STIFF = Kind(5, 10, 0.01), Kind(5, 20, 0.01), Kind(5, 20, 0.02)


class Joint(NamedTuple):
    """A hinge of the named body: anchor (m), axis, range (degrees), passive elements, torque (N m) of its motor."""

    name: str
    body: str
    anchor: Point
    axis: Point
    range: tuple[float, float]
    kind: Kind
    torque: float


def _leg(side: int) -> tuple[Joint, ...]:
    name = NAMES[side]
    thigh, shin, foot = f"{name}_thigh", f"{name}_shin", f"{name}_foot"
    hip, knee, ankle = (0.0, 0.0, 0.0), (0.0, 0.0, 0.02), (0.0, 0.0, 0.08)
    return (
        Joint(f"{name}_hip_x", thigh, hip, (-side, 0, 0), (-45, 15), BIG, 45.0),
        Joint(f"{name}_hip_z", thigh, hip, (0, 0, -side), (-60, 35), BIG, 45.0),
        Joint(f"{name}_hip_y", thigh, hip, (0, 1, 0), (-120, 45), BIGGER_STIFF, 135.0),
        Joint(f"{name}_knee", shin, knee, (0, -1, 0), (-160, 2), PLAIN, 90.0),
        Joint(f"{name}_ankle_y", foot, ankle, (0, 1, 0), (-50, 50), SMALL, 22.5),
        Joint(f"{name}_ankle_x", foot, ankle, (1, 0, 0.5), (-50, 50), SMALL, 22.5),
    )


def _arm(side: int) -> tuple[Joint, ...]:
    name = NAMES[side]
    upper, lower, end = f"{name}_upper_arm", f"{name}_lower_arm", (0.0, 0.0, 0.0)
    return (
        Joint(f"{name}_shoulder1", upper, end, (-2 * side, 1, -side), (-90, 70), BIG, 67.5),
        Joint(f"{name}_shoulder2", upper, end, (0, -1, -side), (-90, 70), BIG, 67.5),
        Joint(f"{name}_elbow", lower, end, (0, -1, -side), (-90, 50), SMALL, 45.0),
    )


JOINTS = (
    Joint("abdomen_z", "lower_waist", (0, 0, 0.065), (0, 0, 1), (-45, 45), BIG_STIFF, 67.5),
    Joint("abdomen_y", "lower_waist", (0, 0, 0.065), (0, 1, 0), (-75, 30), BIGGER_STIFF, 67.5),
    Joint("abdomen_x", "pelvis", (0, 0, 0.1), (1, 0, 0), (-35, 35), BIG, 67.5),
    *_leg(RIGHT),
    *_leg(LEFT),
    *_arm(RIGHT),
    *_arm(LEFT),
)
"""Joints in the order of states, actions and actuators."""
JOINT_NAMES = tuple(joint.name for joint in JOINTS)
RANGES = tuple((math.radians(joint.range[0]), math.radians(joint.range[1])) for joint in JOINTS)
"""Joint ranges in rad."""
FEET = ("right_foot", "left_foot")
"""Bodies with a contact sensor of their own name, in the order of the sensors."""


def humanoid() -> mujoco.MjSpec:
    """The humanoid with its soles 5 cm above the ground, one motor per joint, one contact sensor per foot.

    It collides with itself, but for bodies that are joined; the waist and the thighs, close neighbours in
    the tree, are left out too. Contacts have friction 1: the asset's frictionless ones were never in use. The ground
    is as stiff as steps of 4.2 ms allow (a time constant of two) and pushes from 2 mm above its surface on; with
    5.5 ms and the asset's time constant, feet sank in by their radius.

    The implicit integrator does not quite conserve momentum: limbs in motion push a flying body by up to 1 m/s^2.
    A policy that was rewarded for nothing but that gained 0.3 m/s in a second; runners get some of it (8 % of their
    speed in one case). That was at steps of 5.5 ms; the push is a quarter less now. Runge-Kutta would mend it at
    2.8 times the cost of a full environment step.
    """
    spec = empty_scene()
    add_ground(spec, priority=1, margin=0.002, solref=[0.0083, 1], solimp=_SHAPE["solimp"])
    _add_bodies(spec)
    for joint, limits in zip(JOINTS, RANGES, strict=True):
        spec.body(joint.body).add_joint(
            name=joint.name,
            pos=joint.anchor,
            axis=joint.axis,
            range=limits,
            damping=joint.kind.damping,
            stiffness=joint.kind.stiffness,
            armature=joint.kind.armature,
            solimp_limit=[0, 0.99, 0.01, 0.5, 2],
        )
        add_motor(spec, joint.name, joint.torque)
    for name in NAMES.values():
        spec.add_exclude(bodyname1="lower_waist", bodyname2=f"{name}_thigh")
        add_contact_sensor(spec, f"{name}_foot", by="world", on=f"{name}_foot")
    return spec


def _add_bodies(spec: mujoco.MjSpec) -> None:
    torso = _body(spec.worldbody, "torso", (0, 0, START_HEIGHT))
    torso.add_freejoint(name="root")
    _capsule(torso, 0.07, (0, -0.07, 0), (0, 0.07, 0), SHIRT)
    _capsule(torso, 0.06, (-0.01, -0.06, -0.12), (-0.01, 0.06, -0.12), SHIRT)
    _sphere(_body(torso, "head", (0, 0, 0.19)), 0.09, SKIN)
    bent = (0.999998, 0, -0.001999996, 0)
    waist = _body(torso, "lower_waist", (-0.01, 0, -0.26), bent)
    _capsule(waist, 0.06, (0, -0.06, 0), (0, 0.06, 0), SHIRT)
    pelvis = _body(waist, "pelvis", (0, 0, -0.165), bent)
    _capsule(pelvis, 0.09, (-0.02, -0.07, 0), (-0.02, 0.07, 0), TROUSERS)
    for side, name in NAMES.items():
        thigh = _body(pelvis, f"{name}_thigh", (0, 0.1 * side, -0.04))
        _capsule(thigh, 0.06, (0, 0, 0), (0, -0.01 * side, -0.34), TROUSERS)
        shin = _body(thigh, f"{name}_shin", (0, -0.01 * side, -0.403))
        _capsule(shin, 0.049, (0, 0, 0), (0, 0, -0.3), SKIN)
        foot = _body(shin, f"{name}_foot", (0, 0, -0.39))
        _capsule(foot, 0.027, (-0.07, 0.02 * side, 0), (0.14, 0.04 * side, 0), SHOES)
        _capsule(foot, 0.027, (-0.07, 0, 0), (0.14, -0.02 * side, 0), SHOES)
    for side, name in NAMES.items():
        upper = _body(torso, f"{name}_upper_arm", (0, 0.17 * side, 0.06))
        _capsule(upper, 0.04, (0, 0, 0), (0.16, 0.16 * side, -0.16), SHIRT)
        lower = _body(upper, f"{name}_lower_arm", (0.18, 0.18 * side, -0.18))
        _capsule(lower, 0.031, (0.01, -0.01 * side, 0.01), (0.17, -0.17 * side, 0.17), SKIN)
        _sphere(_body(lower, f"{name}_hand", (0.18, -0.18 * side, 0.18)), 0.04, SKIN)


def _body(
    parent: mujoco.MjsBody, name: str, pos: Point, quat: Sequence[float] = (1, 0, 0, 0)
) -> mujoco.MjsBody:
    return parent.add_body(name=name, pos=pos, quat=quat)


_SHAPE = {
    "density": 1000,
    "friction": [1.0, 0.05, 0.05],
    "solref": [0.015, 1],
    "solimp": [0.9, 0.99, 0.003, 0.5, 2],
    "contype": 1,
    "conaffinity": 1,
}


def _capsule(body: mujoco.MjsBody, radius: float, start: Point, end: Point, colour: list[float]) -> None:
    body.add_geom(type=CAPSULE, size=[radius, 0, 0], fromto=[*start, *end], rgba=colour, **_SHAPE)


def _sphere(body: mujoco.MjsBody, radius: float, colour: list[float]) -> None:
    body.add_geom(type=SPHERE, size=[radius, 0, 0], rgba=colour, **_SHAPE)
