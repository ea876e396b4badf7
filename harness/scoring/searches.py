"""Searches of a run folder: their records, checked against themselves, their trials and the journal."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from harness import records
from harness.errors import EnvironmentProblem
from harness.fields import Damaged, line, read_object, whole
from harness.records import SCHEMA, SearchRecord, read_record
from harness.repetitions import repetitions
from harness.roles import REFERENCES
from harness.scoring.evidence import Place
from harness.scoring.journal_usage import JournalData
from harness.scoring.rundata import Config
from harness.scoring.searchdata import Candidate, Iteration, Search, Trial
from harness.scoring.task_info import TaskInfo
from harness.scoring.trials import Trials, problem
from harness.seal import is_sealed

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
        return self.method not in REFERENCES and self.method not in self.config.given


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
        if raw.get("schema") != SCHEMA:
            raise _Altered(f"search.json is of schema {line(raw.get('schema'), 20)}, not {SCHEMA}")
        return _search(read_record(raw), cell, trials, journal)
    except Damaged as error:
        raise EnvironmentProblem(f"{path} is damaged ({error}): delete it and run again") from error
    except _Altered as error:
        return Search(
            cell.task.slug, cell.method, cell.index, "altered", str(error), None, None, None, (), ()
        )


def _search(record: SearchRecord, cell: Cell, trials: Trials, journal: JournalData | None) -> Search:
    named = (record.task, record.method, record.search)
    if named != (cell.task.slug, cell.method, cell.index):
        raise _Altered(f"search.json is of {line(' '.join(map(str, named)), 80)}")
    iterations = tuple(_iteration(part, cell, trials) for part in record.iterations)
    status, error = _settings(record, cell)
    search = Search(
        task=record.task,
        method=record.method,
        index=record.search,
        status=status,
        error=None if error is None else line(error, LONGEST_ERROR),
        program=record.program,
        best=record.best,
        reward_score=record.reward_score,
        iterations=iterations,
        finals=(),
    )
    _consistent(search, cell)
    if journal is not None and journal.broken is None:
        _answered(record, journal)
    chosen = search.candidates.get(record.best or "")
    if chosen is not None and chosen.f is None:  # its trial was altered
        search = replace(search, reward_score=None)
    return replace(search, finals=_finals(record, cell, trials))


def _settings(record: SearchRecord, cell: Cell) -> tuple[str, str | None]:
    """The status of a search and why, its settings compared with the run's.

    One of fewer iterations than run.json asks for by now has not come to its end.
    """
    done, settings = len(record.iterations), record.settings
    if not cell.searching:
        if settings is not None or done:
            raise _Altered(f"search.json tells of a search, which {cell.method} is not")
        return record.status, record.error
    wanted = cell.config.settings_of(cell.method)
    asked = whole(wanted, "iterations")
    if settings is None or {**settings, "iterations": 0} != {**wanted, "iterations": 0}:
        raise _Altered("its settings are not those of run.json")
    if not done <= whole(settings, "iterations") <= asked:
        raise _Altered("it has more iterations than run.json asks for")
    if record.status == "ok" and done < asked:
        return "stopped", "run.json asks for more by now; running the same command again goes on"
    return record.status, record.error


def _iteration(record: records.Iteration, cell: Cell, trials: Trials) -> Iteration:
    return Iteration(
        index=record.index,
        messages=tuple((message["role"], message["content"]) for message in record.messages),
        best=record.best,
        best_so_far=record.best_so_far,
        candidates=tuple(_candidate(part, record.index, cell, trials) for part in record.candidates),
    )


def _candidate(record: records.Candidate, index: int, cell: Cell, trials: Trials) -> Candidate:
    status, f = record.status, record.f
    trial = half = None
    if record.trial is not None:
        place = Place(cell.task, cell.method, "search", cell.index, record.source, cell.config)
        trial, half = _trials_of(record, place, trials)
        outcome = ("dropped", None) if trial is half and trial.ok else (trial.status, trial.f)
        if trial.altered:
            status, f = "altered", None
        elif not trial.missing and (status, f) != outcome:
            raise _Altered(f"candidate {line(record.id, 20)} is not what its trial says")
    elif status in ("ok", "dropped") or f is not None:
        raise _Altered(f"candidate {line(record.id, 20)} has a score without a trial")
    return Candidate(
        id=record.id,
        iteration=index,
        attempt=record.attempt,
        parent=record.parent,
        answer=record.answer,
        source=record.source,
        status=status,
        error=trial.error if trial is not None and trial.altered else problem(record.error),
        f=f,
        feedback=record.feedback,
        trial=trial,
        half=half,
    )


def _trials_of(record: records.Candidate, place: Place, trials: Trials) -> tuple[Trial, Trial | None]:
    """The trial of a candidate, and the first half of it where candidates raced: the same where it ended there."""
    if record.half is None:
        return trials.read(record.trial, place.seed, place, curve=False), None
    half = trials.read(record.half.trial, place.seed, replace(place, half=True), curve=False)
    if not (half.missing or half.altered) and half.ok and record.half.f != half.f:
        raise _Altered(f"candidate {line(record.id, 20)} is not what half its training says")
    if record.half.trial == record.trial:
        return half, half
    return trials.read(record.trial, place.seed, place, curve=False), half


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


def _answered(record: SearchRecord, journal: JournalData) -> None:
    """_Altered unless the journal holds the answer of every candidate."""
    for iteration in record.iterations:
        for candidate in iteration.candidates:
            response = candidate.response if candidate.attempt else None
            where = (record.task, record.method, record.search)
            place = (*where, iteration.index, candidate.attempt, response)
            if candidate.answer not in journal.answers.get(place, ()):
                raise _Altered(f"the answer of candidate {line(candidate.id, 20)} is not in the journal")


def _finals(record: SearchRecord, cell: Cell, trials: Trials) -> tuple[Trial, ...]:
    finals = sorted(record.finals, key=lambda final: final.seed)
    seeds = [final.seed for final in finals]
    asked = repetitions(cell.config.first_seed, cell.index, cell.seeds)
    if len(set(seeds)) < len(seeds) or any(seed not in asked for seed in seeds):
        raise _Altered("it names other final trials than run.json asks for")
    if finals and record.program is None:
        raise _Altered("it has final trials without a program")
    places = [Place(cell.task, cell.method, "final", seed, record.program, cell.config) for seed in seeds]
    return tuple(
        trials.read(final.trial, final.seed, place, curve=True)
        for final, place in zip(finals, places, strict=True)
    )
