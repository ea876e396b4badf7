"""Kinds of columns of tables: how numbers, intervals and words are shown."""

from __future__ import annotations

from harness.scoring.intervals import Interval
from harness.scoring.normalise import Ratio
from reports.tables import Column
from reports.text import NONE, interval, number, p_value, ratio, with_interval


def words(title: str, source: str, *, merged: bool = False) -> Column:
    """Text; blank where there is none."""
    return Column(
        title, (source,), lambda value: "" if value is None else str(value), numeric=False, merged=merged
    )


def tasks(title: str = "task") -> Column:
    """`task` with its `unit`, merged."""

    def show(task: str, unit: str | None) -> str:
        return f"{task} ({unit})" if unit else task

    return Column(title, ("task", "unit"), show, numeric=False, merged=True)


def counts(title: str, source: str) -> Column:
    """Whole numbers."""
    return Column(title, (source,), lambda value: NONE if value is None else str(int(value)))


def numbers(title: str, source: str) -> Column:
    """Numbers as `reports.text.number` shows them."""
    return Column(title, (source,), number)


def intervals(title: str, low: str, high: str) -> Column:
    """`[low, high]`."""
    return Column(title, (low, high), lambda *ends: interval(between(*ends)) or NONE)


def estimates(title: str, source: str, low: str = "", high: str = "") -> Column:
    """`number [low, high]`, of `source`, `source_low` and `source_high` unless those have other names."""
    return Column(
        title,
        (source, low or f"{source}_low", high or f"{source}_high"),
        lambda value, *ends: with_interval(value, between(*ends)),
    )


def ratios(title: str, source: str, low: str, high: str) -> Column:
    """Normalised scores, whose interval may be unbounded."""
    return Column(
        title,
        (source, low, high),
        lambda value, *ends: NONE if value is None else ratio(Ratio(value, *ends)),
    )


def p_values(title: str, source: str) -> Column:
    """p-values, three decimals."""
    return Column(title, (source,), p_value)


def records(title: str, *sources: str) -> Column:
    """Wins, ties and losses; blank where nothing was compared."""

    def show(*tasks: int) -> str:
        return " / ".join(map(str, tasks)) if any(tasks) else NONE

    return Column(title, sources, show)


def searches(title: str, searching: tuple[str, ...], source: str = "search") -> Column:
    """The number of a search, of `method`s that are among `searching`."""

    def show(method: str, value: int) -> str:
        return str(value) if method in searching else NONE

    return Column(title, ("method", source), show)


def between(low: float | None, high: float | None) -> Interval | None:
    """An interval from its ends; None without them."""
    return None if low is None or high is None else Interval(low, high)
