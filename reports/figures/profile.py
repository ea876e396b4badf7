"""Performance profiles: the whole distribution of normalised scores, not one number of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from harness.roles import HUMAN
from harness.scoring.aggregate import normalised_scores
from harness.scoring.analysis import Analysis
from harness.scoring.score_frames import RESAMPLES
from reports.captions import FIGURES
from reports.figures.panels import grid
from reports.figures.style import Palette, Picture, finish, look
from reports.text import count


def profile_figure(analysis: Analysis, profile: pd.DataFrame, context: str) -> Picture | None:
    """Share of trials above each normalised score; None where `profile`, made by `profile_frame`, is empty."""
    methods = list(dict.fromkeys(profile["method"]))
    if not methods:
        return None
    palette = Palette(analysis.run.methods)
    with look():
        handles = [*(palette.handle(method) for method in methods), palette.dashed(HUMAN)]
        figure, (panel,) = grid(1, handles, "human-normalised score τ")
        palette.reference(panel, HUMAN, 1, vertical=True)
        for method in methods:
            own, colour = profile[profile["method"] == method], palette.colour[method]
            band: dict[str, Any] = {"color": colour, "alpha": 0.15, "lw": 0}
            panel.fill_between(own["threshold"], own["low"], own["high"], **band)
            panel.plot(own["threshold"], own["share"], color=colour)
        panel.set_ylim(-0.02, 1.02)
        panel.set_xlim(profile["threshold"].min(), profile["threshold"].max())
        panel.set_ylabel("share of trials above τ")
        above = ", ".join(f"{m} {np.mean(normalised_scores(analysis.arms(m)) > 1):.0%}" for m in methods)
        alt = f"Performance profile. Share of trials above the human reward: {above}."
        caption = FIGURES["profile"].format(resamples=count(RESAMPLES))
        return finish(figure, "profile", caption, alt, context)
