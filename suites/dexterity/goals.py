"""Goals of objects, and a second object with one: parts of a State, and how to read and draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from harness.rotations import wxyz_to_xyzw, xyzw_to_wxyz
from harness.task import Simulation, constant, tensor
from suites.dexterity.hands import pose_fields
from suites.models.common import Vector
from suites.models.draws import random_rotation

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class Goal:
    """A part of a State."""

    goal_pose: Tensor = tensor("scalar", "m, 1", "goal_pos, goal_rot", (7,))
    goal_pos: Tensor = tensor("position", "m", "where the object should get, world frame", (3,))
    goal_rot: Tensor = tensor("rotation", "1", "that the object should get, world frame", (4,))


@dataclass
class Second:
    """A part of a State."""

    object_another_pose: Tensor = tensor("scalar", "m, 1", "object_another_pos, object_another_rot", (7,))
    object_another_pos: Tensor = tensor("position", "m", "of the second object, world frame", (3,))
    object_another_rot: Tensor = tensor("rotation", "1", "of the second object, world frame", (4,))
    object_another_linvel: Tensor = tensor("velocity", "m/s", "of the second object, world frame", (3,))
    object_another_angvel: Tensor = tensor(
        "angular velocity", "rad/s", "of the second object, world frame", (3,)
    )
    goal_another_pose: Tensor = tensor("scalar", "m, 1", "goal_another_pos, goal_another_rot", (7,))
    goal_another_pos: Tensor = tensor(
        "position", "m", "where the second object should get, world frame", (3,)
    )
    goal_another_rot: Tensor = tensor("rotation", "1", "that the second object should get, world frame", (4,))


def read_goal(sim: Simulation, goal: str = "goal", place: Vector | None = None) -> dict[str, Tensor]:
    """`goal`_pose, _pos and _rot, float32, of a marker that is turned as its object should be.

    It stands where the object should get, unless that is `place` (m).
    """
    marker = sim.body(goal)
    position = marker.mocap_pos
    if place is not None:
        position = constant(place, position).expand_as(position)
    return pose_fields(goal, torch.cat([position, wxyz_to_xyzw(marker.mocap_quat)], dim=-1).float())


def draw_goal(sim: Simulation, worlds: Tensor, rng: torch.Generator, *others: str) -> None:
    """Give the marker `goal`, and `others` the same, new rotations in the worlds of a mask (N,)."""
    rotation = xyzw_to_wxyz(random_rotation(worlds, rng))
    for marker in ("goal", *others):
        sim.body(marker).put(worlds, mocap_quat=rotation)
