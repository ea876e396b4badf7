"""What is odd about reward programs that were trained all the same, on one table."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import pandas as pd

from harness.scoring.analysis import Analysis
from harness.scoring.searchdata import Trial
from reports.captions import TABLES, TITLES
from reports.columns import searches, words
from reports.tables import Table
from reports.text import plural

MEANINGS: Final = {
    "batch": "the reward of a world depends on other worlds, or on their number",
    "constant": "the reward does not depend on the state",
    "counter": "the reward reads a step counter, which no policy sees",
    "scale": "values of an absurd size",
    "non_finite": "values that are NaN or infinite",
    "slow": "the program costs much time",
    "cast": "a result was converted",
    "dropped": "a harmless statement was left out",
}
"""Kinds of remarks, the gravest first."""
HARMLESS: Final = ("cast", "dropped")
IN_FLAGS: Final = "non_finite"
"""Of a final training: the counts are in the table of trials to look at twice."""
MOST_NAMED: Final = 6


@dataclass(frozen=True)
class Remarked:
    """One remark on the program of one trial."""

    kind: str
    task: str
    method: str
    search: int
    candidate: str | None
    """None for a final training."""
    seed: int | None
    """None for a candidate."""
    trial: str
    message: str

    @property
    def harmless(self) -> bool:
        """Whether it cannot have changed what was learned."""
        return self.kind in HARMLESS

    @property
    def in_flags_table(self) -> bool:
        """Whether the table of trials to look at twice has it."""
        return self.kind == IN_FLAGS and self.candidate is None


def find_remarks(analysis: Analysis) -> list[Remarked]:
    """All remarks, the gravest kind first; then by task, method and search, candidates before final trainings."""
    found = []
    for task in analysis.run.tasks:
        for method in analysis.run.methods:
            for search in analysis.run.of(task.slug, method):
                place = (task.slug, method, search.index)
                for candidate in search.candidates.values():
                    if candidate.trial is not None:
                        found += _of_trial(candidate.trial, *place, candidate.id, None)
                for trial in search.finals:
                    found += _of_trial(trial, *place, None, trial.seed)
    return sorted(found, key=lambda remark: _gravity(remark.kind))


def remarks_table(remarks: list[Remarked], searching: tuple[str, ...]) -> Table | None:
    """A row per remark, with all programs of a search that it was made on; None without remarks.

    Remarks that another table counts are data only. `searching` are the methods that search.
    """
    if not remarks:
        return None
    frame = pd.DataFrame(
        [(r.kind, r.task, r.method, r.search, r.candidate, r.seed, r.trial, r.message) for r in remarks],
        columns=["kind", "task", "method", "search", "candidate", "seed", "trial", "remark"],
    )
    remaining = frame[[not one.in_flags_table for one in remarks]]
    groups = remaining.groupby(["kind", "task", "method", "search", "remark"], sort=False)
    rows = groups.agg(candidates=("candidate", list), seeds=("seed", list)).reset_index()
    rows["program"] = [*map(_programs, rows["candidates"], rows["seeds"])]
    kinds = [f"{kind}: {what}" for kind, what in MEANINGS.items() if any(r.kind == kind for r in remarks)]
    shown = (
        words("kind", "kind", merged=True),
        words("task", "task", merged=True),
        words("method", "method", merged=True),
        dataclasses.replace(searches("search", searching), numeric=False),
        words("program", "program"),
        words("remark", "remark"),
    )
    return Table(
        name="remarks",
        title=TITLES["remarks"],
        caption=TABLES["remarks"].format(kinds="; ".join(kinds) or "none of them known"),
        frame=frame,
        columns=() if rows.empty else shown,
        rows=rows,
    )


def _of_trial(
    trial: Trial, task: str, method: str, search: int, candidate: str | None, seed: int | None
) -> list[Remarked]:
    return [
        Remarked(flag.kind, task, method, search, candidate, seed, trial.hash, flag.message)
        for flag in trial.flags
    ]


def _gravity(kind: str) -> int:
    """The place of a kind; one that this version does not know stands before the harmless ones."""
    known = list(MEANINGS)
    return known.index(kind) if kind in known else known.index(HARMLESS[0])


def _programs(candidates: list[str | None], seeds: list[float | None]) -> str:
    """`candidate 0-1`, `seeds 0, 1, 2`, or how many where they are many."""
    named = {
        "candidate": list(dict.fromkeys(name for name in candidates if not pd.isna(name))),
        "seed": [str(int(seed)) for seed in sorted({seed for seed in seeds if not pd.isna(seed)})],
    }
    parts = []
    for noun, names in named.items():
        if len(names) > MOST_NAMED:
            parts.append(plural(len(names), noun))
        elif names:
            parts.append(f"{noun}{'s' * (len(names) > 1)} {', '.join(names)}")
    return "; ".join(parts)
