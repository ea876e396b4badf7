"""A double door in a frame without posts: two leaves on vertical hinges, each with a pull on both of its faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.task import Simulation, constant
from suites.models.common import FIXTURE, Quaternion, Vector, set_inertia
from suites.models.frames import y_up
from suites.models.friction import mean_friction
from suites.models.parts import Shapes, add_point, add_shapes, bar, block

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

HEIGHT = 0.7  # m, of the origin of the door's frame
STANCES: dict[str, Quaternion] = {"outward": (1.0, 0.0, 0.0, 0.0), "inward": (0.0, 0.0, 1.0, 0.0)}
"""Rotation (wxyz) of the frame. x points out of the door, y to the right leaf: leaves swing towards -x of it."""
RAIL_SIZE, RAIL_HEIGHTS = (0.0242, 0.88105, 0.0022), (-0.4439, 0.4811)  # m, half sizes; z of the two rails
RANGE, DAMPING, ARMATURE = (0.0, 1.570796), 1.0, 0.01  # rad, N m s/rad, kg m^2
PANEL = (0.0088, 0.22025, 0.4625)  # m, half sizes
BAR_RADIUS, FOOT_RADIUS = 0.0176, 0.012  # m
BAR, FEET = (-0.64629, -0.40529), (-0.65829, -0.39329)  # m, z of the ends of a bar, and of what carries it
HANDLE = (0.04, 0.39, -0.5)
"""m, between pull and panel. x is positive on the face that the hands see, and y is |y|."""
FRICTION = 0.1

WOOD, STEEL, GREY = [0.76, 0.60, 0.41, 1], [0.30, 0.31, 0.33, 1], [0.66, 0.65, 0.63, 1]


class Leaf(NamedTuple):
    """Half of the door: places in the frame of the whole (hinge) or of the leaf, which has its origin on the hinge.

    Pulls are bars along z at `bar_y`, `bars` in front of and behind the panel, on feet that start at `core`, inside it.
    """

    side: str
    turn: float
    """z of the hinge axis."""
    hinge: Vector
    panel: Vector
    bar_y: float
    core: float
    bars: tuple[float, float]
    feet: tuple[float, float]
    mass: float
    com: Vector
    inertia: tuple[float, ...]


LEAVES = (
    Leaf("right", -1.0, (-0.008462, 0.426527, 0.483292), (0.00696, -0.19928, -0.46469),
         -0.37523, 0.00846, (0.07556, -0.06514), (0.06885, -0.05778), 4.24796, (0.00667, -0.22648, -0.47418),
         (0.3376882, 0.2644024, 0.0772404, -0.0001531, -0.0000704, -0.0059665)),
    Leaf("left", 1.0, (-0.0056, -0.420407, 0.483292), (0.0041, 0.19706, -0.46469),
         0.37641, 0.0056, (0.0727, -0.0676), (0.06599, -0.06028), 4.247761, (0.00387, 0.22484, -0.47418),
         (0.3384352, 0.2643868, 0.0780019, 0.0001480, -0.0000333, 0.0060982)),
)  # fmt: skip


@dataclass(frozen=True)
class Door:
    """Bodies, hinges and handle sites are `<name>_right` and `<name>_left`; hands are expected at x = 0.5 m.

    No part touches another or the ground. The weight of a leaf is all on its vertical hinge, so that the original,
    which has no gravity, moves alike.
    """

    opens: Literal["inward", "outward"]
    """Towards the hands (the door is upside down then), or away from them."""
    angles: tuple[float, float] = (0.0, 0.0)
    """rad, of the right and the left leaf at the start of an episode."""
    spring: float = 0.0
    """N m/rad towards `angles`. The original states 5, for a drive that its engine says is off."""
    name: str = "door"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Fix the door in `spec`; returns `spec`."""
        frame = spec.worldbody.add_body(name=self.name, pos=(0.0, 0.0, HEIGHT), quat=STANCES[self.opens])
        look = {**mean_friction(FRICTION), **FIXTURE}
        rails = {f"rail_{n}": block(RAIL_SIZE, (0.0117, 0.00195, z)) for n, z in enumerate(RAIL_HEIGHTS)}
        add_shapes(frame, self.name, rails, GREY, **look)
        for leaf, angle in zip(LEAVES, self.angles, strict=True):
            name = f"{self.name}_{leaf.side}"
            body = frame.add_body(name=name, pos=leaf.hinge)
            set_inertia(body, leaf.mass, leaf.com, leaf.inertia)
            body.add_joint(name=name, axis=(0.0, 0.0, leaf.turn), range=RANGE, damping=DAMPING, armature=ARMATURE,
                           stiffness=self.spring, springref=angle)  # fmt: skip
            add_shapes(body, name, {"panel": block(PANEL, leaf.panel)}, WOOD, **look)
            add_shapes(body, name, pulls(leaf), STEEL, **look)
            x, y, z = HANDLE
            facing = x if self.opens == "outward" else -x
            add_point(body, f"{name}_handle", (facing, leaf.turn * y, z))
        return spec

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """Both leaves at `angles` and at rest, in the worlds of the mask `worlds` (N,)."""
        leaves = sim.joints([f"{self.name}_{leaf.side}" for leaf in LEAVES])
        leaves.put(worlds, qpos=constant(self.angles, sim.qpos), qvel=0.0)

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """Handles: positions (N, 3) in m, and the orientations (N, 4; xyzw) of their leaves."""
        state = {}
        for side in ("left", "right"):
            name = f"{self.name}_{side}"
            state[f"{name}_handle_pos"] = sim.site(f"{name}_handle").xpos.float()
            state[f"{name}_handle_rot"] = y_up(sim.body(name).xquat)
        return state


def pulls(leaf: Leaf) -> Shapes:
    """The pulls of both faces of a leaf: a bar and its two feet each."""
    shapes, y = {}, leaf.bar_y
    for face, bar_x, foot_x in zip(("front", "back"), leaf.bars, leaf.feet, strict=True):
        shapes[f"{face}_bar"] = bar(BAR_RADIUS, (bar_x, y, BAR[0]), (bar_x, y, BAR[1]))
        for end, z in zip(("low", "high"), FEET, strict=True):
            shapes[f"{face}_{end}"] = bar(FOOT_RADIUS, (leaf.core, y, z), (foot_x, y, z))
    return shapes
