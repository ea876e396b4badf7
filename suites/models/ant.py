"""The four-legged ant of IsaacGymEnvs: eight torque-driven hinges, spheres and capsules of density 5."""

from __future__ import annotations

import math
from typing import NamedTuple

import mujoco

from suites.models.common import CAPSULE, ROBOT, SPHERE, add_ground, add_motor, empty_scene
from suites.models.contact import add_contact_sensor

START_HEIGHT = 0.44  # m
TORQUE = 15.0  # N m at full action


class Leg(NamedTuple):
    """One leg: direction signs in the torso frame, ankle axis and range (degrees)."""

    name: str
    x: int
    y: int
    ankle_axis: tuple[int, int, int]
    ankle_range: tuple[float, float]


LEGS = (
    Leg("front_left", 1, 1, (-1, 1, 0), (30, 100)),
    Leg("front_right", -1, 1, (1, 1, 0), (-100, -30)),
    Leg("left_back", -1, -1, (-1, 1, 0), (-100, -30)),
    Leg("right_back", 1, -1, (1, 1, 0), (30, 100)),
)
HIP_RANGE = (-40.0, 40.0)  # degrees
RANGES = tuple(
    (math.radians(low), math.radians(high)) for leg in LEGS for low, high in (HIP_RANGE, leg.ankle_range)
)
"""Joint ranges in rad: hip and ankle of each leg in turn."""
JOINTS = tuple(f"{part}_{number}" for number in range(1, 1 + len(LEGS)) for part in ("hip", "ankle"))
"""Hinges, in the order of states, actions and actuators."""
FEET = tuple(f"{leg.name}_foot" for leg in LEGS)
"""Bodies with a contact sensor of their own name."""


def ant() -> mujoco.MjSpec:
    """The ant above the ground, one motor per joint, one contact sensor per foot.

    The legs do not collide with each other, as in the original. Friction is the mean of the asset's 1.5
    and the ground's 1.0, as PhysX combines them. The body is so light (0.9 kg) for its motors that it can
    spin at 70 rad/s. MuJoCo's single-step integrators then fail to conserve its momentum: with steps of 8 ms,
    policies trained to flail in mid-air gain 2 to 5 m/s in every second (Runge-Kutta: 0.06), and any reward for speed
    finds that out. Hence Runge-Kutta, at twice the cost of a full environment step. The ground is as stiff as steps
    of 5.5 ms allow (a time constant of two); at 8.3 ms feet sank into it by half their radius.
    """
    spec = empty_scene()
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_RK4
    add_ground(spec, priority=1, friction=[1.25, 0.1, 0.1], solref=[0.0111, 1])
    shape = {"density": 5, "friction": [1.25, 0.1, 0.1], "margin": 0.01, **ROBOT}
    limb = {"type": CAPSULE, "size": [0.08, 0, 0], **shape}
    shell, upper, lower = [0.80, 0.42, 0.20, 1], [0.88, 0.58, 0.30, 1], [0.93, 0.72, 0.45, 1]

    torso = spec.worldbody.add_body(name="torso", pos=[0, 0, START_HEIGHT])
    torso.add_freejoint(name="root")
    torso.add_geom(name="torso", type=SPHERE, size=[0.25, 0, 0], rgba=shell, **shape)
    for number, leg in enumerate(LEGS, start=1):
        reach = [0.2 * leg.x, 0.2 * leg.y, 0.0]
        torso.add_geom(name=f"shoulder_{number}", fromto=[0, 0, 0, *reach], rgba=shell, **limb)
        thigh = torso.add_body(name=f"{leg.name}_leg", pos=reach)
        thigh.add_geom(name=f"{leg.name}_leg", fromto=[0, 0, 0, *reach], rgba=upper, **limb)
        foot = thigh.add_body(name=f"{leg.name}_foot", pos=reach)
        foot.add_geom(
            name=f"{leg.name}_foot", fromto=[0, 0, 0, 2 * reach[0], 2 * reach[1], 0], rgba=lower, **limb
        )
        hinges = ((f"hip_{number}", thigh, (0, 0, 1)), (f"ankle_{number}", foot, leg.ankle_axis))
        for (name, body, axis), limits in zip(hinges, RANGES[2 * number - 2 : 2 * number], strict=True):
            body.add_joint(name=name, axis=axis, range=limits, damping=0.1, armature=0.01)
            add_motor(spec, name, TORQUE)
        add_contact_sensor(spec, f"{leg.name}_foot", by="world", on=f"{leg.name}_foot")
    return spec
