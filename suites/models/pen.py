"""A pen, 0.37 m long, whose cap slides off along its axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from harness.task import Simulation
from suites.models.common import Quaternion, Vector
from suites.models.frames import y_up
from suites.models.parts import Inertia, Loose, Shapes, add_point, add_shapes, add_sliding, bar, block

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

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


@dataclass(frozen=True)
class Pen(Loose):
    """78 g along its z axis, the cap at the lower end: bodies and joints `<name>` (free) and `<name>_cap`.

    The sites `<name>_right_handle` on the cap and `<name>_left_handle` on the barrel are what hands reach for.
    """

    pos: Vector = (0.0, 0.0, 0.6 + REST)
    quat: Quaternion = (0.5003982, 0.4999998, 0.4999998, -0.4996018)
    name: str = "pen"
    parts: ClassVar[tuple[str, ...]] = ("cap",)

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the pen in `spec`; returns `spec`."""
        pen = self.add_base(spec, BARREL, BARREL.moments[2] + CAP.moments[2])
        add_shapes(pen, self.name, WRITER, LACQUER)
        add_point(pen, f"{self.name}_left_handle", LEFT_HANDLE)
        cap = add_sliding(pen, f"{self.name}_cap", CAP, (0, 0, -1), TRAVEL, DAMPING, ARMATURE)
        add_shapes(cap, f"{self.name}_cap", COVER, BRASS)
        add_point(cap, f"{self.name}_right_handle", RIGHT_HANDLE)
        return spec

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Handles on cap and barrel: positions (N, 3) in m, and the orientation (N, 4; xyzw) of their links, twice."""
        rotation = y_up(sim.body(self.name).xquat)
        state = {}
        for side in ("right", "left"):
            state[f"{self.name}_{side}_handle_pos"] = sim.site(f"{self.name}_{side}_handle").xpos.float()
            state[f"{self.name}_{side}_handle_rot"] = rotation
        return state
