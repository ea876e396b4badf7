"""How often intervals hold what they should: `python -m benchmarks.coverage [REPETITIONS]`, two tables in Markdown.

Trials are drawn from eight shapes, whose true means are known from two million draws. In the second table the method is
the human reward itself: where the interval of its headline does not hold 1, it would be called better or worse.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.scoring.aggregate import Arms, mean_of_ratios
from harness.scoring.cells import Floats, make_cell
from harness.scoring.intervals import Interval, mean_interval

SEEDS = (3, 5, 10)
TASKS = (1, 2, 3, 9, 29)
REPETITIONS = 2000
Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]


@dataclass(frozen=True)
class Shape:
    """How the scores of trials are spread."""

    draw: Draw
    bounds: tuple[float, float] = (-math.inf, math.inf)

    @property
    def mean(self) -> float:
        """The true one, to about a thousandth."""
        return float(self.draw(np.random.default_rng(0), (2_000_000,)).mean())


def mixed(share: float, low: Draw, high: Draw) -> Draw:
    """One of two shapes, the first with a chance of `share`."""
    return lambda rng, size: np.where(rng.random(size) < share, low(rng, size), high(rng, size))


def normal(mean: float, spread: float) -> Draw:
    """Normal scores."""
    return lambda rng, size: rng.normal(mean, spread, size)


def constant(value: float) -> Draw:
    """The same score always."""
    return lambda rng, size: np.full(size, value)


def clipped(draw: Draw) -> Draw:
    """Scores cut to [0, 1]."""
    return lambda rng, size: np.clip(draw(rng, size), 0.0, 1.0)


UNIT = (0.0, 1.0)
SHAPES = {
    "normal": Shape(normal(0.7, 0.15)),
    "capped": Shape(clipped(normal(0.95, 0.15)), UNIT),
    "failing": Shape(clipped(mixed(0.2, constant(0.0), normal(1.0, 0.1))), UNIT),
    "failing, no cap": Shape(clipped(mixed(0.2, constant(0.0), normal(0.85, 0.05))), UNIT),
    "success": Shape(lambda rng, size: rng.binomial(128, rng.beta(4.0, 1.0, size)) / 128, UNIT),
    "bimodal": Shape(mixed(0.5, constant(0.0), constant(1.0)), UNIT),
    "lognormal": Shape(lambda rng, size: np.exp(rng.normal(0.0, 0.5, size)), (0.0, math.inf)),
    "Franka-like": Shape(mixed(0.3, constant(0.0), lambda rng, size: rng.beta(1.0, 4.0, size)), UNIT),
}
"""Scores of a method or of the human reward; the sparse reward's are below."""
SPARSE = {
    "normal": Shape(normal(0.0, 0.05)),
    "lognormal": Shape(lambda rng, size: 0.1 * np.exp(rng.normal(0.0, 0.5, size)), (0.0, math.inf)),
}
SPARSE_BOUNDED = Shape(clipped(normal(0.05, 0.03)), UNIT)
SUITES = {
    "normal": ("normal",),
    "capped": ("capped",),
    "mixed": ("capped", "failing", "success", "normal"),
    "failing": ("failing",),
    "failing, no cap": ("failing, no cap",),
    "success": ("success",),
    "bimodal": ("bimodal",),
    "lognormal": ("lognormal",),
    "Franka-like": ("Franka-like",),
}
"""Suite → shapes of its tasks, in turn."""


def arms_covered(shape: Shape, seeds: int, repetitions: int) -> tuple[float, float]:
    """Coverage of the mean's interval, and its mean width in standard deviations."""
    rng, truth = np.random.default_rng(1), shape.mean
    scores = shape.draw(rng, (repetitions, seeds))
    found = [mean_interval(make_cell([row]), *shape.bounds) for row in scores]
    spread = float(shape.draw(rng, (100_000,)).std())
    widths = [f.high - f.low for f in found if f is not None]
    return float(np.mean([holds(f, truth) for f in found])), float(np.mean(widths)) / spread


def holds(interval: Interval | None, truth: float) -> bool:
    """Whether a value is inside; an interval that is withheld claims nothing, and is never wrong."""
    return interval is None or interval.low - 1e-9 <= truth <= interval.high + 1e-9


def headline_covered(suite: tuple[str, ...], tasks: int, seeds: int, repetitions: int) -> float:
    """How often the headline's interval holds 1 for a method that is the human reward."""
    rng = np.random.default_rng(2)
    names = [suite[index % len(suite)] for index in range(tasks)]
    shapes = [(SHAPES[name], SPARSE.get(name, SPARSE_BOUNDED)) for name in names]
    held = 0
    drawn = [[shape.draw(rng, (repetitions, seeds)) for shape in (high, high, low)] for high, low in shapes]
    for repetition in range(repetitions):
        arms = [
            Arms(*(make_cell([arm[repetition]]) for arm in task), high.bounds)
            for task, (high, _) in zip(drawn, shapes, strict=True)
        ]
        held += holds(mean_of_ratios(arms).interval, 1.0)
    return held / repetitions


def main() -> None:
    """Two tables in Markdown."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    print("| scores | " + " | ".join(f"n = {n}" for n in SEEDS) + " |\n|---|" + "---|" * len(SEEDS))
    for name, shape in SHAPES.items():
        cells = [arms_covered(shape, seeds, repetitions) for seeds in SEEDS]
        print(
            f"| {name} | " + " | ".join(f"{100 * c:.1f} % ({w:.1f} s)" for c, w in cells) + " |", flush=True
        )
    print("\n| suite | n | " + " | ".join(f"T = {t}" for t in TASKS) + " |\n|---|---|" + "---|" * len(TASKS))
    for name, suite in SUITES.items():
        for seeds in SEEDS:
            cells = [headline_covered(suite, tasks, seeds, repetitions) for tasks in TASKS]
            print(f"| {name} | {seeds} | " + " | ".join(f"{100 * c:.1f} %" for c in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
