"""A pot with two handles and a lid, 0.37 m from handle to handle."""

from __future__ import annotations

from typing import Any

import mujoco

from suites.models.common import UPRIGHT, Quaternion, Vector
from suites.models.friction import mean_friction
from suites.models.parts import (
    Inertia,
    Shapes,
    add_loose,
    add_point,
    add_shapes,
    add_sliding,
    bar,
    block,
    upright,
)

REST = 0.0652  # m, height of the origin over the table that the pot stands on
WALL_FRICTION = 3.0
RIGHT_HANDLE, LEFT_HANDLE = (0.0, 0.15, 0.06), (0.0, -0.15, 0.06)  # m, some 25 mm inside the bars
POT = Inertia(3.0, (0.0, 0.0, 0.0), (0.2, 0.4, 0.4))
LID = Inertia(1.0, (0.0, 0.0, 0.0), (0.2, 0.4, 0.4))
"""As the original states them: they are those of things a hundred times as bulky."""
LIFT, DAMPING, ARMATURE = 0.06, 1.0, 0.001  # m, N s/m, kg: of the lid

_MIDDLE = (-0.0052, 0.0007)  # m, where the axis of the pot is
VESSEL: Shapes = {
    "wall": upright(0.1184, (-0.0652, 0.0498), _MIDDLE),
    "rim": upright(0.1217, (0.0434, 0.0498), _MIDDLE),
}
_ARM = (0.0037, 0.03085, 0.01815)  # m
HANDLES: Shapes = {
    "right_bar": bar(0.0056, (-0.0558, 0.176, 0.063), (0.0443, 0.176, 0.063)),
    "right_front": block(_ARM, (0.0221, 0.14545, 0.04815)),
    "right_back": block(_ARM, (-0.0355, 0.14545, 0.04815)),
    "left_bar": bar(0.0056, (-0.0492, -0.1746, 0.063), (0.0419, -0.1746, 0.063)),
    "left_front": block(_ARM, (0.0251, -0.14405, 0.04815)),
    "left_back": block(_ARM, (-0.0325, -0.14405, 0.04815)),
}
COVER: Shapes = {
    "disc": upright(0.117, (0.0516, 0.0562), _MIDDLE),
    "dome": upright(0.048, (0.0562, 0.0611), _MIDDLE),
    "post": block((0.0029, 0.0343, 0.01775), (-0.0052, 0.0007, 0.07755)),
    "knob": bar(0.0056, (-0.0052, -0.045, 0.096), (-0.0052, 0.046, 0.096)),
}
ENAMEL, STEEL, GLASS = [0.72, 0.20, 0.16, 1], [0.30, 0.31, 0.33, 1], [0.80, 0.82, 0.84, 1]


def add_pot(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
    *,
    goal: bool = False,
) -> Any:
    """A loose pot of 4 kg with its lid, handles along y, origin at `pos` (m); or a marker of where to take it.

    Returns its body `name`. The lid is the body and the joint `<name>_lid`; the sites `<name>_right_handle` and
    `<name>_left_handle` are what hands reach for. The pot is solid, as in the original. The wall has the friction
    that it has against a hand, 2; on a table of friction 3 it has 3, which takes a pair of its own, with the geom
    `<name>_wall`.
    """
    pot = add_loose(spec, name, pos, quat, POT, POT.moments[0] + LID.moments[0], goal)
    add_shapes(pot, name, VESSEL, ENAMEL, goal, **mean_friction(WALL_FRICTION))
    add_shapes(pot, name, HANDLES, STEEL, goal)
    add_point(pot, f"{name}_right_handle", RIGHT_HANDLE)
    add_point(pot, f"{name}_left_handle", LEFT_HANDLE)
    lid = pot if goal else add_sliding(pot, f"{name}_lid", LID, (0, 0, 1), LIFT, DAMPING, ARMATURE)
    add_shapes(lid, f"{name}_lid", COVER, GLASS, goal)
    return pot
