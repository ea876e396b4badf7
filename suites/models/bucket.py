"""A small open pail without a handle."""

from __future__ import annotations

import math
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
    block,
    upright,
)

REST = 0.0529  # m, height of the origin over the table that the bucket stands on
RIM = 0.0445  # m, its height over the origin
HANDLE = (0.0, 0.0, -0.1)  # m, below the bottom
BUCKET = Inertia(0.09, (0.0017, 0.001, 0.0054), (1.6e-4, 1.6e-4, 1.9e-4))

WALLS, THICKNESS = 12, 0.005  # -, m
_MIDDLE = (0.0017, 0.0011)  # m, where the axis of the bucket is
_LOW, _HIGH = (0.0286, -0.0516), (0.0546, 0.0439)  # m: radius and height of the ends of a wall's middle plane
ZINC, DARK_ZINC = [0.62, 0.66, 0.70, 1], [0.48, 0.52, 0.56, 1]


def _wall(number: int) -> dict[str, Any]:
    """A wall that leans outwards, as broad as it has to be at the rim to leave no gap to the next."""
    out, up = _HIGH[0] - _LOW[0], _HIGH[1] - _LOW[1]
    breadth = 2.0 * (_HIGH[0] + 0.5 * THICKNESS) * math.tan(math.pi / WALLS)
    half = (0.5 * THICKNESS, 0.5 * breadth, 0.5 * math.hypot(out, up))
    azimuth, lean = 2.0 * math.pi * number / WALLS, math.atan2(out, up)
    distance, height = 0.5 * (_LOW[0] + _HIGH[0]), 0.5 * (_LOW[1] + _HIGH[1])
    centre = (
        _MIDDLE[0] + distance * math.cos(azimuth),
        _MIDDLE[1] + distance * math.sin(azimuth),
        height,
    )
    cz, sz, cy, sy = (f(0.5 * angle) for angle in (azimuth, lean) for f in (math.cos, math.sin))
    return block(half, centre, (cz * cy, -sz * sy, cz * sy, sz * cy))


SHELL: Shapes = {f"wall{number}": _wall(number) for number in range(WALLS)}
BOTTOM: Shapes = {"bottom": upright(0.031, (-0.0529, -0.0469), _MIDDLE)}


def add_bucket(
    spec: mujoco.MjSpec,
    name: str = "object",
    pos: Vector = (0.0, 0.0, 0.0),
    quat: Quaternion = UPRIGHT,
) -> Any:
    """A loose bucket of 90 g that opens upwards, origin at `pos` (m); returns its body `name`.

    It is hollow: a bottom and a ring of `WALLS` flat walls. The site `<name>_handle` is the point that
    hands are asked to reach for, 5 cm below the bottom; `<name>_target` is the origin, turned as the original's link.
    """
    bucket = add_loose(spec, name, pos, quat, BUCKET, BUCKET.moments[0])
    add_shapes(bucket, name, BOTTOM, DARK_ZINC)
    add_shapes(bucket, name, SHELL, ZINC)
    add_point(bucket, f"{name}_handle", HANDLE)
    add_point(bucket, f"{name}_target", (0.0, 0.0, 0.0), Y_UP)
    return bucket
