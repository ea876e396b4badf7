"""Performance profiles: the whole distribution of normalised scores, not one number of it."""

from __future__ import annotations

import numpy as np

from harness.scoring.aggregate import normalised_resamples, normalised_scores
from harness.scoring.analysis import Analysis
from harness.scoring.intervals import LEVEL
from harness.scoring.profile import performance_profile
from reports.captions import FIGURES
from reports.figures.panels import grid
from reports.figures.style import Palette, Picture, finish, look
from reports.text import count

RESAMPLES = 2_000


def profile_figure(of: Analysis, context: str) -> Picture | None:
    """Share of trials above each normalised score; None with fewer than two tasks that have a scale."""
    methods = [m for m in of.run.compared if len(of.arms(m)) >= 2]
    if not methods:
        return None
    palette = Palette(of.run.methods)
    scores = {m: normalised_scores(of.arms(m)) for m in methods}
    top = float(np.clip(max(np.nanquantile(s, 0.98) for s in scores.values()), 1.5, 4.0))
    thresholds = np.linspace(-0.25, top, 200)
    with look():
        handles = [*(palette.handle(method) for method in methods), palette.dashed("human")]
        figure, (panel,) = grid(1, handles, "human-normalised score τ")
        palette.reference(panel, "human", 1, vertical=True)
        for method in methods:
            drawn = normalised_resamples(of.arms(method), RESAMPLES)
            flat = np.concatenate([sample.reshape(RESAMPLES, -1) for sample in drawn], axis=1)
            ends = [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]
            low, high = np.quantile(performance_profile(flat, thresholds), ends, axis=0)
            colour = palette.colour[method]
            panel.fill_between(thresholds, low, high, color=colour, alpha=0.15, lw=0)
            panel.plot(thresholds, performance_profile(scores[method], thresholds), color=colour)
        panel.set_ylim(-0.02, 1.02)
        panel.set_xlim(thresholds[0], thresholds[-1])
        panel.set_ylabel("share of trials above τ")
        above = ", ".join(f"{m} {np.mean(scores[m] > 1):.0%}" for m in methods)
        alt = f"Performance profile. Share of trials above the human reward: {above}."
        return finish(figure, "profile", FIGURES["profile"].format(resamples=count(RESAMPLES)), alt, context)
