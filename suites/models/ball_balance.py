"""A round tray on three two-link legs whose feet are pinned to the ground, and a loose ball."""

from __future__ import annotations

import math

import mujoco

from suites.models.common import CAPSULE, CYLINDER, SPHERE, add_ground, empty_scene
from suites.models.contact import add_contact_sensor

TRAY_HEIGHT = 0.5591169  # m, at zero joint angles
BALL_RADIUS = 0.1  # m
LEG_ANGLES = tuple(2 * math.pi * leg / 3 for leg in range(3))  # rad, azimuths
PIN_RADIUS = 0.4  # m, of feet and hips from the axis
HALF_LINK, LINK_RADIUS = 0.18, 0.02  # m
KNEE_RANGE = (-1.22173, 1.570796)  # rad
HIPS = tuple(f"upper_leg_joint{leg}" for leg in range(len(LEG_ANGLES)))
KNEES = tuple(f"lower_leg_joint{leg}" for leg in range(len(LEG_ANGLES)))
"""Hinges, and their drives."""

BALL_BIT = 2
HIT_BY_BALL = {"contype": 0, "conaffinity": BALL_BIT}


def ball_balance() -> mujoco.MjSpec:
    """Tray (free, held by its feet), hips free, knees position-driven, ball free.

    The knees have an armature and softer drives than the original's 4000 N m/rad: implicit joint damping
    is not seen by the constraint solver, and with massless motors the foot pins blow apart. Only the ball
    collides: links of a leg overlap at their joints, and the feet rest in the ground. It lands at 5.6 to 7.2 m/s;
    the tray stops it as fast as steps of 3.3 ms allow (a time constant of two) and holds it 2 mm above its surface,
    the rest offsets of the original's two shapes.
    """
    spec = empty_scene()
    add_ground(spec, **HIT_BY_BALL)
    tray = spec.worldbody.add_body(name="tray", pos=[0, 0, TRAY_HEIGHT])
    tray.add_freejoint(name="tray")
    tray.add_geom(
        name="tray",
        type=CYLINDER,
        size=[0.5, 0.01, 0],
        density=100,
        priority=1,
        margin=0.002,
        solref=[0.00667, 1],
        rgba=[0.80, 0.66, 0.46, 1],
        **HIT_BY_BALL,
    )
    for leg, azimuth in enumerate(LEG_ANGLES):
        _add_leg(spec, tray, leg, azimuth)
    ball = spec.worldbody.add_body(name="ball", pos=[0.2, 0, 2])
    spin_damping = 0.5 * 0.4 * 0.8377580 * BALL_RADIUS**2  # N m s/rad: 0.5 1/s times the inertia
    ball.add_joint(name="ball", type=mujoco.mjtJoint.mjJNT_FREE, damping=spin_damping)
    ball.add_geom(
        name="ball",
        type=SPHERE,
        size=[BALL_RADIUS, 0, 0],
        density=200,
        contype=BALL_BIT,
        conaffinity=0,
        rgba=[0.86, 0.30, 0.16, 1],
    )
    add_contact_sensor(spec, "tray", by="ball", on="tray")
    return spec


def _add_leg(spec: mujoco.MjSpec, tray: mujoco.MjsBody, leg: int, azimuth: float) -> None:
    link = {"type": CAPSULE, "size": [LINK_RADIUS, HALF_LINK, 0], "density": 1000, **HIT_BY_BALL}
    c, s = math.cos(azimuth), math.sin(azimuth)
    hip_to_middle = HALF_LINK * math.sqrt(0.5)
    radius, height = PIN_RADIUS - hip_to_middle, -0.03 - hip_to_middle
    upper = tray.add_body(
        name=f"upper_leg{leg}", pos=[radius * c, radius * s, height], quat=_inward(azimuth, -0.75 * math.pi)
    )
    upper.add_joint(
        name=HIPS[leg],
        axis=[0, 1, 0],
        pos=[0, 0, -HALF_LINK],
        range=[-math.pi / 4, math.pi / 4],
    )
    upper.add_geom(name=f"upper_leg{leg}", rgba=[0.25, 0.38, 0.55, 1], **link)
    lower = upper.add_body(
        name=f"lower_leg{leg}", pos=[-HALF_LINK, 0, HALF_LINK], quat=_inward(0.0, -0.5 * math.pi)
    )
    lower.add_joint(
        name=KNEES[leg],
        axis=[0, 1, 0],
        pos=[0, 0, -HALF_LINK],
        range=KNEE_RANGE,
        armature=0.1,
    )
    lower.add_geom(name=f"lower_leg{leg}", rgba=[0.36, 0.52, 0.70, 1], **link)
    lower.add_site(name=f"foot{leg}", size=[0.02, 0, 0], pos=[0, 0, HALF_LINK], rgba=[0.2, 0.2, 0.2, 1])
    spec.worldbody.add_site(
        name=f"pin{leg}",
        size=[0.025, 0, 0],
        pos=[PIN_RADIUS * c, PIN_RADIUS * s, 0.02],
        rgba=[0.2, 0.2, 0.2, 1],
    )
    pin = spec.add_equality(
        name=f"pin{leg}",
        type=mujoco.mjtEq.mjEQ_CONNECT,
        objtype=mujoco.mjtObj.mjOBJ_SITE,
        name1=f"foot{leg}",
        name2=f"pin{leg}",
    )
    pin.solref = [0.01, 1]
    knee = spec.add_actuator(name=KNEES[leg], target=KNEES[leg], trntype=mujoco.mjtTrn.mjTRN_JOINT)
    knee.set_to_position(kp=1000, kv=20)
    knee.ctrllimited, knee.ctrlrange = True, KNEE_RANGE


def _inward(azimuth: float, tilt: float) -> list[float]:
    """Quaternion (wxyz) of a turn by `azimuth` about z after a turn by `tilt` about y."""
    cz, sz, cy, sy = (f(0.5 * angle) for angle in (azimuth, tilt) for f in (math.cos, math.sin))
    return [cz * cy, -sz * sy, cz * sy, sz * cy]
