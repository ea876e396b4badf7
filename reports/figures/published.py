"""The run's scores beside the published ones, under the paper's protocol only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from harness.roles import HUMAN, REFERENCES, SPARSE
from reports.captions import FIGURES
from reports.figures.forest import Row, Value, forest
from reports.figures.normalised import SPAN
from reports.figures.style import Palette, Picture, finish, look
from reports.published import NORMALISED, SUCCESS, Pair
from reports.text import number

NAMES: Final = {NORMALISED: "published", SUCCESS: "published_success"}
"""Figures by what they show."""


def published_figures(found: Sequence[Pair], methods: Sequence[str], context: str) -> list[Picture]:
    """A figure for each metric that some of the scores are in, one row per task; `methods` are all of the run's."""
    parts = {metric: [pair for pair in found if pair.metric == metric] for metric in NAMES}
    return [_figure(metric, part, methods, context) for metric, part in parts.items() if part]


def _figure(metric: str, found: Sequence[Pair], methods: Sequence[str], context: str) -> Picture:
    palette = Palette(methods)
    values: dict[str, dict[str, Value]] = {}
    for pair in found:
        row, ours = values.setdefault(pair.task.slug, {}), pair.ours
        row[pair.method] = Value(ours.point, ours.low, ours.high)
        row[palette.add_published(pair.method)] = Value(pair.published)
    rows = [Row(slug, of_methods) for slug, of_methods in values.items()]
    handles = [palette.handle(method) for method in methods if any(method in row.values for row in rows)]
    handles.append(palette.published())

    def references(axes: Axes) -> None:
        for place, name in enumerate((SPARSE, HUMAN)):
            palette.reference(axes, name, place, vertical=True)

    with look():
        if metric == NORMALISED:
            handles += [palette.dashed(name) for name in REFERENCES]
            figure = forest(palette, rows, handles, "human-normalised score", SPAN, references)
        else:
            figure = forest(palette, rows, handles, "success rate", (0.0, 1.0))
        words = [
            f"{pair.task.slug}: {pair.method} {number(pair.ours.point)}, published {number(pair.published)}"
            for pair in found
        ]
        alt = f"Interval plot of {metric}s beside published ones. {'; '.join(words)}."
        caption = FIGURES[NAMES[metric]].format(low=number(SPAN[0]), high=number(SPAN[1]))
        return finish(figure, NAMES[metric], caption, alt, context)
