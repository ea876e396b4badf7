"""What more searches buy: expected score of the best of m."""

from __future__ import annotations

from matplotlib.ticker import MaxNLocator

from harness.roles import HUMAN
from harness.scoring.analysis import Analysis
from harness.scoring.profile import best_of
from harness.scoring.rundata import base_name
from harness.scoring.scores import selection_scores
from reports.captions import FIGURES
from reports.figures.panels import grid, name_panel
from reports.figures.style import Palette, Picture, finish, look


def best_of_figure(analysis: Analysis, context: str) -> Picture | None:
    """A panel per task; None unless some method has two scored searches on a task."""
    methods = analysis.run.searching
    curves = {}
    for task in analysis.run.tasks:
        for method in methods:
            selection, scores = selection_scores(analysis.run, task, method)
            if scores.size > 1:
                curves[task.slug, method] = best_of(selection, scores)
    tasks = [task for task in analysis.run.tasks if any((task.slug, m) in curves for m in methods)]
    if not tasks:
        return None
    palette = Palette(analysis.run.methods)
    with look():
        handles = [palette.handle(method) for method in methods]
        handles += [palette.dashed(m) for m in analysis.run.methods if base_name(m) == HUMAN]
        figure, panels = grid(len(tasks), handles, "searches m")
        for panel, task in zip(panels, tasks, strict=True):
            for score in analysis.references(task):
                if base_name(score.method) == HUMAN:
                    palette.reference(panel, score.method, score.mean or 0.0)
            for method in methods:
                curve = curves.get((task.slug, method))
                if curve is not None:
                    palette.curve(panel, method, range(1, len(curve) + 1), curve)
            panel.margins(y=0.15)
            name_panel(panel, task.slug, task.unit)
            panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        alt = f"Best of m searches on {len(tasks)} tasks for {', '.join(methods)}."
        return finish(figure, "best_of", FIGURES["best_of"], alt, context)
