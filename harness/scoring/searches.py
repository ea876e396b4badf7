"""Searches of a run folder: their records, checked against themselves, their trials and the journal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import EnvironmentProblem
from harness.repetitions import repetitions
from harness.scoring.evidence import Place
from harness.scoring.fields import (
    Damaged,
    finite,
    line,
    mapping,
    objects,
    optional_text,
    read_object,
    text,
    whole,
)
from harness.scoring.journal_usage import JournalData
from harness.scoring.rundata import FIXED, Config
from harness.scoring.searchdata import Candidate, Iteration, Search, Trial
from harness.scoring.settings import SCHEMA
from harness.scoring.task_info import TaskInfo
from harness.scoring.trials import Trials, problem
from harness.seal import is_sealed

STATUSES = ("ok", "failed", "stopped")
LONGEST_ERROR = 2000


@dataclass(frozen=True)
class Cell:
    """What of a run a search belongs to."""

    task: TaskInfo
    method: str
    index: int
    seeds: int
    config: Config

    @property
    def searching(self) -> bool:
        """Whether its method searches."""
        return self.method not in FIXED and self.method not in self.config.given


class _Altered(Exception):
    """A record that is not to be believed, and why."""


def read_search(path: Path, cell: Cell, trials: Trials, journal: JournalData | None) -> Search | None:
    """The search of a cell from its search.json; None if there is none.

    Status `altered`, and nothing else, if the record is not to be believed. EnvironmentProblem if a file is damaged.
    """
    if not path.is_file():
        return None
    raw = read_object(path)
    try:
        if not is_sealed(raw):
            raise _Altered("search.json is not what was stored")
        return _search(raw, cell, trials, journal)
    except Damaged as error:
        raise EnvironmentProblem(f"{path} is damaged ({error}): delete it and run again") from error
    except _Altered as error:
        return Search(
            cell.task.slug, cell.method, cell.index, "altered", str(error), None, None, None, (), ()
        )


def _search(raw: Mapping[str, Any], cell: Cell, trials: Trials, journal: JournalData | None) -> Search:
    named = [raw.get(name) for name in ("task", "method", "search")]
    if named != [cell.task.slug, cell.method, cell.index]:
        raise _Altered(f"search.json is of {line(' '.join(map(str, named)), 80)}")
    if raw.get("schema") != SCHEMA:
        raise _Altered(f"search.json is of schema {line(raw.get('schema'), 20)}, not {SCHEMA}")
    status, error = text(raw, "status"), optional_text(raw, "error")
    if status not in STATUSES:
        raise Damaged(f"status: expected {', '.join(STATUSES)}, found {line(status, 40)!r}")
    iterations = tuple(_iteration(part, cell, trials) for part in objects(raw, "iterations"))
    status, error = _settings(raw, cell, len(iterations), status, error)
    program, best = optional_text(raw, "program"), optional_text(raw, "best")
    score = finite(raw.get("reward_score"))
    search = Search(
        task=cell.task.slug,
        method=cell.method,
        index=cell.index,
        status=status,
        error=None if error is None else line(error, LONGEST_ERROR),
        program=program,
        best=best,
        reward_score=score,
        iterations=iterations,
        finals=(),
    )
    _consistent(search, cell)
    if journal is not None and journal.broken is None:
        _answered(search, objects(raw, "iterations"), journal)
    chosen = search.candidates.get(best or "")
    if chosen is not None and chosen.f is None:  # its trial was altered
        search = replace(search, reward_score=None)
    return replace(search, finals=_finals(raw, cell, trials, program))


def _settings(
    raw: Mapping[str, Any], cell: Cell, done: int, status: str, error: str | None
) -> tuple[str, str | None]:
    """The status of a search and why, its settings compared with the run's.

    One of fewer iterations than run.json asks for by now has not come to its end.
    """
    settings = None if raw.get("settings") is None else mapping(raw, "settings")
    if not cell.searching:
        if settings is not None or done:
            raise _Altered(f"search.json tells of a search, which {cell.method} is not")
        return status, error
    wanted = dict(cell.config.search or {})
    asked = whole(wanted, "iterations")
    if settings is None or {**settings, "iterations": 0} != {**wanted, "iterations": 0}:
        raise _Altered("its settings are not those of run.json")
    if not done <= whole(settings, "iterations") <= asked:
        raise _Altered("it has more iterations than run.json asks for")
    if status == "ok" and done < asked:
        return "stopped", "run.json asks for more by now; running the same command again goes on"
    return status, error


def _iteration(raw: Mapping[str, Any], cell: Cell, trials: Trials) -> Iteration:
    index = whole(raw, "index")
    messages = objects(raw, "messages")
    return Iteration(
        index=index,
        messages=tuple((text(m, "role"), text(m, "content")) for m in messages),
        best=optional_text(raw, "best"),
        best_so_far=optional_text(raw, "best_so_far"),
        candidates=tuple(_candidate(part, index, cell, trials) for part in objects(raw, "candidates")),
    )


def _candidate(raw: Mapping[str, Any], index: int, cell: Cell, trials: Trials) -> Candidate:
    source, status, f = optional_text(raw, "source"), text(raw, "status"), finite(raw.get("f"))
    name = text(raw, "id")
    trial = half = None
    if raw.get("trial") is not None:
        place = Place(cell.task, cell.method, "search", cell.index, source, cell.config)
        trial, half = _trials_of(raw, place, trials)
        outcome = ("dropped", None) if trial is half and trial.ok else (trial.status, trial.f)
        if trial.altered:
            status, f = "altered", None
        elif not trial.missing and (status, f) != outcome:
            raise _Altered(f"candidate {line(name, 20)} is not what its trial says")
    elif status in ("ok", "dropped") or f is not None:
        raise _Altered(f"candidate {line(name, 20)} has a score without a trial")
    return Candidate(
        id=name,
        iteration=index,
        attempt=whole(raw, "attempt"),
        parent=optional_text(raw, "parent"),
        answer=text(raw, "answer"),
        source=source,
        status=status,
        error=trial.error if trial is not None and trial.altered else problem(raw.get("error")),
        f=f,
        feedback=optional_text(raw, "feedback"),
        trial=trial,
        half=half,
    )


def _trials_of(raw: Mapping[str, Any], place: Place, trials: Trials) -> tuple[Trial, Trial | None]:
    """The trial of a candidate, and the first half of it where candidates raced: the same where it ended there."""
    if raw.get("half") is None:
        return trials.read(raw["trial"], place.seed, place, curve=False), None
    said = mapping(raw, "half")
    half = trials.read(said.get("trial"), place.seed, replace(place, half=True), curve=False)
    if not (half.missing or half.altered) and half.ok and finite(said.get("f")) != half.f:
        raise _Altered(f"candidate {line(text(raw, 'id'), 20)} is not what half its training says")
    if said.get("trial") == raw["trial"]:
        return half, half
    return trials.read(raw["trial"], place.seed, place, curve=False), half


def _consistent(search: Search, cell: Cell) -> None:
    """_Altered unless the outcome of a search is that of its candidates."""
    if not cell.searching:
        if search.program is None:
            raise _Altered("search.json has no program")
        return
    if len(search.candidates) < sum(len(iteration.candidates) for iteration in search.iterations):
        raise _Altered("two of its candidates have one name")
    for iteration in search.iterations:
        dropped = [c.half_f for c in iteration.candidates if c.dropped and c.half_f is not None]
        kept = [c.half_f for c in iteration.candidates if not c.dropped and c.trial is not c.half]
        if dropped and max(dropped) > min((f for f in kept if f is not None), default=math.inf):
            raise _Altered("its race dropped a better candidate than one that went on")
    best = search.candidates.get(search.best or "")
    if best is None:
        if search.program is not None or search.reward_score is not None or search.status == "ok":
            raise _Altered("its program is none of its candidates'")
        if any(candidate.f is not None for candidate in search.candidates.values()):
            raise _Altered("it names no best candidate although there is one")
        return
    if search.status == "failed" or best.source is None or search.program != best.source:
        raise _Altered("its program is not that of its best candidate")
    if best.status == "altered":
        return
    scores = [candidate.f for candidate in search.candidates.values() if candidate.f is not None]
    if best.f is None or search.reward_score != best.f or best.f < max(scores):
        raise _Altered("its score is not that of its best candidate")


def _answered(search: Search, raw: list[dict[str, Any]], journal: JournalData) -> None:
    """_Altered unless the journal holds the answer of every candidate."""
    for iteration in raw:
        for part in objects(iteration, "candidates"):
            attempt = whole(part, "attempt")
            response = whole(part, "response") if attempt else None
            place = (search.task, search.method, search.index, whole(iteration, "index"), attempt, response)
            if text(part, "answer") not in journal.answers.get(place, ()):
                raise _Altered(f"the answer of candidate {line(part['id'], 20)} is not in the journal")


def _finals(raw: Mapping[str, Any], cell: Cell, trials: Trials, program: str | None) -> tuple[Trial, ...]:
    parts = sorted(objects(raw, "finals"), key=lambda part: whole(part, "seed"))
    seeds = [part["seed"] for part in parts]
    asked = repetitions(cell.config.first_seed, cell.index, cell.seeds)
    if len(set(seeds)) < len(seeds) or any(seed not in asked for seed in seeds):
        raise _Altered("it names other final trials than run.json asks for")
    if parts and program is None:
        raise _Altered("it has final trials without a program")
    place = {seed: Place(cell.task, cell.method, "final", seed, program, cell.config) for seed in seeds}
    return tuple(
        trials.read(part.get("trial"), part["seed"], place[part["seed"]], curve=True) for part in parts
    )
