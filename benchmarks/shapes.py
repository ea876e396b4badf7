"""How the scores of trials can be spread: what the coverage study draws from, with true means known."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.scoring.cells import Floats

Draw = Callable[[np.random.Generator, Floats], Floats]
"""One number for each level given, in the same shape."""
DRAWS_OF_A_MEAN = 2_000_000


@dataclass(frozen=True)
class Shape:
    """The scores of trials on a task, at a level that says how good a reward program is."""

    scores: Draw
    searches: Draw
    """The level of a program that a search finds, about a typical one."""
    human: float
    """Level of the human reward."""
    other: float
    """Level of a method that differs from it."""
    sparse: Draw
    """Scores of the sparse reward; no level matters to it."""
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def draw(self, rng: np.random.Generator, level: float, size: tuple[int, int, int], vary: bool) -> Floats:
        """Scores (repetitions, searches, seeds); the searches differ from each other if they `vary`."""
        levels = np.full((*size[:2], 1), level)
        if vary:
            levels = self.searches(rng, levels)
        return self.scores(rng, np.broadcast_to(levels, size))

    @functools.cache  # noqa: B019 - shapes are module constants
    def mean(self, level: float, vary: bool) -> float:
        """The true one, to about a thousandth of the spread."""
        return float(self.draw(np.random.default_rng(0), level, (DRAWS_OF_A_MEAN, 1, 1), vary).mean())

    @functools.cache  # noqa: B019
    def sparse_mean(self) -> float:
        """The sparse reward's true mean."""
        return float(self.sparse(np.random.default_rng(0), np.zeros(DRAWS_OF_A_MEAN)).mean())

    def ratio(self, level: float, vary: bool) -> float:
        """True human-normalised score of a method."""
        low = self.sparse_mean()
        return (self.mean(level, vary) - low) / (self.mean(self.human, False) - low)

    @functools.cache  # noqa: B019
    def probability(self, vary: bool) -> float:
        """True chance that a trial of the other method beats one of the human reward, a tie counting half."""
        rng, size = np.random.default_rng(0), (DRAWS_OF_A_MEAN, 1, 1)
        left, right = self.draw(rng, self.other, size, vary), self.draw(rng, self.human, size, False)
        return float((left > right).mean() + 0.5 * (left == right).mean())


def normal(spread: float) -> Draw:
    """Normal about the level."""
    return lambda rng, level: rng.normal(level, spread)


def unit(draw: Draw) -> Draw:
    """Cut to [0, 1]."""
    return lambda rng, level: np.clip(draw(rng, level), 0.0, 1.0)


def beta(strength: float) -> Draw:
    """Shares with the level as their mean, the closer together the larger the strength."""
    return lambda rng, level: rng.beta(level * strength, (1.0 - level) * strength)


def failing(ok: float, spread: float) -> Draw:
    """The level is the share of trials that are not 0 but about `ok`."""
    return lambda rng, level: np.where(
        rng.random(level.shape) < level, np.clip(rng.normal(ok, spread, level.shape), 0.0, 1.0), 0.0
    )


def success(rng: np.random.Generator, level: Floats) -> Floats:
    """Shares of 128 episodes, whose chances of success are spread about the level."""
    return rng.binomial(128, beta(5.0)(rng, level)) / 128


def franka(rng: np.random.Generator, level: Floats) -> Floats:
    """The level is the share of trials that are not 0 but have small shares."""
    return np.where(rng.random(level.shape) < level, rng.beta(1.0, 4.0, level.shape), 0.0)


def lognormal(spread: float, scale: float = 1.0) -> Draw:
    """Skewed, with no upper bound."""
    return lambda rng, level: scale * np.exp(rng.normal(level, spread))


UNIT = (0.0, 1.0)
LOW = unit(lambda rng, level: rng.normal(0.05, 0.03, level.shape))
NEAR_ZERO = normal(0.05)
SHAPES = {
    "normal": Shape(normal(0.15), normal(0.1), 0.7, 0.9, NEAR_ZERO),
    "capped": Shape(unit(normal(0.15)), normal(0.1), 0.95, 0.8, LOW, UNIT),
    "failing": Shape(failing(1.0, 0.1), beta(10.0), 0.8, 0.6, LOW, UNIT),
    "failing, no cap": Shape(failing(0.85, 0.05), beta(10.0), 0.8, 0.6, LOW, UNIT),
    "success": Shape(success, beta(10.0), 0.8, 0.5, LOW, UNIT),
    "bimodal": Shape(failing(1.0, 0.0), beta(10.0), 0.5, 0.3, LOW, UNIT),
    "lognormal": Shape(lognormal(0.5), normal(0.2), 0.0, 0.4, lognormal(0.5, 0.1), (0.0, math.inf)),
    "Franka-like": Shape(franka, beta(10.0), 0.7, 0.9, LOW, UNIT),
}
SUITES = {name: (name,) for name in SHAPES} | {"mixed": ("capped", "failing", "success", "normal")}
"""Suite → shapes of its tasks, in turn."""
