"""What a race would have lost and saved in searches that trained every candidate: `python -m benchmarks.racing RUN`.

Each candidate's policy at half its training is evaluated as a race evaluates it. Then, iteration by iteration: does the
candidate that was best in the end go on, and what is lost where it does not? Rank correlations with F at the end say
what ranks candidates: F at half, or the fitness that the training itself logged, at half and at its end.
"""

import csv
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from scipy.stats import spearmanr

from harness.files import read_json
from harness.methods.racing import ranked
from harness.registry import load_task, resolve
from harness.store import Store
from harness.training.evaluate import evaluate
from harness.training.schedule import halfway, halfway_evaluation
from harness.trial import TrialSpec

HEAD = (
    "task",
    "search",
    "iteration",
    "candidates",
    "go on",
    "best goes on",
    "lost",
    "range",
    "half",
    "curve",
    "end of curve",
)


@dataclass(frozen=True)
class Place:
    """How one candidate stands."""

    half: float
    """F at half its training."""
    end: float
    """F at the end."""
    logged: tuple[float, float]
    """The fitness in training, at half and at the end."""
    goes_on: bool


def main() -> None:
    """One row per iteration of each search of the runs, and their sums."""
    torch.set_num_threads(1)
    iterations = [row for folder in sys.argv[1:] for row in _run(Store(Path(folder)))]
    print(" | ".join(HEAD))
    for where, places in iterations:
        best, kept = max(places, key=lambda p: p.end), [p for p in places if p.goes_on]
        lost = best.end - max(p.end for p in kept)
        spread = best.end - min(p.end for p in places)
        marks = (_rank(places, "half"), _rank(places, 0), _rank(places, 1))
        numbers = [f"{value:.3g}" for value in (lost, spread, *marks)]
        print(
            " | ".join([*where, str(len(places)), str(len(kept)), "yes" if best.goes_on else "no", *numbers])
        )
    total = sum(len(places) for _, places in iterations)
    kept = sum(place.goes_on for _, places in iterations for place in places)
    whole = sum(max(places, key=lambda p: p.end).goes_on for _, places in iterations)
    print(
        f"{total} candidates, {kept} go on: {0.5 + 0.5 * kept / total:.3f} of the training; "
        f"the best one goes on in {whole} of {len(iterations)} iterations"
    )


def _run(store: Store) -> list[tuple[tuple[str, ...], list[Place]]]:
    found = []
    for path in sorted(store.searches.glob("*/search.json")):
        record = read_json(path)
        for iteration in record["iterations"]:
            candidates = [dict(c) for c in iteration["candidates"] if c["f"] is not None]
            if len(candidates) < 2:
                continue
            ends = {c["id"]: c["f"] for c in candidates}
            for candidate in candidates:
                f = _f_at_half(store.trial_folder(candidate["trial"]), record["task"])
                candidate |= {"f": f, "half": {"trial": candidate["trial"], "f": f}}
            order = [c["id"] for c in ranked(candidates)]
            going_on = set(order[: (len(order) + 1) // 2])
            places = [
                Place(c["f"], ends[c["id"]], _logged(store.trial_folder(c["trial"])), c["id"] in going_on)
                for c in candidates
            ]
            found.append(((record["task"], str(record["search"]), str(iteration["index"])), places))
    return found


def _f_at_half(folder: Path, slug: str) -> float:
    spec = TrialSpec.from_dict(read_json(folder / "spec.json"), resolve(slug))
    worlds = halfway_evaluation(spec.budget_name).last
    number = len([f for f in folder.glob("checkpoints/*.pt") if f.stem != "00"]) // 2
    rows = evaluate(
        load_task(spec.task), {folder / "checkpoints" / f"{number:02d}.pt": worlds}, spec.evaluation_seed
    )
    assert rows[0]["epoch"] == halfway(spec.budget.epochs)
    return float(rows[0]["f"])


def _logged(folder: Path) -> tuple[float, float]:
    with (folder / "curve.csv").open(newline="") as file:
        series = [float(row["f"]) for row in csv.DictReader(file)]
    return series[halfway(len(series)) - 1], series[-1]


def _rank(places: list[Place], what: Any) -> float:
    """Spearman's correlation with F at the end."""
    values = [p.half if what == "half" else p.logged[what] for p in places]
    ends = [p.end for p in places]
    if len(set(values)) < 2 or len(set(ends)) < 2:
        return math.nan
    return float(spearmanr(values, ends).statistic)


if __name__ == "__main__":
    main()
