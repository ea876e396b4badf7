"""One look for all figures: colours by method, small panels, files without dates."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Any, Final

import matplotlib
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.roles import HUMAN, SPARSE
from harness.scoring.rundata import base_name
from reports.captions import TITLES

WIDTH: Final = 7.2  # inches, the page's column
INK: Final = "#333333"
FAINT: Final = "#d9d9d9"
GREY: Final = "#757575"
PUBLISHED: Final = "published (Ma et al. 2024)"
PALETTE: Final = tuple(seaborn.color_palette("colorblind").as_hex())
FIXED_COLOURS: Final = {HUMAN: PALETTE[0], SPARSE: PALETTE[7], "eureka": PALETTE[3]}
MORE_COLOURS: Final = tuple(PALETTE[i] for i in (2, 4, 1, 9, 6, 5, 8))
HOLLOW: Final[dict[str, Any]] = {"mfc": "white", "mec": GREY, "mew": 0.9}
DASHES: Final = (0, (4, 2))
FIXED_MARKERS: Final = {HUMAN: "s", SPARSE: "v"}
MORE_MARKERS: Final = ("o", "D", "^", "h", "X", "<", ">", "P")
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

    @cached_property
    def svg(self) -> bytes:
        """As the page and the file beside it have it."""
        return self.render("svg")

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
    if figure.get_layout_engine() is not None:
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
        self.hollow: set[str] = set()

    def add_published(self, method: str) -> str:
        """The name of what was published of a method, which gets its marker, hollow and grey."""
        name = f"{method}, {PUBLISHED}"
        self.methods = tuple(
            dict.fromkeys(m for one in self.methods for m in ((one, name) if one == method else (one,)))
        )
        self.colour[name], self.marker[name] = GREY, self.marker[method]
        self.hollow.add(name)
        return name

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
        if method in self.hollow:
            style |= HOLLOW
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

    def published(self) -> Line2D:
        """Legend entry of what was published."""
        return Line2D([], [], label=PUBLISHED, marker="o", ms=5, ls="none", **HOLLOW)

    def dashed(self, name: str) -> Line2D:
        """Legend entry of a reference line."""
        return Line2D([], [], label=name, color=self.colour.get(name, INK), lw=1, ls=DASHES)


def legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    """One legend above all panels: in a place that the layout makes, or at the top."""
    rows = legend_rows(handles, figure.get_figwidth())
    place = "upper left" if figure.get_layout_engine() is None else "outside upper left"
    figure.legend(
        handles=list(handles),
        loc=place,
        ncols=-(-len(handles) // rows),
        handlelength=1.6,
        borderaxespad=0.1,
    )


def legend_rows(handles: Sequence[Line2D], width: float) -> int:
    """How many rows a legend takes in a figure of `width` inches."""
    inches = sum(0.45 + 0.062 * len(str(handle.get_label())) for handle in handles)
    return max(1, -int(-inches // width)) if handles else 0
