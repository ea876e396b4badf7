"""What every scene shares: solver settings, a checkered ground, light."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import mujoco

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
UPRIGHT: Quaternion = (1.0, 0.0, 0.0, 0.0)
"""No rotation (wxyz)."""

BOX, CAPSULE = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CAPSULE
CYLINDER, SPHERE = mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_SPHERE

ROBOT = {"contype": 1, "conaffinity": 0}
"""Collides with objects and fixtures, never with another geom of this kind."""
SECOND_ROBOT = {"contype": 4, "conaffinity": 1}
"""As ROBOT, for a second robot in the scene; the two collide with each other."""
OBJECT = {"contype": 2, "conaffinity": 7}
"""A loose or articulated thing: collides with everything but GHOST, its like included."""
FIXTURE = {"contype": 0, "conaffinity": 7}
"""Ground, tables: collides with everything that moves."""
GHOST = {"contype": 0, "conaffinity": 0}
"""Collides with nothing."""

LAMP_DIRECTION = (-0.31, 0.31, -0.9)  # of its light
LAMP_DISTANCE = 16.0  # m
LAMP_CUTOFF = 80.0  # degrees: the cone of light reaches beyond the horizon


def empty_scene() -> mujoco.MjSpec:
    """A spec in radians with the implicit integrator, which keeps joint damping and drives stable."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    return spec


def add_ground(spec: mujoco.MjSpec, **properties: Any) -> Any:
    """A checkered plane z = 0 (a `FIXTURE` of friction 1) that fades into a sky, lights; returns the plane."""
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.80, 0.87, 0.95],
        rgb2=[0.97, 0.98, 1.0],
        width=64,
        height=384,
    )
    spec.add_texture(
        name="checker",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=[0.86, 0.87, 0.89],
        rgb2=[0.78, 0.80, 0.83],
        width=128,
        height=128,
    )
    checker = spec.add_material(name="checker", texrepeat=[1, 1], texuniform=True)
    checker.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "checker"
    checker.specular = checker.shininess = 0.0
    _add_light(spec)
    options = {**FIXTURE, "friction": [1.0, 0.005, 0.0001], **properties}
    return spec.worldbody.add_geom(
        name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 0.5], material="checker", **options
    )


def _add_light(spec: mujoco.MjSpec) -> None:
    """A lamp that goes with what moves and shines from the side of the cameras, and one at the camera.

    The lamp is so far away that its light is nearly parallel. A truly parallel one casts the shadow of the ground
    on itself in places: specks that come and go.
    """
    spec.stat.extent = 4.0  # m, the unit of the clipping planes and of the haze
    spec.visual.map.znear, spec.visual.map.zfar = 0.02, 10.0
    spec.visual.headlight.ambient = [0.38, 0.38, 0.38]
    spec.visual.headlight.diffuse = [0.28, 0.28, 0.28]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    set_shadow_reach(spec, 2.5)
    spec.worldbody.add_light(
        type=mujoco.mjtLightType.mjLIGHT_SPOT,
        mode=mujoco.mjtCamLight.mjCAMLIGHT_TRACKCOM,
        pos=[-LAMP_DISTANCE * d for d in LAMP_DIRECTION],
        dir=LAMP_DIRECTION,
        cutoff=LAMP_CUTOFF,
        exponent=0,
        attenuation=[1, 0, 0],
        range=10 * LAMP_DISTANCE,
        diffuse=[0.50, 0.50, 0.50],
        specular=[0.15, 0.15, 0.15],
        castshadow=True,
    )


def set_shadow_reach(spec: mujoco.MjSpec, reach: float) -> None:
    """How far from the centre of mass of all that moves things have shadows (m); the smaller, the finer these are."""
    spec.visual.map.shadowscale = math.degrees(math.atan(reach / LAMP_DISTANCE)) / LAMP_CUTOFF


def add_motor(spec: mujoco.MjSpec, joint: str, torque: float) -> None:
    """A motor named after its joint: `torque` (N m) at full control."""
    motor = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    motor.gear[0] = torque
    motor.ctrllimited, motor.ctrlrange = True, [-1, 1]


def set_inertia(body: Any, mass: float, centre: Sequence[float], inertia: Sequence[float]) -> None:
    """State a body's mass (kg), centre of mass (m) and inertia about it (kg m^2), in axes of the body.

    `inertia` is xx, yy, zz, or these and xy, xz, yz.
    """
    body.explicitinertial, body.mass, body.ipos = True, mass, centre
    if len(inertia) == 3:
        body.inertia = inertia
    else:
        body.fullinertia = inertia
