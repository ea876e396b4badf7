"""Figures: what they are made of, not how they look."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from harness.scoring.load import read_run
from harness.scoring.rundata import TaskInfo
from reports.figures.curves import POINTS, thinned
from reports.figures.search import best_so_far
from reports.figures.style import FIXED_COLOURS, Palette, grid, name_panel, short_steps


def test_a_method_has_one_colour_and_known_ones_always_the_same() -> None:
    small, large = Palette(["human", "eureka"]), Palette(["human", "sparse", "l2r", "eureka", "x", "y", "z"])
    assert small.colour["eureka"] == large.colour["eureka"] == FIXED_COLOURS["eureka"]
    assert len(set(large.colour.values())) == 7
    assert len(set(large.marker.values())) == 7


def test_the_same_method_of_two_runs_gets_two_colours() -> None:
    palette = Palette(["human", "sparse", "eureka (a)", "eureka (b)"])
    assert palette.colour["eureka (a)"] == FIXED_COLOURS["eureka"]
    assert len(set(palette.colour.values())) == 4


def test_figures_are_readable_at_column_width(report: Path) -> None:
    for name in ("scores", "curves", "search"):
        with Image.open(io.BytesIO((report / "figures" / f"{name}.png").read_bytes())) as image:
            assert image.width == 1440  # 7.2 inches at 200 dots
            assert np.asarray(image.convert("L")).std() > 10  # something is drawn


def test_a_long_name_fits_above_its_panel() -> None:
    figure, panels = grid(8)
    for panel, slug in zip(panels, ("ant", "catch_over2underarm", "x" * 40), strict=False):
        name_panel(panel, TaskInfo(slug, "SUCCESS", "share of episodes"))
        panel.set_ylim(-0.05, 0.05)
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    width = figure.bbox.width / 4
    shown = [panel.title.get_window_extent(renderer) for panel in panels[:3]]
    assert all(title.width < width for title in shown)
    assert shown[0].height > 1.5 * shown[2].height


def test_long_curves_are_averaged_in_blocks() -> None:
    x = np.arange(1000.0)
    short, values = thinned(x, 2 * x)
    assert len(short) <= POINTS
    assert values.tolist() == (2 * short).tolist()
    assert short[0] == np.arange(9).mean()
    assert thinned(x[:5], x[:5])[0].tolist() == [0, 1, 2, 3, 4]


def test_best_so_far_never_falls(run: Path) -> None:
    for search in read_run(run).of("cartpole", "eureka"):
        line = best_so_far(search)
        known = [value for value in line if not math.isnan(value)]
        assert known == sorted(known)
        assert known[-1] == search.reward_score


def test_steps_are_short() -> None:
    assert [short_steps(x) for x in (0, 250e3, 1.5e6, 2e7)] == ["0", "250k", "1.5M", "20M"]
