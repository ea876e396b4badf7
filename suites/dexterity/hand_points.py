"""Points of two hands that the objects of many tasks are reached with: parts of their State, and how to read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from harness.rotations import quat_apply, wxyz_to_xyzw
from harness.task import Simulation, constant, tensor
from suites.models.shadow_hand import TIPS
from suites.models.two_hands import SIDES

if TYPE_CHECKING:
    from torch import Tensor

FINGERS = ("ff", "mf", "rf", "lf", "th")
"""First, middle, ring and little finger, thumb."""
PALM_POINT = (0.0, -0.02, 0.08)  # m, in the palm's frame: 2 cm before it, 8 cm towards the fingers
FINGER_POINT = (0.0, 0.0, 0.02)  # m, in the frame of the last body of a finger


def _point(about: str) -> Any:
    return tensor("position", "m", f"{about}, world frame", (3,))


def _turn(about: str) -> Any:
    return tensor("rotation", "1", f"of the {about}, world frame", (4,))


@dataclass
class PalmPoints:
    """A part of a State."""

    left_hand_pos: Tensor = _point("2 cm before the left palm")
    left_hand_rot: Tensor = _turn("left palm")
    right_hand_pos: Tensor = _point("2 cm before the right palm")
    right_hand_rot: Tensor = _turn("right palm")


@dataclass
class RightFingerPoints:
    """A part of a State."""

    right_hand_ff_pos: Tensor = _point("tip of the right first finger")
    right_hand_ff_rot: Tensor = _turn("last body of the right first finger")
    right_hand_mf_pos: Tensor = _point("tip of the right middle finger")
    right_hand_mf_rot: Tensor = _turn("last body of the right middle finger")
    right_hand_rf_pos: Tensor = _point("tip of the right ring finger")
    right_hand_rf_rot: Tensor = _turn("last body of the right ring finger")
    right_hand_lf_pos: Tensor = _point("tip of the right little finger")
    right_hand_lf_rot: Tensor = _turn("last body of the right little finger")
    right_hand_th_pos: Tensor = _point("tip of the right thumb")
    right_hand_th_rot: Tensor = _turn("last body of the right thumb")


@dataclass
class LeftFingerPoints:
    """A part of a State."""

    left_hand_ff_pos: Tensor = _point("tip of the left first finger")
    left_hand_ff_rot: Tensor = _turn("last body of the left first finger")
    left_hand_mf_pos: Tensor = _point("tip of the left middle finger")
    left_hand_mf_rot: Tensor = _turn("last body of the left middle finger")
    left_hand_rf_pos: Tensor = _point("tip of the left ring finger")
    left_hand_rf_rot: Tensor = _turn("last body of the left ring finger")
    left_hand_lf_pos: Tensor = _point("tip of the left little finger")
    left_hand_lf_rot: Tensor = _turn("last body of the left little finger")
    left_hand_th_pos: Tensor = _point("tip of the left thumb")
    left_hand_th_rot: Tensor = _turn("last body of the left thumb")


@dataclass
class HandPoints(LeftFingerPoints, RightFingerPoints, PalmPoints):
    """All three."""


def read_palm_points(sim: Simulation) -> dict[str, Tensor]:
    """The fields of `PalmPoints`, float32."""
    found = {}
    for side in SIDES:
        palm = sim.body(f"{side}_palm")
        rotation = wxyz_to_xyzw(palm.xquat.float())
        offset = constant(PALM_POINT, rotation).expand_as(palm.xpos)
        found[f"{side}_hand_pos"] = palm.xpos.float() + quat_apply(rotation, offset)
        found[f"{side}_hand_rot"] = rotation
    return found


def read_finger_points(sim: Simulation, side: str) -> dict[str, Tensor]:
    """The fields of `RightFingerPoints` or `LeftFingerPoints`, float32."""
    tips = sim.bodies([f"{side}_{tip}" for tip in TIPS])
    rotations = wxyz_to_xyzw(tips.xquat.float())
    offset = constant(FINGER_POINT, rotations).expand_as(rotations[..., :3])
    points = tips.xpos.float() + quat_apply(rotations, offset)
    found = {}
    for number, finger in enumerate(FINGERS):
        found[f"{side}_hand_{finger}_pos"] = points[:, number]
        found[f"{side}_hand_{finger}_rot"] = rotations[:, number]
    return found


def reach(state: Any, side: str, point: Tensor) -> Tensor:
    """Sum of the distances (m) from a point (N, 3) to the five finger points of the `right` or `left` hand: (N,)."""
    points = torch.stack([getattr(state, f"{side}_hand_{finger}_pos") for finger in FINGERS], dim=1)
    total: Tensor = (points - point[:, None]).norm(dim=-1).sum(dim=-1)
    return total
