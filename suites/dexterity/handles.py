"""What tasks share whose thing has a handle for each hand: its State, and where the original says it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from harness.task import Simulation, constant, tensor
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import HandPoints
from suites.dexterity.hands import pose_fields
from suites.dexterity.options import DexterityOptions, quirk
from suites.models.common import Vector
from suites.models.table import add_table
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    from torch import Tensor

ABOVE = {
    "right": Mount((0.55, 0.2, 0.8), (3.14159, 0.0, 1.57)),
    "left": Mount((0.55, -0.2, 0.8), (3.14159, 0.0, 1.57)),
}
"""Side by side over a table, fingers along -x, palms down."""
TABLE = (0.5, 1.0)  # m, along x and y


class StartOptions(DexterityOptions):
    """For things on a table."""

    start_height: Literal["settled", "original"] = quirk("settled", original="original")
    """How high things start: as they come to rest on their table, or as in the original, in or above it."""


@dataclass
class StoredGoal:
    """A part of a State: a pose that the original stores and shows, but that nothing depends on."""

    goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
    goal_pos: Tensor = tensor("position", "m", "far above where the object starts, world frame", (3,))
    goal_rot: Tensor = tensor("rotation", "1", "that the object starts with, world frame", (4,))


def stored_goal(sim: Simulation, pose: tuple[float, ...]) -> dict[str, Tensor]:
    """The fields of `StoredGoal`: one pose (position in m, rotation xyzw) in all worlds."""
    return pose_fields("goal", constant(pose, sim.qpos).float().expand(sim.worlds, -1))


class Handles(Bimanual):
    """Bring each hand to its handle of a thing on a table, and do something with both."""

    transition_scale = 0.5
    orientation_scale = 0.1
    base_point = "palm"
    right = ABOVE["right"]
    left = ABOVE["left"]
    table_height: ClassVar[float]
    """m, of its top."""

    @dataclass
    class State(StoredGoal, HandPoints, Bimanual.State):
        pass

    def table_scene(self) -> mujoco.MjSpec:
        """Both hands, and a table in front of them."""
        spec = self.hands_scene()
        size: Vector = (*TABLE, self.table_height)
        add_table(spec, size, (0.0, 0.0, 0.5 * self.table_height))
        return spec
