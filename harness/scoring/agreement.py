"""Agreement of each trained reward with the expert's, in every form that its trials hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from harness.roles import HUMAN
from harness.scoring.analysis import Analysis
from harness.scoring.cells import make_cell
from harness.scoring.comparison import welch
from harness.scoring.correlate import Correlation, over_trajectories, pearson, spearman
from harness.scoring.normalise import human_normalised
from harness.scoring.rundata import base_name
from harness.scoring.searchdata import Trial
from harness.scoring.task_info import TaskInfo

LEVEL: Final = 0.05
"""Of the test that tells a search from the human reward."""
ABSENT: Final = Correlation(math.nan, 0, "not recorded")
NO_HUMAN: Final = Correlation(math.nan, 0, "no human reward recorded")


@dataclass(frozen=True)
class Coefficient:
    """One form of correlation of a search."""

    r: float
    """Mean over the final trials that have one; NaN if none has."""
    low: float
    high: float
    """Smallest and largest of a trial; of common states the 95 % interval."""
    trials: int
    """Trials behind `r`."""
    n: int
    """Pairs per trial (the fewest)."""
    left_out: int
    """Pairs with a reward that is not finite, of all trials."""
    why: str
    """Why trials have none, if any."""


@dataclass(frozen=True)
class Agreement:
    """One search (or fixed program): its reward against the human one."""

    task: str
    method: str
    search: int
    epochs: Coefficient
    """Pearson at the last step of each epoch, as the original's code does (trials that lack it: of epoch means)."""
    transitions: Coefficient
    """Pearson over all transitions of the training, as the paper reports."""
    ranks: Coefficient
    """Spearman over a fixed sample of them."""
    states: Coefficient
    """Pearson over the task's common states: the same in all trials of a program."""
    normalised: float
    """Mean normalised score of the search; NaN where the task has no scale."""
    verdict: str
    """`better` or `worse` than the human reward, or `tie` where Welch's test does not tell them apart."""


def epochs_correlation(trial: Trial) -> Correlation:
    """Pearson of the trained and the human reward, one pair per epoch.

    Dominated by the common trend of learning, and of few points: a legacy estimator.
    """
    for ending in ("_last_step", ""):
        names = [f"reward{ending}", f"human_reward{ending}"]
        if set(names) <= set(trial.curve.columns):
            numbers = trial.curve[names].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
            return pearson(*numbers.T)
    return NO_HUMAN


def transitions_correlation(trial: Trial) -> Correlation:
    """Pearson over all transitions of its training."""
    return ABSENT if trial.pairs.transitions is None else trial.pairs.transitions.pearson()


def ranks_correlation(trial: Trial) -> Correlation:
    """Spearman over the sample of its transitions."""
    sample = trial.pairs.sample
    return ABSENT if sample.empty else spearman(sample["reward"], sample["human_reward"])


def agreements(analysis: Analysis) -> list[Agreement]:
    """One row per task, method (but human) and search that has final trials with a score."""
    out = []
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            if base_name(method) == HUMAN:
                continue
            for search, scores in analysis.score(task, method).searches:
                trials = [trial for trial in search.finals if trial.ok] if search else []
                if search is None or not trials:
                    continue
                normalised, verdict = _worth(analysis, task, method, scores)
                out.append(
                    Agreement(
                        task=task.slug,
                        method=method,
                        search=search.index,
                        epochs=_over([epochs_correlation(trial) for trial in trials]),
                        transitions=_over([transitions_correlation(trial) for trial in trials]),
                        ranks=_over([ranks_correlation(trial) for trial in trials]),
                        states=_on_states(trials),
                        normalised=normalised,
                        verdict=verdict,
                    )
                )
    return out


def _over(found: Sequence[Correlation]) -> Coefficient:
    known = [one.r for one in found if not math.isnan(one.r)]
    return Coefficient(
        r=float(np.mean(known)) if known else math.nan,
        low=min(known, default=math.nan),
        high=max(known, default=math.nan),
        trials=len(known),
        n=min(one.n for one in found),
        left_out=sum(one.left_out for one in found),
        why="; ".join(sorted({one.why for one in found if one.why})),
    )


def _on_states(trials: Sequence[Trial]) -> Coefficient:
    """Of the first trial that has them: their program is one, and so are the states."""
    for trial in trials:
        states = trial.pairs.states
        if not states.empty:
            found, interval = over_trajectories(
                *(states[c] for c in ("reward", "human_reward", "trajectory"))
            )
            low, high = (math.nan, math.nan) if interval is None else (interval.low, interval.high)
            return Coefficient(found.r, low, high, 1, found.n, found.left_out, found.why or "")
    return Coefficient(math.nan, math.nan, math.nan, 0, 0, 0, "no common states recorded")


def _worth(analysis: Analysis, task: TaskInfo, method: str, scores: np.ndarray) -> tuple[float, str]:
    """The mean normalised score of a search (NaN where the task has no scale), and its class."""
    human, sparse = analysis.human(task, method), analysis.sparse(task, method)
    normalised = math.nan
    if (
        (task.slug, method) not in analysis.unscaled
        and scores.size
        and human is not None
        and sparse is not None
    ):
        scale = human.mean or 0.0, sparse.mean or 0.0
        normalised = float(human_normalised(scores.mean(), *scale))
    if human is None or human.mean is None or not scores.size:
        return normalised, "tie"
    p = welch(make_cell([scores]), human.cell)
    significant = p is not None and p < LEVEL
    return normalised, ("better" if scores.mean() > human.mean else "worse") if significant else "tie"
