"""Shadow Hand Spin as Eureka's human reward has it: smaller steps, and either end of the pen counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from harness.rotations import quat_mul
from suites.isaac.shadow_hand_spin import ShadowHandSpin
from suites.models.draws import turn

if TYPE_CHECKING:
    from torch import Tensor


class ShadowHandSpinFlip(ShadowHandSpin):
    """Goals advance by 10 degrees, 36 to a turn, and count for a pen with its ends swapped as well.

    So the error is the smaller of that to the goal and that to the goal turned by 180 degrees about its own
    y axis, the one that it spins about. This is the original's own task of that name, with its human reward
    and its pen demonstration; the rewards of its designers are trained on `shadow_hand_spin`, the default.
    All else is that task's: unnormalised goals, 0.2 rad, resets, observations, what a designer is shown.
    """

    description = (
        "turn the pen in the shadow hand, either end first, to goals that advance in small steps, "
        "so that it spins"
    )
    goal_step = math.radians(10)

    def reached(self, object_rot: Tensor, goal_rot: Tensor) -> Tensor:
        half_turn = turn(torch.full_like(goal_rot[:, 0], math.pi), 1)
        flipped = quat_mul(goal_rot, half_turn)
        return super().reached(object_rot, goal_rot) | super().reached(object_rot, flipped)
