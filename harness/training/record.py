"""What is kept of a training: one row per epoch, in curve.csv."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from harness.fitness import EpisodeMeter
from harness.training.environment import Environment, Step, named_tensors

RewardFunction = Callable[[Mapping[str, Tensor]], tuple[Tensor, dict[str, Tensor]]]


class Recorder:
    """Computes the rewards of each step, and collects their means and the fitness by epoch.

    The human program sees the same states as the trained one: it is recorded beside it, never used.
    Rewards that are not finite, and those of worlds whose physics failed, count as 0. The bonus on steps that
    score 1 is added for learning only: the record shows the program's own reward, as the original's log does.
    """

    def __init__(
        self,
        environment: Environment,
        reward: RewardFunction,
        human: RewardFunction | None,
        goal_bonus: float = 0.0,
    ) -> None:
        self.task = environment.task
        self.reward = reward
        self.human = human
        self.goal_bonus = goal_bonus
        self.rows: list[dict[str, float]] = []
        self.meter = EpisodeMeter(self.task.fitness, environment.worlds, environment.device)
        self.nonfinite = 0
        self._sums: dict[str, Tensor] = {}
        self._steps = 0
        self._nonfinite = torch.zeros((), dtype=torch.long, device=environment.device)

    def take(self, step: Step) -> Tensor:
        """The rewards (N,) of a step."""
        named = named_tensors(self.task, step)
        reward, components = self.reward(named)
        finite = reward.isfinite()
        self._nonfinite += (~finite).sum()
        reward = reward.masked_fill(~finite | step.unstable, 0.0)
        self._add("reward", reward)
        if self.human is self.reward:
            self._add("human_reward", reward)
        elif self.human is not None:
            self._add("human_reward", self.human(named)[0].masked_fill(step.unstable, 0.0))
        for name, values in components.items():
            self._add(f"reward/{name}", values.masked_fill(step.unstable, 0.0))
        self.meter.update(step.score, step.done)
        self._steps += 1
        return reward + self.goal_bonus * (step.score >= 1.0) if self.goal_bonus else reward

    def close_epoch(self, epoch: int, env_steps: int) -> None:
        """Turn the sums since the last call into a row."""
        row: dict[str, float] = {
            "epoch": epoch,
            "env_steps": env_steps,
            "f": self.meter.training_fitness(),
            "legacy_f": self.meter.legacy_fitness(),
            "episode_length": self.meter.episode_length(),
        }
        row |= {name: float(total) / self._steps for name, total in self._sums.items()}
        self.rows.append(row)
        self.nonfinite += int(self._nonfinite)
        self._nonfinite.zero_()
        self._sums.clear()
        self._steps = 0
        self.meter.clear()

    def write(self, path: Path) -> None:
        """All rows as CSV, numbers with nine significant digits."""
        with path.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.rows[0])
            writer.writerows([f"{value:.9g}" for value in row.values()] for row in self.rows)
            file.flush()
            os.fsync(file.fileno())

    def _add(self, name: str, values: Tensor) -> None:
        mean = values.double().mean()
        self._sums[name] = self._sums[name] + mean if name in self._sums else mean
