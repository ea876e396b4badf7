"""A pen, 0.37 m long, whose cap slides off along its axis."""

from __future__ import annotations

from typing import Any

import mujoco

from suites.models.common import UPRIGHT, Quaternion, Vector
from suites.models.parts import (
    Y_UP,
    Inertia,
    Shapes,
    add_loose,
    add_point,
    add_shapes,
    add_sliding,
    bar,
    block,
)

REST = 0.0124  # m, height of the origin over the table that the pen lies on
RIGHT_HANDLE, LEFT_HANDLE = (0.0, 0.0, -0.1), (0.0, 0.0, 0.07)  # m, on the cap and on the barrel
BARREL = Inertia(0.05041254, (0.00122, 0.00026, 0.02692), (4.192158e-4, 4.191393e-4, 2.419672e-6))
CAP = Inertia(
    0.02747624,
    (-0.00006, 0.00026, -0.10248),
    (3.440402e-5, 3.511809e-5, 2.362992e-6),
    (0.0, 5.275520e-7, 0.0),
)
TRAVEL, DAMPING, ARMATURE = 0.492, 0.5, 0.001  # m, N s/m, kg: of the cap


def _axis(z: float) -> Vector:
    """The point of the pen's axis at height `z`, m."""
    return 0.0012, 0.0003, z


WRITER: Shapes = {
    "barrel": bar(0.0105, _axis(-0.035), _axis(0.1885)),
    "front": bar(0.008, _axis(-0.128), _axis(-0.035)),
    "nib": bar(0.0035, _axis(-0.155), _axis(-0.128)),
}
COVER: Shapes = {
    "tube": bar(0.0115, _axis(-0.1603), _axis(-0.052)),
    "clip": block((0.0021, 0.00295, 0.0452), (-0.0211, 0.00025, -0.0948)),
    "clip_root": block((0.0055, 0.00295, 0.004), (-0.0135, 0.00025, -0.136)),
    "flat": block((0.0115, 0.004, 0.05), _axis(-0.106)),
}
"""The cap has two flat sides, as the original's has: a round one rolls off by the weight of its clip."""
LACQUER, BRASS = [0.15, 0.22, 0.40, 1], [0.78, 0.62, 0.30, 1]


def add_pen_with_cap(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
) -> Any:
    """A loose pen of 78 g along its z axis, the cap at the lower end, origin at `pos` (m); returns its body `name`.

    The cap is the body and the joint `<name>_cap`. The sites `<name>_right_handle` on the cap and
    `<name>_left_handle` on the barrel are what hands reach for, turned as the links of the original.
    """
    pen = add_loose(spec, name, pos, quat, BARREL, BARREL.moments[2] + CAP.moments[2])
    add_shapes(pen, name, WRITER, LACQUER)
    add_point(pen, f"{name}_left_handle", LEFT_HANDLE, Y_UP)
    cap = add_sliding(pen, f"{name}_cap", CAP, (0, 0, -1), TRAVEL, DAMPING, ARMATURE)
    add_shapes(cap, f"{name}_cap", COVER, BRASS)
    add_point(cap, f"{name}_right_handle", RIGHT_HANDLE, Y_UP)
    return pen
