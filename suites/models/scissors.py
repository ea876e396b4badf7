"""Large scissors, loose and flat, whose right leg turns about a pivot on the left one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.task import Simulation, constant
from suites.models.common import Quaternion, Vector, set_inertia
from suites.models.frames import y_up
from suites.models.parts import Inertia, add_loose, add_point, add_shapes, bar, block

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

Point = tuple[float, float]
"""x and y, m."""
Plate = tuple[Vector, Point, float]
"""Half sizes (m), centre, and angle (degrees) about z."""
CLOSED, WIDE = -0.5969026, 0.4  # rad, range of the pivot
DAMPING, ARMATURE = 0.01, 0.0005  # N m s/rad, kg m^2
PIVOT = (-0.00342, 0.069825, 0.0)  # m
RIM_RADIUS = 0.0058  # m, of the tube around a grip


class Leg(NamedTuple):
    """A blade of three plates; a shank; and a grip, which is a ring of tubes around a plate."""

    height: float
    """m, z of the blade."""
    grip_height: float
    """m, z of shank and grip."""
    blade: tuple[Plate, Plate, Plate]
    shank: Plate
    ring: tuple[Point, ...]
    fill: Plate
    handle: Point
    """Where the grip is to be held."""
    inertia: Inertia


LEFT = Leg(
    height=-0.0022,
    grip_height=-0.0018,
    blade=(
        ((0.022, 0.05289, 0.0023), (-0.00075, 0.07), -19.03),
        ((0.0165, 0.04651, 0.0023), (0.02825, 0.165), -14.63),
        ((0.008, 0.04299, 0.0023), (0.0465, 0.2525), -8.70),
    ),
    shank=((0.0165, 0.04615, 0.00595), (-0.048, -0.0025), -22.95),
    ring=(
        *((-0.118, -0.166), (-0.127, -0.112), (-0.113, -0.064)),
        *((-0.056, -0.052), (-0.062, -0.11), (-0.082, -0.17)),
    ),
    fill=((0.0237, 0.0542, 0.004), (-0.0883, -0.1141), -13.2),
    handle=(-0.1, -0.15),
    inertia=Inertia(
        0.1039205,
        (-0.05985, -0.03788, -0.00189),
        (0.001024847, 0.0002046394, 0.001227443),
        (-0.0004021159, 3.412583e-7, 7.567426e-7),
    ),
)
RIGHT = Leg(
    height=0.00245,
    grip_height=0.002,
    blade=(
        ((0.022, 0.04776, 0.00235), (-0.00258, 0.00517), 19.57),
        ((0.0165, 0.04541, 0.00235), (-0.03458, 0.09267), 20.63),
        ((0.008, 0.04033, 0.00235), (-0.06258, 0.17367), 17.31),
    ),
    shank=((0.0135, 0.04741, 0.00595), (0.05942, -0.07383), 27.65),
    ring=(
        *((0.13142, -0.23583), (0.14142, -0.18183), (0.12542, -0.12483)),
        *((0.06542, -0.10983), (0.07142, -0.16983), (0.09342, -0.23483)),
    ),
    fill=((0.0257, 0.0552, 0.004), (0.1011, -0.1763), 13.2),
    handle=(0.1, -0.2),
    inertia=Inertia(
        0.1038925,
        (0.06973, -0.10981, 0.00211),
        (0.0009543534, 0.0002822603, 0.001234574),
        (0.0004711443, 5.645218e-7, -1.015108e-6),
    ),
)
"""In the frame of the pivot."""

IN_TABLE = (0.0, 0.0, 0.6)
"""Where the original starts: 8 mm inside its table."""
STEEL, RED, ORANGE = [0.72, 0.74, 0.78, 1], [0.80, 0.30, 0.22, 1], [0.86, 0.52, 0.22, 1]


@dataclass(frozen=True)
class Scissors:
    """Bodies `<name>` (free, with the left leg) and `<name>_right`, a joint of the same name each.

    Sites `<name>_left_handle` and `<name>_right_handle`. The legs do not touch each other. Grips are filled, as the
    convex hulls of the original are. Friction is the originals' usual 1, which a hand has too.
    """

    pos: Vector = (0.0, 0.0, 0.6078)
    """m, of its origin at the start of an episode: lies on a table of 0.6 m. `quat` is its rotation then (wxyz)."""
    quat: Quaternion = (0.7073883, 0.0, 0.0, 0.7068252)
    angle: float = -0.59
    """rad, of the pivot at the start of an episode; more is more open."""
    name: str = "scissors"
    tells_angle: bool = False
    """Whether `read` gives the angle of the pivot, too."""

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Put the scissors in `spec`; returns `spec`."""
        left = add_loose(spec, self.name, self.pos, self.quat, LEFT.inertia, min(LEFT.inertia.moments))
        self._add_leg(left, "left", LEFT, RED)
        right = left.add_body(name=f"{self.name}_right", pos=PIVOT)
        mass, com, moments, products = RIGHT.inertia
        set_inertia(right, mass, com, (*moments, *products))
        right.add_joint(name=f"{self.name}_right", axis=(0.0, 0.0, 1.0), range=(CLOSED, WIDE), damping=DAMPING,
                        armature=ARMATURE)  # fmt: skip
        self._add_leg(right, "right", RIGHT, ORANGE)
        return spec

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """The scissors where they start, at `angle` and at rest, in the worlds of the mask `worlds` (N,)."""
        sim.joint(self.name).put(worlds, qpos=constant((*self.pos, *self.quat), sim.qpos), qvel=0.0)
        sim.joint(f"{self.name}_right").put(worlds, qpos=self.angle, qvel=0.0)

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Grips: positions (N, 3) in m, and the orientations (N, 4; xyzw) of their legs. See `tells_angle`."""
        state = {"object_dof_pos": self.angle_of(sim)} if self.tells_angle else {}
        for side, body in (("right", f"{self.name}_right"), ("left", self.name)):
            state[f"{self.name}_{side}_handle_pos"] = sim.site(f"{self.name}_{side}_handle").xpos.float()
            state[f"{self.name}_{side}_handle_rot"] = y_up(sim.body(body).xquat)
        return state

    def angle_of(self, sim: Simulation) -> Tensor:
        """Of the pivot (N, 1), rad."""
        return sim.joint(f"{self.name}_right").qpos.float()

    def _add_leg(self, body: Any, side: str, leg: Leg, colour: list[float]) -> None:
        prefix = f"{self.name}_{side}"
        blade = {f"blade{n}": plate(part, leg.height) for n, part in enumerate(leg.blade)}
        add_shapes(body, prefix, blade, STEEL)
        grip = {"shank": plate(leg.shank, leg.grip_height), "fill": plate(leg.fill, leg.grip_height)}
        for n, (start, end) in enumerate(pairwise((*leg.ring, leg.ring[0]))):
            grip[f"ring{n}"] = bar(RIM_RADIUS, (*start, leg.grip_height), (*end, leg.grip_height))
        add_shapes(body, prefix, grip, colour)
        add_point(body, f"{prefix}_handle", (*leg.handle, 0.0))


def plate(part: Plate, height: float) -> dict[str, Any]:
    """A flat box at z = `height` (m)."""
    size, centre, degrees = part
    half = math.radians(degrees) / 2
    return block(size, (*centre, height), (math.cos(half), 0.0, 0.0, math.sin(half)))
