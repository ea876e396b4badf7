"""Figures: what they are made of, not how they look."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from PIL import Image

from harness.scoring.aggregate import Arms, mean_of_ratios
from harness.scoring.analysis import analyse
from harness.scoring.cells import make_cell
from harness.scoring.load import read_run
from harness.scoring.merge import read_runs
from reports.content import make_content
from reports.figures.curves import POINTS, evaluated, thinned
from reports.figures.forest import Row, Value, forest
from reports.figures.improvement import progress
from reports.figures.panels import TALLEST, grid, name_panel, short_steps
from reports.figures.search import best_so_far
from reports.figures.style import FIXED_COLOURS, WIDTH, Palette, look
from tests.reports.fake_run import write_run


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


@pytest.mark.parametrize("count", [1, 2, 9, 29])
def test_panels_fit_a_printed_page_and_do_not_touch(count: int) -> None:
    handles = [
        Line2D([], [], label=name) for name in ("human", "sparse", "a method with a long name", "d", "e", "f")
    ]
    with look():
        figure, panels = grid(count, handles, "env steps")
        names = ("ant", "catch_over2underarm", "shadow_hand_upside_down_flip", "x" * 40)
        for panel, name in zip(panels, names * 8, strict=False):
            name_panel(panel, name, "(m/s)^2 + (rad/s)^2")
            panel.set_ylim(-0.05, 0.05)
            panel.xaxis.label.set_visible(bool(panel.get_xlabel().strip()))
        figure.draw_without_rendering()
    assert len(panels) == count
    assert figure.get_figheight() <= TALLEST
    assert figure.get_figwidth() <= WIDTH
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [panel.get_tightbbox(renderer) for panel in panels]
    legends = [legend.get_window_extent(renderer) for legend in figure.legends]
    found = [box for box in [*boxes, *legends] if box is not None]
    assert all(figure.bbox.padded(1).containsx(x) for box in found for x in (box.x0, box.x1))
    touching = [
        (a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a.padded(-1).overlaps(b.padded(-1))
    ]
    assert touching == []


@pytest.mark.parametrize(("tasks", "methods"), [(1, 2), (29, 3), (29, 6)])
def test_rows_of_tasks_fit_a_printed_page(tasks: int, methods: int) -> None:
    names = ["human", "sparse", "eureka", "x", "y", "z"][:methods]
    values = {name: Value(0.1 * index, 0.0, 0.9) for index, name in enumerate(names)}
    rows = [Row(f"task_with_a_long_name_{index}", values) for index in range(tasks)]
    palette = Palette(names)
    with look():
        figure = forest(palette, rows, [palette.handle(name) for name in names], "success rate", (0.0, 1.0))
        figure.draw_without_rendering()
    assert figure.get_figheight() <= TALLEST + 0.3
    pitch = [abs(p.transData.transform((0, 1))[1] - p.transData.transform((0, 0))[1]) for p in figure.axes]
    assert min(pitch) / figure.dpi * 72 > 4 * methods  # points: markers of 4 do not cover each other
    assert sum(len(panel.get_yticks()) for panel in figure.axes) == tasks


def test_what_lies_beyond_the_axis_is_an_arrow_with_its_number() -> None:
    palette = Palette(["eureka"])
    with look():
        figure = forest(
            palette,
            [Row("ant", {"eureka": Value(40.0, -1.0, 90.0)})],
            [palette.handle("eureka")],
            "",
            (-3, 6),
        )
    (panel,) = figure.axes
    assert [text.get_text() for text in panel.texts] == ["40.00"]
    assert panel.get_xlim()[1] < 7


def test_improvement_is_the_headlines_estimator_and_never_falls(run: Path) -> None:
    analysis = analyse(read_run(run))
    values = progress(analysis, analysis.run.tasks, "eureka")
    points = [value.point for value in values]
    assert len(points) == 2
    assert points == sorted(points)
    assert all(value.interval is not None for value in values)  # two searches
    arms = []
    for task in analysis.scaled("eureka"):
        best = make_cell([best_so_far(search)[-1]] for search in analysis.run.of(task.slug, "eureka"))
        arms.append(
            Arms(best, analysis.score(task, "human").cell, analysis.score(task, "sparse").cell, task.bounds)
        )
    assert values[-1] == mean_of_ratios(arms)


def test_checkpoints_have_the_interval_of_the_table_of_scores(run: Path) -> None:
    analysis = analyse(read_run(run))
    task = analysis.run.tasks[0]
    last = evaluated(analysis.run, task, "human").iloc[-1]
    score = analysis.score(task, "human")
    assert score.interval is not None
    assert (last["mean"], last["low"], last["high"]) == pytest.approx(
        (score.mean, score.interval.low, score.interval.high)
    )


def test_variants_of_a_method_stand_side_by_side(run: Path, tmp_path: Path) -> None:
    """An ablation: two runs of one method, merged."""
    other = write_run(tmp_path / "without_reflection", searches=2, seed=5, failures="none")
    content = make_content(read_runs([run, other]))
    names = [f"eureka ({folder.name})" for folder in (run, other)]
    drawn = {picture.name: picture for picture in content.pictures}
    for figure in ("headline", "scores", "normalised", "success", "curves", "improvement", "search"):
        words = [text.get_text() for legend in drawn[figure].figure.legends for text in legend.get_texts()]
        words += [label.get_text() for axes in drawn[figure].figure.axes for label in axes.get_yticklabels()]
        assert all(any(name in word for word in words) for name in names), figure


def test_long_curves_are_averaged_in_blocks() -> None:
    x = np.arange(1000.0)
    short, values = thinned(x, 2 * x)
    assert len(short) <= POINTS
    assert values.tolist() == (2 * short).tolist()
    assert short[0] == np.arange(17).mean()
    assert thinned(x[:5], x[:5])[0].tolist() == [0, 1, 2, 3, 4]


def test_best_so_far_never_falls(run: Path) -> None:
    for search in read_run(run).of("cartpole", "eureka"):
        line = best_so_far(search)
        known = [value for value in line if not math.isnan(value)]
        assert known == sorted(known)
        assert known[-1] == search.reward_score


def test_steps_are_short() -> None:
    assert [short_steps(x) for x in (0, 250e3, 1.5e6, 2e7)] == ["0", "250k", "1.5M", "20M"]
