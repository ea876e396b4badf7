"""Numbers as a reader meets them."""

from __future__ import annotations

import math
from typing import Final

from harness.scoring.intervals import Interval
from harness.scoring.normalise import Ratio

NONE: Final = "–"
MINUS: Final = "\u2212"


def number(value: float | None) -> str:
    """Three decimals below 10, fewer above; a dash for nothing or NaN."""
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    decimals = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1
    shown = f"{value:,.{decimals}f}"
    return shown.replace("-", MINUS) if float(shown.replace(",", "")) else f"{0:.{decimals}f}"


def interval(ends: Interval | None) -> str:
    """`[low, high]`, or nothing."""
    return "" if ends is None else f"[{number(ends.low)}, {number(ends.high)}]"


def with_interval(value: float | None, ends: Interval | None) -> str:
    """`mean [low, high]`."""
    return f"{number(value)} {interval(ends)}".strip()


def ratio(score: Ratio | None) -> str:
    """A normalised score with its interval."""
    if score is None:
        return NONE
    if score.unbounded:
        return f"{number(score.point)} [unbounded]"
    if score.low is None or score.high is None:
        return number(score.point)
    return f"{number(score.point)} [{number(score.low)}, {number(score.high)}]"


def count(value: int) -> str:
    """With thousands separators."""
    return f"{value:,}"


def plural(value: int, noun: str) -> str:
    """`1 trial`, `2 trials`, `3 searches`."""
    ending = "" if value == 1 else "es" if noun.endswith(("ch", "s", "x")) else "s"
    return f"{value:,} {noun}{ending}"


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"


def p_value(value: float | None) -> str:
    """Three decimals, `< 0.001` below."""
    if value is None:
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
