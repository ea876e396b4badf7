"""Agreement with the expert's reward against what it was worth: the paper's scatter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.roles import HUMAN, SPARSE
from harness.scoring.agreement import Agreement, Coefficient
from harness.scoring.rundata import base_name
from reports.captions import FIGURES
from reports.figures.style import FAINT, INK, Palette, Picture, finish, legend, look
from reports.text import MINUS

SPAN: Final = (-2.0, 6.0)
CUT: Final = "[{:g}, {:g}]".format(*SPAN).replace("-", MINUS)
SIZE: Final = (4.6, 3.2)  # inches
NAMED: Final = 12
"""Most points that get their task's name; more get its number, and the figure a key."""
KEY_COLUMN, KEY_WIDTH = 15, 1.3  # entries, inches
LETTER, LINE = 3.3, 6.0  # points, of a label
VERDICTS: Final = {"better": "^", "tie": "o", "worse": "v"}
FORMS: Final = {"transitions": "all transitions of its training", "epochs": "epochs, one pair each"}
"""What is drawn, the first of which the run has data; never two in one figure."""


def correlation_figure(found: Sequence[Agreement], methods: Sequence[str], context: str) -> Picture | None:
    """One point per search on a task with a scale; None without such a point."""
    kept = [a for a in found if not math.isnan(a.normalised) and base_name(a.method) != SPARSE]
    for form, words in FORMS.items():
        points = [(a, coefficient) for a in kept if not math.isnan((coefficient := getattr(a, form)).r)]
        if points:
            return _draw(points, methods, form, FIGURES["correlation"].format(form=words, span=CUT), context)
    return None


def _draw(
    points: list[tuple[Agreement, Coefficient]], methods: Sequence[str], form: str, caption: str, context: str
) -> Picture:
    palette = Palette(methods)
    tasks = list(dict.fromkeys(a.task for a, _ in points))
    numbered = len(points) > NAMED
    columns = -(-len(tasks) // KEY_COLUMN) if numbered else 0
    with look():
        figure = Figure(figsize=(SIZE[0] + KEY_WIDTH * columns, SIZE[1]), layout="constrained")
        axes, *keys = figure.subplots(
            1, 1 + columns, width_ratios=[SIZE[0], *[KEY_WIDTH] * columns], squeeze=False
        )[0]
        axes.axhline(0, color=FAINT, lw=0.8, zorder=0)
        palette.reference(axes, HUMAN, 1, vertical=True)
        at = [(min(max(a.normalised, SPAN[0]), SPAN[1]), coefficient.r) for a, coefficient in points]
        for (a, coefficient), (x, y) in zip(points, at, strict=True):
            if coefficient.trials > 1:
                axes.plot(
                    [x, x],
                    [coefficient.low, coefficient.high],
                    color=palette.colour[a.method],
                    lw=0.8,
                    alpha=0.35,
                )
            axes.plot(x, y, **_mark(palette.colour[a.method], VERDICTS[a.verdict]), zorder=5, clip_on=False)
        left, right = min(0.0, *(x for x, _ in at)), max(1.2, *(x for x, _ in at))
        axes.set_xlim(left - 0.1, right + 0.2 * (right - left))
        axes.set_ylim(-1.08, 1.08)
        labels = {task: str(number) if numbered else task for number, task in enumerate(tasks, start=1)}
        _label(axes, [(labels[a.task], x, y) for (a, _), (x, y) in zip(points, at, strict=True)])
        axes.set_xlabel("human-normalised score of the search")
        axes.set_ylabel(f"correlation with the human reward ({form})")
        for column, key in enumerate(keys):
            shown = tasks[column * KEY_COLUMN : (column + 1) * KEY_COLUMN]
            lines = [f"{labels[task]:>2}  {task}" for task in shown]
            key.text(0, 1, "\n".join(lines), va="top", fontsize=6, linespacing=1.5, transform=key.transAxes)
            key.axis("off")
        present = [m for m in methods if any(a.method == m for a, _ in points)]
        classes = [v for v in VERDICTS if any(a.verdict == v for a, _ in points)]
        legend(
            figure,
            [
                *(Line2D([], [], label=m, **_mark(palette.colour[m], "s")) for m in present),
                *(Line2D([], [], label=v, **_mark(INK, VERDICTS[v])) for v in classes),
                palette.dashed(HUMAN),
            ],
        )
        parts = [
            f"{a.task} {a.method} r {coefficient.r:.2f} at {a.normalised:.2f}, {a.verdict}"
            for a, coefficient in points[:40]
        ]
        alt = f"Scatter plot of {len(points)} searches: " + "; ".join(parts) + "."
        return finish(figure, "correlation", caption, alt, context)


def _mark(colour: str, marker: str) -> dict[str, Any]:
    return {"color": colour, "marker": marker, "ls": "none", "ms": 5.5, "mec": "white", "mew": 0.6}


def _label(axes: Axes, points: list[tuple[str, float, float]]) -> None:
    """Labels beside their points, each where it covers least of other labels and points."""
    low, high = axes.get_xlim()
    wide, tall = 72 * SIZE[0] * 0.85 / (high - low), 72 * SIZE[1] * 0.75 / 2.16  # points per unit
    taken = [(x * wide - 3, y * tall - 3, x * wide + 3, y * tall + 3) for _, x, y in points]
    for text, x, y in points:
        length = LETTER * len(text)
        places = [(dx, dy) for dy in (-2, 3, -8) for dx in (5, -5 - length)]
        places += [(-length / 2, dy) for dy in (5, -11)] + [
            (dx, dy) for dy in (11, -16) for dx in (3, -3 - length)
        ]
        boxes = [
            (x * wide + dx, y * tall + dy, x * wide + dx + length, y * tall + dy + LINE) for dx, dy in places
        ]
        clashes = [sum(_overlap(box, other) for other in taken) for box in boxes]
        best = clashes.index(min(clashes))
        taken.append(boxes[best])
        axes.annotate(text, (x, y), xytext=places[best], textcoords="offset points", fontsize=6, color=INK)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
