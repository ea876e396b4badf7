"""A switch box that is fixed in the world, with one rocker on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from harness.task import Simulation
from suites.models.common import FIXTURE, Quaternion, Vector, set_inertia
from suites.models.frames import y_up
from suites.models.objects import STOP
from suites.models.parts import Shapes, add_point, add_shapes, block

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

STANCE: Quaternion = (0.0, 0.7073883, 0.0, -0.7068252)
"""Rotation (wxyz) of the box: its x axis is down, y towards -y of the world, z towards -x, away from the hands."""
BRACKET = block((0.03985, 0.041, 0.06515), (0.05515, 0.001, 0.00515))
"""Down to the ends of the prongs that are below it."""
FAR_HALF: Shapes = {
    "middle": block((0.008, 0.0301, 0.012), (-0.00733, 0.05123, 0.01086)),
    "high": block((0.01175, 0.0301, 0.01855), (-0.01108, 0.05123, 0.04141)),
}
"""Of the rocker, in the frame of its hinge; it is the heavier one and thus lifts the near half."""
MASS, COM = 0.04170528, (-0.00963, 0.05124, 0.02105)  # kg, m
INERTIA = (3.38940e-5, 2.29311e-5, 1.38390e-5, 1.88615e-9, 1.89896e-6, -1.21988e-8)  # kg m^2
HINGE_Y, HINGE_Z = -0.050228, -0.010859  # m
DAMPING, ARMATURE = 0.002, 0.0001  # N m s/rad, kg m^2: back up within a few control steps, as the original is

GREY, BLUE = [0.80, 0.80, 0.78, 1], [0.25, 0.45, 0.70, 1]


class Geometry(NamedTuple):
    """What differs between the original's asset and one with which the task can be solved."""

    depth: float
    """m, x of the hinge in the frame of the box."""
    lever: float
    """m, from the hinge to the point to press."""
    range: tuple[float, float]
    """rad, of the hinge: pressed and released."""
    near_half: dict[str, Any]
    box: Shapes
    spring: float = 0.0
    """N m/rad towards released."""


GEOMETRIES = {
    "original": Geometry(
        depth=-0.04167,
        lever=0.02,
        range=(0.0, 0.5585054),
        near_half=block((0.00325, 0.0301, 0.02005), (-0.00258, 0.05123, -0.02119)),
        box={"housing": block((0.0444, 0.05125, 0.07245), (0.0017, 0.00105, -0.00215)), "bracket": BRACKET},
    ),
    "reachable": Geometry(
        depth=-0.0523,
        lever=0.05,
        range=(-0.8, 0.0),
        near_half=block((0.00325, 0.0301, 0.0325), (-0.00258, 0.05123, -0.03364)),
        box={
            "housing": block((0.0245, 0.05125, 0.07245), (0.0220, 0.00105, -0.00215)),
            "post": block((0.0245, 0.0410, 0.0060), (-0.0270, 0.00105, -0.010859)),
            "bracket": BRACKET,
        },
        spring=0.0085,
    ),
}
"""Handles of the original are at 0.6917 to 0.7023 m, so that their sum is 1.3834 m at least; success needs 1.35 m.

The reachable one is released at the same height and has 36 mm of travel instead of 11: above a lower housing, a post
carries the hinge, and a spring adds to the weight of the far half so that some 0.01 N m push back all the way."""


@dataclass(frozen=True)
class Switch:
    """Bodies `<name>` and `<name>_rocker`, the joint `<name>_rocker`, the site `<name>_handle`.

    No part touches another or the table: the range of the joint is the stop. Friction is the originals' usual 1.
    """

    name: str
    pos: Vector
    """m, of the box's origin."""
    geometry: Literal["reachable", "original"] = "reachable"

    def add_to(self, spec: mujoco.MjSpec) -> mujoco.MjSpec:
        """Fix the switch in `spec`; returns `spec`."""
        shape = GEOMETRIES[self.geometry]
        look: dict[str, Any] = FIXTURE
        box = spec.worldbody.add_body(name=self.name, pos=self.pos, quat=STANCE)
        add_shapes(box, self.name, shape.box, GREY, **look)
        rocker = box.add_body(name=f"{self.name}_rocker", pos=(shape.depth, HINGE_Y, HINGE_Z))
        set_inertia(rocker, MASS, COM, INERTIA)
        rocker.add_joint(name=f"{self.name}_rocker", axis=(0.0, 1.0, 0.0), range=shape.range, damping=DAMPING,
                         armature=ARMATURE, stiffness=shape.spring, springref=shape.range[1], **STOP)  # fmt: skip
        add_shapes(rocker, self.name, {"near": shape.near_half, **FAR_HALF}, BLUE, **look)
        add_point(rocker, f"{self.name}_handle", (0.0, 0.05, -shape.lever))
        return spec

    def reset(self, sim: Simulation, worlds: Tensor) -> None:
        """Released and at rest, in the worlds of the mask `worlds` (N,); the original leaves rockers as they are."""
        released = GEOMETRIES[self.geometry].range[1]
        sim.joint(f"{self.name}_rocker").put(worlds, qpos=released, qvel=0.0)

    def read(self, sim: Simulation) -> dict[str, Tensor]:
        """The point to press: position (N, 3) in m, and the orientation (N, 4; xyzw) of the rocker."""
        return {
            f"{self.name}_handle_pos": sim.site(f"{self.name}_handle").xpos.float(),
            f"{self.name}_handle_rot": y_up(sim.body(f"{self.name}_rocker").xquat),
        }
