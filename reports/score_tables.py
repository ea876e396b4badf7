"""Tables of scores: headline, per task, normalised, success rates; every trial, epoch and threshold as data."""

from __future__ import annotations

import pandas as pd

from harness.roles import HUMAN, SPARSE
from harness.scoring.analysis import Analysis
from harness.scoring.intervals import SURE, wilson
from harness.scoring.median import median_trial
from harness.scoring.rundata import base_name
from harness.scoring.score_frames import headline_frame, profile_frame, scores_frame
from harness.scoring.trial_frames import curves_frame, trials_frame
from reports.captions import TABLES, TITLES
from reports.columns import (
    between,
    counts,
    estimates,
    intervals,
    numbers,
    p_values,
    ratios,
    records,
    searches,
    tasks,
    words,
)
from reports.tables import Column, Table
from reports.text import NONE, number, with_interval

EPOCHS = 120
"""Most points of a training curve as data; longer ones are averaged in blocks."""


def headline_table(analysis: Analysis) -> Table:
    """Every method over all tasks."""
    main, legacy = ("mean of ratios", "clipped ratios (legacy)")
    if not analysis.strict:
        main, legacy = ("mean of ratios, unclipped", "clipped ratios (headline)")
    return Table(
        name="headline",
        title=TITLES["headline"],
        caption=TABLES["headline"].format(tasks=len(analysis.run.tasks)),
        frame=headline_frame(analysis),
        columns=(
            words("method", "method"),
            _or_definition(analysis, estimates(main, "mean_of_ratios")),
            _or_definition(analysis, estimates(legacy, "clipped_mean")),
            Column(
                "typical trials",
                ("normalised_tasks", "iqm", "iqm_low", "iqm_high", "human_iqm"),
                _typical,
            ),
            _or_half(estimates("P(better)", "probability_of_improvement")),
            records("wins / ties / losses", "wins", "ties", "losses"),
            records(f"at {SURE}", "wins_at_95", "ties_at_95", "losses_at_95"),
            estimates("success rate", "success_rate"),
            Column(
                "tasks",
                ("normalised_tasks", "compared_tasks", "success_tasks"),
                lambda *numbers: " / ".join(str(n or NONE) for n in numbers),
            ),
            searches("searches", analysis.run.searching, "searches"),
        ),
    )


def scores_table(analysis: Analysis) -> Table:
    """Raw F per task and method."""
    return Table(
        name="scores",
        title=TITLES["scores"],
        caption=TABLES["scores"],
        frame=scores_frame(analysis).loc[:, :"floor"],
        columns=(
            tasks(),
            words("method", "method"),
            numbers("mean F", "mean"),
            intervals(f"{SURE} interval", "low", "high"),
            counts("n", "n"),
            numbers("median", "median"),
            Column(
                "best of M",
                ("method", "best_of_m"),
                lambda method, f: number(f) if method in analysis.run.searching else NONE,
            ),
            numbers("legacy F", "legacy"),
            p_values("p vs human", "p_vs_human_holm"),
            Column("lost", ("failed_trials", "missing_trials", "altered_trials"), _lost, numeric=False),
        ),
    )


def normalised_table(analysis: Analysis) -> Table:
    """Human-normalised scores, tasks in rows and methods in columns."""
    ends = ["normalised", "normalised_low", "normalised_high"]
    frame = scores_frame(analysis)[["task", "method", *ends, "not_normalisable_because"]]
    frame = frame[frame["method"].isin(analysis.run.compared)]
    why = frame["not_normalisable_because"]
    wide = frame.assign(normalised=frame["normalised"].where(why.isna()))
    wide = wide.pivot(index="task", columns="method", values=ends)
    wide.columns = wide.columns.map(" of ".join)
    shown = wide.reindex([task.slug for task in analysis.run.tasks]).rename_axis("task").reset_index()
    return Table(
        name="normalised",
        title=TITLES["normalised"],
        caption=TABLES["normalised strict" if analysis.strict else "normalised paper"],
        frame=frame[frame["normalised"].notna() | why.notna()].rename(
            columns={"normalised_low": "low", "normalised_high": "high"}
        ),
        columns=(
            words("task", "task"),
            *(_ratios_of(method) for method in analysis.run.compared),
            words("not normalisable because", "why"),
        ),
        rows=shown.assign(why=[analysis.why_unscaled(task) for task in analysis.run.tasks]),
    )


def success_table(analysis: Analysis) -> Table | None:
    """Success rates across trials, and the episodes of one policy; None without a task that has success."""
    found = []
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            score = analysis.score(task, method)
            trial = median_trial(score.finals)
            last = trial.checkpoints[-1] if trial and trial.checkpoints else None
            if last is None or last.success is None or task.fitness != "SUCCESS":
                continue
            one = wilson(last.success * last.episodes, last.episodes) if last.episodes else None
            found.append(
                {
                    "task": task.slug,
                    "method": method,
                    "policy": last.success,
                    "policy_low": one.low if one else None,
                    "policy_high": one.high if one else None,
                    "episodes": last.episodes,
                }
            )
    if not found:
        return None
    means = scores_frame(analysis)[["task", "method", "mean", "low", "high", "n"]]
    return Table(
        name="success",
        title=TITLES["success"],
        caption=TABLES["success"],
        frame=means.merge(pd.DataFrame(found), on=["task", "method"]),
        columns=(
            words("task", "task", merged=True),
            words("method", "method"),
            estimates("across trials", "mean", "low", "high"),
            counts("trials", "n"),
            estimates("one policy", "policy"),
            counts("episodes", "episodes"),
        ),
    )


def trials_table(analysis: Analysis) -> Table:
    """Every final trial, as data only."""
    return Table("trials", TITLES["trials"], "", trials_frame(analysis).loc[:, :"error"])


def curves_table(analysis: Analysis) -> Table | None:
    """Learning curves of every final trial, as data only; None without an evaluated trial."""
    frame = curves_frame(analysis, most=EPOCHS)
    return None if frame.empty else Table("curves", TITLES["curves"], "", frame)


def profile_table(analysis: Analysis) -> Table | None:
    """Performance profiles, as data only; None with fewer than two tasks that have a scale."""
    frame = profile_frame(analysis)
    return None if frame.empty else Table("profile", TITLES["profile"], "", frame)


def _or_definition(analysis: Analysis, column: Column) -> Column:
    """A column of normalised numbers that says of the references what they are by definition."""
    fixed = {HUMAN: "1 by definition", SPARSE: "0 by definition"}

    def show(method: str, *values: float | None) -> str:
        given = fixed.get(base_name(method)) if analysis.scaled(method) else None
        return given or column.show(*values)

    return Column(column.title, ("method", *column.sources), show)


def _or_half(column: Column) -> Column:
    """A column of comparisons with human that says so of human itself."""

    def show(method: str, *values: float | None) -> str:
        return "½ by definition" if base_name(method) == HUMAN else column.show(*values)

    return Column(column.title, ("method", *column.sources), show)


def _typical(
    tasks: int, iqm: float | None, low: float | None, high: float | None, human: float | None
) -> str:
    """The interquartile mean of a method's trials beside the human's own, to which it is to be compared."""
    return f"{with_interval(iqm, between(low, high))}; human {number(human)}" if tasks else NONE


def _ratios_of(method: str) -> Column:
    low, high = (f"normalised_{end} of {method}" for end in ("low", "high"))
    return ratios(method, f"normalised of {method}", low, high)


def _lost(failed: int, missing: int, altered: int) -> str:
    found = {"failed": failed, "missing": missing, "altered": altered}
    return ", ".join(f"{times} {what}" for what, times in found.items() if times)
