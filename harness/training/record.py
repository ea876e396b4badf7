"""What is kept of a training: one row per epoch, in curve.csv."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from harness.environment import Environment, Step
from harness.fitness import EpisodeMeter
from harness.training.durable import write_table
from harness.training.transitions import Transitions

RewardFunction = Callable[[Mapping[str, Tensor]], tuple[Tensor, dict[str, Tensor]]]


COMPONENT = "reward/"
"""Prefix of the components' series."""
LAST_STEP = "_last_step"
"""Ending of the series of means over worlds at the last step of each epoch, which is all that the original logs."""


class Recorder:
    """Computes the rewards of each step, and collects their means and the fitness by epoch.

    The human program sees the same states as the trained one: it is recorded beside it, never used. How the two go
    together over all transitions is kept as well, but of worlds whose physics failed.
    Rewards of worlds whose physics failed count as 0. Values that are not finite are counted and left out of the
    means; such a reward is NaN for the trainer, which knows the worst of the epoch only at its end. The bonus on
    steps that score 1 is added, and a sparse reward is `latched` by its task, for learning only: the record shows
    the program's own reward, as the original's log does.
    """

    def __init__(
        self,
        environment: Environment,
        reward: RewardFunction,
        human: RewardFunction | None,
        goal_bonus: float = 0.0,
        latched: bool = False,
    ) -> None:
        self.task = environment.task
        self.reward = reward
        self.human = human
        self.goal_bonus = goal_bonus
        self.latched = latched
        self.rows: list[dict[str, float]] = []
        task, worlds = environment.task, environment.worlds
        self.meter = EpisodeMeter(
            task.fitness, worlds, environment.device, task.memory_form, task.memory_weight
        )
        self.nonfinite: dict[str, int] = {}
        """Series of the curve → values in it that were not finite, where there were any."""
        self.transitions = None if human is None else Transitions()
        device = environment.device
        self._pairs: list[Tensor] = []
        self._last = (torch.empty(0), torch.empty(0))
        self._names: tuple[str, ...] = ()
        self._sums = torch.zeros((), dtype=torch.float64, device=device)
        self._steps = torch.zeros((), dtype=torch.long, device=device)
        self._nonfinite = torch.zeros((), dtype=torch.long, device=device)

    def take(self, step: Step) -> Tensor:
        """The rewards (N,) of a step; NaN where the program's is not finite."""
        named = step.named(self.task)
        reward, components = self.reward(named)
        series = {"reward": reward}
        if self.human is not None:
            series["human_reward"] = reward if self.human is self.reward else self.human(named)[0]
        series |= {f"{COMPONENT}{name}": values for name, values in components.items()}
        stacked = torch.stack(list(series.values()))
        if self.transitions is not None:
            self._pairs.append(stacked[:2].masked_fill(step.unstable, torch.nan))
        values = stacked.masked_fill(step.unstable, 0.0)
        self._add(tuple(series), values)
        self.meter.update(step.score, step.done)
        reward = values[0]
        if self.latched:
            reward = self.task.latched(step.state, reward).masked_fill(step.unstable, 0.0)
        reward = reward.masked_fill(~reward.isfinite(), torch.nan)
        return reward + self.goal_bonus * (step.score >= 1.0) if self.goal_bonus else reward

    def close_epoch(self, epoch: int, env_steps: int) -> None:
        """Turn the sums since the last call into a row; a series without a finite value is nan."""
        row: dict[str, float] = {
            "epoch": epoch,
            "env_steps": env_steps,
            "f": self.meter.training_fitness(),
            "legacy_f": self.meter.legacy_fitness(),
            "episode_length": self.meter.episode_length(),
        }
        totals = (self._sums.tolist(), self._steps.tolist(), self._nonfinite.tolist())
        for name, total, steps, bad in zip(self._names, *totals, strict=True):
            row[name] = total / steps if steps else math.nan
            if bad:
                self.nonfinite[name] = self.nonfinite.get(name, 0) + bad
        if self.transitions is not None:
            for name, mean, worlds in zip(
                self._names[:2], *(part.tolist() for part in self._last), strict=False
            ):
                row[f"{name}{LAST_STEP}"] = mean if worlds else math.nan
            self.transitions.add(torch.cat(self._pairs, dim=1))
            self._pairs = []
        self.rows.append(row)
        self._sums, self._steps, self._nonfinite = (
            torch.zeros_like(sums) for sums in (self._sums, self._steps, self._nonfinite)
        )
        self.meter.clear()

    def state(self) -> dict[str, Any]:
        """All that it has recorded until the end of an epoch, as tensors and numbers."""
        return {
            "rows": self.rows,
            "nonfinite": self.nonfinite,
            "meter": self.meter.state(),
            "epoch": (self._names, self._sums, self._steps, self._nonfinite),
            "transitions": None if self.transitions is None else self.transitions.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the recorder whose `state` this was."""
        self.rows, self.nonfinite = state["rows"], state["nonfinite"]
        self.meter.restore(state["meter"])
        self._names, self._sums, self._steps, self._nonfinite = state["epoch"]
        if self.transitions is not None:
            self.transitions.restore(state["transitions"])

    def write(self, path: Path) -> None:
        """All rows as CSV."""
        write_table(path, tuple(self.rows[0]), (row.values() for row in self.rows))

    def _add(self, names: tuple[str, ...], values: Tensor) -> None:
        """Take in one step of all series, (S, N): the mean of each over worlds in which it is finite."""
        finite = values.isfinite()
        count = finite.sum(dim=1)
        mean = values.double().masked_fill(~finite, 0.0).sum(dim=1) / count.clamp(min=1)
        self._names = names
        self._last = mean, count
        self._sums = self._sums + mean
        self._steps = self._steps + (count > 0)
        self._nonfinite = self._nonfinite + (values.shape[1] - count)
