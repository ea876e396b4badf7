"""A small open pail without a handle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.rotations import wxyz_to_xyzw
from harness.task import Simulation
from suites.models.common import UPRIGHT, Quaternion, Vector
from suites.models.parts import Inertia, Loose, Shapes, add_point, add_shapes, block, upright

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

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


@dataclass(frozen=True)
class Bucket(Loose):
    """90 g, open above and hollow, a bottom and a ring of flat walls: body and free joint `<name>`.

    The site `<name>_handle` is the point that hands are asked to reach for, 5 cm below the bottom.
    """

    pos: Vector = (0.0, -0.3, 0.4 + REST)
    quat: Quaternion = UPRIGHT
    name: str = "bucket"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the bucket in `spec`; returns `spec`."""
        bucket = self.add_base(spec, BUCKET, BUCKET.moments[0])
        add_shapes(bucket, self.name, BOTTOM, DARK_ZINC)
        add_shapes(bucket, self.name, SHELL, ZINC)
        add_point(bucket, f"{self.name}_handle", HANDLE)
        return spec

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """The point: its position (N, 3) in m, and the orientation (N, 4; xyzw) of the bucket."""
        return {
            f"{self.name}_handle_pos": sim.site(f"{self.name}_handle").xpos.float(),
            f"{self.name}_handle_rot": wxyz_to_xyzw(sim.body(self.name).xquat.float()),
        }
