"""Things of one piece to hold: block, pen, egg and ball, each loose or as a marker of the pose it should reach."""

from __future__ import annotations

from typing import Any

import mujoco

from suites.models.common import BOX, CAPSULE, GHOST, OBJECT, SPHERE, UPRIGHT, Quaternion, Vector

BLOCK_EDGE, BLOCK_DENSITY = 0.05, 567.0  # m, kg/m^3
PEN_RADIUS, PEN_HALF_LENGTH, PEN_DENSITY = 0.008, 0.1, 1000.0  # m, m (straight part), kg/m^3
EGG_SEMI_AXES, EGG_DENSITY = (0.03, 0.03, 0.04), 1000.0  # m, kg/m^3
THROWN_EGG_DENSITY = 500.0  # kg/m^3, in the tasks of throwing and catching
BALL_RADIUS, BALL_DENSITY = 0.033, 500.0  # m, kg/m^3
SPIN_DAMPING = 0.5  # 1/s, of a free body in the originals' engine

TOUCH: dict[str, Any] = {
    "friction": [1.0, 0.005, 0.0001],
    "condim": 3,
    "solref": [0.02, 1.5],
    "solimp": [0.98, 0.998, 0.001, 0.5, 2.0],
}
"""How hands and objects touch: firmer than MuJoCo's default (a cube on a hand creeps by 0.03 mm/s, a fifth of
what it does there) and damped more, so that at steps of 8 ms a cube does not rock where it lies on palm and
fingers. Without torsional friction, which the originals' engine lacks too."""
STOP: dict[str, Any] = {"solref_limit": TOUCH["solref"], "solimp_limit": TOUCH["solimp"]}
"""The same for the ends of the range of a joint that moves something light: MuJoCo's default lets 1 N m turn a switch
by 7 degrees beyond its stop."""

DROP: dict[str, Any] = {
    "radius": 0.005,  # m
    "density": 1000.0,  # kg/m^3
    "solref": [0.004, 1.0],
    "priority": 1,
    "rgba": [0.30, 0.55, 0.90, 1.0],
}
"""Makes `add_ball` a drop of water. It is as hard as the step allows and makes what it hits so: with TOUCH alone
a drop that falls by 10 cm is 8 mm deep in a floor before it has stopped, and comes out on the other side."""

FACES = (
    (204, 60, 50),
    (240, 150, 50),
    (60, 150, 80),
    (235, 215, 80),
    (60, 100, 190),
    (240, 240, 240),
)
"""Colours (RGB) towards +x, -x, +y, -y, +z, -z."""
GOAL_TINT, GOAL_SHARE, GOAL_ALPHA = (120, 235, 215), 0.45, 0.55
"""A marker is see-through, and its faces have this share of this colour mixed in."""
_FACE_PIXELS = 8


def add_block(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
    *,
    edge: float = BLOCK_EDGE,
    density: float = BLOCK_DENSITY,
    goal: bool = False,
    **properties: Any,
) -> Any:
    """A cube of `edge` (m) and `density` (kg/m^3) at `pos` (m); returns its body. See `_add`."""
    half = 0.5 * edge
    inertia = density * edge**5 / 6.0
    return _add(
        spec, name, pos, quat, inertia, goal, type=BOX, size=[half] * 3, density=density, **properties
    )


def add_pen(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
    *,
    density: float = PEN_DENSITY,
    goal: bool = False,
    **properties: Any,
) -> Any:
    """A rod along its z axis, 0.216 m long with its round ends; returns its body. See `_add`."""
    size = [PEN_RADIUS, PEN_HALF_LENGTH, 0.0]
    inertia = (
        0.5 * density * 3.1416 * PEN_RADIUS**4 * 2 * PEN_HALF_LENGTH
    )  # about its axis, the ends left out
    return _add(spec, name, pos, quat, inertia, goal, type=CAPSULE, size=size, density=density, **properties)


def add_egg(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
    *,
    density: float = EGG_DENSITY,
    goal: bool = False,
    **properties: Any,
) -> Any:
    """An ellipsoid, longer along its z axis; returns its body. See `_add`."""
    a, b, c = EGG_SEMI_AXES
    inertia = density * 4.0 / 3.0 * 3.1416 * a * b * c * (a * a + b * b) / 5.0  # about its long axis
    ellipsoid = mujoco.mjtGeom.mjGEOM_ELLIPSOID
    return _add(
        spec,
        name,
        pos,
        quat,
        inertia,
        goal,
        type=ellipsoid,
        size=EGG_SEMI_AXES,
        density=density,
        **properties,
    )


def add_ball(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
    *,
    radius: float = BALL_RADIUS,
    density: float = BALL_DENSITY,
    goal: bool = False,
    **properties: Any,
) -> Any:
    """A sphere of `radius` (m) and `density` (kg/m^3); returns its body. See `_add`."""
    inertia = density * 8.0 / 15.0 * 3.1416 * radius**5
    size = [radius, 0.0, 0.0]
    return _add(spec, name, pos, quat, inertia, goal, type=SPHERE, size=size, density=density, **properties)


def add_base(
    spec: mujoco.MjSpec, name: str, pos: Vector, quat: Quaternion, inertia: float, goal: bool = False
) -> Any:
    """The body `name` at `pos` (m) and `quat` (wxyz): with a free joint called like it, or, as a goal, moved by hand.

    The originals slow the spin of every free body at 0.5 1/s. Damping of a free joint acts on all axes
    alike, so it is set for the smallest moment of inertia (kg m^2); the effect on falling is nil.
    """
    body = spec.worldbody.add_body(name=name, pos=pos, quat=quat, mocap=goal)
    if not goal:
        body.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_FREE, damping=SPIN_DAMPING * inertia)
    return body


def _add(
    spec: mujoco.MjSpec,
    name: str,
    pos: Vector,
    quat: Quaternion,
    inertia: float,
    goal: bool,
    **geom: Any,
) -> Any:
    """The body of `add_base` with one geom, also called `name`: a goal's is intangible."""
    body = add_base(spec, name, pos, quat, inertia, goal)
    if "rgba" not in geom:
        geom["material"] = _paint(spec, goal)
    body.add_geom(name=name, **(geom | GHOST if goal else {**OBJECT, **TOUCH, **geom}))
    return body


def _paint(spec: mujoco.MjSpec, goal: bool) -> str:
    """The material that gives every side of an object, or of its marker, its own colour; added once."""
    name = "six_pale_faces" if goal else "six_faces"
    share = GOAL_SHARE if goal else 0.0
    if spec.material(name) is None:
        texture = spec.add_texture(
            name=name,
            type=mujoco.mjtTexture.mjTEXTURE_CUBE,
            width=_FACE_PIXELS,
            height=6 * _FACE_PIXELS,
            nchannel=3,
        )
        mixed = [
            [round((1 - share) * c + share * tint) for c, tint in zip(colour, GOAL_TINT, strict=True)]
            for colour in FACES
        ]
        texture.data = b"".join(bytes(colour) * _FACE_PIXELS**2 for colour in mixed)
        paint = spec.add_material(name=name, rgba=[1, 1, 1, GOAL_ALPHA if goal else 1])
        paint.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    return name
