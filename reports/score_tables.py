"""Tables of scores: headline, per task, normalised, success rates, every trial."""

from __future__ import annotations

import numpy as np

from harness.scoring.aggregate import Aggregate
from harness.scoring.analysis import Analysis, Headline, Score
from harness.scoring.intervals import wilson
from harness.scoring.rundata import Trial, base_name
from reports.captions import TABLES, TITLES
from reports.tables import Table, Value, ditto, ends
from reports.text import NONE, interval, number, p_value, ratio, with_interval


def headline_table(of: Analysis) -> Table:
    """Every method over all tasks."""
    main, legacy = ("mean of ratios", "clipped ratios (legacy)")
    if not of.strict:
        main, legacy = ("mean of ratios, unclipped", "clipped ratios (headline)")
    body, data = [], []
    for line in of.headlines:
        body.append(
            (
                line.method,
                _reference(of, line, line.mean),
                _reference(of, line, line.clipped),
                _typical(line),
                "½ by definition" if base_name(line.method) == "human" else _aggregate(line.improvement),
                _aggregate(line.success),
                " / ".join(
                    str(n or NONE) for n in (line.normalised_tasks, line.compared_tasks, line.success_tasks)
                ),
                str(line.searches) if line.method in of.run.searching else NONE,
            )
        )
        data.append(
            (
                line.method,
                *_numbers(line.mean),
                *_numbers(line.iqm),
                line.human_iqm,
                *_numbers(line.clipped),
                *_numbers(line.improvement),
                *_numbers(line.success),
                line.normalised_tasks,
                line.compared_tasks,
                line.success_tasks,
                line.searches,
            )
        )
    ends = ("", "_low", "_high")
    columns = [f"{kind}{end}" for kind in ("mean_of_ratios", "iqm") for end in ends] + ["human_iqm"]
    more = ("clipped_mean", "probability_of_improvement", "success_rate")
    columns += [f"{kind}{end}" for kind in more for end in ends]
    return Table(
        name="headline",
        title=TITLES["headline"],
        caption=TABLES["headline"].format(tasks=len(of.run.tasks)),
        head=("method", main, legacy, "typical trials", "P(better)", "success rate", "tasks", "searches"),
        body=tuple(body),
        data_head=(
            "method",
            *columns,
            "normalised_tasks",
            "compared_tasks",
            "success_tasks",
            "searches",
        ),
        data=tuple(data),
    )


def scores_table(of: Analysis) -> Table:
    """Raw F per task and method."""
    shown, data = [], []
    for task in of.run.tasks:
        for method in of.run.methods:
            if not of.has(task, method):
                continue
            score = of.score(task, method)
            legacy = _legacy(score)
            lost = [f"{score.tally.failed} failed"] * (score.tally.failed > 0)
            lost += [f"{score.tally.missing} missing"] * (score.tally.missing > 0)
            lost += [f"{score.tally.altered} altered"] * (score.tally.altered > 0)
            shown.append(
                (
                    f"{task.slug} ({task.unit})" if task.unit else task.slug,
                    method,
                    number(score.mean),
                    interval(score.interval) or NONE,
                    str(score.n),
                    number(score.median),
                    number(score.best) if method in of.run.searching else NONE,
                    number(legacy),
                    p_value(score.p_value),
                    ", ".join(lost),
                )
            )
            data.append(
                (
                    task.slug,
                    task.fitness,
                    task.unit,
                    method,
                    score.mean,
                    *ends(score.interval),
                    score.n,
                    score.median,
                    score.best,
                    legacy,
                    score.p_value,
                    score.tally.failed,
                    score.tally.missing,
                    score.tally.failed_searches,
                    score.tally.missing_searches,
                    score.tally.altered,
                    score.tally.altered_searches,
                    of.floors[task.slug, method],
                )
            )
    return Table(
        name="scores",
        title=TITLES["scores"],
        caption=TABLES["scores"],
        head=(
            "task",
            "method",
            "mean F",
            "95 % interval",
            "n",
            "median",
            "best of M",
            "legacy F",
            "p vs human",
            "lost",
        ),
        body=ditto(shown),
        data_head=(
            "task",
            "fitness",
            "unit",
            "method",
            "mean",
            "low",
            "high",
            "n",
            "median",
            "best_of_m",
            "legacy",
            "p_vs_human_holm",
            "failed_trials",
            "missing_trials",
            "failed_searches",
            "missing_searches",
            "altered_trials",
            "altered_searches",
            "floor",
        ),
        data=tuple(data),
        numeric_from=2,
        numeric_to=9,
    )


def normalised_table(of: Analysis) -> Table:
    """Human-normalised scores, tasks in rows and methods in columns."""
    methods = of.run.compared
    shown, data = [], []
    for task in of.run.tasks:
        reasons = [of.unscaled.get((task.slug, method)) for method in methods]
        ratios = [of.score(task, method).ratio for method in methods]
        cells = [NONE if why else ratio(r) for r, why in zip(ratios, reasons, strict=True)]
        shown.append((task.slug, *cells, of.why_unscaled(task)))
        for method, r, why in zip(methods, ratios, reasons, strict=True):
            if r is not None:
                data.append((task.slug, method, r.point, r.low, r.high, why or ""))
    return Table(
        name="normalised",
        title=TITLES["normalised"],
        caption=TABLES["normalised strict" if of.strict else "normalised paper"],
        head=("task", *methods, "not normalisable because"),
        body=tuple(shown),
        data_head=("task", "method", "normalised", "low", "high", "not_normalisable_because"),
        data=tuple(data),
        numeric_to=1 + len(methods),
    )


def success_table(of: Analysis) -> Table | None:
    """Success rates across trials, and the episodes of one policy; None without a task that has success."""
    shown, data = [], []
    for task in of.run.tasks:
        for method in of.run.methods:
            score = of.score(task, method)
            trial = median_trial(score)
            last = trial.checkpoints[-1] if trial and trial.checkpoints else None
            if last is None or last.success is None or task.fitness != "SUCCESS":
                continue
            one = wilson(last.success * last.episodes, last.episodes) if last.episodes else None
            shown.append(
                (
                    task.slug,
                    method,
                    with_interval(score.mean, score.interval),
                    str(score.n),
                    with_interval(last.success, one),
                    str(last.episodes),
                )
            )
            data.append(
                (
                    task.slug,
                    method,
                    score.mean,
                    *ends(score.interval),
                    score.n,
                    last.success,
                    *ends(one),
                    last.episodes,
                )
            )
    if not shown:
        return None
    return Table(
        name="success",
        title=TITLES["success"],
        caption=TABLES["success"],
        head=("task", "method", "across trials", "trials", "one policy", "episodes"),
        body=ditto(shown),
        data_head=(
            "task",
            "method",
            "mean",
            "low",
            "high",
            "n",
            "policy",
            "policy_low",
            "policy_high",
            "episodes",
        ),
        data=tuple(data),
        numeric_from=2,
    )


def trials_table(of: Analysis) -> Table:
    """Every final trial, as data only."""
    data: list[tuple[Value, ...]] = []
    for task in of.run.tasks:
        for method in of.run.methods:
            for search in of.run.of(task.slug, method):
                for t in search.finals:
                    numbers = (
                        t.f,
                        t.f_final,
                        t.f_max,
                        t.stderr,
                        t.legacy_f,
                        t.env_steps,
                        t.unstable,
                        t.nonfinite,
                    )
                    why = t.error.kind if t.error else None
                    data.append((task.slug, method, search.index, t.seed, t.hash, t.status, *numbers, why))
    names = ("f", "f_final", "f_max", "stderr", "legacy_f", "env_steps", "unstable", "nonfinite", "error")
    head = ("task", "method", "search", "seed", "trial", "status", *names)
    return Table("trials", TITLES["trials"], "", (), (), head, tuple(data))


def median_trial(score: Score) -> Trial | None:
    """The final trial with the (lower) median F of a method on a task: its typical policy."""
    ok = [t for search, _ in score.searches if search for t in search.finals if t.f is not None]
    ranked = sorted(ok, key=lambda trial: (trial.f or 0.0, trial.hash))
    return ranked[(len(ranked) - 1) // 2] if ranked else None


def _legacy(score: Score) -> float | None:
    known = [t.legacy_f for s, _ in score.searches if s for t in s.finals if t.legacy_f is not None]
    return float(np.mean(known)) if known else None


def _reference(of: Analysis, line: Headline, value: Aggregate) -> str:
    fixed = {"human": "1 by definition", "sparse": "0 by definition"} if of.scaled(line.method) else {}
    return fixed.get(base_name(line.method)) or _aggregate(value)


def _typical(line: Headline) -> str:
    """The interquartile mean of a method's trials beside the human's own, to which it is to be compared."""
    if not line.normalised_tasks:
        return NONE
    return f"{_aggregate(line.iqm)}; human {number(line.human_iqm)}"


def _aggregate(of: Aggregate) -> str:
    return with_interval(of.point, of.interval)


def _numbers(of: Aggregate) -> tuple[float, float | None, float | None]:
    return (of.point, *ends(of.interval))
