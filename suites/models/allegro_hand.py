"""The Allegro right hand of the KUKA-Allegro description with BioTac-like tips: 16 position servos, palm up."""

from __future__ import annotations

from typing import Any, NamedTuple

import mujoco

from suites.models.common import (
    BOX,
    CAPSULE,
    CYLINDER,
    ROBOT,
    SPHERE,
    add_ground,
    empty_scene,
    set_shadow_reach,
)

Point = tuple[float, float, float]
Rotation = tuple[float, float, float, float]

DIGITS = ("index", "middle", "ring", "thumb")
JOINTS = tuple(f"{digit}_joint_{number}" for digit in DIGITS for number in range(4))
"""Hinge names, which are also those of their servos."""
FINGER_RANGES = ((-0.5584889, 0.5584889), *[(-0.2792444, 1.727825)] * 3)
THUMB_RANGES = ((0.2792444, 1.57075), (-0.3316028, 1.151883), (-0.2792444, 1.727825), (-0.2792444, 1.762731))
RANGES = (*FINGER_RANGES * 3, *THUMB_RANGES)
"""Joint ranges in rad, in the order of `JOINTS`."""

ROOT_POS: Point = (0.0, 0.0, 0.5)  # m
ROOT_QUAT: Rotation = (0.2575507, 0.2830446, 0.68333, -0.6217825)  # Ry(pi) * Rx(0.47 pi) * Rz(0.25 pi)
STIFFNESS, DAMPING, EFFORT = 3.0, 0.1, 0.5  # N m/rad, N m s/rad, N m
ARMATURE = 0.001  # kg m^2
SHELL, PALM, TIP = [0.30, 0.32, 0.36, 1], [0.40, 0.42, 0.46, 1], [0.90, 0.90, 0.88, 1]


class Link(NamedTuple):
    """One body, SI units: pose in the frame of the body before it, inertia, one shape."""

    pos: Point
    quat: Rotation
    mass: float
    com: Point
    inertia: Point
    inertia_quat: Rotation
    shape: dict[str, Any]


def _capsule(radius: float, start: Point, end: Point) -> dict[str, Any]:
    return {"type": CAPSULE, "size": [radius, 0, 0], "fromto": [*start, *end]}


def _tip(start: Point, end: Point) -> dict[str, Any]:
    return _capsule(0.007, start, end)


HERE, LEVEL = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)
UPRIGHT = (3.275875e-05, 0.7071232, -3.275723e-05, 0.7070904)
KNUCKLE = {"type": SPHERE, "size": [0.0115, 0, 0]}
KNUCKLE_INERTIA = (1.195351e-06, 1.013064e-06, 7.625654e-07)

MOUNT = Link(
    ROOT_POS,
    ROOT_QUAT,
    0.05,
    (1e-6, 0, 0.0115),
    (3.60813e-05, 2.024844e-05, 2.024103e-05),
    (0.5000001, 0.5000001, -0.4999999, 0.4999999),
    {"type": CYLINDER, "size": [0.038, 0.0115, 0], "pos": [0, 0, 0.0115]},
)
PALM_LINK = Link(
    (-0.008219, -0.02063, 0.08086),
    (-0.6532803, -0.2705985, 0.6532827, -0.2705975),
    0.4154,
    (-0.004811, 0.009009, -0.048653),
    (0.0007211593, 0.0006895293, 0.0006211978),
    (0.0265027, -0.0411578, 0.686704, 0.725287),
    {"type": BOX, "size": [0.026, 0.0566, 0.0204], "pos": [0.0163, 0.0088, -0.0204]},
)
PALM_REST = (
    {"type": BOX, "size": [0.02, 0.03, 0.0204], "pos": [-0.0297, 0.032, -0.0204]},
    {"type": BOX, "size": [0.044, 0.0587, 0.0288], "pos": [-0.0049, 0.0088, -0.0696]},
)
"""The palm's other two boxes: beside the thumb, and the case below."""

FINGER_BASES: dict[str, tuple[Point, Rotation]] = {
    "index": ((0.0514302, -0.03632, -0.0113), (0.03087467, 0.7064487, -0.0308761, 0.706416)),
    "middle": ((0.0537375, 0.0087771, -0.0113), UPRIGHT),
    "ring": ((0.0514302, 0.0538749, -0.0113), (-0.03080921, 0.7064516, 0.03081064, 0.7064189)),
}
FINGER = (
    Link(
        HERE,  # FINGER_BASES tells where
        LEVEL,
        0.0119,
        (-0.000993, 0, -0.005663),
        KNUCKLE_INERTIA,
        (0.1557936, -0.1557936, 0.6897306, 0.6897306),
        {**KNUCKLE, "pos": [0, 0, -0.003]},
    ),
    Link(
        HERE,
        (-0.4999537, 0.5000463, 0.4999768, 0.5000232),
        0.065,
        (0.027, -0.002472, 1.1e-05),
        (2.908474e-05, 2.81406e-05, 7.194789e-06),
        (-0.4991248, 0.5008736, 0.4991248, -0.5008736),
        _capsule(0.0128, (0.004, -0.0022, 0), (0.0505, -0.0022, 0)),
    ),
    Link(
        (0.054, 0, 0),
        LEVEL,
        0.0355,
        (0.021578, -0.002301, 8e-06),
        (9.312083e-06, 8.582436e-06, 3.774206e-06),
        (-0.49989, 0.5013842, 0.4992352, -0.4994878),
        _capsule(0.0128, (0.0065, -0.0022, 0), (0.0345, -0.0022, 0)),
    ),
    Link(
        (0.0384, 0, 0),
        LEVEL,
        0.0096,
        (0.012701, -0.000341, 0),
        (1.701743e-06, 1.451694e-06, 7.878483e-07),
        (0.4948197, -0.4948324, -0.5051209, 0.505121),
        _capsule(0.0112, (0.0055, 0, 0), (0.0265, 0, 0)),
    ),
    Link(
        HERE,
        LEVEL,
        0.021,
        (0.04765, 0.004707, -9.1e-05),
        (1.230953e-06, 1.20978e-06, 4.550619e-07),
        (0.7006944, 0.1188173, -0.6965916, 0.09833576),
        _tip((0.0405, 0.0035, 0), (0.0552, 0.0072, 0)),
    ),
)
THUMB = (
    Link(
        (-0.0367482, -0.0081281, -0.0295),
        (0.7064345, -0.03085902, -0.7064331, -0.03082629),
        0.0176,
        (0.007905, -0.01321, -0.00966),
        (4.895275e-06, 4.001929e-06, 3.582537e-06),
        (0.011437, 0.07529459, 0.6829399, 0.7264936),
        {"type": BOX, "size": [0.015, 0.0205, 0.0195], "pos": [0.0095, -0.0165, -0.011]},
    ),
    Link(
        (0.005, 0, 0),
        (0.7071232, 0.7070904, 0, 0),
        0.0119,
        (0, 0.000993, 0.049737),
        KNUCKLE_INERTIA,
        (-0.3775505, 0.5978759, 0.3775505, -0.5978759),
        {**KNUCKLE, "pos": [0, 0, 0.0507]},
    ),
    Link(
        (0, 0, 0.0554),
        UPRIGHT,
        0.038,
        (0.022636, -0.002251, 7e-06),
        (1.437678e-05, 1.35431e-05, 3.999351e-06),
        (0.4983048, -0.498631, -0.5010165, 0.5020377),
        _capsule(0.0128, (0.004, -0.0022, 0), (0.045, -0.0022, 0)),
    ),
    Link(
        (0.0514, 0, 0),
        LEVEL,
        0.0388,
        (0.018456, -0.0019, -5.6e-05),
        (1.163697e-05, 1.099666e-05, 4.068903e-06),
        (-0.4924848, 0.4853884, 0.5179674, -0.5035539),
        _capsule(0.0128, (0.0045, -0.0022, 0), (0.04, -0.0022, 0)),
    ),
    Link(
        HERE,
        LEVEL,
        0.021,
        (0.063193, 0.004615, 4.9e-05),
        (1.241488e-06, 1.216737e-06, 4.589752e-07),
        (-0.6970318, -0.1177537, 0.7013222, -0.0918038),
        _tip((0.0555, 0.003, 0), (0.0702, 0.0068, 0)),
    ),
)


def allegro_hand(physics_dt: float) -> mujoco.MjSpec:
    """The hand above the ground, palm up and weightless, for physics steps of `physics_dt` seconds.

    Its links do not collide with each other (in the original those that are no neighbours do). Servo torque is
    clipped and damping comes on top, so joints turn at up to 5 rad/s; PhysX clips the sum, and speed at 6.3 rad/s.
    PhysX joint friction of 0.01 of the load is left out: 16 friction constraints cost a fifth of the time and
    would shift a joint by 0.003 rad at most.

    The damping of these light joints is so strong that contacts must be solved with it, which MuJoCo's implicit
    integrators do not do: fingers would sink into what they push. So damping times step is added to the armature
    under the explicit integrator: the same implicit damping in free motion, and known to the contact solver.
    Pyramidal cones take a fifth less time than elliptic ones, and converge in ten iterations; friction 30 times
    stiffer than the normal direction keeps a resting object from creeping.
    """
    spec = empty_scene()
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_EULER
    spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_EULERDAMP
    spec.option.impratio = 30.0
    spec.option.iterations = spec.option.ls_iterations = 10
    add_ground(spec)
    set_shadow_reach(spec, 0.8)
    mount = _add_link(spec.worldbody, "allegro_mount", MOUNT, PALM)
    palm = _add_link(mount, "palm_link", PALM_LINK, PALM)
    for number, box in enumerate(PALM_REST, start=2):
        palm.add_geom(name=f"palm_link_{number}", rgba=PALM, **box, **ROBOT)
    ranges = dict(zip(JOINTS, RANGES, strict=True))
    for digit in DIGITS:
        links = THUMB
        if digit in FINGER_BASES:
            pos, quat = FINGER_BASES[digit]
            links = (FINGER[0]._replace(pos=pos, quat=quat), *FINGER[1:])
        body = palm
        for number, link in enumerate(links[:-1]):
            body = _add_link(body, f"{digit}_link_{number}", link, SHELL)
            joint = f"{digit}_joint_{number}"
            armature = ARMATURE + DAMPING * physics_dt
            body.add_joint(
                name=joint, axis=[0, 0, 1], range=ranges[joint], damping=DAMPING, armature=armature
            )
            _add_servo(spec, joint, ranges[joint])
        _add_link(body, f"{digit}_biotac_tip", links[-1], TIP)
    return spec


def _add_link(parent: Any, name: str, link: Link, rgba: list[float]) -> Any:
    body = parent.add_body(
        name=name,
        pos=link.pos,
        quat=link.quat,
        explicitinertial=True,
        mass=link.mass,
        ipos=link.com,
        inertia=link.inertia,
        iquat=link.inertia_quat,
        gravcomp=1.0,
    )
    body.add_geom(name=name, rgba=rgba, **link.shape, **ROBOT)
    return body


def _add_servo(spec: mujoco.MjSpec, joint: str, limits: tuple[float, float]) -> None:
    servo = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    servo.set_to_position(kp=STIFFNESS)
    servo.ctrllimited, servo.ctrlrange = True, limits
    servo.forcelimited, servo.forcerange = True, (-EFFORT, EFFORT)
