"""How two reward programs go together over all transitions of a training: streamed sums, and a fixed sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from harness.training.durable import write_table

if TYPE_CHECKING:
    from torch import Tensor

SAMPLE: Final = 2048
"""Transitions of which the rewards are kept: ranks of so many have a standard error of about 0.02."""


class Transitions:
    """The trained and the human reward of every transition: their means and centred sums in float64, and a sample.

    Sums are merged by Chan, Golub and LeVeque's rule (1983), which does not lose digits where a mean is large. Pairs
    with a member that is not finite are left out of them and counted. The sample is of the transitions whose numbers
    (0, 1, ... in order of time, worlds within a step) have the smallest hashes: it is spread over the training without
    a pattern, the same for all trainings of a length, and nothing random is drawn.
    """

    def __init__(self) -> None:
        self.seen = 0
        """Transitions so far."""
        self.n = 0
        """Of which both rewards are finite."""
        self._means = np.zeros(2)
        self._sums = np.zeros(
            3
        )  # of squared deviations of the trained and the human reward, and of their products
        self._numbers = np.empty(0, np.int64)
        self._sample = np.empty((2, 0), np.float32)

    def add(self, rewards: Tensor) -> None:
        """Take in the rewards (2, K) of the next K transitions: the trained one's, the human one's."""
        finite = rewards.isfinite().all(dim=0)
        n = finite.sum()
        wide = rewards.double()
        means = wide.masked_fill(~finite, 0.0).sum(dim=1) / n.clamp(min=1)
        x, y = (wide - means.unsqueeze(1)).masked_fill(~finite, 0.0)
        sums = torch.stack([(x * x).sum(), (y * y).sum(), (x * y).sum()])
        self._merge(int(n), means.cpu().numpy(), sums.cpu().numpy())
        self._choose(rewards)
        self.seen += rewards.shape[1]

    def summary(self) -> dict[str, Any]:
        """For training.json: `n`, `left_out`, means, and sums of squares and products of the deviations from them."""
        names = ("reward_mean", "human_mean", "reward_squares", "human_squares", "products")
        numbers = (*self._means.tolist(), *self._sums.tolist())
        return {"n": self.n, "left_out": self.seen - self.n, **dict(zip(names, numbers, strict=True))}

    def write(self, path: Path) -> None:
        """The sample as CSV, in order of time; a reward that is not finite as nan."""
        sample = np.where(np.isfinite(self._sample), self._sample, np.nan)
        rows = zip(self._numbers.tolist(), *sample.tolist(), strict=True)
        write_table(path, ("transition", "reward", "human_reward"), rows)

    def state(self) -> dict[str, Any]:
        """All that it has taken in, as tensors and numbers."""
        arrays = (self._means, self._sums, self._numbers, self._sample)
        return {"seen": self.seen, "n": self.n, "arrays": [torch.from_numpy(array) for array in arrays]}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the one whose `state` this was."""
        self.seen, self.n = state["seen"], state["n"]
        arrays = (tensor.numpy() for tensor in state["arrays"])
        self._means, self._sums, self._numbers, self._sample = arrays

    def _merge(self, n: int, means: NDArray[np.float64], sums: NDArray[np.float64]) -> None:
        if not n:
            return
        total = self.n + n
        x, y = means - self._means
        self._sums = self._sums + sums + np.array([x * x, y * y, x * y]) * (self.n * n / total)
        self._means = self._means + (means - self._means) * (n / total)
        self.n = total

    def _choose(self, rewards: Tensor) -> None:
        """Take those of the next transitions into the sample that belong there; others leave it."""
        numbers = np.arange(self.seen, self.seen + rewards.shape[1])
        full = len(self._numbers) == SAMPLE
        below = _hash(numbers) < _hash(self._numbers).max() if full else np.full(len(numbers), True)
        (chosen,) = below.nonzero()
        values = rewards[:, torch.from_numpy(chosen).to(rewards.device)].float().cpu().numpy()
        self._numbers = np.concatenate([self._numbers, numbers[chosen]])
        self._sample = np.concatenate([self._sample, values], axis=1)
        if len(self._numbers) > SAMPLE:
            kept = np.sort(np.argpartition(_hash(self._numbers), SAMPLE)[:SAMPLE])
            self._numbers, self._sample = self._numbers[kept], self._sample[:, kept]


def _hash(numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Of whole numbers, one to one (the finaliser of SplitMix64: Steele, Lea & Flood 2014)."""
    mixed = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
