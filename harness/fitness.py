"""The fitness F of a policy out of per-step scores, as its task's kind of fitness defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from harness.task import Fitness, MemoryForm

if TYPE_CHECKING:
    from torch import Tensor


class EpisodeMeter:
    """Follows N worlds and keeps the value of each one's episodes.

    A step's `value` of a running episode is the sum of its scores (survival, counting) or their maximum
    (success). For rate-like tasks it is the sum too, but F does not use episodes. A score that is not finite makes
    the value of its episode not finite, never that of another. `form` is how the original's log remembers episodes,
    `weight` that of new ones in the form EMA_OF_COUNTS.
    """

    def __init__(
        self,
        kind: Fitness,
        worlds: int,
        device: torch.device | str = "cpu",
        form: MemoryForm | None = None,
        weight: float = 0.1,
    ) -> None:
        self.kind = kind
        self.form = form
        self.weight = weight
        self.value = torch.zeros(worlds, device=device)
        self.length = torch.zeros(worlds, device=device)
        self.first_value = torch.full((worlds,), torch.nan, device=device)
        self.first_length = torch.full((worlds,), torch.nan, device=device)
        self.last_value = torch.full((worlds,), torch.nan, device=device)
        self.last_length = torch.full((worlds,), torch.nan, device=device)
        self.finished = torch.zeros(worlds, dtype=torch.bool, device=device)
        """Worlds that have completed an episode: of the others, first and last values are nan."""
        self._score_sum = torch.zeros(worlds, dtype=torch.float64, device=device)
        self._steps = 0
        remembered = (worlds,) if form is MemoryForm.PER_WORLD_LAST else ()
        self._legacy = torch.zeros(remembered, dtype=torch.float64, device=device)

    def update(self, score: Tensor, done: Tensor) -> None:
        """Take in one step: scores (N,) and which episodes ended with it, (N,) bool."""
        self._score_sum += score
        self._steps += 1
        self.length += 1
        self.value = torch.maximum(self.value, score) if self.kind is Fitness.SUCCESS else self.value + score
        self._update_legacy(score, done)
        first = done & ~self.finished
        self.first_value = torch.where(first, self.value, self.first_value)
        self.first_length = torch.where(first, self.length, self.first_length)
        self.last_value = torch.where(done, self.value, self.last_value)
        self.last_length = torch.where(done, self.length, self.last_length)
        self.finished = self.finished | done
        self.value = self.value.masked_fill(done, 0.0)
        self.length = self.length.masked_fill(done, 0.0)

    def training_fitness(self) -> float:
        """F as seen during training, since `clear`: mean score, or mean over each world's last episode.

        A world that has not finished an episode yet counts with its running one.
        """
        if self.kind is Fitness.RATE:
            return float(self._score_sum.mean()) / max(self._steps, 1)
        return float(torch.where(self.finished, self.last_value, self.value).mean())

    def episode_length(self) -> float:
        """Mean length of each world's last episode, or of its running one if it has none yet."""
        return float(torch.where(self.finished, self.last_length, self.length).mean())

    def legacy_fitness(self) -> float:
        """What the original logs at this step: of the step alone, or with a memory of one of its forms."""
        return float(self._legacy.mean())

    def per_world(self) -> Tensor:
        """F of each world, (N,): its mean score, or the value of its first complete episode (nan if none)."""
        if self.kind is Fitness.RATE:
            return (self._score_sum / max(self._steps, 1)).float()
        return self.first_value

    def clear(self) -> None:
        """Start a new epoch: forget the scores of RATE; episodes go on."""
        self._score_sum.zero_()
        self._steps = 0

    def state(self) -> dict[str, Any]:
        """All that it has taken in, as tensors and numbers."""
        return {name: value for name, value in vars(self).items() if name not in ("kind", "form", "weight")}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on as the meter whose `state` this was."""
        vars(self).update(state)

    def _update_legacy(self, score: Tensor, done: Tensor) -> None:
        if self.kind is Fitness.RATE:
            self._legacy = score.double().mean()
            return
        ended, values = done.sum(), self.value.double()
        total = values.masked_fill(~done, 0.0).sum()
        if self.form is None:  # mean of the episodes that end on this very step, else 0
            self._legacy = total / ended.clamp(min=1)
        elif self.form is MemoryForm.SCALAR_EMA:
            self._legacy = (total + (len(done) - ended) * self._legacy) / len(done)
        elif self.form is MemoryForm.PER_WORLD_LAST:
            self._legacy = torch.where(done, values, self._legacy)
        else:
            blended = self.weight * total / ended.clamp(min=1) + (1 - self.weight) * self._legacy
            self._legacy = torch.where(ended > 0, blended, self._legacy)
