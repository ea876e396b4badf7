"""The Franka Emika Panda: seven hinges and a hand with two sliding fingers, driven by position servos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import mujoco

from suites.models.common import BOX, CAPSULE, CYLINDER, GHOST, ROBOT

WHITE, GREY, DARK = [0.93, 0.94, 0.95, 1], [0.55, 0.57, 0.60, 1], [0.28, 0.30, 0.34, 1]
ORANGE = [0.93, 0.45, 0.10, 1]
R = 0.70710678
FORWARD, BACK = (R, R, 0, 0), (R, -R, 0, 0)  # wxyz, a quarter turn about x
HAND_TURN = (0.92387953, 0, 0, -0.38268343)  # wxyz, -45 degrees about z


class Link(NamedTuple):
    """One arm link: pose in its parent, the hinge about its z axis, inertia, one capsule."""

    position: tuple[float, float, float]
    turn: tuple[float, float, float, float]
    """wxyz"""
    limits: tuple[float, float]
    """rad"""
    effort: float
    """N m"""
    speed: float
    """rad/s"""
    mass: float
    centre: tuple[float, float, float]
    inertia: tuple[float, float, float]
    inertia_turn: tuple[float, float, float, float]
    radius: float
    capsule: tuple[float, float, float, float, float, float]
    """end points"""


LINKS = (
    Link(
        (0, 0, 0.333), (1, 0, 0, 0), (-2.8973, 2.8973), 87, 2.175,
        4.970684, (0.003875, 0.002081, -0.04762), (0.707137, 0.7034354, 0.008524556),
        (-0.006343538, 0.7115492, 0.7024853, 0.01311216), 0.056, (0, 0, -0.145, 0, -0.073, 0),
    ),
    Link(
        (0, 0, 0), BACK, (-1.7628, 1.7628), 87, 2.175,
        0.646926, (-0.003141, -0.02872, 0.003495), (0.03103264, 0.02830011, 0.00273425),
        (0.1228776, -0.5200272, -0.1681748, 0.8283659), 0.056, (0, -0.14, 0, 0, 0, 0.0745),
    ),
    Link(
        (0, -0.316, 0), FORWARD, (-2.8973, 2.8973), 87, 2.175,
        3.228604, (0.027518, 0.039252, -0.066502), (0.04150139, 0.04147926, 0.001246354),
        (0.7050962, -0.2520532, -0.006783332, -0.6627688), 0.056, (0, 0, -0.068, 0.0825, 0.056, 0),
    ),
    Link(
        (0.0825, 0, 0), FORWARD, (-3.0718, -0.0698), 87, 2.175,
        3.587895, (-0.05317, 0.104419, 0.027454), (0.03495964, 0.02814828, 0.01062008),
        (-0.5355176, -0.09620337, -0.5298217, 0.6505803), 0.056, (0, 0, 0.056, -0.0825, 0.069, 0),
    ),
    Link(
        (-0.0825, 0.384, 0), BACK, (-2.8973, 2.8973), 12, 2.61,
        1.225946, (-0.011953, 0.041065, -0.038437), (0.03676254, 0.02885309, 0.00803437),
        (0.01219535, 0.9873133, -0.1410372, -0.07191867), 0.053, (0, 0, -0.212, 0, 0.077, -0.002),
    ),
    Link(
        (0, 0, 0), FORWARD, (-0.0175, 3.7525), 12, 2.61,
        1.666555, (0.060149, -0.014117, -0.010517), (0.005842761, 0.004310374, 0.001597865),
        (-0.5933199, 0.1010754, 0.7980791, -0.0287227), 0.049, (0, 0.006, 0.006, 0.086, 0.028, 0.006),
    ),
    Link(
        (0.088, 0, 0), FORWARD, (-2.8973, 2.8973), 12, 2.61,
        0.735522, (0.010517, -0.004252, 0.061597), (0.01273449, 0.01010548, 0.00451803),
        (0.07620412, 0.9929385, -0.05370665, -0.07335952), 0.027, (0.044, 0.044, 0.075, 0.044, 0.044, 0.085),
    ),
)  # fmt: skip
FINGER_RANGE, FINGER_EFFORT = (0.0, 0.04), 200.0  # m, N
JOINTS = (*(f"panda_joint{n}" for n in range(1, 8)), "panda_finger_joint1", "panda_finger_joint2")
RANGES = (*(link.limits for link in LINKS), FINGER_RANGE, FINGER_RANGE)
"""Joint ranges in rad (7) and m (2), in the order of `JOINTS`."""
SPEEDS = tuple(link.speed for link in LINKS)
"""Top speeds of the arm joints, rad/s."""
ARM_STIFFNESS, ARM_DAMPING = 400.0, 80.0  # N m/rad, N m s/rad
FINGER_STIFFNESS, FINGER_DAMPING = 4000.0, 100.0  # N/m, N s/m
FINGER_BOXES = (  # half sizes, centre and turn about x of one finger, in its frame; the last is the pad
    ((0.011, 0.0075, 0.01), (0, 0.0185, 0.011), (1, 0, 0, 0)),
    ((0.011, 0.0044, 0.0019), (0, 0.0068, 0.0022), (1, 0, 0, 0)),
    ((0.00875, 0.0035, 0.01175), (0, 0.0159, 0.02835), (0.9659258, 0.258819, 0, 0)),
    ((0.00875, 0.0076, 0.00925), (0, 0.00758, 0.04525), (1, 0, 0, 0)),
)
FIRST_TO_COLLIDE = 3
"""Links before this one stay near the base and are drawn only."""


def add_franka(spec: mujoco.MjSpec, position: Sequence[float], rotation: Sequence[float]) -> Any:
    """Mount the arm in `spec` at `position` (m), turned by `rotation` (wxyz); returns its base body.

    Bodies `panda_link0` to `panda_link7`, `panda_hand` (fixed to link 7), `panda_leftfinger` and
    `panda_rightfinger`; joints and servos are called as in `JOINTS`. The arm carries its own weight and does
    not collide with itself, as in the original. Inertias are those that the maker publishes; the original takes
    hulls of even density.

    Servos limit stiffness and damping together, but MuJoCo treats their damping explicitly while they are at the
    limit; more than 0.33 kg m^2 of armature keeps the weak wrist servos from chattering at steps of 8 ms, and
    leaves their response (0.2 s) as it is. The original drives its fingers with 1e6 N/m: here they are as stiff as
    is steady at that step, and squeeze the handle of a drawer with about 50 N instead of 200.
    """
    base = spec.worldbody.add_body(
        name="panda_link0", pos=position, quat=rotation, gravcomp=1, mass=0.629769, explicitinertial=True,
        ipos=[-0.041018, -0.00014, 0.049974], inertia=[0.00430465, 0.003879839, 0.003130511],
        iquat=[0.7512446, -0.006304743, -0.6599521, 0.007417746],
    )  # fmt: skip
    base.add_geom(
        name="link0", type=BOX, size=[0.095, 0.075, 0.067], pos=[-0.04, 0, 0.067], rgba=WHITE, **GHOST
    )
    body = base
    for number, link in enumerate(LINKS, start=1):
        body = _add_link(spec, body, number, link)
    body.add_geom(
        name="flange", type=CYLINDER, size=[0.042, 0.0274, 0], pos=[0, 0, 0.0794], rgba=GREY, **ROBOT
    )
    hand = body.add_body(
        name="panda_hand", pos=[0, 0, 0.107], quat=HAND_TURN, gravcomp=1, mass=0.73, explicitinertial=True,
        ipos=[-0.01, 0, 0.03], inertia=[0.001, 0.0025, 0.0017],
    )  # fmt: skip
    hand.add_geom(
        name="hand", type=BOX, size=[0.024, 0.1, 0.035], pos=[0, -0.0018, 0.028], rgba=DARK, **ROBOT
    )
    hand.add_site(name="tcp", pos=[0, 0, 0.1034], size=[0.005, 0, 0], group=3)
    _add_finger(spec, hand, "left", JOINTS[7], 1)
    _add_finger(spec, hand, "right", JOINTS[8], -1)
    return base


def _add_link(spec: mujoco.MjSpec, parent: Any, number: int, link: Link) -> Any:
    body = parent.add_body(
        name=f"panda_link{number}", pos=link.position, quat=link.turn, gravcomp=1, mass=link.mass,
        explicitinertial=True, ipos=link.centre, inertia=link.inertia, iquat=link.inertia_turn,
    )  # fmt: skip
    collision = ROBOT if number >= FIRST_TO_COLLIDE else GHOST
    body.add_geom(
        name=f"link{number}", type=CAPSULE, size=[link.radius, 0, 0], fromto=link.capsule, rgba=WHITE,
        **collision,
    )  # fmt: skip
    joint, armature = JOINTS[number - 1], 0.35 if link.effort < 20 else 0.1  # kg m^2
    body.add_joint(name=joint, axis=[0, 0, 1], range=link.limits, armature=armature)
    _add_servo(spec, joint, ARM_STIFFNESS, ARM_DAMPING, link.effort)
    return body


def _add_finger(spec: mujoco.MjSpec, hand: Any, name: str, joint: str, side: int) -> None:
    finger = hand.add_body(
        name=f"panda_{name}finger", pos=[0, 0, 0.0584], gravcomp=1, mass=0.015, explicitinertial=True,
        ipos=[0, 0, 0], inertia=[2.375e-6, 2.375e-6, 7.5e-7],
    )  # fmt: skip
    finger.add_joint(
        name=joint, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[0, side, 0], range=FINGER_RANGE, armature=0.5
    )
    for index, (size, (x, y, z), (w, turn, *_)) in enumerate(FINGER_BOXES):
        finger.add_geom(
            name=f"{name}_finger_{index}", type=BOX, size=size, pos=[x, side * y, z],
            quat=[w, side * turn, 0, 0], rgba=ORANGE, **ROBOT,
        )  # fmt: skip
    _add_servo(spec, joint, FINGER_STIFFNESS, FINGER_DAMPING, FINGER_EFFORT)


def _add_servo(spec: mujoco.MjSpec, joint: str, stiffness: float, damping: float, effort: float) -> None:
    """Force = clip(stiffness (target - q) - damping qdot, +-effort), as in the original's drives."""
    servo = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    servo.set_to_position(kp=stiffness, kv=damping)
    servo.forcelimited, servo.forcerange = True, [-effort, effort]
