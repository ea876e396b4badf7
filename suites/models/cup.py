"""A mug with a lid and a handle on either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from harness.rotations import wxyz_to_xyzw
from harness.task import Simulation
from suites.models.common import Quaternion, Vector
from suites.models.frames import y_up
from suites.models.friction import mean_friction
from suites.models.parts import (
    Inertia,
    Loose,
    Shapes,
    add_point,
    add_shapes,
    add_sliding,
    bar,
    block,
    upright,
)

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

REST = 0.0843  # m, height of the origin over the table that the cup stands on
WALL_FRICTION = 0.5
RIGHT_HANDLE, LEFT_HANDLE = (0.062, 0.0, 0.0), (-0.06, 0.0, 0.0)  # m, in the loops
CUP = Inertia(
    1.077215,
    (0.005624, -0.002264, -0.001639),
    (2.28015e-3, 2.59228e-3, 1.47391e-3),
    (6.85e-5, 3.5e-6, -1.2e-6),
)
"""The mug with one handle (1.034233 kg) and the other handle (0.042982 kg)."""
LID_ORIGIN = (0.006226, 0.001301, 0.0)  # m
LID = Inertia(0.0479733, (-0.0001, -0.00313, 0.06869), (2.944863e-5, 2.81197e-5, 5.699928e-5))
LIFT, DAMPING, ARMATURE = 0.108, 1.0, 0.001  # m, N s/m, kg: of the lid

_MIDDLE = (0.0061, -0.0025)  # m, where the axis of the mug is
MUG: Shapes = {
    "foot": upright(0.04, (-0.0843, -0.06), _MIDDLE),
    "wall": upright(0.05, (-0.06, 0.064), _MIDDLE),
}
COVER: Shapes = {"disc": upright(0.052, (0.0642, 0.0745), (-0.00013, -0.0038))}
CHINA, CLAY = [0.93, 0.91, 0.86, 1], [0.52, 0.62, 0.72, 1]
RIGHT, LEFT = [0.24, 0.36, 0.52, 1], [0.70, 0.36, 0.22, 1]
"""Colours of the handles: a cup that has been turned round looks it."""


def handle(side: int) -> Shapes:
    """The loop on the side of +x (1) or -x (-1), filled: the original's is the convex hull of its mesh."""

    def at(x: float, y: float, z: float) -> Vector:
        return side * x, side * y, z

    return {
        "top": bar(0.0075, at(0.042, -0.006, 0.05), at(0.077, -0.016, 0.046)),
        "grip": bar(0.0075, at(0.0815, -0.0172, 0.04), at(0.08, -0.0168, -0.012)),
        "bottom": bar(0.0075, at(0.079, -0.0165, -0.018), at(0.05, -0.0105, -0.05)),
        "fill": block((0.0175, 0.007, 0.0375), at(0.0625, -0.011, 0.0075)),
    }


@dataclass(frozen=True)
class Cup(Loose):
    """1.1 kg, handles along x: bodies and joints `<name>` (free) and `<name>_lid`, solid as in the original.

    The sites `<name>_right_handle` (+x) and `<name>_left_handle` (-x) are what hands reach for. The wall's friction of
    0.5 makes 0.75 against a hand, and against a table too.
    """

    pos: Vector = (0.0, 0.0, 0.6 + REST)
    quat: Quaternion = (0.7073883, 0.0, 0.0, 0.7068252)
    name: str = "cup"
    parts: ClassVar[tuple[str, ...]] = ("lid",)

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the cup in `spec`; returns `spec`."""
        cup = self.add_base(spec, CUP, CUP.moments[2] + LID.moments[2])
        add_shapes(cup, self.name, MUG, CHINA, **mean_friction(WALL_FRICTION))
        add_shapes(cup, f"{self.name}_right", handle(1), RIGHT)
        add_shapes(cup, f"{self.name}_left", handle(-1), LEFT)
        add_point(cup, f"{self.name}_right_handle", RIGHT_HANDLE)
        add_point(cup, f"{self.name}_left_handle", LEFT_HANDLE)
        lid = add_sliding(cup, f"{self.name}_lid", LID, (0, 0, 1), LIFT, DAMPING, ARMATURE, LID_ORIGIN)
        add_shapes(lid, f"{self.name}_lid", COVER, CLAY)
        return spec

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """The handles: positions (N, 3) in m, and orientations (N, 4; xyzw) of the cup and of its original link."""
        rotation = sim.body(self.name).xquat
        return {
            f"{self.name}_right_handle_pos": sim.site(f"{self.name}_right_handle").xpos.float(),
            f"{self.name}_right_handle_rot": wxyz_to_xyzw(rotation.float()),
            f"{self.name}_left_handle_pos": sim.site(f"{self.name}_left_handle").xpos.float(),
            f"{self.name}_left_handle_rot": y_up(rotation),
        }
