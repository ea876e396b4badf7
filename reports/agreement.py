"""Agreement of each trained reward with the expert's, from the learning curves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.scoring.analysis import Analysis
from harness.scoring.correlate import Correlation, pearson
from harness.scoring.normalise import human_normalised
from harness.scoring.rundata import Trial, base_name


@dataclass(frozen=True)
class Agreement:
    """One search (or fixed program): its reward against the human one."""

    task: str
    method: str
    search: int
    r: float
    """Mean over the final trials that have a coefficient; NaN if none has."""
    low: float
    high: float
    """Smallest and largest coefficient of a trial."""
    trials: int
    """Trials behind `r`."""
    epochs: int
    """Pairs per trial (the fewest)."""
    why: str
    """Why trials are left out, if any."""
    normalised: float
    """Mean normalised score of the search; NaN where the task has no scale."""


def epochs_correlation(trial: Trial) -> Correlation:
    """Pearson of the epoch means of the trained and the human reward: what Eureka's own code computes.

    Dominated by the common trend of learning, and of few points: a legacy estimator. Constant: NaN.
    """
    if "reward" not in trial.curve or "human_reward" not in trial.curve:
        return Correlation(math.nan, 0, "no human reward recorded")
    x, y = (trial.curve[name].to_numpy(dtype=float) for name in ("reward", "human_reward"))
    return pearson(x, y)


def agreements(of: Analysis) -> list[Agreement]:
    """One row per task, method (but human) and search that has final trials with a curve."""
    out = []
    for task in of.run.tasks:
        for method in of.run.methods:
            if base_name(method) == "human":
                continue
            human, sparse = of.human(task, method), of.sparse(task, method)
            scaled = (task.slug, method) not in of.unscaled
            for search, scores in of.score(task, method).searches:
                trials = [trial for trial in search.finals if trial.ok] if search else []
                if search is None or not trials:
                    continue
                found = [epochs_correlation(trial) for trial in trials]
                known = [one.r for one in found if not math.isnan(one.r)]
                normalised = math.nan
                if scaled and scores.size and human is not None and sparse is not None:
                    scale = human.mean or 0.0, sparse.mean or 0.0
                    normalised = float(human_normalised(scores.mean(), *scale))
                out.append(
                    Agreement(
                        task=task.slug,
                        method=method,
                        search=search.index,
                        r=float(np.mean(known)) if known else math.nan,
                        low=min(known, default=math.nan),
                        high=max(known, default=math.nan),
                        trials=len(known),
                        epochs=min(one.n for one in found),
                        why="; ".join(sorted({one.why for one in found if one.why})),
                        normalised=normalised,
                    )
                )
    return out
