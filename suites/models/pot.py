"""A pot with two handles and a lid, 0.37 m from handle to handle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from harness.task import Simulation
from suites.models.common import UPRIGHT, Quaternion, Vector
from suites.models.friction import mean_friction
from suites.models.parts import (
    Inertia,
    Loose,
    Shapes,
    add_marker,
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

REST = 0.0652  # m, height of the origin over the table that the pot stands on
WALL_FRICTION = 3.0
RIGHT_HANDLE, LEFT_HANDLE = (0.0, 0.15, 0.06), (0.0, -0.15, 0.06)  # m, some 25 mm inside the bars
POT = Inertia(3.0, (0.0, 0.0, 0.0), (0.2, 0.4, 0.4))
LID = Inertia(1.0, (0.0, 0.0, 0.0), (0.2, 0.4, 0.4))
"""As the original states them, both: far larger than those of a pot and a lid of this size."""
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


@dataclass(frozen=True)
class Pot(Loose):
    """4 kg with the lid, handles along y: bodies and joints `<name>` (free) and `<name>_lid`, solid as in the original.

    The sites `<name>_right_handle` and `<name>_left_handle` are what hands reach for. The wall's friction of 3 makes
    2 against a hand; it is 3 on a table of friction 3, which takes a pair of its own with the geom `<name>_wall`.
    """

    pos: Vector = (0.0, -0.6, 0.4 + REST)
    quat: Quaternion = UPRIGHT
    name: str = "pot"
    goal: bool = False
    """A marker of where to take the pot: intangible, and a body without joints that is moved by hand."""
    parts: ClassVar[tuple[str, ...]] = ("lid",)

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the pot in `spec`; returns `spec`."""
        if self.goal:
            marker = spec.worldbody.add_body(name=self.name, pos=self.pos, quat=self.quat, mocap=True)
            add_marker(marker, self.name, {**VESSEL, **HANDLES})
            add_marker(marker, f"{self.name}_lid", COVER)
            return spec
        pot = self.add_base(spec, POT, POT.moments[0] + LID.moments[0])
        add_shapes(pot, self.name, VESSEL, ENAMEL, **mean_friction(WALL_FRICTION))
        add_shapes(pot, self.name, HANDLES, STEEL)
        add_point(pot, f"{self.name}_right_handle", RIGHT_HANDLE)
        add_point(pot, f"{self.name}_left_handle", LEFT_HANDLE)
        lid = add_sliding(pot, f"{self.name}_lid", LID, (0, 0, 1), LIFT, DAMPING, ARMATURE)
        add_shapes(lid, f"{self.name}_lid", COVER, GLASS)
        return spec

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Positions (N, 3) of the handles, m."""
        return {
            f"{self.name}_{side}_handle_pos": sim.site(f"{self.name}_{side}_handle").xpos.float()
            for side in ("right", "left")
        }
