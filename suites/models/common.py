"""What every scene shares: solver settings, a checkered ground, light."""

from __future__ import annotations

from typing import Any

import mujoco

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


def empty_scene() -> mujoco.MjSpec:
    """A spec in radians with the implicit integrator, which keeps joint damping and drives stable."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    return spec


def add_ground(spec: mujoco.MjSpec, **properties: Any) -> Any:
    """A checkered plane z = 0 (a `FIXTURE` of friction 1), a sky, a light; returns the plane."""
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.75, 0.83, 0.92],
        rgb2=[0.95, 0.97, 1.0],
        width=64,
        height=384,
    )
    spec.add_texture(
        name="checker",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=[0.80, 0.82, 0.85],
        rgb2=[0.70, 0.73, 0.77],
        width=128,
        height=128,
    )
    checker = spec.add_material(name="checker", texrepeat=[1, 1], texuniform=True)
    checker.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "checker"
    spec.visual.headlight.ambient = [0.35, 0.35, 0.35]
    spec.visual.headlight.diffuse = [0.35, 0.35, 0.35]
    spec.visual.headlight.specular = [0.1, 0.1, 0.1]
    spec.stat.extent = 4.0  # m: sets the reach of shadows and the clipping planes
    spec.visual.quality.shadowsize = 4096
    spec.worldbody.add_light(
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        mode=mujoco.mjtCamLight.mjCAMLIGHT_TRACKCOM,
        pos=[0, 0, 3],
        dir=[0.05, 0.08, -1],  # straight down, or more slanted, leaves specks in the shadow map
        diffuse=[0.5, 0.5, 0.5],
        castshadow=True,
    )
    options = {**FIXTURE, "friction": [1.0, 0.005, 0.0001], **properties}
    return spec.worldbody.add_geom(
        name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 0.5], material="checker", **options
    )


def add_motor(spec: mujoco.MjSpec, joint: str, torque: float) -> None:
    """A motor named after its joint: `torque` (N m) at full control."""
    motor = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    motor.gear[0] = torque
    motor.ctrllimited, motor.ctrlrange = True, [-1, 1]
