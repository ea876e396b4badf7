"""One look for all figures: colours by method, small panels, files without dates."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final

import matplotlib
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from harness.scoring.rundata import TaskInfo, base_name
from reports.captions import TITLES

WIDTH: Final = 7.2  # inches, the page's column
LETTERS_PER_INCH: Final = 8.5  # of a panel, that its title may take
INK: Final = "#333333"
FAINT: Final = "#d9d9d9"
PALETTE: Final = tuple(seaborn.color_palette("colorblind").as_hex())
FIXED_COLOURS: Final = {"human": PALETTE[0], "sparse": PALETTE[7], "eureka": PALETTE[3]}
MORE_COLOURS: Final = tuple(PALETTE[i] for i in (2, 4, 1, 9, 6, 5, 8))
DASHES: Final = (0, (4, 2))
FIXED_MARKERS: Final = {"human": "s", "sparse": "v"}
MORE_MARKERS: Final = ("o", "D", "^", "P", "X", "h", "<", ">")
RC: Final = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 7.5,
    "axes.titlepad": 4,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "grid.color": "#ebebeb",
    "grid.linewidth": 0.6,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "reward-design",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 7,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.color": INK,
    "ytick.labelsize": 7,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}


@dataclass(frozen=True)
class Picture:
    """A finished figure with its words."""

    name: str
    title: str
    caption: str
    alt: str
    """What it shows, for readers who cannot see it."""
    context: str
    figure: Figure

    def render(self, kind: str) -> bytes:
        """The file, `svg`, `png` or `pdf`; it carries the context, and no date or version."""
        about = f"{self.title}. {self.context}"
        metadata: dict[str, dict[str, str | None]] = {
            "svg": {"Date": None, "Creator": None, "Description": about},
            "png": {"Software": None, "Description": about},
            "pdf": {"CreationDate": None, "Producer": None, "Creator": None, "Subject": about},
        }
        buffer = io.BytesIO()
        with look():
            self.figure.savefig(buffer, format=kind, metadata=metadata[kind])
        return buffer.getvalue()


@contextmanager
def look() -> Iterator[None]:
    """Matplotlib settings of all figures, for drawing and saving."""
    with matplotlib.rc_context(RC):
        yield


def finish(figure: Figure, name: str, caption: str, alt: str, context: str) -> Picture:
    """Place everything in a figure, once for all formats. Call inside `look`."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return Picture(name, TITLES[name], caption, alt, context, figure)


class Palette:
    """Colour and marker of each method: the same in every figure, and for known methods in every report."""

    def __init__(self, methods: Sequence[str]) -> None:
        self.methods = tuple(methods)
        self.colour: dict[str, str] = {}
        self.marker: dict[str, str] = {}
        hues, marks = cycle(MORE_COLOURS), cycle(MORE_MARKERS)
        for method in methods:
            own = FIXED_COLOURS.get(base_name(method))
            self.colour[method] = next(hues) if own is None or own in self.colour.values() else own
            mark = FIXED_MARKERS.get(base_name(method))
            self.marker[method] = next(marks) if mark is None or mark in self.marker.values() else mark

    def mark(self, axes: Axes, method: str, x: float, y: float, size: float = 5) -> None:
        """The marker of a method's mean, whole even on the edge; nothing for NaN."""
        if math.isnan(x) or math.isnan(y):
            return
        style: dict[str, Any] = {
            "marker": self.marker[method],
            "color": self.colour[method],
            "mec": "white",
            "mew": 0.6,
        }
        axes.plot(x, y, ms=size, ls="none", zorder=5, clip_on=False, **style)

    def curve(self, axes: Axes, method: str, x: Any, y: Any, width: float = 1.3) -> None:
        """A line with markers."""
        style: dict[str, Any] = {
            "marker": self.marker[method],
            "color": self.colour[method],
            "mec": "white",
            "mew": 0.4,
        }
        axes.plot(x, y, lw=width, ms=3.2, zorder=4, **style)

    def reference(self, axes: Axes, name: str, value: float, *, vertical: bool = False) -> None:
        """A dashed line at the score of `human` or `sparse`."""
        line = axes.axvline if vertical else axes.axhline
        line(value, color=self.colour.get(name, INK), lw=1, ls=DASHES, zorder=1)

    def handle(self, method: str, label: str | None = None) -> Line2D:
        """Legend entry of a method."""
        style: dict[str, Any] = {
            "marker": self.marker[method],
            "color": self.colour[method],
            "mec": "white",
            "ms": 5,
        }
        return Line2D([], [], label=label or method, **style)

    def dashed(self, name: str) -> Line2D:
        """Legend entry of a reference line."""
        return Line2D([], [], label=name, color=self.colour.get(name, INK), lw=1, ls=DASHES)


def grid(count: int, height: float = 1.35, most: int = 4) -> tuple[Figure, list[Axes]]:
    """A figure of `count` small panels, at most `most` in a row; fewer panels are drawn larger."""
    columns = min(most, count)
    rows = -(-count // columns)
    wide = {1: 3.6, 2: 5.4}.get(columns, WIDTH)
    tall = rows * (height * (1.45 if columns < 3 else 1.0)) + 0.45
    figure = Figure(figsize=(wide, tall))
    figure.set_layout_engine("constrained", w_pad=0.05, h_pad=0.05, wspace=0.03, hspace=0.04)
    panels = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for spare in panels[count:]:
        spare.remove()
    return figure, panels[:count]


def legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    """One legend above all panels."""
    inches = sum(0.45 + 0.062 * len(str(handle.get_label())) for handle in handles)
    rows = max(1, -(-inches // figure.get_figwidth()))
    columns = -(-len(handles) // int(rows))
    figure.legend(handles=list(handles), loc="outside upper left", ncols=columns, handlelength=1.6)


def name_panel(axes: Axes, task: TaskInfo, ticks: int = 4) -> None:
    """Title and unit of a task's panel; few ticks, horizontal grid only."""
    title = axes.set_title(task.slug, fontweight="bold")
    title.set_fontsize(
        float(title.get_fontsize()) * min(1.0, LETTERS_PER_INCH * _width(axes) / len(task.slug))
    )
    axes.set_ylabel(task.unit)
    axes.grid(False, axis="x")
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))


def _width(axes: Axes) -> float:
    """Inches that a panel has, labels included."""
    place = axes.get_subplotspec()
    figure = axes.get_figure(root=True)
    assert place is not None
    assert figure is not None
    return float(figure.get_figwidth()) / place.get_gridspec().ncols


def label_below(panels: Sequence[Axes], label: str, most: int = 4) -> None:
    """The x label, under the lowest panel of each column."""
    for panel in panels[-min(most, len(panels)) :]:
        panel.set_xlabel(label)


def steps_axis(axes: Axes) -> None:
    """An x axis of env steps in millions or thousands, without an offset text."""
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_steps(value)))


def short_steps(value: float) -> str:
    """Env steps: `0`, `250k`, `1.5M`."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value else "0"
