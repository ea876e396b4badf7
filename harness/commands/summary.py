"""The main table of a report, for the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.roles import HUMAN, SPARSE
from harness.scoring.altered import alterations
from harness.scoring.analysis import Analysis
from harness.scoring.intervals import SURE, Interval
from harness.scoring.option_words import option_words
from harness.scoring.rundata import base_name
from reports.costs import proposer_words


def show_summary(analysis: Analysis, console: Console) -> None:
    """Mean F per task and method with its 95 % interval, and the aggregate score of each method."""
    config = analysis.run.config
    proposers = dict.fromkeys(proposer_words(analysis.run, name) or "" for name, _ in analysis.run.configs)
    words = " and ".join(filter(None, proposers))
    options = option_words({task.slug: task.chosen for task in analysis.run.tasks})
    table = Table(
        title=f"F, mean and {SURE} interval; budget {config.budget}, engine {config.engine}, "
        f"precision {config.precision}, "
        f"protocol {config.protocol}"
        + (", racing" if config.racing else "")
        + (f", proposer {escape(words)}" if words else "")
        + (f", options {escape(options)}" if options else ""),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("task")
    for method in analysis.run.methods:
        table.add_column(method, justify="right")
    for task in analysis.run.tasks:
        scores = [analysis.score(task, method) for method in analysis.run.methods]
        table.add_row(f"{task.slug} ({task.unit})", *(_shown(score.mean, score.interval) for score in scores))
    headlines = {headline.method: headline.mean for headline in analysis.headlines}
    if analysis.scaled_tasks and headlines:
        given = {HUMAN: "1", SPARSE: "0"}  # by definition
        table.add_section()
        table.add_row(
            f"human-normalised, mean of {len(analysis.scaled_tasks)} task(s)",
            *(
                given.get(base_name(m)) or _shown(headlines[m].point, headlines[m].interval)
                for m in analysis.run.methods
            ),
        )
    console.print(table)
    for line in alterations(analysis.run):
        console.print(
            f"not as it was stored: {line}", style="red", highlight=False, markup=False, soft_wrap=True
        )


def _shown(mean: float | None, interval: Interval | None) -> str:
    if mean is None:
        return "-"
    return f"{mean:.3g}" if interval is None else f"{mean:.3g} [{interval.low:.3g}, {interval.high:.3g}]"
