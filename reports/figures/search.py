"""How searches improve: every candidate, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from harness.scoring.analysis import Analysis
from harness.scoring.cells import Floats
from harness.scoring.rundata import is_reference
from harness.scoring.searchdata import Search
from reports.captions import FIGURES
from reports.figures.panels import grid, name_panel
from reports.figures.style import INK, Palette, Picture, finish, look

FLAT = 1e-6
"""Below this range all scores of a panel are one number."""


def search_figure(analysis: Analysis, context: str) -> Picture | None:
    """A panel per task with searches; None without any."""
    methods = analysis.run.searching
    found = {
        (t.slug, m): [s for s in analysis.run.of(t.slug, m) if s.iterations]
        for t in analysis.run.tasks
        for m in methods
    }
    tasks = [task for task in analysis.run.tasks if any(found[task.slug, m] for m in methods)]
    if not tasks:
        return None
    palette = Palette(analysis.run.methods)
    with look():
        handles = [palette.handle(m, f"{m}, best so far") for m in methods]
        handles += [palette.dashed(name) for name in analysis.run.methods if is_reference(name)]
        cross = Line2D([], [], color=INK, marker="x", ms=4, ls="none", label="without a score")
        figure, panels = grid(len(tasks), [*handles, cross], "iteration")
        for panel, task in zip(panels, tasks, strict=True):
            drawn = [(m, found[task.slug, m]) for m in methods if found[task.slug, m]]
            for place, (method, searches) in enumerate(drawn):
                _draw(
                    panel, palette, method, searches, (place - (len(drawn) - 1) / 2) * 0.36, 0.6 / len(drawn)
                )
            for score in analysis.references(task):
                palette.reference(panel, score.method, score.mean or 0.0)
            panel.margins(y=0.14)
            low, high = panel.get_ylim()
            if high - low < FLAT:
                panel.set_ylim(low - 0.5, high + 0.5)
            name_panel(panel, task.slug, task.unit)
            rounds = max(len(s.iterations) for _, searches in drawn for s in searches)
            panel.set_xlim(0.5, rounds + 0.5)
            panel.set_xticks(range(1, rounds + 1, -(-rounds // 6)))
        several = any(len(searches) > 1 for searches in found.values())
        caption = FIGURES["search"].format(mean="; thick: mean over searches" if several else "")
        alt = f"Candidates and best so far by iteration, on {len(tasks)} tasks."
        return finish(figure, "search", caption, alt, context)


def best_so_far(search: Search) -> list[float]:
    """Largest F up to each iteration, NaN before the first candidate with a score."""
    out: list[float] = []
    best = math.nan
    for iteration in search.iterations:
        for candidate in iteration.candidates:
            if candidate.f is not None and not best >= candidate.f:
                best = candidate.f
        out.append(best)
    return out


def _draw(
    panel: Axes, palette: Palette, method: str, searches: Sequence[Search], offset: float, width: float
) -> None:
    style: dict[str, Any] = {"ls": "none", "color": palette.colour[method], "zorder": 3}
    rounds = max(len(search.iterations) for search in searches)
    dots, scores, crosses = [np.empty(0)], [np.empty(0)], [np.empty(0)]
    for index in range(rounds):
        found = [c for s in searches if index < len(s.iterations) for c in s.iterations[index].candidates]
        tried = [c for c in found if not c.dropped]
        scores.append(np.array([c.f for c in tried if c.f is not None]))
        dots.append(index + 1 + offset + _spread(scores[-1].size, width))
        crosses.append(index + 1 + offset + _spread(len(tried) - scores[-1].size, width))
    panel.plot(
        np.concatenate(dots), np.concatenate(scores), marker=".", ms=3.4, mec="none", alpha=0.5, **style
    )
    lost, low = np.concatenate(crosses), panel.get_xaxis_transform()
    panel.plot(lost, np.full(lost.size, 0.035), transform=low, marker="x", ms=3, mew=0.7, alpha=0.8, **style)
    lines = np.full((len(searches), rounds), np.nan)
    for row, search in zip(lines, searches, strict=True):
        row[: len(search.iterations)] = best_so_far(search)
    x = np.arange(1, rounds + 1) + offset
    if len(searches) > 1:
        panel.plot(x, lines.T, color=palette.colour[method], lw=0.7, alpha=0.55, zorder=2)
    known = ~np.isnan(lines).all(axis=0)
    palette.curve(panel, method, x[known], np.nanmean(lines[:, known], axis=0))


def _spread(count: int, width: float) -> Floats:
    return np.asarray((np.arange(count) - (count - 1) / 2) * width / max(count - 1, 6), dtype=np.float64)
