"""Frames of single trainings: final trials, their curves, and the candidates of searches."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.scoring.analysis import Analysis
from harness.scoring.columns import COLUMNS
from harness.scoring.searchdata import Candidate, Search, Trial
from harness.scoring.tidy import Row, as_frame, on_scale, scale_of, searches_of


def trials_frame(analysis: Analysis) -> pd.DataFrame:
    """A row per final trial; a search that failed without a program has none."""
    rows = []
    for score, search in searches_of(analysis):
        scale = scale_of(analysis, score)
        for trial in search.finals:
            counts = not (trial.missing or trial.altered)
            points = (
                None
                if not counts
                else analysis.floors[score.task.slug, score.method]
                if trial.f is None
                else trial.f
            )
            last = trial.checkpoints[-1] if trial.checkpoints else None
            rows.append(
                _trial(search, trial)
                | {
                    "status": trial.status,
                    "f": trial.f,
                    "f_final": trial.f_final,
                    "f_max": trial.f_max,
                    "stderr": trial.stderr,
                    "legacy_f": trial.legacy_f,
                    "env_steps": trial.env_steps,
                    "unstable": trial.unstable,
                    "nonfinite": trial.nonfinite,
                    "error": trial.error.kind if trial.error else None,
                    "score": points,
                    "counted": counts and any(trial is other for other in score.trials),
                    "normalised": on_scale(points, scale),
                    "untrained_f": trial.untrained_f,
                    "success": last.success if last else None,
                }
            )
    return as_frame("trials", rows)


def curves_frame(analysis: Analysis, most: int | None = None) -> pd.DataFrame:
    """A row per final trial and epoch of training, then one per checkpoint.

    Trainings of more than `most` epochs are averaged in blocks of equal size; a last partial block is left out.
    """
    ok = [(search, t) for _, search in searches_of(analysis) for t in search.finals if t.ok and t.checkpoints]
    if not ok:
        return as_frame("curves", [])
    measured = [variable.name for variable in COLUMNS["curves"] if variable.dtype != "string"]
    curves = [_thinned(trial.curve.filter(items=measured), most) for _, trial in ok]
    training = pd.concat(curves, keys=range(len(ok)), names=["index"]).reset_index(level="index")
    training = training.apply(pd.to_numeric, errors="coerce")  # what a file says may be anything
    points = [
        {"index": index} | vars(point) for index, (_, trial) in enumerate(ok) for point in trial.checkpoints
    ]
    evaluated = pd.DataFrame(points).rename(columns={"number": "checkpoint"})
    both = pd.concat([training.assign(stage="training"), evaluated.assign(stage="evaluation")])
    places = pd.DataFrame([_trial(search, trial) for search, trial in ok])
    rows = both.sort_values("index", kind="stable").join(places, on="index")
    return as_frame("curves", rows.reset_index(drop=True))


def candidates_frame(analysis: Analysis) -> pd.DataFrame:
    """A row per candidate."""
    rows = []
    for score, search in searches_of(analysis):
        scale, best = scale_of(analysis, score), np.nan
        for iteration in search.iterations:
            best = np.fmax.reduce([best, *(np.nan if c.f is None else c.f for c in iteration.candidates)])
            rows += [
                _candidate(search, candidate)
                | {"best_so_far": best, "normalised": on_scale(candidate.f, scale)}
                for candidate in iteration.candidates
            ]
    return as_frame("candidates", rows)


def _trial(search: Search, trial: Trial) -> Row:
    place = {"task": search.task, "method": search.method, "search": search.index}
    return place | {"seed": trial.seed, "trial": trial.hash}


def _candidate(search: Search, candidate: Candidate) -> Row:
    trial, error = candidate.trial, candidate.error
    return {
        "task": search.task,
        "method": search.method,
        "search": search.index,
        "iteration": candidate.iteration,
        "candidate": candidate.id,
        "attempt": candidate.attempt,
        "parent": candidate.parent,
        "status": candidate.status,
        "f": candidate.f,
        "half_f": candidate.half_f,
        "best": candidate.id == search.best,
        "error": error.kind if error else None,
        "message": error.message if error else None,
        "remarks": ",".join(dict.fromkeys(flag.kind for flag in trial.flags)) if trial else "",
        "env_steps": trial.env_steps if trial else 0,
        "trial": trial.hash if trial else None,
        "program": candidate.source,
    }


def _thinned(curve: pd.DataFrame, most: int | None) -> pd.DataFrame:
    """Means of equal blocks of rows, at most `most`."""
    if most is None or len(curve) <= most:
        return curve
    block = -(-len(curve) // most)
    whole = curve.iloc[: len(curve) // block * block]
    return whole.groupby(np.arange(len(whole)) // block).mean()
