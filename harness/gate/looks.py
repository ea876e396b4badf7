"""Looks at a growing run: what was seen at each, kept beside the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from harness.files import write_json
from harness.scoring.gate_runs import Result
from harness.scoring.rundata import RunData
from harness.scoring.sequential import Looks

FILE: Final = "gate.json"


class LookLog:
    """`gate.json` of a run folder: how many seeds were decided on when, and with which result."""

    def __init__(self, folder: Path, plan: Looks) -> None:
        self._path = folder / FILE
        self._plan = plan
        self.looks: list[dict[str, Any]] = []

    def add(self, seeds: int, result: Result) -> None:
        """Record a look; the file holds all until then, and what was planned before the first."""
        found = None if result.decision is None else result.decision.difference
        self.looks.append(
            {
                "seeds": seeds,
                "level": dict(zip(self._plan.seeds, self._plan.levels, strict=True))[seeds],
                "verdict": result.verdict,
                "difference": None if found is None else found.point,
                "p": None if found is None else found.p,
            }
        )
        planned = {"seeds": list(self._plan.seeds), "levels": list(self._plan.levels)}
        write_json(self._path, {"schema": 1, "planned": planned, "looks": self.looks})

    @property
    def lines(self) -> Iterator[str]:
        """The looks for people."""
        for look in self.looks:
            shown = "" if look["difference"] is None else f", difference {look['difference']:+.3f}"
            yield f"look at {look['seeds']} seeds (one-sided level {look['level']:.4f}): {look['verdict']}{shown}"


def first_seeds(run: RunData, seeds: int) -> RunData:
    """A run as it was with so many seeds: a look sees no more than was planned for it, however far the run has come."""
    return dataclasses.replace(
        run,
        searches={
            key: tuple(dataclasses.replace(search, finals=_first(search.finals, seeds)) for search in found)
            for key, found in run.searches.items()
        },
        expected={key: (searches, min(asked, seeds)) for key, (searches, asked) in run.expected.items()},
    )


def _first(finals: tuple[Any, ...], seeds: int) -> tuple[Any, ...]:
    return tuple(sorted(finals, key=lambda trial: int(trial.seed))[:seeds])
