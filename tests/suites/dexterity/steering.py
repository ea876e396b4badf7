"""Two free hands steered through their actions: the bases to places, the fingers to angles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from harness.rotations import quat_conjugate, quat_mul, unscale, wxyz_to_xyzw
from harness.task import Simulation
from suites.dexterity.bimanual import Bimanual
from suites.models.shadow_hand import ACTUATED, JOINTS, LOWER, UPPER
from suites.models.two_hands import SIDES
from tests.suites.hands import Table

DRIVEN = [JOINTS[place].name for place in ACTUATED]
PUSH, TURN = 40.0, 20.0
"""Units of action per m and per rad of error: bases in thick air go where they are pulled, without overshoot."""


def rotation_of(sim: Simulation, side: str) -> Tensor:
    """Rotation (N, 4; xyzw) of a base."""
    return wxyz_to_xyzw(sim.body(f"{side}_hand_mount").xquat.clone())


def pull(sim: Simulation, side: str, place: Tensor, rotation: Tensor, turn: float = TURN) -> Tensor:
    """The part (N, 6) of an action that takes a base to a place (N, 3; m, world frame) and a rotation (N, 4; xyzw)."""
    off = quat_mul(rotation, quat_conjugate(rotation_of(sim, side)))
    force = PUSH * (place - sim.body(f"{side}_hand_mount").xpos)
    return torch.cat([force, turn * off[:, :3] * off[:, 3:].sign()], dim=-1)


class Steered(Table):
    """Worlds whose bases are pulled to places, told as offsets (m) from where they started, and kept from turning."""

    def __init__(self, task: Bimanual, count: int = 1) -> None:
        super().__init__(task, count)
        self.starts = {side: self.base(side) for side in SIDES}

    def base(self, side: str) -> tuple[Tensor, Tensor]:
        """Place (N, 3) and rotation (N, 4; xyzw) of a base."""
        return self.sim.body(f"{side}_hand_mount").xpos.clone(), rotation_of(self.sim, side)

    def steer(self, right: Any, left: Any, angles: Mapping[str, float]) -> Any:
        """The state after a control step towards these offsets, (3,) or (N, 3), and these angles (rad) of joints.

        Joints that are not named are to be straight, in both hands.
        """
        actions = self.idle()
        for number, (side, offset) in enumerate(zip(SIDES, (right, left), strict=True)):
            start, upright = self.starts[side]
            actions[:, number, :6] = pull(self.sim, side, start + torch.as_tensor(offset), upright)
        for joint, angle in angles.items():
            place = DRIVEN.index(joint)
            limits = (torch.tensor(bound[ACTUATED[place]]) for bound in (LOWER, UPPER))
            actions[:, :, 6 + place] = unscale(torch.tensor(angle), *limits)
        state, unstable = self.step(actions.clamp(-1.0, 1.0))
        assert not unstable.any()
        return state


def between(start: Any, end: Any, share: float) -> Tensor:
    """The point of the straight way from `start` to `end` after a share of it, which is kept in [0, 1]."""
    here, there = torch.as_tensor(start), torch.as_tensor(end)
    return here + (there - here) * min(max(share, 0.0), 1.0)
