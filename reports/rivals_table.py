"""Methods against each other, over all tasks and on each."""

from __future__ import annotations

import pandas as pd

from harness.scoring.analysis import Analysis
from harness.scoring.rivals import Rivalry, rivalries
from harness.scoring.tidy import Row, part
from reports.captions import TABLES, TITLES
from reports.columns import counts, estimates, p_values, records, tasks, words
from reports.tables import Table


def rivals_tables(analysis: Analysis) -> list[Table]:
    """One table over all tasks and one task by task; none with fewer than two methods beside human and sparse."""
    found = rivalries(analysis)
    return [_overall(found), _by_task(analysis, found)] if found else []


def _overall(found: list[Rivalry]) -> Table:
    rows: list[Row] = [
        {
            "method": one.left,
            "against": one.right,
            **part("difference", one.difference.point, one.difference.interval),
            "normalised_tasks": one.normalised_tasks,
            **part("probability_of_improvement", one.improvement.point, one.improvement.interval),
            "wins": one.means.wins,
            "ties": one.means.ties,
            "losses": one.means.losses,
        }
        for one in found
    ]
    return Table(
        name="rivals",
        title=TITLES["rivals"],
        caption=TABLES["rivals"],
        frame=pd.DataFrame(rows),
        columns=(
            words("method", "method"),
            words("against", "against"),
            estimates("difference of mean ratios", "difference"),
            estimates("P(better)", "probability_of_improvement"),
            records("wins / ties / losses", "wins", "ties", "losses"),
            counts("normalised tasks", "normalised_tasks"),
        ),
    )


def _by_task(analysis: Analysis, found: list[Rivalry]) -> Table:
    rows: list[Row] = [
        {
            "task": bout.task.slug,
            "unit": bout.task.unit,
            "method": bout.left,
            "against": bout.right,
            **part("difference", bout.difference, bout.interval),
            "p_holm": bout.p_value,
        }
        for task in analysis.run.tasks
        for one in found
        for bout in one.bouts
        if bout.task is task
    ]
    return Table(
        name="rivals_by_task",
        title=TITLES["rivals_by_task"],
        caption=TABLES["rivals_by_task"],
        frame=pd.DataFrame(rows),
        columns=(
            tasks(),
            words("method", "method"),
            words("against", "against"),
            estimates("difference of mean F", "difference"),
            p_values("p", "p_holm"),
        ),
    )
