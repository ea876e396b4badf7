"""Shadow Hand Spin: chase goals that spin a pen in the hand (Eureka's ShadowHandSpin)."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, ClassVar

import torch

from harness.rotations import quat_mul, quat_unit
from suites.isaac.in_hand import InHand
from suites.isaac.shadow_hand import ShadowHand, ShadowHandPen
from suites.models.draws import turn

if TYPE_CHECKING:
    from torch import Tensor

FIRST_GOAL = (-0.8, 0.0, 0.0, 1.0)  # xyzw, stored before the first advance


class ShadowHandSpin(ShadowHandPen):
    """Each goal is the last one turned by 30 degrees about its own y axis, which points nearly down.

    Goals go on from episode to episode, so where the pen starts says nothing of the first goal. As in the
    original they are quaternions of length 1.28: angles look larger than they are, and the 0.2 rad that
    count are 0.156 rad of true rotation. A goal reached on the very step that ends an episode advances
    once here, twice there.

    The original has this task twice. This is the version whose source its designers are shown and whose
    worlds train their rewards: hence the default, for human rewards too, so that all are compared on one
    task. The original's human reward belongs to the other version, `shadow_hand_spin_flip`.
    """

    description = "turn the pen in the shadow hand to goals that advance in steps, so that it spins"
    ppo = dataclasses.replace(ShadowHand.ppo, epochs=20000)
    goal_step: ClassVar[float] = math.radians(30)
    """Angle (rad) from one goal to the next."""
    normalised: ClassVar[bool] = False
    """Whether goals have length 1 instead."""

    def carry(self, worlds: int, device: torch.device) -> InHand.Carried:
        carried = super().carry(worlds, device)
        first = carried.goal_rot.new_tensor(FIRST_GOAL)
        carried.goal_rot[:] = quat_unit(first) if self.normalised else first
        return carried

    def new_goal(self, carried: InHand.Carried, worlds: Tensor, rng: torch.Generator) -> Tensor:
        last = carried.goal_rot
        return quat_mul(last, turn(torch.full_like(last[:, 0], self.goal_step), 1))
