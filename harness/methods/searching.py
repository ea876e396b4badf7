"""One search of a run: its tools, and what is kept of it when it cannot go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import CannotWrite, Lost, UserError
from harness.methods.contract import Outcome, Problem, SearchMethod
from harness.proposers import Answer, Proposer, Request
from harness.records import SearchRecord
from harness.trial import TrialResult, TrialSpec

log = logging.getLogger(__name__)


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
    label: str
    """Of this search, for people."""
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
        for name, program in programs.items():
            whole, label = self.make_spec(program), f"{self.label} candidate {name}"
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
        self.saved = record
        self.write(record)

    def _outcome(self, future: Future[TrialResult], *, half: bool) -> Future[Outcome]:
        return _Then(
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


class _Then(Future[Outcome]):
    """What a function makes of another future's result, when that is there."""

    def __init__(self, future: Future[TrialResult], make: Callable[[TrialResult], Outcome]) -> None:
        super().__init__()
        self.set_running_or_notify_cancel()

        def done(finished: Future[TrialResult]) -> None:
            try:
                self.set_result(make(finished.result()))
            except BaseException as error:  # of the trial, cancelled ones included
                self.set_exception(error)

        future.add_done_callback(done)


def run_search(
    method: SearchMethod, problem: Problem, tools: RunTools, answered: Callable[[], bool]
) -> SearchRecord:
    """The record of a search (without final trainings).

    Its status is `ok`, `failed` (no program could be trained) or `stopped`: it could not go on, by what `error` says;
    what it has saved until then counts, and running it again goes on. Where nothing was ever `answered`, the reason
    is raised.
    """
    try:
        return method.search(problem, tools)
    except CannotWrite:
        raise
    except (UserError, Lost) as error:
        saved = tools.saved
        if (saved is None or not saved.iterations) and not answered():
            raise
        return replace(saved or problem.record(), status="stopped", error=str(error))
