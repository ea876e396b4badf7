"""Trials that a reader should look at twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.scoring.analysis import Analysis, Score
from harness.scoring.rundata import base_name
from harness.scoring.searchdata import Search, Trial
from reports.text import count, number

SIGMAS = 3
SHARE = 0.1
MOST_NAMED = 5


@dataclass(frozen=True)
class Flag:
    """One remark about one final trial."""

    task: str
    method: str
    search: int
    seed: int
    kind: str
    """`inflated`, `unstable`, `non-finite` or the status of a trial or search without a score."""
    detail: str


def training_end(trial: Trial) -> float | None:
    """F during the last tenth of the training's epochs, averaged; None without a curve."""
    if trial.curve.empty or "f" not in trial.curve:
        return None
    f = trial.curve["f"].to_numpy(dtype=float)
    tail = f[-max(1, len(f) // 10) :]
    return float(tail.mean()) if all(map(math.isfinite, tail)) else None


def inflated(trial: Trial, scale: float | None) -> bool:
    """Whether F at the end of training exceeds evaluated F beyond noise.

    The excess must be above 3 standard errors of the evaluation and above a tenth of `scale`, the distance
    of human and sparse on the task (without one: of |F| itself).
    """
    trained = training_end(trial)
    if trained is None or trial.f_final is None or trial.stderr is None:
        return False
    gap = trained - trial.f_final
    return gap > SIGMAS * trial.stderr and gap > SHARE * (scale or abs(trial.f_final))


def find_flags(analysis: Analysis) -> list[Flag]:
    """All remarks, by task, method, search and seed."""
    out = []
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            scale = _scale(analysis.human(task, method), analysis.sparse(task, method))
            for search in analysis.run.of(task.slug, method):
                if search.status != "ok":
                    why = why_not_ok(analysis, search)
                    out.append(Flag(task.slug, method, search.index, -1, f"{search.status} search", why))
                for trial in search.finals:
                    for kind, detail in _remarks(trial, scale):
                        out.append(Flag(task.slug, method, search.index, trial.seed, kind, detail))
    return out


def why_not_ok(analysis: Analysis, search: Search) -> str:
    """What became of a search that did not come to its end with a program."""
    if not search.stopped:
        return search.error or "no candidate could be trained"
    config = dict(analysis.run.configs)[analysis.run.family(search.method).run]
    asked = config.settings_of(base_name(search.method)).get("iterations")
    return f"after {len(search.iterations)} of {asked} iterations: {search.error or 'not at its end'}"


def _remarks(trial: Trial, scale: float | None) -> list[tuple[str, str]]:
    found = []
    if not trial.ok:
        why = trial.error.message if trial.error else "not done yet"
        found.append((trial.status, why))
    if inflated(trial, scale):
        pair = f"F {number(training_end(trial))} at the end of training, {number(trial.f_final)} evaluated"
        found.append(("inflated", f"{pair} (± {number(trial.stderr)})"))
    if trial.unstable:
        found.append(("unstable", f"{count(trial.unstable)} worlds were reset because their physics failed"))
    if trial.nonfinite or trial.nonfinite_components:
        found.append(("non-finite", _not_finite(trial)))
    return found


def _not_finite(trial: Trial) -> str:
    """How many rewards and values of components were NaN or infinite."""
    parts = [f"{count(trial.nonfinite)} rewards were not finite and were replaced"] * (trial.nonfinite > 0)
    ranked = sorted(trial.nonfinite_components.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{name} {count(bad)}" for name, bad in ranked[:MOST_NAMED]]
    named += [f"{len(ranked) - MOST_NAMED} more"] * (len(ranked) > MOST_NAMED)
    parts += [f"values of components that were not: {', '.join(named)}"] * bool(named)
    return "; ".join(parts)


def _scale(human: Score | None, sparse: Score | None) -> float | None:
    if human is None or sparse is None or human.mean is None or sparse.mean is None:
        return None
    return abs(human.mean - sparse.mean)
