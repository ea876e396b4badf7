"""The run's scores beside the published ones, as a table; under the paper's protocol only."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from reports.captions import TABLES, TITLES
from reports.columns import ratios, words
from reports.published import Pair
from reports.tables import Column, Table
from reports.text import MINUS


def published_table(found: Sequence[Pair]) -> Table | None:
    """A row per task and method that has a published score; None without any."""
    if not found:
        return None
    rows = [
        {
            "task": pair.task.slug,
            "method": pair.method,
            "metric": pair.metric,
            "mean": pair.ours.point,
            "low": pair.ours.low,
            "high": pair.ours.high,
            "published": pair.published,
            "published_runs": pair.runs,
            "source": pair.source,
            "read": pair.read,
            "note": pair.note,
        }
        for pair in found
    ]
    return Table(
        name="published",
        title=TITLES["published"],
        caption=TABLES["published"],
        frame=pd.DataFrame(rows),
        columns=(
            words("task", "task", merged=True),
            words("method", "method"),
            words("metric", "metric"),
            ratios("this run", "mean", "low", "high"),
            Column("published", ("published",), lambda value: f"{value:.2f}".replace("-", MINUS)),
            words("of", "published_runs"),
            words("note", "note"),
        ),
    )
