"""A flying disc with four thrusters, each on a gimbal of two position-driven hinges."""

from __future__ import annotations

import math

import mujoco

from suites.models.common import CYLINDER, ROBOT, SPHERE, add_ground, empty_scene

ROTORS = 4
TILT = math.radians(30.0)  # rad, range of every gimbal hinge to both sides
MAX_THRUST = 2.0  # N per rotor
GIMBALS = tuple(f"rotor_{axis}{rotor}" for rotor in range(ROTORS) for axis in ("pitch", "roll"))
"""Hinges, and their drives."""
THRUSTERS = tuple(f"thrust{rotor}" for rotor in range(ROTORS))
"""Sites, and the actuators that push there."""


def quadcopter() -> mujoco.MjSpec:
    """The craft 1 m above the ground, where a ball marks the hover point.

    Controls are eight target angles (pitch, roll of each rotor in turn; rad), then four thrusts (N).
    The original's hinges are in effect ideal position sources; these drives are critically damped and
    settle in about 10 ms. Their armature acts on the hinges only and leaves the flight dynamics alone.
    """
    spec = empty_scene()
    add_ground(spec)
    spec.worldbody.add_site(name="goal", size=[0.04, 0, 0], pos=[0, 0, 1], rgba=[0.1, 0.65, 0.3, 0.5])
    chassis = spec.worldbody.add_body(name="chassis", pos=[0, 0, 1])
    chassis.add_freejoint(name="root")
    chassis.add_geom(
        name="chassis", type=CYLINDER, size=[0.1, 0.015, 0], density=50, rgba=[0.20, 0.25, 0.32, 1], **ROBOT
    )
    hinge = {"range": [-TILT, TILT], "armature": 5e-5}
    for rotor in range(ROTORS):
        azimuth = math.pi * (0.25 + 0.5 * rotor)
        arm = chassis.add_body(
            name=f"rotor_arm{rotor}",
            pos=[0.1025 * math.cos(azimuth), 0.1025 * math.sin(azimuth), 0],
            quat=[math.cos(0.5 * azimuth), 0, 0, math.sin(0.5 * azimuth)],
        )
        arm.add_joint(name=f"rotor_pitch{rotor}", axis=[0, 1, 0], **hinge)
        arm.add_geom(
            name=f"arm{rotor}", type=SPHERE, size=[0.01, 0, 0], density=200, rgba=[0.5, 0.5, 0.55, 1], **ROBOT
        )
        disc = arm.add_body(name=f"rotor{rotor}", pos=[0.0425, 0, 0])
        disc.add_joint(name=f"rotor_roll{rotor}", axis=[1, 0, 0], **hinge)
        front = rotor in (0, 3)
        disc.add_geom(
            name=f"rotor{rotor}",
            type=CYLINDER,
            size=[0.04, 0.005, 0],
            density=1000,
            rgba=[0.90, 0.45, 0.15, 1] if front else [0.30, 0.55, 0.75, 1],
            **ROBOT,
        )
        disc.add_site(name=f"thrust{rotor}", size=[0.005, 0, 0])
        for joint in (f"rotor_pitch{rotor}", f"rotor_roll{rotor}"):
            drive = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
            drive.set_to_position(kp=2, kv=0.02)
            drive.ctrllimited, drive.ctrlrange = True, [-TILT, TILT]
    for rotor in range(ROTORS):
        thrust = spec.add_actuator(
            name=f"thrust{rotor}", target=f"thrust{rotor}", trntype=mujoco.mjtTrn.mjTRN_SITE
        )
        thrust.gear = [0, 0, 1, 0, 0, 0]
        thrust.ctrllimited, thrust.ctrlrange = True, [0, MAX_THRUST]
    return spec
