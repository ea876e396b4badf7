"""What a designer is told about a finished training: a few numbers per component, and how well it went.

Construction as in Eureka (arXiv 2310.12931, appendix G): ten or so snapshots of each series, then its
maximum, mean and minimum over all epochs. The total reward and the expert's reward are never shown.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import EnvironmentProblem
from harness.proposers import Parent
from harness.rewards.flags import Flag

SCORE = "task_score"
LENGTHS = "episode_lengths"
FINAL = "final_task_score"
HARMLESS = ("cast", "dropped")
"""Kinds of flags that cannot have changed what was learned."""
MOST_REMARKS = 12
COMPONENT = "reward/"
"""Prefix of component columns in a curve, and of a component that bears one of the names above."""


@dataclass(frozen=True)
class Curve:
    """A training, epoch by epoch; nan where nothing was measured. All series are equally long."""

    f: list[float]
    """Fitness while training."""
    episode_length: list[float]
    """Mean length of the episodes that ended, in control steps."""
    components: dict[str, list[float]] = field(default_factory=dict)
    """Means of the reward's components."""


def read_curve(path: Path) -> Curve:
    """The `curve.csv` of a trial. EnvironmentProblem if it is missing or damaged."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        names = [name for name in (rows[0] if rows else {}) if name.startswith(COMPONENT)]
        return Curve(
            f=_column(rows, "f"),
            episode_length=_column(rows, "episode_length"),
            components={name.removeprefix(COMPONENT): _column(rows, name) for name in names},
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise EnvironmentProblem(
            f"{path} is no complete training curve ({type(error).__name__}: {error}): "
            "remove the trial's folder and run again"
        ) from error


def stride(length: int) -> int:
    """Epochs between snapshots of a series of `length` epochs."""
    return max(length // 10, 1)


def snapshots(series: list[float]) -> list[float]:
    """Every `stride`-th value from the first on: 10 when the length is a multiple of 10, at most 19."""
    return series[:: stride(len(series))]


def reflection(curve: Curve, final: float | None = None) -> str:
    """One line per component, then the fitness as `task_score`, then `episode_lengths`, then the evaluated F.

    `final` is the F by which candidates are ranked. The curve may rank them otherwise: actions explore, and its
    episodes began under earlier policies.

    Numbers have two decimals. A series that this would show as zeros only although it is not, or that goes
    beyond a million, has four significant digits instead. Values that are not finite are shown as nan and
    left out of the maximum, mean and minimum.
    """
    reserved = {SCORE: curve.f, LENGTHS: curve.episode_length}
    shown = {
        f"{COMPONENT}{name}" if name in (*reserved, FINAL) else name: series
        for name, series in curve.components.items()
    }
    lines = [_line(name, series) for name, series in (shown | reserved).items()]
    if final is not None:
        lines.append(f"{FINAL}: {final:{_digits([final])}}")
    return "\n".join(lines)


def flags_of(raw: Sequence[Mapping[str, str]]) -> list[Flag]:
    """The flags of a trial, each once, those that matter before the harmless ones."""
    flags = dict.fromkeys(Flag.from_dict(part) for part in raw)
    return sorted(flags, key=lambda flag: flag.kind in HARMLESS)


def remarks(flags: Sequence[Flag]) -> list[str]:
    """Flags in a line each; of many, the first and how many there are more."""
    more = len(flags) - MOST_REMARKS
    lines = [flag.message or flag.kind for flag in flags[:MOST_REMARKS]]
    return [*lines, f"and {more} more such remarks"] if more > 0 else lines


def parent_of(answer: str, source: str, curve: Curve) -> Parent:
    """A trained candidate as the parent of the next ones."""
    components = {name: snapshots(series) for name, series in curve.components.items()}
    return Parent(answer=answer, source=source, fitness=snapshots(curve.f), components=components)


def _line(name: str, series: list[float]) -> str:
    finite = [value for value in series if math.isfinite(value)]
    if not finite:
        return f"{name}: never measured"
    digits = _digits(finite)
    shown = [f"{value:{digits}}" if math.isfinite(value) else "nan" for value in snapshots(series)]
    mean = math.fsum(finite) / len(finite)
    return f"{name}: {shown}, max {max(finite):{digits}}, mean {mean:{digits}}, min {min(finite):{digits}}"


def _digits(values: list[float]) -> str:
    """A format that shows the largest of `values`."""
    largest = max(map(abs, values))
    return ".2f" if largest == 0.0 or 0.005 <= largest < 1e6 else ".4g"


def _column(rows: list[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) if row[name] != "" else math.nan for row in rows]
