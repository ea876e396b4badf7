"""The scatter of correlation against score."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from harness.scoring.agreement import Agreement, Coefficient
from reports.figures.correlation import correlation_figure
from reports.figures.style import WIDTH, Picture


def agreement(task: str, x: float, r: float, verdict: str = "tie", trials: int = 3) -> Agreement:
    """A search of known score and correlation."""
    none = Coefficient(math.nan, math.nan, math.nan, 0, 0, 0, "not recorded")
    known = Coefficient(r, r - 0.1, r + 0.1, trials, 1000, 0, "")
    return Agreement(task, "eureka", 0, known, known, none, none, x, verdict)


def scatter(found: list[Agreement]) -> Picture:
    picture = correlation_figure(found, ["human", "eureka"], "context")
    assert picture is not None
    return picture


def labels(picture: Picture) -> list[Text]:
    return [text for text in picture.figure.axes[0].texts if isinstance(text, Text)]


def test_names_stay_readable_at_29_tasks() -> None:
    """Numbers beside the points, none on another one, and a key with every name."""
    rng = np.random.default_rng(0)
    found = [agreement(f"task_{i}", *rng.uniform((0, -0.5), (1.5, 1.0))) for i in range(29)]
    picture = scatter(found)
    assert picture.figure.get_figwidth() <= WIDTH
    renderer = FigureCanvasAgg(picture.figure).get_renderer()
    boxes = [text.get_window_extent(renderer).padded(-1) for text in labels(picture)]
    assert [text.get_text() for text in labels(picture)] == [str(i) for i in range(1, 30)]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    key = "\n".join(text.get_text() for axes in picture.figure.axes[1:] for text in axes.texts)
    assert all(f"{i + 1}  task_{i}" in key for i in range(29))


def test_few_points_bear_names_and_all_show_their_class() -> None:
    found = [
        agreement("ant", 1.4, 0.2, "better"),
        agreement("over", 0.5, 0.9, "worse"),
        agreement("pen", 1, 0.5),
    ]
    picture = scatter(found)
    assert [text.get_text() for text in labels(picture)] == ["ant", "over", "pen"]
    assert "ant eureka r 0.20 at 1.40, better" in picture.alt
    markers = [line.get_marker() for line in picture.figure.axes[0].lines]
    assert [marker for marker in markers if marker in ("^", "v", "o")] == ["^", "v", "o"]


def test_it_is_of_one_form() -> None:
    """Of transitions where any search has them; a search without them is left out then."""
    known, old = agreement("ant", 1.4, 0.2), agreement("over", 0.5, 0.9)
    old = dataclasses.replace(old, transitions=old.ranks)
    assert [text.get_text() for text in labels(scatter([known, old]))] == ["ant"]
    assert "all transitions" in scatter([known, old]).caption
    assert "epochs" in scatter([old]).caption
    assert correlation_figure([dataclasses.replace(known, normalised=math.nan)], ["eureka"], "") is None
