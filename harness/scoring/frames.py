"""A run as tidy DataFrames: what tables, figures and notebooks are made from. `COLUMNS` says what each column is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from harness.scoring.aggregate import Aggregate, normalised_resamples, normalised_scores
from harness.scoring.agreement import Agreement, agreements
from harness.scoring.altered import alterations
from harness.scoring.analysis import Analysis, Score, analyse
from harness.scoring.columns import COLUMNS
from harness.scoring.intervals import LEVEL, Interval
from harness.scoring.merge import read_runs
from harness.scoring.normalise import human_normalised
from harness.scoring.profile import performance_profile
from harness.scoring.rundata import Candidate, Search, Trial

RESAMPLES: Final = 2_000
"""Of a performance profile."""
Row = dict[str, Any]


@dataclass(frozen=True)
class RunFrames:
    """One run folder, or several merged, as DataFrames; each is made when it is first asked for."""

    analysis: Analysis
    """What they are made from: reward programs, prompts, settings and checkpoints are there too."""

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Every final trial."""
        return trials_frame(self.analysis)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Every epoch and every checkpoint of every final trial."""
        return curves_frame(self.analysis)

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Every candidate of every search."""
        return candidates_frame(self.analysis)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every method on every task."""
        return scores_frame(self.analysis)

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """How much the reward of every search agrees with the human one."""
        return agreement_frame(agreements(self.analysis))

    @cached_property
    def headline(self) -> pd.DataFrame:
        """Every method over all tasks."""
        return headline_frame(self.analysis)

    @cached_property
    def profile(self) -> pd.DataFrame:
        """Performance profiles of the methods that have normalised scores on two tasks or more."""
        return profile_frame(self.analysis)

    @property
    def alterations(self) -> list[str]:
        """What of the folder is not as it was stored, a line each; none of it is in the frames' numbers."""
        return alterations(self.analysis.run)

    def __repr__(self) -> str:
        run, config = self.analysis.run, self.analysis.run.config
        names = ", ".join(name for name, _ in run.configs)
        return (
            f"<run {names}: {len(run.tasks)} task(s), methods {', '.join(run.methods)}; protocol {config.protocol}, "
            f"budget {config.budget}, engine {config.engine}; frames {', '.join(COLUMNS)}>"
        )


def load_frames(folders: Iterable[Path]) -> RunFrames:
    """The frames of one run folder, or of several that fit together; see `harness.load_run`."""
    return RunFrames(analyse(read_runs(tuple(folders))))


def trials_frame(of: Analysis) -> pd.DataFrame:
    """A row per final trial; a search that failed without a program has none."""
    rows = []
    for score, search in _searches(of):
        scale = _scale(of, score)
        for trial in search.finals:
            counts = not (trial.missing or trial.altered)
            points = (
                None
                if not counts
                else of.floors[score.task.slug, score.method]
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
                    "normalised": _normalised(points, scale),
                    "untrained_f": trial.untrained_f,
                    "success": last.success if last else None,
                }
            )
    return _frame("trials", rows)


def curves_frame(of: Analysis, most: int | None = None) -> pd.DataFrame:
    """A row per final trial and epoch of training, then one per checkpoint.

    Trainings of more than `most` epochs are averaged in blocks of equal size; a last partial block is left out.
    """
    ok = [(search, t) for _, search in _searches(of) for t in search.finals if t.ok and t.checkpoints]
    if not ok:
        return _frame("curves", [])
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
    return _frame("curves", rows.reset_index(drop=True))


def candidates_frame(of: Analysis) -> pd.DataFrame:
    """A row per candidate."""
    rows = []
    for score, search in _searches(of):
        scale, best = _scale(of, score), np.nan
        for iteration in search.iterations:
            best = np.fmax.reduce([best, *(np.nan if c.f is None else c.f for c in iteration.candidates)])
            rows += [
                _candidate(search, candidate)
                | {"best_so_far": best, "normalised": _normalised(candidate.f, scale)}
                for candidate in iteration.candidates
            ]
    return _frame("candidates", rows)


def scores_frame(of: Analysis) -> pd.DataFrame:
    """A row per task and method that was asked for, or tried, on it."""
    rows = []
    for score in _scores(of):
        task, method, tally, ratio = score.task, score.method, score.tally, score.ratio
        legacy = [t.legacy_f for s, _ in score.searches if s for t in s.finals if t.legacy_f is not None]
        rows.append(
            {
                "task": task.slug,
                "fitness": task.fitness,
                "unit": task.unit,
                "method": method,
                "mean": score.mean,
                **_ends("", score.interval),
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
                "floor": of.floors[task.slug, method],
                "normalised": ratio.point if ratio else None,
                "normalised_low": ratio.low if ratio else None,
                "normalised_high": ratio.high if ratio else None,
                "not_normalisable_because": of.unscaled.get((task.slug, method)),
                "suite": task.suite,
            }
        )
    return _frame("scores", rows)


def agreement_frame(found: Iterable[Agreement]) -> pd.DataFrame:
    """A row per task, method and search."""
    return _frame("agreement", pd.json_normalize([asdict(one) for one in found], sep="_"))


def headline_frame(of: Analysis) -> pd.DataFrame:
    """A row per method."""
    return _frame(
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
                "wins_at_95": line.told.wins,
                "ties_at_95": line.told.ties,
                "losses_at_95": line.told.losses,
                "normalised_tasks": line.normalised_tasks,
                "compared_tasks": line.compared_tasks,
                "success_tasks": line.success_tasks,
                "searches": line.searches,
            }
            for line in of.headlines
        ],
    )


def profile_frame(of: Analysis) -> pd.DataFrame:
    """200 thresholds τ per method, and the share of its trials whose normalised score exceeds each.

    Bands: pointwise 95 % of stratified bootstrap resamples of method, human and sparse trials together. No row with
    fewer than two tasks that have a scale.
    """
    arms = {method: of.arms(method) for method in of.run.compared}
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
    return _frame("profile", pd.concat(parts, ignore_index=True) if parts else [])


def _scores(of: Analysis) -> Iterator[Score]:
    for task in of.run.tasks:
        for method in of.run.methods:
            if of.has(task, method):
                yield of.score(task, method)


def _searches(of: Analysis) -> Iterator[tuple[Score, Search]]:
    for score in _scores(of):
        for search in of.run.of(score.task.slug, score.method):
            yield score, search


def _frame(name: str, rows: list[Row] | pd.DataFrame) -> pd.DataFrame:
    """Rows as the frame called `name`, its columns in order and of their dtypes."""
    variables = COLUMNS[name]
    frame = pd.DataFrame(rows, columns=[variable.name for variable in variables])
    return frame.astype({variable.name: variable.dtype for variable in variables})


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


def _scale(of: Analysis, score: Score) -> tuple[float, float] | None:
    """Means of the human and the sparse reward that a method is normalised by on a task."""
    human, sparse = of.human(score.task, score.method), of.sparse(score.task, score.method)
    if (score.task.slug, score.method) in of.unscaled or human is None or sparse is None:
        return None
    return None if human.mean is None or sparse.mean is None else (human.mean, sparse.mean)


def _normalised(f: float | None, scale: tuple[float, float] | None) -> float | None:
    return None if f is None or scale is None else float(human_normalised(np.array(f), *scale))


def _thinned(curve: pd.DataFrame, most: int | None) -> pd.DataFrame:
    """Means of equal blocks of rows, at most `most`."""
    if most is None or len(curve) <= most:
        return curve
    block = -(-len(curve) // most)
    whole = curve.iloc[: len(curve) // block * block]
    return whole.groupby(np.arange(len(whole)) // block).mean()


def part(name: str, value: float | None, interval: Interval | None) -> Row:
    """A number and both ends of its interval, None where there are none, as parts of a row."""
    return {name: value, **_ends(f"{name}_", interval)}


def _aggregate(name: str, value: Aggregate) -> Row:
    return part(name, value.point, value.interval)


def _ends(prefix: str, interval: Interval | None) -> Mapping[str, float | None]:
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {f"{prefix}low": low, f"{prefix}high": high}
