"""A scripted operator of two free hands: bases go to places, joints to angles, all by a task's own actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from harness.rotations import unscale
from suites.dexterity.bimanual import Bimanual
from suites.models.shadow_hand import ACTUATED, LOWER, UPPER
from suites.models.two_hands import SIDES
from tests.suites.dexterity.steering import DRIVEN, pull, rotation_of
from tests.suites.hands import Table

TURN = 40.0  # units of action per rad of half the error
FINGERS = ("FF", "MF", "RF", "LF")
LIMITS = [torch.tensor([side[place] for place in ACTUATED]) for side in (LOWER, UPPER)]


class Operator:
    """Both hands in all worlds of a task: where they should be, and how bent. At first as they start."""

    def __init__(self, task: Bimanual, count: int = 1) -> None:
        self.task, self.table = task, Table(task, count)
        self.places = {side: self._root(side) for side in SIDES}
        self.start = {side: self._root(side) for side in SIDES}
        self.turn = {side: rotation_of(self.table.sim, side) for side in SIDES}
        self.angles = {side: dict.fromkeys(DRIVEN, 0.0) | dict(task.start_angles) for side in SIDES}
        self.best = torch.zeros(count)
        """Largest score so far, (N,)."""
        self.ended = torch.zeros(count, dtype=torch.bool)
        """Whether the episode would have ended, (N,)."""
        self.steps = 0

    def move(self, side: str, x: float | Tensor, y: float | Tensor, z: float | Tensor) -> None:
        """From now on a base is to be this far (m) from its start; tensors (N,) for what differs from world to world."""
        offsets = [torch.as_tensor(value, dtype=torch.float64).expand(len(self.best)) for value in (x, y, z)]
        self.places[side] = self.start[side] + torch.stack(offsets, dim=-1)

    def bend(
        self, side: str, fingers: Sequence[str] = (), j1: float = 0.0, j2: float = 0.0, **angles: float
    ) -> None:
        """From now on joints are to be at these angles, rad: joints 1 and 2 of fingers, and others by name."""
        for finger in fingers:
            self.angles[side] |= {f"{finger}J1": j1, f"{finger}J2": j2}
        self.angles[side] |= angles

    def run(self, steps: int) -> Any:
        """The state after some control steps."""
        for _ in range(steps):
            state, unstable = self.table.step(self.actions())
            assert not unstable.any()
            self.best = torch.maximum(self.best, self.task.score(state))
            self.ended |= self.task.terminated(state)
        self.steps += steps
        return state

    def actions(self) -> Tensor:
        """(N, 2, 26)."""
        actions = torch.zeros(len(self.best), 2, 26)
        for number, side in enumerate(SIDES):
            actions[:, number, :6] = pull(self.table.sim, side, self.places[side], self.turn[side], TURN)
            wanted = torch.tensor([self.angles[side][name] for name in DRIVEN])
            actions[:, number, 6:] = unscale(wanted.clamp(*LIMITS), *LIMITS)
        return actions.clamp(-1.0, 1.0)

    def _root(self, side: str) -> Tensor:
        return self.table.sim.body(f"{side}_hand_mount").xpos.clone()
