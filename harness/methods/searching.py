"""One search of a run: its tools, and what is kept of it when it cannot go on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import CannotWrite, Lost, UserError
from harness.fields import Damaged
from harness.methods.contract import Outcome, Problem, SearchMethod
from harness.proposers import Answer, Proposer, Request
from harness.records import SearchRecord, read_record
from harness.trial import TrialResult, TrialSpec

log = logging.getLogger(__name__)
BEGIN = "begin with problem.record()"


@dataclass
class RunTools:
    """The tools of a search, made of the parts of a run."""

    proposer: Proposer
    make_spec: Callable[[str], TrialSpec]
    """Reward program → the trial that measures it inside this search."""
    submit: Callable[[TrialSpec, str], Future[TrialResult]]
    """Start a trial, under a label for people."""
    give_up: Callable[[TrialSpec], None]
    """Forget what was begun of a trial."""
    trial_folder: Callable[[str], Path]
    write: Callable[[SearchRecord], None]
    place: tuple[str, str, int]
    """Task, method and number of this search."""
    saved: SearchRecord | None = None
    """The newest record that was saved."""
    trained: set[str] = field(default_factory=set)
    """Trials that were trained to their end."""

    def propose(self, request: Request) -> list[Answer]:
        """See `Tools`."""
        return self.proposer.propose(request)

    def train(self, programs: Mapping[str, str], *, half: bool = False) -> dict[str, Future[Outcome]]:
        """See `Tools`."""
        found = {}
        task, method, index = self.place
        for name, program in programs.items():
            whole, label = self.make_spec(program), f"{task} {method} search {index} candidate {name}"
            broken_off = whole.half if half else None
            if broken_off is None:
                self.trained.add(whole.hash)
                found[name] = self._outcome(self.submit(whole, label), half=False)
            else:
                found[name] = self._outcome(self.submit(broken_off, f"{label} at half"), half=True)
        return found

    def forget(self, program: str) -> None:
        """See `Tools`; what another candidate with the same program has trained stays."""
        spec = self.make_spec(program)
        if spec.hash not in self.trained:
            self.give_up(spec)

    def save(self, record: SearchRecord) -> None:
        """See `Tools`."""
        if (record.task, record.method, record.search) != self.place:
            raise UserError(f"method {self.place[1]} saved the record of another search: {BEGIN}")
        self.saved = record
        self.write(record)

    def _outcome(self, future: Future[TrialResult], *, half: bool) -> Future[Outcome]:
        return _then(
            future,
            lambda result: Outcome(
                trial=result.hash,
                status=result.status,
                f=result.f,
                error=result.error,
                flags=result.flags,
                half=half,
                folder=self.trial_folder(result.hash),
            ),
        )


def _then(future: Future[TrialResult], make: Callable[[TrialResult], Outcome]) -> Future[Outcome]:
    """What a function makes of another future's result, when that is there."""
    made: Future[Outcome] = Future()
    made.set_running_or_notify_cancel()

    def done(finished: Future[TrialResult]) -> None:
        try:
            made.set_result(make(finished.result()))
        except BaseException as error:  # of the trial, cancelled ones included
            made.set_exception(error)

    future.add_done_callback(done)
    return made


def run_search(
    method: SearchMethod, problem: Problem, tools: RunTools, answered: Callable[[], bool]
) -> SearchRecord:
    """The record of a search (without final trainings).

    Its status is `ok`, `failed` (no program could be trained) or `stopped`: it could not go on, by what `error` says;
    what it has saved until then counts, and running it again goes on. Where nothing was ever `answered`, the reason
    is raised. An exception of the method's own is such a reason too.
    """
    try:
        return _checked(method.search(problem, tools), problem)
    except CannotWrite:
        raise
    except (UserError, Lost) as error:
        reason: UserError | Lost = error
    except Exception as error:
        log.debug("method %s", problem.method, exc_info=error)
        reason = UserError(f"method {problem.method} raised {_described(error)}")
    saved = tools.saved
    if (saved is None or not saved.iterations) and not answered():
        raise reason
    return replace(saved or problem.record(), status="stopped", error=str(reason))


def _checked(record: object, problem: Problem) -> SearchRecord:
    """What a method gave, if it is the record of this search."""
    if not isinstance(record, SearchRecord):
        raise UserError(
            f"method {problem.method} gave {type(record).__name__}: expected a harness.records.SearchRecord"
        )
    begun = problem.record()
    if replace(begun, task=record.task, method=record.method, search=record.search) != begun:
        raise UserError(f"method {problem.method} gave the record of another search: {BEGIN}")
    if record.settings != begun.settings:
        raise UserError(f"method {problem.method} gave a record with other settings: {BEGIN}")
    try:
        read_record(record.to_dict())
    except (Damaged, TypeError, AttributeError) as error:
        raise UserError(f"method {problem.method} gave a record that cannot be kept: {error}") from error
    if record.status == "ok" and record.program is None:
        raise UserError(f"method {problem.method} found no program: status `failed` says so")
    return record


def _described(error: Exception) -> str:
    """An exception in a line, with where it came from."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said} ({Path(place.filename).name}, line {place.lineno})"
