"""Tables of searches: outcomes, failures by class, correlation, best of M, costs, flags."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from harness.scoring.agreement import Agreement
from harness.scoring.analysis import Analysis
from harness.scoring.profile import best_of
from harness.scoring.score_frames import agreement_frame
from harness.scoring.scores import selection_scores
from harness.scoring.searchdata import Search
from harness.scoring.trial_frames import candidates_frame
from reports.captions import TABLES, TITLES
from reports.columns import between, counts, numbers, searches, words
from reports.costs import costs, model_names, search_steps
from reports.flags import Flag
from reports.tables import Column, Table
from reports.text import NONE, count, with_interval

FORMS = {"epochs": "epochs", "transitions": "transitions", "ranks": "ranks", "states": "common states"}
"""Fields of an `Agreement`, and what they are called."""


def searches_table(analysis: Analysis) -> Table | None:
    """Every search and what became of it; None without searches."""
    found = []
    for task, method, search, scores in _all_searches(analysis):
        candidates = list(search.candidates.values())
        found.append(
            {
                "task": task,
                "method": method,
                "search": search.index,
                "status": search.status,
                "trained": sum(c.status == "ok" for c in candidates),
                "dropped": sum(c.dropped for c in candidates),
                "candidates": len(candidates),
                "best": search.best,
                "f_search": search.reward_score,
                "f_final": float(scores.mean()) if scores.size else None,
                "n": scores.size,
                "error": search.error,
            }
        )
    if not found:
        return None
    rows = pd.DataFrame(found)
    return Table(
        name="searches",
        title=TITLES["searches"],
        caption=TABLES["searches"],
        frame=rows.drop(columns="error"),
        columns=(
            words("task", "task", merged=True),
            words("method", "method", merged=True),
            words("search", "search"),
            Column("trained", ("trained", "dropped", "candidates"), _trained, numeric=False),
            Column("best candidate", ("best", "status", "error"), _outcome, numeric=False),
            numbers("F in search", "f_search"),
            numbers("final F", "f_final"),
            counts("n", "n"),
        ),
        rows=rows,
    )


def candidates_table(analysis: Analysis) -> Table | None:
    """Every candidate but for its program, as data only; None without one."""
    frame = candidates_frame(analysis).drop(columns="program")
    return None if frame.empty else Table("candidates", TITLES["candidates"], "", frame)


def failures_table(analysis: Analysis) -> Table | None:
    """Failed candidates by class, with the messages; None if all candidates could be trained."""
    tried = candidates_frame(analysis)
    failed = tried[~tried["status"].isin(["ok", "dropped"])]
    if failed.empty:
        return None
    failed = failed.assign(
        **{
            "class": failed["error"].fillna(failed["status"]),
            "message": failed["message"].fillna("no message"),
        }
    )
    rows = failed.groupby(["class", "message"], as_index=False).size()
    rows["total"] = rows.groupby("class")["size"].transform("sum")
    most_first = {"total": False, "class": True, "size": False, "message": True}
    return Table(
        name="failures",
        title=TITLES["failures"],
        caption=TABLES["failures"].format(failed=len(failed), tried=len(tried)),
        frame=failed[["task", "method", "search", "candidate", "status", "class", "message"]],
        columns=(
            Column("class", ("class", "total"), "{} ({})".format, numeric=False, merged=True),
            words("message", "message"),
            counts("times", "size"),
        ),
        rows=rows.sort_values(list(most_first), ascending=list(most_first.values())),
    )


def correlation_table(found: list[Agreement], searching: tuple[str, ...]) -> Table | None:
    """Correlation with the human reward; None without trials of other methods. `searching` are those that search."""
    if not found:
        return None
    return Table(
        name="correlation",
        title=TITLES["correlation"],
        caption=TABLES["correlation"],
        frame=agreement_frame(found),
        columns=(
            words("task", "task", merged=True),
            words("method", "method", merged=True),
            dataclasses.replace(searches("search", searching), numeric=False),
            _coefficients("epochs", "epochs"),
            _coefficients("transitions", "transitions"),
            _coefficients("ranks", "ranks"),
            _coefficients("common states", "states", "low", "high"),
            numbers("normalised", "normalised"),
            words("against human", "verdict"),
            Column("no coefficient", tuple(f"{form}_why" for form in FORMS), _whys, numeric=False),
        ),
    )


def best_of_table(analysis: Analysis) -> Table | None:
    """Expected F of the best of m searches, with what m searches cost; None with single searches."""
    found = []
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            selection, scores = selection_scores(analysis.run, task, method)
            if scores.size < 2 or method not in analysis.run.searching:
                continue
            tried = analysis.run.of(task.slug, method)
            steps = float(np.mean([search_steps(search) for search in tried]))
            used = [analysis.run.usage.get((task.slug, method, search.index)) for search in tried]
            tokens = float(np.mean([u.prompt_tokens + u.completion_tokens if u else 0 for u in used]))
            dollars = float(np.mean([(u.dollars or 0.0) if u else 0.0 for u in used]))
            m = np.arange(1, scores.size + 1)
            frame = pd.DataFrame({"task": task.slug, "method": method, "searches": m})
            frame["f"] = best_of(selection, scores)
            found.append(frame.assign(env_steps=m * steps, tokens=m * tokens, dollars=m * dollars))
    if not found:
        return None
    frame = pd.concat(found, ignore_index=True)
    groups = frame.groupby(["task", "method"], sort=False)
    return Table(
        name="best_of",
        title=TITLES["best_of"],
        caption=TABLES["best_of"],
        frame=frame,
        columns=(
            words("task", "task", merged=True),
            words("method", "method"),
            counts("M", "most"),
            numbers("one search", "one"),
            numbers("best of M", "best"),
        ),
        rows=groups.agg(most=("searches", "last"), one=("f", "first"), best=("f", "last")).reset_index(),
    )


def costs_table(analysis: Analysis) -> Table:
    """What each method used."""
    rows = pd.DataFrame(
        [
            {
                "method": cost.method,
                "candidates": cost.candidates,
                "search_trials": cost.search_trials,
                "final_trials": cost.final_trials,
                "env_steps": cost.env_steps,
                "model_calls": cost.usage.calls,
                "failed_calls": cost.usage.failures,
                "prompt_tokens": cost.usage.prompt_tokens,
                "completion_tokens": cost.usage.completion_tokens,
                "dollars": cost.usage.dollars,
                "answered_by": model_names(cost.usage.models),
                "estimated": cost.usage.estimated,
            }
            for cost in costs(analysis.run)
        ]
    )
    return Table(
        name="costs",
        title=TITLES["costs"],
        caption=TABLES["costs"],
        frame=rows.drop(columns="estimated"),
        columns=(
            words("method", "method"),
            Column("candidates", ("candidates",), _some),
            Column("search trials", ("search_trials",), _some),
            Column("final trials", ("final_trials",), count),
            Column("env steps (million)", ("env_steps",), lambda steps: f"{steps / 1e6:,.1f}"),
            Column("model calls", ("model_calls", "failed_calls"), _calls),
            Column("prompt tokens", ("model_calls", "estimated", "prompt_tokens"), _tokens),
            Column("answer tokens", ("model_calls", "estimated", "completion_tokens"), _tokens),
            Column("US dollars", ("dollars",), lambda usd: NONE if usd is None else f"{usd:.2f}"),
            words("answered by", "answered_by"),
        ),
        rows=rows,
    )


def flags_table(flags: list[Flag]) -> Table | None:
    """Trials to look at twice; None if there are none."""
    if not flags:
        return None
    frame = pd.DataFrame(
        [(f.task, f.method, f.search, f.seed if f.seed >= 0 else None, f.kind, f.detail) for f in flags],
        columns=["task", "method", "search", "seed", "what", "detail"],
    )
    return Table(
        name="flags",
        title=TITLES["flags"],
        caption=TABLES["flags"],
        frame=frame,
        columns=(
            words("task", "task", merged=True),
            words("method", "method", merged=True),
            words("search", "search"),
            dataclasses.replace(counts("seed", "seed"), numeric=False),
            words("what", "what"),
            words("detail", "detail"),
        ),
    )


def _all_searches(analysis: Analysis) -> list[tuple[str, str, Search, np.ndarray]]:
    return [
        (task.slug, method, search, scores)
        for task in analysis.run.tasks
        for method in analysis.run.searching
        for search, scores in analysis.score(task, method).searches
        if search is not None
    ]


def _trained(trained: int, dropped: int, candidates: int) -> str:
    return f"{trained} of {candidates}" + (f", {dropped} to half" if dropped else "")


def _outcome(best: str | None, status: str, error: str | None) -> str:
    """The best candidate of a search, and whether it came to its end."""
    if best is None:
        return f"{status}: {error}" if error else "none"
    return best if status == "ok" else f"{best} ({status})"


def _coefficients(title: str, form: str, *ends: str) -> Column:
    """`r (pairs)`, with an interval where there are `ends`; blank where nothing was recorded."""

    def show(r: float | None, n: int, left_out: int, *between_: float | None) -> str:
        shown = with_interval(r, between(*between_) if between_ else None)
        rest = f"; {count(left_out)} left out" if left_out else ""
        return f"{shown} ({count(n)}{rest})" if n else ""

    return Column(title, tuple(f"{form}_{part}" for part in ("r", "n", "left_out", *ends)), show)


def _whys(*whys: str) -> str:
    """Why trials have no coefficient, with the forms that it is true of."""
    forms: dict[str, list[str]] = {}
    for form, why in zip(FORMS.values(), whys, strict=True):
        forms.setdefault(why, []).append(form)
    return "; ".join(f"{', '.join(names)}: {why}" for why, names in forms.items() if why)


def _some(value: int) -> str:
    return count(value) if value else NONE


def _calls(calls: int, failures: int) -> str:
    if not calls + failures:
        return NONE
    return f"{count(calls)}, {count(failures)} failed" if failures else count(calls)


def _tokens(calls: int, estimated: bool, tokens: int) -> str:
    return NONE if not calls else f"≈ {count(tokens)}" if estimated else count(tokens)
