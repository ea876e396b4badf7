"""Two free hands that are led by hand-written waypoints, through the actions alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from harness.rotations import quat_conjugate, quat_mul, quat_to_exp_map, unscale, wxyz_to_xyzw
from suites.models.shadow_hand import ACTUATED, JOINTS
from suites.models.two_hands import SIDES
from tests.suites.hands import Table

PLACE_GAIN, TURN_GAIN = 30.0, 20.0  # actions per m and per rad
CURLED = {f"{finger}J{joint}": angle for finger in ("FF", "MF", "RF", "LF") for joint, angle in ((1, 1.571),)}
"""Fingers whose last two parts are bent to a hook, rad."""


class Steering:
    """Keeps the roots of both hands at places (m) and rotations, and the fingers at angles (rad)."""

    def __init__(self, run: Table) -> None:
        self.run = run
        mounts = {side: run.sim.body(f"{side}_hand_mount") for side in SIDES}
        self.places = {side: mount.xpos.clone() for side, mount in mounts.items()}
        self.turns = {side: wxyz_to_xyzw(mount.xquat).clone() for side, mount in mounts.items()}
        self.fingers: dict[str, Mapping[str, float]] = {side: {} for side in SIDES}

    def go(self, right: Sequence[float] | None = None, left: Sequence[float] | None = None) -> None:
        """Where the roots should get, m."""
        for side, place in (("right", right), ("left", left)):
            if place is not None:
                self.places[side] = torch.tensor(place, dtype=torch.float64).expand_as(self.places[side])

    def actions(self) -> Tensor:
        """The actions (N, A) that lead there."""
        parts = []
        for side in SIDES:
            mount = self.run.sim.body(f"{side}_hand_mount")
            force = PLACE_GAIN * (self.places[side] - mount.xpos)
            turn = quat_mul(self.turns[side], quat_conjugate(wxyz_to_xyzw(mount.xquat)))
            torque = TURN_GAIN * quat_to_exp_map(turn)
            parts += [force, torque, self._fingers(side).expand(len(force), -1)]
        return torch.cat(parts, dim=-1).clamp(-1.0, 1.0).float()

    def _fingers(self, side: str) -> Tensor:
        driven = [JOINTS[i] for i in ACTUATED]
        angles = torch.tensor([self.fingers[side].get(joint.name, 0.0) for joint in driven]).double()
        lower, upper = torch.tensor([joint.range for joint in driven]).double().T
        return unscale(angles, lower, upper)
