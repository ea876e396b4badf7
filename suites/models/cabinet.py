"""A kitchen cabinet with two doors and two drawers, the top one loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco

from suites.models.common import BOX, FIXTURE, set_inertia

Box = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Half sizes and centre, m."""

SHELL: dict[str, Box] = {
    "top": ((0.3091, 0.385, 0.01065), (0.0041, 0.0007, 0.39465)),
    "bottom": ((0.3067, 0.385, 0.01215), (-0.0016, 0.0007, -0.37215)),
    "back": ((0.01215, 0.385, 0.371), (-0.29615, 0.0007, 0.009)),
    "left": ((0.29825, 0.01015, 0.372), (0.01435, -0.37415, 0.01)),
    "right": ((0.29825, 0.01015, 0.372), (0.01435, 0.37555, 0.01)),
}
FRONT: Box = ((0.0126, 0.3818, 0.0644), (0.2606, 0, 0.0001))
TRAY: dict[str, Box] = {
    "back": ((0.0073, 0.35315, 0.04535), (-0.2526, 5.0e-05, 0.00015)),
    "left": ((0.2537, 0.0067, 0.04685), (0.0005, -0.3467, 0.00015)),
    "right": ((0.2537, 0.0067, 0.04685), (0.0005, 0.3467, 0.00015)),
    "floor": ((0.2537, 0.3445, 0.0024), (0.0005, 0.0001, -0.0428)),
}
HANDLE: dict[str, Box] = {
    "bar": ((0.008, 0.0835, 0.01215), (0.3039, 0, 0.00925)),
    "foot_left": ((0.0115, 0.02025, 0.01215), (0.2845, -0.06325, 0.00925)),
    "foot_right": ((0.0115, 0.02025, 0.01215), (0.2845, 0.06325, 0.00925)),
}
DOORS = {"door_left": -1, "door_right": 1}
DOOR_RANGE, DOOR_MASS = 1.57, 3.89  # rad, kg
DRAWERS = {"drawer_bottom": 0.18795, "drawer_top": 0.3172}
"""Height of the drawers' origins in the cabinet's frame, m."""
DRAWER_TRAVEL, DRAWER_MASS = 0.4, 5.334  # m, kg
DAMPING, ARMATURE = 10.0, 0.005  # N s/m and kg of a drawer, N m s/rad and kg m^2 of a door

LOAD_EDGE, LOAD_SPACING, LOAD_MASS = 0.08, 0.09, 0.2048  # m, m, kg: of one box in the top drawer
LOAD_GRID = tuple((LOAD_SPACING * (n // 4 - 1.5), LOAD_SPACING * (n % 4 - 1.5), 0.0) for n in range(16))
"""Centres of the boxes in the top drawer's frame, m."""

GREY, DRAWER_WOOD, DOOR_WOOD = [0.66, 0.65, 0.63, 1], [0.86, 0.72, 0.52, 1], [0.76, 0.60, 0.41, 1]
METAL, CARTON = [0.30, 0.31, 0.33, 1], [0.70, 0.55, 0.36, 1]


def add_cabinet(spec: mujoco.MjSpec, position: Sequence[float]) -> Any:
    """Fix the cabinet in `spec` at `position` (m), opening towards +x; returns its body `sektion`.

    Below it, in this order: bodies `door_left_link`, `door_right_link`, `drawer_bottom`, `drawer_top`, each with
    one joint `<part>_joint`. Parts of the cabinet do not collide with each other. The original's 16 loose boxes
    are one block that is fixed to the top drawer (3.28 kg): they would cost 96 degrees of freedom. A handle is a
    bow whose gap is open over its middle 86 mm, as high as the original's (24 mm): on a thinner bar, closed
    fingers would no longer lie on both sides of the drawer's origin, which the task's expert reward asks for.
    """
    shell = spec.worldbody.add_body(name="sektion", pos=position)
    _add_boxes(shell, "sektion", SHELL, GREY)
    for name, side in DOORS.items():
        door = shell.add_body(name=f"{name}_link", pos=[0.3162, side * 0.3757, -0.12973])
        set_inertia(door, DOOR_MASS, [0, -side * 0.1843, 0], [0.1307121, 0.08378541, 0.04718602])
        panel, knob = (-0.00025, -side * 0.1843, 0.0), (0.0236, -side * 0.3514, 0.185)
        _add_boxes(door, name, {"panel": ((0.01005, 0.1905, 0.25395), panel)}, DOOR_WOOD)
        _add_boxes(door, name, {"knob": ((0.01325, 0.015, 0.0145), knob)}, METAL)
        limits = sorted([0.0, side * DOOR_RANGE])
        joint = door.add_joint(name=f"{name}_joint", axis=[0, 0, 1], range=limits, armature=ARMATURE)
        joint.damping[0] = DAMPING
    for name, height in DRAWERS.items():
        drawer = shell.add_body(name=name, pos=[0.0515, 0, height])
        load = len(LOAD_GRID) * LOAD_MASS if name == "drawer_top" else 0.0
        set_inertia(drawer, DRAWER_MASS + load, [0.05, 0, 0], [0.241319, 0.11557, 0.347999])
        _add_boxes(drawer, name, {"front": FRONT}, DRAWER_WOOD)
        _add_boxes(drawer, name, TRAY, GREY)
        _add_boxes(drawer, name, HANDLE, METAL)
        if load:
            half = 1.5 * LOAD_SPACING + 0.5 * LOAD_EDGE
            _add_boxes(drawer, name, {"load": ((half, half, 0.5 * LOAD_EDGE), (0, 0, 0))}, CARTON)
        joint = drawer.add_joint(
            name=f"{name}_joint", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[1, 0, 0], range=[0, DRAWER_TRAVEL],
            armature=ARMATURE,
        )  # fmt: skip
        joint.damping[0] = DAMPING
    return shell


def _add_boxes(body: Any, prefix: str, boxes: dict[str, Box], colour: list[float]) -> None:
    for name, (size, centre) in boxes.items():
        body.add_geom(name=f"{prefix}_{name}", type=BOX, size=size, pos=centre, rgba=colour, **FIXTURE)
