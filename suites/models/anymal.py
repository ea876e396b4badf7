"""The ANYmal C quadruped: a floating base and four legs of three position-driven hinges each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import mujoco

from suites.models.common import BOX, CAPSULE, CYLINDER, GHOST, ROBOT, SPHERE, add_ground, empty_scene
from suites.models.contact import add_contact_sensor

START_HEIGHT = 0.62  # m
STIFFNESS, DAMPING, MAX_TORQUE = 85.0, 2.0, 80.0  # N m/rad, N m s/rad, N m
ARMATURE = 0.02  # kg m^2
TURNS = (-9.424778, 9.424778)  # rad, range of hip and knee flexion

RED, GREY, DARK, BLACK = (
    [0.72, 0.11, 0.10, 1],
    [0.62, 0.64, 0.67, 1],
    [0.24, 0.25, 0.28, 1],
    [0.08, 0.08, 0.09, 1],
)
ALONG_X, ALONG_Y = [0.7071068, 0, 0.7071068, 0], [0.7071068, -0.7071068, 0, 0]

Point = tuple[float, float, float]


class Leg(NamedTuple):
    """A leg: where it is on the base (+1 is front, left), its hip range (rad) and its default pose (rad)."""

    name: str
    front: int
    left: int
    hip_range: tuple[float, float]
    pose: Point


LEGS = (
    Leg("LF", 1, 1, (-0.72, 0.49), (0.03, 0.4, -0.8)),
    Leg("LH", -1, 1, (-0.72, 0.49), (0.03, -0.4, 0.8)),
    Leg("RF", 1, -1, (-0.49, 0.72), (-0.03, 0.4, -0.8)),
    Leg("RH", -1, -1, (-0.49, 0.72), (-0.03, -0.4, 0.8)),
)
LEG_JOINTS = ("HAA", "HFE", "KFE")
"""Hip abduction, hip flexion, knee flexion: the joints of one leg."""
JOINTS = tuple(f"{leg.name}_{joint}" for leg in LEGS for joint in LEG_JOINTS)
"""Hinges, and their servos, in the order of states, actions and actuators."""
DEFAULT_POSE = tuple(angle for leg in LEGS for angle in leg.pose)
"""Joint angles in rad, in the order of `JOINTS`."""
SENSED = ("base", *(f"{leg.name}_THIGH" for leg in LEGS))
"""Bodies with a contact sensor of their own name, in the order of the sensors."""


class Link(NamedTuple):
    """A link of the left front leg in axes parallel to the base's (m, kg, kg m^2): the others are its mirror
    images. `inertia` holds xx, yy, zz, xy, xz, yz about the centre of mass."""

    name: str
    pos: Point
    mass: float
    com: Point
    inertia: tuple[float, float, float, float, float, float]


BASE = Link(
    "base",
    pos=(0, 0, START_HEIGHT),
    mass=26.37317,
    com=(-0.01779394, -0.0001781696, 0.008504339),
    inertia=(0.216712, 1.785161, 1.833699, 0.009224, 0.058933, -0.000164),
)
LINKS = (
    Link(
        "HIP",
        pos=(0.2999, 0.104, 0),
        mass=2.781,
        com=(0.056712, 0.017394, -0.000461),
        inertia=(0.003296, 0.004939, 0.005834, 0, 0, 0.000136),
    ),
    Link(
        "THIGH",
        pos=(0.0599, 0.083810, 0),
        mass=3.071,
        com=(0, 0.030815, -0.245696),
        inertia=(0.029904, 0.029564, 0.004861, 0, 0, 0.004142),
    ),
    Link(
        "SHANK",
        pos=(0, 0.1003, -0.285),
        mass=0.58842,
        com=(0.061253, 0.005462, -0.080660),
        inertia=(0.008810, 0.010161, 0.001550, 0.000054, 0.001819, -0.000023),
    ),
)


def anymal() -> mujoco.MjSpec:
    """The robot in its start height with straight legs, a position servo per joint, contact sensors of the
    base and the thighs.

    Joints come in the order LF, LH, RF, RH, abduction, hip and knee of each; the torque of a servo is
    `STIFFNESS (target - q) - DAMPING dq/dt`, held within `MAX_TORQUE`. Body frames are parallel to the base's
    at joint angles 0, so all hips flex about +y. Left and right of the asset differ by 0.1 mm; here they mirror.

    The servos' damping is implicit, so the contact solver does not see it, overshoots, and feet chatter. The
    armature, which the asset has not, adds as much inertia as the damping does over a step of 0.01 s, the
    original's; PhysX's implicit drives add about the same. Friction is nearly rigid (`noslip` iterations): with
    MuJoCo's defaults the feet of a standing robot creep apart by centimetres. Elliptic cones with an `impratio` of
    100 hold them as well, but cost half as much again.

    How deep a foot sinks is its speed times the time step, before the first force. With steps of 4 ms, the stiffest
    contact that they allow (a time constant of two steps) and a ground that pushes from 3 mm above its surface on,
    one in a hundred random control steps ends with a foot deeper than 9 mm; with 10 ms it was 50 mm.

    Of the asset's shapes only those collide that can be first to meet flat ground: the ends of the base, the
    lidar, the drives of hips and knees, shanks and feet. The rest is for looks. Nothing collides with itself.
    """
    spec = empty_scene()
    spec.option.noslip_iterations = 3
    add_ground(spec, priority=1, margin=0.003, solref=[0.008, 1])
    base = _add_link(spec.worldbody, "base", BASE, 1, 1)
    base.add_freejoint(name="root")
    _shape_base(base)
    for leg in LEGS:
        body = base
        for link, joint, axis, limits in zip(
            LINKS, LEG_JOINTS, ((1, 0, 0), (0, 1, 0), (0, 1, 0)), (leg.hip_range, TURNS, TURNS), strict=True
        ):
            body = _add_link(body, f"{leg.name}_{link.name}", link, leg.front, leg.left)
            name = f"{leg.name}_{joint}"
            body.add_joint(name=name, axis=axis, range=limits, armature=ARMATURE)
            servo = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
            servo.set_to_position(kp=STIFFNESS, kv=DAMPING)
            servo.forcelimited, servo.forcerange = True, [-MAX_TORQUE, MAX_TORQUE]
        _shape_leg(spec, leg)
    for name in SENSED:
        add_contact_sensor(spec, name, by="world", on=name)
    return spec


def _add_link(parent: mujoco.MjsBody, name: str, link: Link, front: int, left: int) -> mujoco.MjsBody:
    def mirrored(point: Point) -> list[float]:
        return [front * point[0], left * point[1], point[2]]

    body = parent.add_body(name=name, pos=mirrored(link.pos))
    xx, yy, zz, xy, xz, yz = link.inertia
    body.explicitinertial = True
    body.mass, body.ipos = link.mass, mirrored(link.com)
    body.fullinertia = [xx, yy, zz, front * left * xy, front * xz, left * yz]
    return body


def _shape_base(base: mujoco.MjsBody) -> None:
    _box(base, (0.4145, 0.07, 0.09), (0, 0, 0), RED)
    for y in (-0.07, 0.07):
        _cylinder(base, 0.09, 0.4145, (0, y, 0), ALONG_X, RED, GHOST)
    for x in (-0.4695, 0.4695):
        _box(base, (0.054, 0.07, 0.09), (x, 0, 0), DARK)  # its end is not in the plane of the cylinders' ends
        for y in (-0.07, 0.07):
            _cylinder(base, 0.09, 0.055, (x, y, 0), ALONG_X, DARK, ROBOT)
    _cylinder(base, 0.07, 0.06, (-0.364, 0, 0.1335), [1, 0, 0, 0], DARK, ROBOT)


def _shape_leg(spec: mujoco.MjSpec, leg: Leg) -> None:
    hip, thigh, shank = (spec.body(f"{leg.name}_{link.name}") for link in LINKS)
    x, y = leg.front, leg.left
    _cylinder(hip, 0.05, 0.07, (0.0599 * x, 0.0139 * y, 0), ALONG_Y, DARK, GHOST)
    _cylinder(thigh, 0.065, 0.04, (0, 0.04 * y, 0), ALONG_Y, DARK, ROBOT)
    _box(thigh, (0.0375, 0.03, 0.1413135), (0, 0.03 * y, -0.141314), GREY)
    _cylinder(thigh, 0.05, 0.07, (0, 0.0303 * y, -0.285), ALONG_Y, DARK, ROBOT)
    foot = (0.08795 * x, 0.01305 * y, -0.31547)
    top, end = (*foot[:2], -0.045233), (*foot[:2], -0.292737)
    _capsule(shank, 0.02, (0, 0, 0), top, DARK, GHOST)
    _capsule(shank, 0.0175, top, end, BLACK, ROBOT)
    shank.add_geom(name=f"{leg.name}_FOOT", type=SPHERE, size=[0.03, 0, 0], pos=foot, rgba=BLACK, **ROBOT)


def _box(body: mujoco.MjsBody, size: Point, pos: Point, colour: list[float]) -> None:
    body.add_geom(type=BOX, size=size, pos=pos, rgba=colour, **GHOST)


def _cylinder(
    body: mujoco.MjsBody,
    radius: float,
    half: float,
    pos: Point,
    quat: Sequence[float],
    colour: list[float],
    mask: dict[str, Any],
) -> None:
    body.add_geom(type=CYLINDER, size=[radius, half, 0], pos=pos, quat=quat, rgba=colour, **mask)


def _capsule(
    body: mujoco.MjsBody, radius: float, start: Point, end: Point, colour: list[float], mask: dict[str, Any]
) -> None:
    body.add_geom(type=CAPSULE, size=[radius, 0, 0], fromto=[*start, *end], rgba=colour, **mask)
