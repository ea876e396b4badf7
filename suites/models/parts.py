"""What things of several parts are made of: a loose base, rigid shapes, parts that slide on it, points to reach for.

All parts have the axes of the base, z up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import mujoco

from harness.task import Simulation, constant
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
from suites.models.objects import GOAL_ALPHA, GOAL_TINT, STOP, TOUCH, add_base

if TYPE_CHECKING:
    from torch import Tensor

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
        _set_inertia(body, inertia)
    return body


@dataclass(frozen=True)
class Loose:
    """A thing whose body and free joint have its name, as every name in it has in front."""

    pos: Vector
    """m, of its origin at the start of an episode."""
    quat: Quaternion
    """wxyz, then."""
    name: str
    parts: ClassVar[tuple[str, ...]] = ()
    """What slides on it: bodies and joints `<name>_<part>`."""

    def add_base(self, spec: mujoco.MjSpec, inertia: Inertia, moment: float) -> Any:
        """Its body; `moment` (kg m^2) is the least moment of inertia of the whole thing."""
        return add_loose(spec, self.name, self.pos, self.quat, inertia, moment)

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """The thing where it starts, closed and at rest, in the worlds of the mask `worlds` (N,)."""
        sim.joint(self.name).put(worlds, qpos=constant((*self.pos, *self.quat), sim.qpos), qvel=0.0)
        for part in self.parts:
            sim.joint(f"{self.name}_{part}").put(worlds, qpos=0.0, qvel=0.0)


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
    _set_inertia(body, inertia)
    body.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=axis,
        range=[0.0, travel],
        damping=damping,
        armature=armature,
        **STOP,
    )
    return body


def add_shapes(body: Any, prefix: str, shapes: Shapes, colour: Sequence[float], **properties: Any) -> None:
    """Add geoms `<prefix>_<shape>` that collide like loose things and take their other `properties` from here."""
    for name, shape in shapes.items():
        options = {**OBJECT, **TOUCH, "rgba": colour, **properties}
        body.add_geom(name=f"{prefix}_{name}", **options, **shape)


def add_marker(body: Any, prefix: str, shapes: Shapes) -> None:
    """Add geoms `<prefix>_<shape>` that show where a thing should be, touch nothing and weigh nothing."""
    colour = [*(c / 255 for c in GOAL_TINT), GOAL_ALPHA]
    for name, shape in shapes.items():
        body.add_geom(name=f"{prefix}_{name}", density=0.0, rgba=colour, **GHOST, **shape)


def add_point(body: Any, name: str, pos: Vector, quat: Quaternion = UPRIGHT) -> None:
    """A site that stands for a place to reach for; not drawn unless asked for."""
    body.add_site(name=name, pos=pos, quat=quat, size=[0.01, 0.0, 0.0], group=4)


def _set_inertia(body: Any, inertia: Inertia) -> None:
    set_inertia(body, inertia.mass, inertia.com, (*inertia.moments, *inertia.products))
