"""The Shadow Dexterous Hand (right): 24 hinges, 20 of them driven by position servos, capsules and boxes."""

from __future__ import annotations

from typing import Any, NamedTuple

import mujoco

from suites.models.common import BOX, CAPSULE, ROBOT
from suites.models.contact import add_contact_sensor
from suites.models.objects import TOUCH

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

PALM_UP: Quaternion = (0.0, 0.0, -0.7071081, 0.7071055)
"""Rotation (wxyz) of `hand_mount` in the world with which the fingers point along -y and the palm faces +z."""
PALM_DOWN: Quaternion = (0.7071081, 0.7071055, 0.0, 0.0)
"""The same with the palm facing -z."""
TIPS = ("ffdistal", "mfdistal", "rfdistal", "lfdistal", "thdistal")
"""The bodies that end the fingers: first, middle, ring, little, thumb."""


class Link(NamedTuple):
    """A body: pose in its parent's frame (m, wxyz), mass (kg), centre of mass (m), inertia about it (kg m^2)."""

    name: str
    parent: str
    pos: Vector
    mass: float
    com: Vector = (0.0, 0.0, 0.0)
    inertia: Vector = (1e-5, 1e-5, 1e-5)
    quat: Quaternion = (1.0, 0.0, 0.0, 0.0)
    inertia_quat: Quaternion = (1.0, 0.0, 0.0, 0.0)


class Joint(NamedTuple):
    """A hinge: its body, axis in the body's frame, range (rad) and the largest torque (N m) of its servo."""

    name: str
    body: str
    axis: Vector
    range: tuple[float, float]
    effort: float | None
    """None where no servo drives it."""
    stiffness: float = 1.0
    """N m/rad, of the servo."""
    damping: float = 0.1
    """N m s/rad."""
    armature: float = 0.001
    """kg m^2."""


class Shape(NamedTuple):
    """A collision geom: MuJoCo's sizes and position in the body's frame (m)."""

    name: str
    body: str
    type: Any
    size: tuple[float, ...]
    pos: Vector
    quat: Quaternion = (1.0, 0.0, 0.0, 0.0)


X, Y, NEGATIVE_Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)
BEND, SPREAD = (0.0, 1.571), (-0.349, 0.349)  # rad
_DENSE: Vector = (0.001, 0.001, 0.001)
_FINGERS = (  # name, what it grows from, where
    ("ff", "palm", (0.033, 0.0, 0.095)),
    ("mf", "palm", (0.011, 0.0, 0.099)),
    ("rf", "palm", (-0.011, 0.0, 0.095)),
    ("lf", "lfmetacarpal", (-0.017, 0.0, 0.044)),
)


def _finger_links(finger: str, parent: str, pos: Vector) -> tuple[Link, ...]:
    middle_com = 0.011 if finger == "ff" else 0.012
    return (
        Link(f"{finger}knuckle", parent, pos, 0.008),
        Link(f"{finger}proximal", f"{finger}knuckle", (0.0, 0.0, 0.0), 0.014, (0.0, 0.0, 0.023)),
        Link(f"{finger}middle", f"{finger}proximal", (0.0, 0.0, 0.045), 0.012, (0.0, 0.0, middle_com)),
        Link(f"{finger}distal", f"{finger}middle", (0.0, 0.0, 0.025), 0.010, (0.0, 0.0, 0.015)),
    )


def _finger_joints(finger: str) -> tuple[Joint, ...]:
    name = finger.upper()
    return (
        Joint(f"{name}J3", f"{finger}knuckle", Y, SPREAD, 0.9),
        Joint(f"{name}J2", f"{finger}proximal", X, BEND, 0.9),
        Joint(f"{name}J1", f"{finger}middle", X, BEND, 0.7245),
        Joint(f"{name}J0", f"{finger}distal", X, BEND, None),
    )


def _finger_shapes(finger: str) -> tuple[Shape, ...]:
    return (
        Shape(f"C_{finger}proximal", f"{finger}proximal", CAPSULE, (0.010, 0.0225, 0.0), (0.0, 0.0, 0.0225)),
        Shape(f"C_{finger}middle", f"{finger}middle", CAPSULE, (0.00805, 0.0125, 0.0), (0.0, 0.0, 0.0125)),
        Shape(f"C_{finger}distal", f"{finger}distal", CAPSULE, (0.00705, 0.012, 0.0), (0.0, 0.0, 0.012)),
    )


_FF, _MF, _RF, _LF = _FINGERS
LINKS = (
    Link(
        "forearm",
        "hand_mount",
        (0.0, 0.01, 0.0),
        4.0,
        (0.001, -0.002, 0.29),
        (0.01, 0.01, 0.0075),
        inertia_quat=(0.9820373, -0.01600061, 0.0, -0.1880071),
    ),
    Link("wrist", "forearm", (0.0, 0.0, 0.256), 0.3, (0.003, 0.0, 0.016), _DENSE),
    Link("palm", "wrist", (0.0, 0.0, 0.034), 0.3, (0.006, 0.0, 0.036), _DENSE),
    *_finger_links(*_FF),
    *_finger_links(*_MF),
    *_finger_links(*_RF),
    Link("lfmetacarpal", "palm", (-0.017, 0.0, 0.044), 0.075, (-0.014, 0.001, 0.014)),
    *_finger_links(*_LF),
    Link("thbase", "palm", (0.034, -0.009, 0.029), 0.010, quat=(0.9239557, 0.0, 0.3824995, 0.0)),
    Link("thproximal", "thbase", (0.0, 0.0, 0.0), 0.016, (0.0, 0.0, 0.017)),
    Link("thhub", "thproximal", (0.0, 0.0, 0.038), 0.002),
    Link("thmiddle", "thhub", (0.0, 0.0, 0.0), 0.016, (0.0, 0.0, 0.016)),
    Link("thdistal", "thmiddle", (0.0, 0.0, 0.032), 0.016, (0.0, 0.0, 0.016)),
)
"""Every body below `hand_mount`, parents first; body ids follow this order."""
BODIES = ("hand_mount", *(link.name for link in LINKS))

JOINTS = (
    Joint("WRJ1", "wrist", Y, (-0.489, 0.14), 4.785, 5.0, 0.5, 0.005),
    Joint("WRJ0", "palm", X, (-0.698, 0.489), 2.175, 5.0, 0.5, 0.005),
    *_finger_joints("ff"),
    *_finger_joints("mf"),
    *_finger_joints("rf"),
    Joint("LFJ4", "lfmetacarpal", (0.571, 0.0, 0.821), (0.0, 0.785), 0.9),
    *_finger_joints("lf"),
    Joint("THJ4", "thbase", NEGATIVE_Z, (-1.047, 1.047), 2.3722),
    Joint("THJ3", "thproximal", X, (0.0, 1.222), 1.45),
    Joint("THJ2", "thhub", X, (-0.209, 0.209), 0.99),
    Joint("THJ1", "thmiddle", Y, (-0.524, 0.524), 0.99),
    Joint("THJ0", "thdistal", Y, (-1.571, 0.0), 0.81),
)
"""The order of joint coordinates, and (where driven) of actions."""
JOINT_NAMES = tuple(joint.name for joint in JOINTS)
ACTUATED = tuple(index for index, joint in enumerate(JOINTS) if joint.effort is not None)
"""Positions of the 20 driven joints among the 24."""
LOWER, UPPER = (tuple(joint.range[side] for joint in JOINTS) for side in (0, 1))
"""Limits (rad) of the 24 joints."""

SHAPES = (
    Shape("C_forearm", "forearm", CAPSULE, (0.0625, 0.05, 0.0), (0.0, 0.01, 0.125)),
    Shape(
        "C_wrist",
        "wrist",
        CAPSULE,
        (0.015, 0.01, 0.0),
        (0.0, 0.0, 0.0),
        (0.7071068, 0.7071068, 0.0, 0.0),
    ),
    Shape("C_palm0", "palm", BOX, (0.032, 0.0111, 0.049), (0.011, 0.0, 0.038)),
    Shape("C_palm1", "palm", BOX, (0.011, 0.0111, 0.025), (-0.032, 0.0, 0.014)),
    *_finger_shapes("ff"),
    *_finger_shapes("mf"),
    *_finger_shapes("rf"),
    Shape("C_lfmetacarpal", "lfmetacarpal", BOX, (0.0095, 0.0111, 0.025), (-0.0165, 0.0, 0.01)),
    *_finger_shapes("lf"),
    Shape("C_thproximal", "thproximal", CAPSULE, (0.013, 0.019, 0.0), (0.0, 0.0, 0.019)),
    Shape("C_thmiddle", "thmiddle", CAPSULE, (0.011, 0.016, 0.0), (0.0, 0.0, 0.016)),
    Shape("C_thdistal", "thdistal", CAPSULE, (0.00918, 0.013, 0.0), (0.0, 0.0, 0.013)),
)
SELF_PAIRS = (
    ("C_ffdistal", "C_thdistal"),
    ("C_ffmiddle", "C_thdistal"),
    ("C_ffproximal", "C_thdistal"),
    ("C_mfproximal", "C_thdistal"),
    ("C_mfdistal", "C_thdistal"),
    ("C_rfdistal", "C_thdistal"),
    ("C_lfdistal", "C_thdistal"),
    ("C_palm0", "C_thdistal"),
    ("C_mfdistal", "C_ffdistal"),
    ("C_rfdistal", "C_mfdistal"),
    ("C_lfdistal", "C_rfdistal"),
    ("C_mfproximal", "C_ffproximal"),
    ("C_rfproximal", "C_mfproximal"),
    ("C_lfproximal", "C_rfproximal"),
    ("C_lfdistal", "C_mfdistal"),
    ("C_lfdistal", "C_rfmiddle"),
    ("C_lfmiddle", "C_rfdistal"),
    ("C_lfmiddle", "C_rfmiddle"),
)
"""The geoms of one hand that touch each other, without friction; all others pass through."""

COUPLING = (("J0", 0.00705), ("J1", -0.00805))
"""Fixed tendon of every finger: m per rad of its last two joints."""
SLACK = 0.001  # m either way
TENDON_STIFFNESS = 20000.0  # N/m


def add_shadow_hand(
    spec: mujoco.MjSpec,
    prefix: str = "",
    pos: Vector = (0.0, 0.0, 0.5),
    quat: Quaternion = PALM_UP,
    mask: dict[str, int] = ROBOT,
    parent: Any = None,
) -> Any:
    """A weightless hand with its servos and tendons; returns the body `hand_mount`, fixed to `parent`.

    `pos` (m) and `quat` (wxyz) place the mount in `parent` (the world if None); give a body that moves, or
    add joints to the mount, for a hand that does. `mask` is one of the collision masks of `common`; every
    name begins with `prefix`, so that a scene may hold several hands.

    The servos have no damping of their own: the joints have it. The forearm is a capsule in place of a
    mesh. Left out of the original asset: dry joint friction of 0.001 N m (to PhysX this number is a share of
    the load; to MuJoCo it is 24 constraints in every step), the margins on joints and contacts (more
    constraints, and things that hover), and torsional friction of fingertips, which PhysX lacks.
    """
    mount = (parent or spec.worldbody).add_body(name=f"{prefix}hand_mount", pos=pos, quat=quat)
    _set_inertia(mount, Link("hand_mount", "", pos, 0.1, inertia=_DENSE))
    bodies = {"hand_mount": mount}
    for link in LINKS:
        body = bodies[link.parent].add_body(name=prefix + link.name, pos=link.pos, quat=link.quat)
        _set_inertia(body, link)
        bodies[link.name] = body
    for shape in SHAPES:
        bodies[shape.body].add_geom(
            name=prefix + shape.name,
            type=shape.type,
            size=shape.size,
            pos=shape.pos,
            quat=shape.quat,
            rgba=_colour(shape),
            **TOUCH,
            **mask,
        )
    for joint in JOINTS:
        _add_joint(spec, bodies[joint.body], prefix, joint)
    for finger, _, _ in _FINGERS:
        _couple(spec, prefix, finger.upper())
    for one, other in SELF_PAIRS:
        spec.add_pair(geomname1=prefix + one, geomname2=prefix + other, condim=1)
    return mount


def add_fingertip_sensors(spec: mujoco.MjSpec, prefix: str = "") -> None:
    """A sensor per body of `TIPS`, called like it: the net force of all its contacts."""
    anything = mujoco.mjtObj.mjOBJ_XBODY  # a body with all that hangs on it
    for tip in TIPS:
        add_contact_sensor(spec, prefix + tip, by="world", on=prefix + tip, kind=anything)


def _set_inertia(body: Any, link: Link) -> None:
    body.explicitinertial = True
    body.mass, body.ipos = link.mass, link.com
    body.inertia, body.iquat = link.inertia, link.inertia_quat
    body.gravcomp = 1.0


def _add_joint(spec: mujoco.MjSpec, body: Any, prefix: str, joint: Joint) -> None:
    name = prefix + joint.name
    body.add_joint(
        name=name, axis=joint.axis, range=joint.range, damping=joint.damping, armature=joint.armature
    )
    if joint.effort is None:
        return
    servo = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    servo.set_to_position(kp=joint.stiffness)
    servo.ctrllimited, servo.ctrlrange = True, joint.range
    servo.forcelimited, servo.forcerange = True, [-joint.effort, joint.effort]


def _couple(spec: mujoco.MjSpec, prefix: str, finger: str) -> None:
    """A tendon that makes the last joint of a finger follow the one before, within some slack.

    A spring beyond the slack, as in PhysX, rather than MuJoCo's tendon limit or a joint equality: it costs
    no constraint. It is stiffer than the original's 30 N/m, which would be 0.0015 N m/rad at the joint,
    next to nothing; with this value it is 1 N m/rad, like the servos.
    """
    tendon = spec.add_tendon(name=f"{prefix}T_{finger}J1c", stiffness=TENDON_STIFFNESS)
    tendon.springlength = [-SLACK, SLACK]
    for joint, arm in COUPLING:
        tendon.wrap_joint(f"{prefix}{finger}{joint}", arm)


def _colour(shape: Shape) -> list[float]:
    if "distal" in shape.body:
        return [0.62, 0.66, 0.72, 1.0]
    if shape.body in ("forearm", "wrist"):
        return [0.22, 0.24, 0.28, 1.0]
    return [0.36, 0.39, 0.45, 1.0]
