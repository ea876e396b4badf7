"""How often intervals hold what they should: `nice python -m benchmarks.coverage [TABLE ...]`, in Markdown.

Scores are drawn from the shapes of `benchmarks.shapes`, whose true means are known. Every number of the harness is
asked twice: for a method that differs from the human reward, how often its interval holds the true value; and for a
method that *is* the human reward, how often it is called different. Several searches of a method that differs find
programs that differ from each other. Seeds are fixed: the tables come out the same each time.
"""

from __future__ import annotations

import argparse
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from benchmarks import batches
from benchmarks.shapes import SHAPES, SUITES, Shape
from harness.scoring.aggregate import Arms, mean_of_ratios
from harness.scoring.cells import Cell, Floats, make_cell
from harness.scoring.comparison import difference, welch
from harness.scoring.improvement import probability_of_improvement
from harness.scoring.intervals import Interval, mean_interval
from harness.scoring.normalise import fieller
from harness.scoring.versus import Pair, difference_of_means

SEEDS = (3, 5, 10)
SEARCHES = (1, 3)
TASKS = (1, 2, 3, 9, 29)
REPETITIONS = 2000
RESAMPLES = 400
"""For P(better), where a report takes 10,000."""
CHECKED = 5
"""Repetitions of each cell in which the harness's own function is held against the batch of all."""


@dataclass(frozen=True)
class Found:
    """Ends of the interval of each repetition, (repetitions,), and the true value; NaN where it is withheld."""

    low: Floats
    high: Floats
    truth: float

    @property
    def covered(self) -> str:
        """How often, in percent; an interval that is withheld claims nothing, and is never wrong."""
        missed = (self.low > self.truth + 1e-9) | (self.high < self.truth - 1e-9)
        return f"{100 * (1 - missed.mean()):.1f}"

    def width(self, unit: float = 1.0) -> str:
        """The middle one of all widths; ∞ where half of the intervals and more are unbounded."""
        middle = float(np.nanmedian(self.high - self.low)) / unit
        return f"{middle:.2f}" if math.isfinite(middle) else "∞"


def found(intervals: Iterable[Interval | None], truth: float) -> Found:
    """From one interval per repetition."""
    nothing = Interval(math.nan, math.nan)
    low, high = np.array([astuple(one or nothing) for one in intervals]).T
    return Found(low, high, truth)


class Drawn:
    """The scores of all arms on a task: of a method that differs or does not, a rival, human and sparse."""

    def __init__(self, rng: np.random.Generator, shape: Shape, size: tuple[int, int, int], differs: bool):
        repetitions, searches, seeds = size
        vary, one = differs and searches > 1, (repetitions, 1, seeds)
        level = shape.other if differs else shape.human
        self.bounds = shape.bounds
        self.method = shape.draw(rng, level, size, vary)
        self.rival = shape.draw(rng, shape.human, size, vary)
        self.human = shape.draw(rng, shape.human, one, False)
        self.sparse = shape.sparse(rng, np.zeros(one))
        self.mean = shape.mean(level, vary)
        self.gain = self.mean - shape.mean(shape.human, False)
        self.gain_over_sparse = self.mean - shape.sparse_mean()
        self.ratio = shape.ratio(level, vary)
        self.ahead = self.ratio - shape.ratio(shape.human, vary)
        self.probability = shape.probability(vary) if differs else 0.5

    def cells(self, *arms: str, first: int | None = None) -> list[tuple[Cell, ...]]:
        """The cells of some arms, for each repetition or the first ones."""
        rows = (getattr(self, arm)[:first] for arm in arms)
        return [tuple(make_cell(scores) for scores in repetition) for repetition in zip(*rows, strict=True)]

    @functools.cached_property
    def headline_part(self) -> batches.Task:
        """What the task adds to the headline."""
        return batches.headline_part(*self._batches("method", "human", "sparse"))

    @functools.cached_property
    def difference_part(self) -> batches.Task:
        """What it adds to the difference of method and rival."""
        return batches.difference_part(*self._batches("method", "rival", "human", "sparse"))

    def _batches(self, *arms: str) -> list[batches.Batch]:
        return [batches.batch(getattr(self, arm), *self.bounds) for arm in arms]


def draw(names: Iterable[str], size: tuple[int, int, int], differs: bool) -> list[Drawn]:
    """The tasks of a suite."""
    rng = np.random.default_rng([*size, differs])
    return [Drawn(rng, SHAPES[name], size, differs) for name in names]


def tasks_of(suite: str, number: int) -> list[str]:
    """The shapes of so many tasks of a suite."""
    return [SUITES[suite][index % len(SUITES[suite])] for index in range(number)]


def means(task: Drawn) -> Found:
    """Intervals of the mean score."""
    return found((mean_interval(cell, *task.bounds) for (cell,) in task.cells("method")), task.mean)


def ratios(task: Drawn) -> Found:
    """Fieller's intervals of the normalised score."""
    fitted = [fieller(*arms, *task.bounds) for arms in task.cells("method", "human", "sparse")]
    ends = (None if f.low is None or f.high is None else Interval(f.low, f.high) for f in fitted)
    return found(ends, task.ratio)


def gains(task: Drawn) -> Found:
    """Intervals of the difference to the human reward."""
    return found((difference(*both, *task.bounds) for both in task.cells("method", "human")), task.gain)


def gains_over_sparse(task: Drawn) -> Found:
    """Intervals of the difference to the sparse reward."""
    both = task.cells("method", "sparse")
    return found((difference(*pair, *task.bounds) for pair in both), task.gain_over_sparse)


def called_different(task: Drawn) -> str:
    """How often Welch's test says so, in percent."""
    p = [welch(*both, *task.bounds) for both in task.cells("method", "human")]
    return f"{100 * np.mean([one is not None and one <= 0.05 for one in p]):.1f}"


def headlines(tasks: Sequence[Drawn]) -> Found:
    """Intervals of the mean of ratios."""
    arms = ("method", "human", "sparse")
    low, high = batches.over_tasks([task.headline_part for task in tasks])
    checked = [[Arms(*cells, t.bounds) for cells in t.cells(*arms, first=CHECKED)] for t in tasks]
    same(low, high, [mean_of_ratios(suite).interval for suite in zip(*checked, strict=True)])
    return Found(low, high, float(np.mean([task.ratio for task in tasks])))


def differences(tasks: Sequence[Drawn]) -> Found:
    """Intervals of the difference to a rival: a method that is the human reward, or that finds its likes."""
    arms = ("method", "rival", "human", "sparse")
    low, high = batches.over_tasks([task.difference_part for task in tasks])
    checked = [[Pair(*cells, t.bounds) for cells in t.cells(*arms, first=CHECKED)] for t in tasks]
    same(low, high, [difference_of_means(suite).interval for suite in zip(*checked, strict=True)])
    return Found(low, high, float(np.mean([task.ahead for task in tasks])))


def same(low: Floats, high: Floats, intervals: Sequence[Interval | None]) -> None:
    """AssertionError where the batch is not what the harness says."""
    wanted = found(intervals, 0.0)
    known = ~np.isnan(wanted.low)
    for ends, others in ((low, wanted.low), (high, wanted.high)):
        np.testing.assert_allclose(ends[: len(known)][known], others[known], rtol=1e-6, atol=1e-9)


def probabilities(tasks: Sequence[Drawn]) -> Found:
    """Intervals of P(better), from fewer resamples than a report takes."""
    pairs = zip(*(task.cells("method", "human") for task in tasks), strict=True)
    intervals = (probability_of_improvement(suite, RESAMPLES).interval for suite in pairs)
    return found(intervals, float(np.mean([task.probability for task in tasks])))


def by_task(what: Callable[[Drawn, Shape], str], repetitions: int, differs: bool) -> Iterable[list[str]]:
    """Rows of one number per shape, searches and seeds."""
    for name, shape in SHAPES.items():
        for searches in SEARCHES:
            sizes = [(repetitions, searches, seeds) for seeds in SEEDS]
            yield [name, str(searches), *(what(draw([name], size, differs)[0], shape) for size in sizes)]


def by_suite(
    what: Callable[[Sequence[Drawn]], Found],
    suites: Iterable[str],
    tasks: Sequence[int],
    repetitions: int,
    differs: bool,
) -> Iterable[list[str]]:
    """Rows per suite and searches, a column per number of tasks: coverage and widths for n = 3 / 5 / 10."""
    for suite in suites:
        for searches in SEARCHES:
            drawn = [draw(tasks_of(suite, max(tasks)), (repetitions, searches, n), differs) for n in SEEDS]
            yield [suite, str(searches), *(triple([what(t[:number]) for t in drawn]) for number in tasks)]


def triple(cell: Sequence[Found]) -> str:
    """Coverage and widths for all n."""
    return f"{' / '.join(one.covered for one in cell)} ({' / '.join(one.width() for one in cell)})"


def mean_text(task: Drawn, shape: Shape) -> str:
    """Coverage of the mean, and the width in standard deviations of a trial."""
    draws = shape.draw(np.random.default_rng(1), shape.human, (100_000, 1, 1), False)
    one = means(task)
    return f"{one.covered} ({one.width(float(draws.std()))} s)"


def ratio_text(task: Drawn, _: Shape) -> str:
    """Coverage and width of the normalised score."""
    one = ratios(task)
    return f"{one.covered} ({one.width()})"


def gain_text(task: Drawn, _: Shape) -> str:
    """Coverage of the gain over human, and over sparse."""
    over, low = gains(task), gains_over_sparse(task)
    return f"{over.covered} ({over.width()}) / {low.covered} ({low.width()})"


def welch_text(task: Drawn, _: Shape) -> str:
    """How often Welch's test calls different what is the same."""
    return called_different(task)


PER_TASK = {
    "mean": ("Mean of a task", mean_text, (False, True)),
    "ratio": ("Normalised score of a task", ratio_text, (False, True)),
    "gain": ("Difference of means over human / over sparse", gain_text, (True,)),
    "test": ("Welch's test at 5 %: called different", welch_text, (False,)),
}
OVER_TASKS = {
    "headline": ("Headline", headlines, tuple(SUITES), TASKS, 1.0),
    "two": ("Difference of two methods", differences, tuple(SUITES), TASKS, 1.0),
    "better": ("P(better)", probabilities, ("normal", "success", "mixed"), (1, 3, 9), 0.3),
}
"""Name → title, what is computed, suites, numbers of tasks, share of the repetitions (the last one is slow)."""
WORDS = {False: "a method that is the human reward", True: "a method that differs from the human reward"}


def table(title: str, head: Iterable[str], rows: Iterable[list[str]], repetitions: int) -> None:
    """Print one in Markdown, row by row as they come."""
    error = 100 * math.sqrt(0.95 * 0.05 / repetitions)
    columns = [*head]
    print(f"\n{title} ({repetitions} repetitions; standard error {error:.1f} points at 95 %):\n")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def main() -> None:
    """The tables asked for."""
    parser = argparse.ArgumentParser(description="How often intervals hold what they should.")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    names = (*PER_TASK, *OVER_TASKS)
    parser.add_argument("tables", nargs="*", default=names, help=f"of {', '.join(names)} (all)")
    asked = parser.parse_args()
    if unknown := sorted({*asked.tables} - {*names}):
        parser.error(f"no table {', '.join(unknown)}: expected some of {', '.join(names)}")
    np.seterr(divide="ignore", invalid="ignore")  # no gap, no ratio: such an interval is withheld
    for name in asked.tables:
        if name in PER_TASK:
            title, text, kinds = PER_TASK[name]
            for differs in kinds:
                rows, head = by_task(text, asked.repetitions, differs), (f"n = {n}" for n in SEEDS)
                table(f"{title}, {WORDS[differs]}", ["shape", "M", *head], rows, asked.repetitions)
            continue
        title, intervals, suites, tasks, share = OVER_TASKS[name]
        for differs in WORDS:
            repetitions = max(1, round(share * asked.repetitions))
            rows, head = by_suite(intervals, suites, tasks, repetitions, differs), (f"T = {t}" for t in tasks)
            table(f"{title}, {WORDS[differs]}, n = 3 / 5 / 10", ["suite", "M", *head], rows, repetitions)


if __name__ == "__main__":
    main()
