"""Everything a report says, before it takes a form: sentences, tables, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from harness.scoring.agreement import agreements
from harness.scoring.analysis import Analysis, analyse
from harness.scoring.rundata import RunData
from reports.figures.best_of import best_of_figure
from reports.figures.correlation import correlation_figure
from reports.figures.curves import curves_figure
from reports.figures.headline import headline_figure
from reports.figures.improvement import improvement_figure
from reports.figures.normalised import normalised_figure
from reports.figures.profile import profile_figure
from reports.figures.published import published_figures
from reports.figures.scores import scores_figure
from reports.figures.search import search_figure
from reports.figures.style import Picture
from reports.figures.success import success_figure
from reports.flags import find_flags
from reports.gains_table import gains_table
from reports.notes import notes, summary
from reports.published import pairs
from reports.published_table import published_table
from reports.remarks import find_remarks, remarks_table
from reports.rivals_table import rivals_tables
from reports.run_settings import context, facts
from reports.score_tables import (
    curves_table,
    headline_table,
    normalised_table,
    profile_table,
    scores_table,
    success_table,
    trials_table,
)
from reports.search_tables import (
    best_of_table,
    candidates_table,
    correlation_table,
    costs_table,
    failures_table,
    flags_table,
    searches_table,
)
from reports.suite_tables import improvement_table, suites_table
from reports.tables import Table
from reports.text import listed, plural


@dataclass(frozen=True)
class Content:
    """A report without a form."""

    analysis: Analysis
    title: str
    subtitle: str
    summary: list[str]
    notes: list[str]
    facts: list[tuple[str, str]]
    context: str
    tables: list[Table]
    """In order of the page; those without a head are data only."""
    draw: Callable[[], list[Picture]]

    @cached_property
    def pictures(self) -> list[Picture]:
        """In order of the page; drawn when they are first asked for."""
        return self.draw()


def make_content(run: RunData) -> Content:
    """Compute everything that a run has the data for."""
    analysis = analyse(run)
    words, agreed, flags, remarks = (
        context(analysis),
        agreements(analysis),
        find_flags(analysis),
        find_remarks(analysis),
    )
    profile, rivals, published = profile_table(analysis), rivals_tables(analysis), pairs(analysis)
    tables = [
        headline_table(analysis),
        *rivals[:1],
        scores_table(analysis),
        normalised_table(analysis) if run.compared else None,
        *rivals[1:],
        success_table(analysis),
        published_table(published),
        gains_table(analysis),
        flags_table(flags),
        remarks_table(remarks, run.searching),
        searches_table(analysis),
        best_of_table(analysis),
        failures_table(analysis),
        correlation_table(agreed, run.searching),
        costs_table(analysis),
        trials_table(analysis),
        curves_table(analysis),
        candidates_table(analysis),
        improvement_table(analysis),
        suites_table(analysis),
        profile,
    ]

    def draw() -> list[Picture]:
        pictures = [
            headline_figure(analysis, words),
            None if profile is None else profile_figure(analysis, profile.frame, words),
            scores_figure(analysis, words),
            normalised_figure(analysis, words),
            success_figure(analysis, words),
            *published_figures(published, run.methods, words),
            curves_figure(run, words),
            improvement_figure(analysis, words),
            search_figure(analysis, words),
            best_of_figure(analysis, words),
            correlation_figure(agreed, run.methods, words),
        ]
        return [picture for picture in pictures if picture is not None]

    return Content(
        analysis=analysis,
        title="Reward design, measured",
        subtitle=f"{listed(list(run.methods))} on {plural(len(run.tasks), 'task')}",
        summary=summary(analysis) or ["The human and sparse rewards, without a searching method."],
        notes=notes(analysis, flags, remarks),
        facts=facts(analysis),
        context=words,
        tables=[table.without_empty_columns() for table in tables if table is not None],
        draw=draw,
    )
