"""What of a run is not as it was stored, in words: for the page, and for the terminal."""

from __future__ import annotations

from harness.scoring.rundata import RunData
from harness.scoring.searchdata import Search, Trial

MOST_NAMED = 3


def alterations(run: RunData) -> list[str]:
    """One line per thing that was altered; [] where all is as it was stored.

    Trials with the same alteration share a line where they are many.
    """
    lines = list(run.alterations)
    trials: dict[str, list[str]] = {}
    for task in run.tasks:
        for method in run.methods:
            for search in run.of(task.slug, method):
                if search.altered:
                    lines.append(f"{where(run, search)}: {search.error}; none of its numbers is used")
                for name, trial in _altered(search):
                    what = trial.error.message if trial.error else "altered"
                    trials.setdefault(what, []).append(f"{where(run, search)}, {name} (trial {trial.hash})")
    for what, places in trials.items():
        if len(places) <= MOST_NAMED:
            lines += [f"{place}: {what}; it is not used" for place in places]
        else:
            named = f"{'; '.join(places[:MOST_NAMED])}; and {len(places) - MOST_NAMED} more"
            lines.append(f"{len(places)} trials ({named}): {what}; they are not used")
    return lines


def where(run: RunData, search: Search) -> str:
    """`human on ant`, or `eureka on ant, search 0`."""
    number = f", search {search.index}" if search.method in run.searching else ""
    return f"{search.method} on {search.task}{number}"


def _altered(search: Search) -> list[tuple[str, Trial]]:
    candidates = search.candidates.values()
    tried = [(f"candidate {c.id}", c.trial) for c in candidates if c.trial is not None]
    tried += [(f"candidate {c.id} at half", c.half) for c in candidates if c.half and c.half is not c.trial]
    finals = [(f"seed {trial.seed}", trial) for trial in search.finals]
    return [(name, trial) for name, trial in [*tried, *finals] if trial.altered]
