"""Frames of what the trials say together: scores, agreement with the human reward, aggregates, profiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

import numpy as np
import pandas as pd

from harness.scoring.aggregate import Aggregate, normalised_resamples, normalised_scores
from harness.scoring.agreement import Agreement
from harness.scoring.analysis import Analysis
from harness.scoring.intervals import LEVEL
from harness.scoring.profile import performance_profile
from harness.scoring.tidy import Row, as_frame, ends, part, scores_of

RESAMPLES: Final = 2_000
"""Of a performance profile."""


def scores_frame(analysis: Analysis) -> pd.DataFrame:
    """A row per task and method that was asked for, or tried, on it."""
    rows = []
    for score in scores_of(analysis):
        task, method, tally, ratio = score.task, score.method, score.tally, score.ratio
        legacy = [trial.legacy_f for trial in score.finals if trial.legacy_f is not None]
        rows.append(
            {
                "task": task.slug,
                "fitness": task.fitness,
                "unit": task.unit,
                "method": method,
                "mean": score.mean,
                **ends("", score.interval),
                "n": score.n,
                "median": score.median,
                "best_of_m": score.best,
                "legacy": float(np.mean(legacy)) if legacy else None,
                "p_vs_human_holm": score.p_value,
                "failed_trials": tally.failed,
                "missing_trials": tally.missing,
                "failed_searches": tally.failed_searches,
                "missing_searches": tally.missing_searches,
                "altered_trials": tally.altered,
                "altered_searches": tally.altered_searches,
                "floor": analysis.floors[task.slug, method],
                "normalised": ratio.point if ratio else None,
                "normalised_low": ratio.low if ratio else None,
                "normalised_high": ratio.high if ratio else None,
                "not_normalisable_because": analysis.unscaled.get((task.slug, method)),
                "suite": task.suite,
            }
        )
    return as_frame("scores", rows)


def agreement_frame(found: Iterable[Agreement]) -> pd.DataFrame:
    """A row per task, method and search."""
    return as_frame("agreement", pd.json_normalize([asdict(one) for one in found], sep="_"))


def headline_frame(analysis: Analysis) -> pd.DataFrame:
    """A row per method."""
    return as_frame(
        "headline",
        [
            {
                "method": line.method,
                **_aggregate("mean_of_ratios", line.mean),
                **_aggregate("iqm", line.iqm),
                "human_iqm": line.human_iqm,
                **_aggregate("clipped_mean", line.clipped),
                **_aggregate("probability_of_improvement", line.improvement),
                **_aggregate("success_rate", line.success),
                "wins": line.means.wins,
                "ties": line.means.ties,
                "losses": line.means.losses,
                "wins_at_95": line.significant.wins,
                "ties_at_95": line.significant.ties,
                "losses_at_95": line.significant.losses,
                "normalised_tasks": line.normalised_tasks,
                "compared_tasks": line.compared_tasks,
                "success_tasks": line.success_tasks,
                "searches": line.searches,
            }
            for line in analysis.headlines
        ],
    )


def profile_frame(analysis: Analysis) -> pd.DataFrame:
    """200 thresholds τ per method, and the share of its trials whose normalised score exceeds each.

    Bands: pointwise 95 % of stratified bootstrap resamples of method, human and sparse trials together. No row with
    fewer than two tasks that have a scale.
    """
    arms = {method: analysis.arms(method) for method in analysis.run.compared}
    scores = {method: normalised_scores(found) for method, found in arms.items() if len(found) >= 2}
    top = max((float(np.nanquantile(found, 0.98)) for found in scores.values()), default=0.0)
    thresholds = np.linspace(-0.25, float(np.clip(top, 1.5, 4.0)), 200)
    parts = []
    for method, found in scores.items():
        drawn = normalised_resamples(arms[method], RESAMPLES)
        flat = np.concatenate([sample.reshape(RESAMPLES, -1) for sample in drawn], axis=1)
        ends = [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]
        low, high = np.quantile(performance_profile(flat, thresholds), ends, axis=0)
        share = performance_profile(found, thresholds)
        parts.append(
            pd.DataFrame(
                {"method": method, "threshold": thresholds, "share": share, "low": low, "high": high}
            )
        )
    return as_frame("profile", pd.concat(parts, ignore_index=True) if parts else [])


def _aggregate(name: str, value: Aggregate) -> Row:
    return part(name, value.point, value.interval)
