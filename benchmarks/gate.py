"""How often the gate is right: `python -m benchmarks.gate [REPETITIONS]`, tables in Markdown.

A run that is as good as its baseline should pass and must not be called a regression; one that lost 0.25 of the
normalised score on every task should be. Human is at 1 and sparse at 0; scores are spread as `SUITES` says.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.shapes import LOW, UNIT
from harness.scoring.cells import Floats, make_cell
from harness.scoring.gate import Decision, decide
from harness.scoring.sequential import LOOKS, Looks
from harness.scoring.versus import Pair

REPETITIONS = 400
DROP = 0.25
DRAWS = 2000


@dataclass(frozen=True)
class Scores:
    """How the trials of a run that is as good as its baseline are spread."""

    draw: Callable[[np.random.Generator, tuple[int, int]], Floats]
    bounds: tuple[float, float] = (-math.inf, math.inf)


def normal(mean: float, spread: float) -> Scores:
    """Normal scores."""
    return Scores(lambda rng, size: rng.normal(mean, spread, size))


def some_fail(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """One trial in five at 0."""
    return np.clip(np.where(rng.random(size) < 0.2, 0.0, rng.normal(0.95, 0.1, size)), 0.0, 1.0)


QUICK = {
    "cartpole, at its cap": Scores(lambda rng, size: np.ones(size), UNIT),
    "ball_balance": Scores(lambda rng, size: np.clip(rng.normal(0.9, 0.15, size), 0.0, 1.0), UNIT),
    "quadcopter": normal(1.0, 0.15),
}
"""The three quick tasks, about as noisy as measured."""
SUITES = {
    "three quick tasks": tuple(QUICK.values()),
    "three tasks, noise 0.3": (normal(1.0, 0.3),) * 3,
    "three tasks, one trial in five fails": (Scores(some_fail, UNIT),) * 3,
    "six tasks, noise 0.3": (normal(1.0, 0.3),) * 6,
    "29 tasks, noise 0.3": (normal(1.0, 0.3),) * 29,
}

Loss = Callable[[Floats, float, np.random.Generator], Floats]


@dataclass(frozen=True)
class Size:
    """Trials of each task."""

    new: int
    base: int
    margin: float


def shifted(scores: Floats, drop: float, rng: np.random.Generator) -> Floats:
    """Every trial loses the same."""
    return scores - drop


def failing(scores: Floats, drop: float, rng: np.random.Generator) -> Floats:
    """Some trials lose everything."""
    return np.where(rng.random(scores.shape) < drop, 0.0, scores)


def drawn(
    suite: tuple[Scores, ...], size: Size, drop: float, rng: np.random.Generator, lose: Loss = shifted
) -> list[Pair]:
    """A comparison: NEW with a planted drop, BASE, and its references."""
    tasks = []
    for shape in suite:
        new, base, human = (shape.draw(rng, (1, n)) for n in (size.new, size.base, size.base))
        sparse = LOW(rng, np.empty((1, size.base)))
        tasks.append(Pair(*map(make_cell, (lose(new, drop, rng), base, human, sparse)), shape.bounds))
    return tasks


def looked(tasks: list[Pair], looks: Looks, margin: float) -> tuple[Decision, int]:
    """The decision of sequential looks, and the seeds it took."""
    for index, seeds in enumerate(looks.seeds):
        seen = [Pair((t.left[0][:seeds],), t.right, t.human, t.sparse, t.bounds) for t in tasks]
        level = looks.levels[index]
        decision = decide(seen, margin, level, level, DRAWS)
        if decision.verdict != "undecided":
            break
    return decision, seeds


def share(verdicts: list[str], wanted: str) -> str:
    """In per cent."""
    return f"{100 * verdicts.count(wanted) / len(verdicts):.1f} %"


def one_look(repetitions: int) -> None:
    """The table of single comparisons."""
    print(
        "| suite | new/base | margin | false alarms | passes, nothing lost | 0.25 lost: found | 0.25 lost: passes "
        "| a quarter fails: found | smallest detectable drop |\n|---|---|---|---|---|---|---|---|---|"
    )
    for name, suite in SUITES.items():
        for size in (Size(3, 6, 0.25), Size(5, 5, 0.25), Size(5, 20, 0.25), Size(5, 20, 0.1)):
            rng = np.random.default_rng(1)
            found = {
                key: [
                    decide(drawn(suite, size, drop, rng, lose), size.margin, draws=DRAWS)
                    for _ in range(repetitions)
                ]
                for key, drop, lose in (
                    ("same", 0.0, shifted),
                    ("lost", DROP, shifted),
                    ("fail", DROP, failing),
                )
            }
            verdicts = {key: [one.verdict for one in many] for key, many in found.items()}
            smallest = np.median([one.smallest or math.inf for one in found["same"]])
            print(
                f"| {name} | {size.new}/{size.base} | {size.margin:g} | {share(verdicts['same'], 'regression')} "
                f"| {share(verdicts['same'], 'pass')} | {share(verdicts['lost'], 'regression')} "
                f"| {share(verdicts['lost'], 'pass')} | {share(verdicts['fail'], 'regression')} | {smallest:.2f} |",
                flush=True,
            )


def several_looks(repetitions: int) -> None:
    """The table of sequential looks at 2, 4, 6 and 8 seeds."""
    print(
        "\n| suite | base | margin | lost | pass | regression | undecided | seeds, mean |\n|---|---|"
        + "---|" * 6
    )
    for name in ("three tasks, noise 0.3", "29 tasks, noise 0.3"):
        for margin, drop in ((0.1, 0.0), (0.1, 0.1), (0.1, DROP)):
            rng = np.random.default_rng(2)
            size, looks = Size(LOOKS[-1], 20, margin), Looks.of(LOOKS, 20)
            outcomes = [
                looked(drawn(SUITES[name], size, drop, rng), looks, margin) for _ in range(repetitions)
            ]
            verdicts = [decision.verdict for decision, _ in outcomes]
            print(
                f"| {name} | {size.base} | {margin:g} | {drop:g} | {share(verdicts, 'pass')} "
                f"| {share(verdicts, 'regression')} | {share(verdicts, 'undecided')} "
                f"| {np.mean([seeds for _, seeds in outcomes]):.1f} |",
                flush=True,
            )


def main() -> None:
    """Both tables."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    one_look(repetitions)
    several_looks(repetitions)


if __name__ == "__main__":
    main()
