"""rl-games' PPO agent, as a training here needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import torch

from harness.training.rl_games import A2CAgent, a2c_common

if TYPE_CHECKING:
    from torch import Tensor

CARRIED = (
    *("epoch_num", "frame", "last_lr", "entropy_coef", "lowest"),
    *("dones", "current_rewards", "current_shaped_rewards", "current_lengths"),
)
"""Attributes of the agent that outlive an epoch, beside the model and its optimizer."""
METERS = ("game_rewards", "game_shaped_rewards", "game_lengths")
"""Its running means over complete episodes, which it only prints."""


class NoWriter:
    """In place of TensorBoard's, whose queue to a thread of its own outlives a process that is killed."""

    def __init__(self, folder: str) -> None: ...

    def add_scalar(self, name: str, value: float, step: float) -> None:
        """Nothing: the recorder keeps what counts."""


class Agent(A2CAgent):  # type: ignore[misc]
    """rl-games' agent without its own checkpoint files, ours are at fixed intervals; and safe from NaN rewards."""

    lowest: Tensor | float = 0.0
    """The worst finite reward of the last epoch that had one."""
    resumed: dict[str, Any] | None = None
    """The state after an epoch that it goes on from."""

    def __init__(self, name: str, parameters: dict[str, Any]) -> None:
        with mock.patch.object(a2c_common, "SummaryWriter", NoWriter):
            super().__init__(name, parameters)

    def init_tensors(self) -> None:
        """What an epoch starts with: fresh, or as it was."""
        super().init_tensors()
        if self.resumed is not None:
            self._restore(self.resumed)

    def state(self) -> dict[str, Any]:
        """All that it takes from one epoch into the next, as tensors and numbers; observations are the world's."""
        return {
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "meters": {
                name: (getattr(self, name).mean, int(getattr(self, name).current_size)) for name in METERS
            },
            **{name: getattr(self, name) for name in CARRIED},
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name, (mean, size) in state["meters"].items():
            getattr(self, name).mean, getattr(self, name).current_size = mean, size
        for name in CARRIED:
            setattr(self, name, state[name])

    def save(self, fn: str) -> None:
        """Nothing: the observer saves."""

    def discount_values(
        self, dones: Tensor, last_values: Tensor, all_dones: Tensor, values: Tensor, rewards: Tensor
    ) -> Tensor:
        """Advantages of an epoch, whose rewards are complete here: those that are NaN become the worst finite one.

        So a program that fails where a policy goes astray never rewards going astray.
        """
        finite = rewards.isfinite()
        worst = rewards.masked_fill(~finite, torch.inf).min()
        self.lowest = torch.where(worst.isfinite(), worst, self.lowest)
        rewards.copy_(torch.where(finite, rewards, self.lowest))
        advantages: Tensor = super().discount_values(dones, last_values, all_dones, values, rewards)
        return advantages
