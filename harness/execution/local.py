"""Trials in processes of this machine, a fixed number at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

import psutil

from harness import terminal
from harness.errors import Lost
from harness.execution.contract import Listener, Resources, T, Watch
from harness.execution.slots import Slots
from harness.execution.trial_runner import Stopped, run_trial
from harness.machine import available_cores
from harness.reuse import Reuse, stored
from harness.store import Store
from harness.trial import TrialResult, TrialSpec

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often a trial is tried before it counts as lost."""
PAUSES_S = (1.0, 5.0)
"""Before it is tried again: what took its memory may be gone by then."""


CANDIDATE, FINAL, SPARE = (0.0,), (1.0,), (2.0,)
"""How urgent work is."""


class LocalExecutor:
    """`jobs` trials at a time, each with `threads` physics threads, the most urgent first; results in `store`.

    By default one single-threaded trial per core: measured faster than fewer trials with more threads,
    since the policy updates between the physics hardly parallelise.
    """

    def __init__(
        self,
        store: Store,
        jobs: int | None = None,
        listener: Listener | None = None,
        reuse: Reuse | None = None,
        cost: Callable[[TrialSpec], float] = lambda spec: 0.0,
    ) -> None:
        """`cost` says how long a trial takes, compared with others."""
        cores = available_cores()
        self.jobs = jobs or cores
        memory = int(0.9 * psutil.virtual_memory().total / self.jobs)
        self._resources = Resources(max(1, cores // self.jobs), memory)
        self._store = store
        self._listener = listener or Listener()
        self._reuse = reuse or Reuse()
        self._cost = cost
        self._slots = Slots(self.jobs, "trial")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._futures: dict[str, Future[TrialResult]] = {}

    def submit(self, spec: TrialSpec, label: str) -> Future[TrialResult]:
        """Start a trial, or return the future of the one that is the same."""
        with self._lock:
            future = self._futures.get(spec.hash)
            if future is None:
                result = stored(self._store, spec, self._reuse)
                if result is None:
                    self._report_alteration(spec, label)
                    future = self._slots.submit(self._urgency(spec), partial(self._run, spec, label))
                else:
                    future = Future()
                    future.set_result(result)
                    self._listener.found(spec)
                self._futures[spec.hash] = future
            return future

    def stop(self) -> None:
        """Give up what is running and waiting; finished trials stay, and begun ones can be gone on with."""
        self._stop.set()
        self._slots.stop()
        with self._lock:
            futures = list(self._futures.values())
        terminal.wait_for(futures)
        self._slots.join()

    def spare(self, work: Callable[[threading.Event], T]) -> Future[T]:
        """Do something else where a trial would run, when none waits for the place; an event tells it to stop."""
        return self._slots.submit(SPARE, partial(work, self._stop))

    def _urgency(self, spec: TrialSpec) -> tuple[float, ...]:
        """Candidates first, for the rest of their search waits; then the longest, so that all end together."""
        return CANDIDATE if spec.role == "search" else (*FINAL, -self._cost(spec))

    def _report_alteration(self, spec: TrialSpec, label: str) -> None:
        if (self._store.trial_folder(spec.hash) / "done.json").is_file():
            altered = self._store.alteration(spec.hash)
            if altered is not None:
                log.error(
                    "%s: trial %s was altered (%s): it is put aside and done again", label, spec.hash, altered
                )

    def _run(self, spec: TrialSpec, label: str) -> TrialResult:
        folder = self._store.begin_trial(spec)
        watch = Watch(self._stop.is_set, lambda epoch: self._listener.epoch(spec, epoch))
        attempt = 0
        while True:
            attempt += 1
            try:
                done = run_trial(spec, folder, self._resources, watch)
            except Lost as loss:
                self._listener.lost(spec, label, str(loss))
                if attempt == ATTEMPTS:
                    raise Lost(f"{label} was lost {ATTEMPTS} times: {loss}") from loss
                if self._stop.wait(PAUSES_S[attempt - 1]):
                    raise Stopped from loss
            else:
                break
        result = self._store.finish_trial(spec, done)
        self._listener.done(spec, label, result)
        return result
