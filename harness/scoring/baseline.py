"""Baseline files: the scores of a run, what they were made with, and a margin, in one reviewed JSON file.

```
schema   1
margin   the largest drop of the normalised score that passes
run      run.json of the run: budget, engine, precision, protocol, tasks with the digests of their code, versions
scores   task → method → searches: index, reward_score, trials: seed, trial (key), status, f (a failed one's floor)
seal     SHA-256 of all that
```

A baseline whose content is not that of its seal is refused: a number in it changes by `--update` alone, and shows as a
changed file in the review.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.errors import EnvironmentProblem, UserError
from harness.fields import Damaged, finite, line, mapping, objects, text, whole
from harness.files import read_json
from harness.scoring.load import read_run
from harness.scoring.rundata import RunData
from harness.scoring.scores import floor
from harness.scoring.searchdata import Search, Trial
from harness.scoring.settings import settings_of
from harness.seal import is_sealed, sealed

SCHEMA: Final = 1
RUN_JSON: Final = "run.json"


def load_side(path: Path) -> tuple[RunData, float | None]:
    """A run folder or a baseline file, and the margin that a baseline declares.

    UserError if it is neither, or of another schema; EnvironmentProblem if it was altered or cannot be read.
    """
    if path.is_dir():
        return read_run(path), None
    return read_baseline(path)


def baseline_of(folder: Path, margin: float) -> dict[str, Any]:
    """The content of the baseline file of a run folder.

    UserError if something of the run is missing, was altered or stopped early: a baseline is whole.
    """
    run = read_run(folder)
    scores: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for task in run.tasks:
        for method in (name for slug, name in run.expected if slug == task.slug):
            searches, seeds = run.expected[task.slug, method]
            found = run.of(task.slug, method)
            whole_ones = [search for search in found if not (search.altered or search.stopped)]
            if len(whole_ones) < searches or any(not _is_whole(search, seeds) for search in whole_ones):
                raise UserError(
                    f"{folder} lacks trials of {method} on {task.slug}, or has altered ones: a baseline is of a whole "
                    "run; run the same command again, which does what is missing"
                )
            low = floor(run, task, method)
            scores.setdefault(task.slug, {})[method] = [_written(search, low) for search in found]
    return sealed({"schema": SCHEMA, "margin": margin, "run": read_json(folder / RUN_JSON), "scores": scores})


def read_baseline(path: Path) -> tuple[RunData, float]:
    """A baseline file as the run it is of, and its margin. Errors: see `load_side`."""
    if not path.is_file():
        raise UserError(f"no run folder or baseline file {path}: name one that `run` or `--update` wrote")
    raw = read_json(path)
    found = raw.get("schema") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or "scores" not in raw:
        raise UserError(f"{path} is no baseline file: write one with --update")
    if found != SCHEMA:
        raise UserError(
            f"{path} has schema {line(repr(found), 40)}, expected {SCHEMA}: write it again with --update"
        )
    if not is_sealed(raw):
        raise EnvironmentProblem(
            f"{path} is not what was written (its content is not that of its seal): restore it from version control, "
            "or write it again with --update"
        )
    settings = settings_of(raw.get("run"), path)
    try:
        margin = finite(raw.get("margin"))
        if margin is None or margin < 0:
            raise Damaged(f"margin: expected a number of 0 or more, found {line(raw.get('margin'), 40)}")
        scores = mapping(raw, "scores")
        searches = {
            (slug, method): tuple(
                _read(slug, method, part) for part in objects(mapping(scores, slug), method)
            )
            for slug, method in settings.expected
        }
    except Damaged as error:
        raise EnvironmentProblem(f"{path} is damaged ({error}): write it again with --update") from error
    run = RunData(
        configs=((line(path.name, 80), settings.config),),
        tasks=settings.tasks,
        methods=settings.methods,
        searches=searches,
        expected=settings.expected,
    )
    return run, margin


def _is_whole(search: Search, seeds: int) -> bool:
    done = [trial for trial in search.finals if not (trial.missing or trial.altered)]
    return search.failed or len(done) >= max(seeds, len(search.finals))


def _written(search: Search, low: float) -> dict[str, Any]:
    return {
        "index": search.index,
        "status": search.status,
        "reward_score": search.reward_score,
        "trials": [
            {"seed": t.seed, "trial": t.hash, "status": t.status, "f": low if t.f is None else t.f}
            for t in search.finals
        ],
    }


def _read(task: str, method: str, raw: Mapping[str, Any]) -> Search:
    finals = tuple(
        Trial(text(part, "trial"), whole(part, "seed"), text(part, "status"), f=_score(part))
        for part in objects(dict(raw), "trials")
    )
    return Search(
        task=task,
        method=method,
        index=whole(raw, "index"),
        status=text(raw, "status"),
        error=None,
        program=None,
        best=None,
        reward_score=finite(raw.get("reward_score")),
        iterations=(),
        finals=finals,
    )


def _score(raw: Mapping[str, Any]) -> float:
    value = finite(raw.get("f"))
    if value is None:
        raise Damaged("f: expected a number")
    return value
