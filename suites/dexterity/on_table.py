"""What the tasks with two things on a table share: one for each hand, to be moved with the fingers near it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from harness.rotations import wxyz_to_xyzw
from harness.task import Simulation, tensor
from suites.dexterity.bimanual import Bimanual
from suites.dexterity.hand_points import HandPoints, reach
from suites.models.common import Quaternion, Vector
from suites.models.objects import BLOCK_EDGE, add_block
from suites.models.two_hands import Mount

if TYPE_CHECKING:
    import mujoco
    import torch
    from torch import Tensor

TABLE_TOP = 0.6  # m
ON_TABLE = TABLE_TOP + 0.5 * BLOCK_EDGE  # m, height of the middle of a block
LYING: Quaternion = (0.5003982, 0.4999998, 0.4999998, -0.4996018)
"""How a block lies (wxyz): turned by 1.57 rad about x, then as much about y."""
LYING_XYZW: Quaternion = (*LYING[1:], LYING[0])


class OnTable(Bimanual):
    """The bodies `object`, for the right hand, and `block`, for the left one. No chance in their starts.

    The episode ends when the fingers of a hand are too far from its own.
    """

    base_point = "palm"
    right = Mount((0.55, 0.2, 0.8), (3.14159, 0.0, 1.57))
    left = Mount((0.55, -0.2, 0.8), (3.14159, 0.0, 1.57))
    transition_scale = 0.5
    orientation_scale = 0.1
    lost: ClassVar[float]
    """Sum of the distances (m) of five fingers to their thing that ends the episode."""

    @dataclass
    class State(HandPoints, Bimanual.State):
        block_right_handle_pos: Tensor = tensor("position", "m", "of the right block, world frame", (3,))
        block_right_handle_rot: Tensor = tensor("rotation", "1", "of the right block, world frame", (4,))
        block_left_handle_pos: Tensor = tensor("position", "m", "of the left block, world frame", (3,))
        block_left_handle_rot: Tensor = tensor("rotation", "1", "of the left block, world frame", (4,))

    def reset(self, sim: Simulation, carried: Any, worlds: Tensor, rng: torch.Generator) -> None:
        self.reset_hands(sim, carried, worlds, rng)

    def terminated(self, state: Any) -> Tensor:
        right = reach(state, "right", state.block_right_handle_pos)
        left = reach(state, "left", state.block_left_handle_pos)
        return (right >= self.lost) | (left >= self.lost)


def add_lying_block(spec: mujoco.MjSpec, name: str, pos: Vector, **properties: Any) -> Any:
    """A block as it lies on the table, or a marker of it with `goal`; returns its body."""
    return add_block(spec, name, pos, LYING, **properties)


def read_handles(sim: Simulation) -> dict[str, Tensor]:
    """Places and orientations of the two things, by the names that the State has for them, float32."""
    found = {}
    for side, name in (("right", "object"), ("left", "block")):
        body = sim.body(name)
        found[f"block_{side}_handle_pos"] = body.xpos.float()
        found[f"block_{side}_handle_rot"] = wxyz_to_xyzw(body.xquat.float())
    return found
