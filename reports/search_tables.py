"""Tables of searches: outcomes, failures by class, correlation, best of M, costs, flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from harness.scoring.analysis import Analysis
from harness.scoring.profile import best_of
from harness.scoring.rundata import Candidate, Search, Usage
from harness.scoring.scores import selection_scores
from reports.agreement import Agreement
from reports.captions import TABLES, TITLES
from reports.costs import costs, model_names, search_steps
from reports.flags import Flag
from reports.tables import Table, Value, ditto
from reports.text import NONE, count, number


def searches_table(of: Analysis) -> Table | None:
    """Every search and what became of it; None without searches."""
    shown, data = [], []
    for task, method, search, scores in _all_searches(of):
        found = list(search.candidates.values())
        trained, dropped = sum(c.status == "ok" for c in found), sum(c.dropped for c in found)
        mean = float(scores.mean()) if scores.size else None
        shown.append(
            (
                task,
                method,
                str(search.index),
                f"{trained} of {len(found)}" + (f", {dropped} to half" if dropped else ""),
                _outcome(search),
                number(search.reward_score),
                number(mean),
                str(scores.size),
            )
        )
        data.append(
            (
                task,
                method,
                search.index,
                search.status,
                trained,
                dropped,
                len(found),
                search.best,
                search.reward_score,
                mean,
                scores.size,
            )
        )
    if not shown:
        return None
    return Table(
        name="searches",
        title=TITLES["searches"],
        caption=TABLES["searches"],
        head=("task", "method", "search", "trained", "best candidate", "F in search", "final F", "n"),
        body=ditto(shown, 2),
        data_head=(
            "task",
            "method",
            "search",
            "status",
            "trained",
            "dropped",
            "candidates",
            "best",
            "f_search",
            "f_final",
            "n",
        ),
        data=tuple(data),
        numeric_from=5,
    )


def failures_table(of: Analysis) -> Table | None:
    """Failed candidates by class, with the messages; None if all candidates could be trained."""
    failed = [
        (task, method, search, candidate)
        for task, method, search, _ in _all_searches(of)
        for candidate in search.candidates.values()
        if candidate.status not in ("ok", "dropped")
    ]
    if not failed:
        return None
    classes = Counter((_kind(c), _message(c)) for *_, c in failed)
    totals = Counter(_kind(c) for *_, c in failed)
    ranked = sorted(classes.items(), key=lambda item: (-totals[item[0][0]], item[0][0], -item[1], item[0][1]))
    shown = [(f"{kind} ({totals[kind]})", message, str(times)) for (kind, message), times in ranked]
    tried = sum(len(search.candidates) for _, _, search, _ in _all_searches(of))
    return Table(
        name="failures",
        title=TITLES["failures"],
        caption=TABLES["failures"].format(failed=len(failed), tried=tried),
        head=("class", "message", "times"),
        body=ditto(shown),
        data_head=("task", "method", "search", "candidate", "status", "class", "message"),
        data=tuple((t, m, s.index, c.id, c.status, _kind(c), _message(c)) for t, m, s, c in failed),
        numeric_from=2,
    )


def correlation_table(found: list[Agreement], searching: Sequence[str]) -> Table | None:
    """Correlation with the human reward; None without trials of other methods. `searching` are those that search."""
    if not found:
        return None
    shown = [
        (
            a.task,
            a.method,
            str(a.search) if a.method in searching else NONE,
            number(a.r),
            NONE if a.trials < 2 else f"{number(a.low)} … {number(a.high)}",
            str(a.trials),
            count(a.epochs),
            number(a.normalised),
            a.why,
        )
        for a in found
    ]
    data = [
        (a.task, a.method, a.search, a.r, a.low, a.high, a.trials, a.epochs, a.normalised, a.why)
        for a in found
    ]
    return Table(
        name="correlation",
        title=TITLES["correlation"],
        caption=TABLES["correlation"],
        head=("task", "method", "search", "r", "range", "trials", "epochs", "normalised", "left out"),
        body=ditto(shown, 2),
        data_head=(
            "task",
            "method",
            "search",
            "r",
            "low",
            "high",
            "trials",
            "epochs",
            "normalised",
            "left_out",
        ),
        data=tuple(data),
        numeric_from=3,
        numeric_to=8,
    )


def best_of_table(of: Analysis) -> Table | None:
    """Expected F of the best of m searches, with what m searches cost; None with single searches."""
    shown, data = [], []
    for task in of.run.tasks:
        for method in of.run.methods:
            selection, scores = selection_scores(of.run, task, method)
            if scores.size < 2 or method not in of.run.searching:
                continue
            searches = of.run.of(task.slug, method)
            steps = float(np.mean([search_steps(search) for search in searches]))
            used = [of.run.usage.get((task.slug, method, search.index)) for search in searches]
            tokens = float(np.mean([u.prompt_tokens + u.completion_tokens if u else 0 for u in used]))
            dollars = float(np.mean([(u.dollars or 0.0) if u else 0.0 for u in used]))
            curve = best_of(selection, scores)
            shown.append((task.slug, method, str(scores.size), number(curve[0]), number(curve[-1])))
            for m, value in enumerate(curve, start=1):
                data.append((task.slug, method, m, float(value), m * steps, m * tokens, m * dollars))
    if not shown:
        return None
    return Table(
        name="best_of",
        title=TITLES["best_of"],
        caption=TABLES["best_of"],
        head=("task", "method", "M", "one search", "best of M"),
        body=ditto(shown),
        data_head=("task", "method", "searches", "f", "env_steps", "tokens", "dollars"),
        data=tuple(data),
        numeric_from=2,
    )


def costs_table(of: Analysis) -> Table:
    """What each method used."""
    shown: list[tuple[str, ...]] = []
    data: list[tuple[Value, ...]] = []
    for cost in costs(of.run):
        used = cost.usage
        money = NONE if used.dollars is None else f"{used.dollars:.2f}"
        shown.append(
            (
                cost.method,
                count(cost.candidates) if cost.candidates else NONE,
                count(cost.search_trials) if cost.search_trials else NONE,
                count(cost.final_trials),
                f"{cost.env_steps / 1e6:,.1f}",
                _calls(used),
                _tokens(used, used.prompt_tokens),
                _tokens(used, used.completion_tokens),
                money,
                model_names(used.models),
            )
        )
        data.append(
            (
                cost.method,
                cost.candidates,
                cost.search_trials,
                cost.final_trials,
                cost.env_steps,
                used.calls,
                used.failures,
                used.prompt_tokens,
                used.completion_tokens,
                used.dollars,
                model_names(used.models),
            )
        )
    return Table(
        name="costs",
        title=TITLES["costs"],
        caption=TABLES["costs"],
        head=(
            "method",
            "candidates",
            "search trials",
            "final trials",
            "env steps (million)",
            "model calls",
            "prompt tokens",
            "answer tokens",
            "US dollars",
            "answered by",
        ),
        body=tuple(shown),
        data_head=(
            "method",
            "candidates",
            "search_trials",
            "final_trials",
            "env_steps",
            "model_calls",
            "failed_calls",
            "prompt_tokens",
            "completion_tokens",
            "dollars",
            "answered_by",
        ),
        data=tuple(data),
        numeric_to=9,
    )


def flags_table(flags: list[Flag]) -> Table | None:
    """Trials to look at twice; None if there are none."""
    if not flags:
        return None
    return Table(
        name="flags",
        title=TITLES["flags"],
        caption=TABLES["flags"],
        head=("task", "method", "search", "seed", "what", "detail"),
        body=ditto(
            [
                (f.task, f.method, str(f.search), str(f.seed) if f.seed >= 0 else NONE, f.kind, f.detail)
                for f in flags
            ],
            2,
        ),
        data_head=("task", "method", "search", "seed", "what", "detail"),
        data=tuple(
            (f.task, f.method, f.search, f.seed if f.seed >= 0 else None, f.kind, f.detail) for f in flags
        ),
        numeric_from=99,
    )


def _all_searches(of: Analysis) -> list[tuple[str, str, Search, np.ndarray]]:
    return [
        (task.slug, method, search, scores)
        for task in of.run.tasks
        for method in of.run.searching
        for search, scores in of.score(task, method).searches
        if search is not None
    ]


def _outcome(search: Search) -> str:
    """The best candidate of a search, and whether it came to its end."""
    if search.best is None:
        return f"{search.status}: {search.error}" if search.error else "none"
    return search.best if search.status == "ok" else f"{search.best} ({search.status})"


def _calls(used: Usage) -> str:
    if not used.calls + used.failures:
        return NONE
    return f"{count(used.calls)}, {count(used.failures)} failed" if used.failures else count(used.calls)


def _tokens(used: Usage, tokens: int) -> str:
    return NONE if not used.calls else f"≈ {count(tokens)}" if used.estimated else count(tokens)


def _kind(candidate: Candidate) -> str:
    return candidate.error.kind if candidate.error else candidate.status


def _message(candidate: Candidate) -> str:
    return candidate.error.message if candidate.error else "no message"
