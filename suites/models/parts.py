"""What things of several parts are made of: a loose base, rigid shapes, parts that slide on it, points to reach for.

All parts have the axes of the base, z up. What the originals call the orientation of a part is often that of a link
whose y axis is up; it is that of the site which stands for the part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import mujoco

from suites.models.common import (
    BOX,
    CAPSULE,
    CYLINDER,
    GHOST,
    OBJECT,
    UPRIGHT,
    Quaternion,
    Vector,
    set_inertia,
)
from suites.models.objects import GOAL_ALPHA, GOAL_TINT, TOUCH, add_base

Y_UP: Quaternion = (0.5, 0.5, -0.5, -0.5)
"""Rotation (wxyz) of such a link in its base: its x axis is the base's -y, its y axis z, its z axis -x."""
Shapes = Mapping[str, dict[str, Any]]
"""Geoms of one part by name: type, size and place in the part's frame, m."""


class Inertia(NamedTuple):
    """Mass (kg), centre of mass (m), and inertia about it (kg m^2): moments xx, yy, zz and products xy, xz, yz."""

    mass: float
    com: Vector
    moments: Vector
    products: Vector = (0.0, 0.0, 0.0)


def upright(radius: float, z: tuple[float, float], at: tuple[float, float]) -> dict[str, Any]:
    """A cylinder about the vertical through x, y = `at`, from one height to another."""
    low, high = z
    return {"type": CYLINDER, "size": [radius, 0.5 * (high - low), 0.0], "pos": [*at, 0.5 * (low + high)]}


def bar(radius: float, start: Vector, end: Vector) -> dict[str, Any]:
    """A capsule between the centres of its two round ends."""
    return {"type": CAPSULE, "size": [radius, 0.0, 0.0], "fromto": [*start, *end]}


def block(half: Vector, centre: Vector, quat: Quaternion = UPRIGHT) -> dict[str, Any]:
    """A box of half edges `half`."""
    return {"type": BOX, "size": half, "pos": centre, "quat": quat}


def add_loose(
    spec: mujoco.MjSpec,
    name: str,
    pos: Vector,
    quat: Quaternion,
    inertia: Inertia,
    moment: float,
    goal: bool = False,
) -> Any:
    """The body of `add_base` with an inertia that is stated; `moment` (kg m^2) is the least of the whole thing."""
    body = add_base(spec, name, pos, quat, moment, goal)
    if not goal:
        set_inertia(body, inertia.mass, inertia.com, (*inertia.moments, *inertia.products))
    return body


def add_sliding(
    base: Any,
    name: str,
    inertia: Inertia,
    axis: Vector,
    travel: float,
    damping: float,
    armature: float,
    origin: Vector = (0.0, 0.0, 0.0),
) -> Any:
    """The body `name` on the joint `name`, which lets it slide by `travel` (m) along `axis`.

    `damping` (N s/m), `armature` (kg). It does not collide with the base: the two are parent and child.
    """
    body = base.add_body(name=name, pos=origin)
    set_inertia(body, inertia.mass, inertia.com, (*inertia.moments, *inertia.products))
    joint = body.add_joint(
        name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, range=[0.0, travel], armature=armature
    )
    joint.damping[0] = damping
    return body


def add_shapes(
    body: Any, prefix: str, shapes: Shapes, colour: Sequence[float], goal: bool = False, **properties: Any
) -> None:
    """Add geoms `<prefix>_<shape>` that collide like loose things; a goal's touch nothing and weigh nothing."""
    for name, shape in shapes.items():
        if goal:
            tint = [c / 255 for c in GOAL_TINT]
            options = {**GHOST, "density": 0.0, "rgba": [*tint, GOAL_ALPHA]}
        else:
            options = {**OBJECT, **TOUCH, "rgba": colour, **properties}
        body.add_geom(name=f"{prefix}_{name}", **options, **shape)


def add_point(body: Any, name: str, pos: Vector, quat: Quaternion = UPRIGHT) -> None:
    """A site that stands for a place to reach for; not drawn unless asked for."""
    body.add_site(name=name, pos=pos, quat=quat, size=[0.01, 0.0, 0.0], group=4)
