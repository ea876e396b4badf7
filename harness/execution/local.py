"""Trials in processes of this machine, a fixed number at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import psutil

from harness.execution.trial_runner import discard, run_trial
from harness.store import Store
from harness.trial import TrialResult, TrialSpec


class Executor(Protocol):
    """Where trials run."""

    def submit(self, spec: TrialSpec, label: str) -> Future[TrialResult]:
        """Start a trial, or find its result: a trial is done once, however often it is asked for.

        `label` is what people are shown, e.g. `ant human seed 0`.
        """

    def stop(self) -> None:
        """Give up what is running and waiting; finished trials stay."""


@dataclass
class Listener:
    """Called from the executor's threads as trials go on; does nothing unless told to."""

    epoch: Callable[[TrialSpec, int], None] = lambda spec, epoch: None
    done: Callable[[TrialSpec, str, TrialResult], None] = lambda spec, label, result: None


class LocalExecutor:
    """`jobs` trials at a time, each with `threads` physics threads, results in `store`.

    By default one single-threaded trial per core: measured faster than fewer trials with more threads,
    since the policy updates between the physics hardly parallelise.
    """

    def __init__(self, store: Store, jobs: int | None = None, listener: Listener | None = None) -> None:
        cores = available_cores()
        self.jobs = jobs or cores
        self.threads = max(1, cores // self.jobs)
        self._memory = int(0.9 * psutil.virtual_memory().total / self.jobs)
        self._store = store
        self._listener = listener or Listener()
        self._pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="trial")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._futures: dict[str, Future[TrialResult]] = {}

    def submit(self, spec: TrialSpec, label: str) -> Future[TrialResult]:
        """Start a trial, or return the future of the one that is the same."""
        with self._lock:
            future = self._futures.get(spec.hash)
            if future is None:
                result = self._store.result(spec.hash)
                if result is None:
                    future = self._pool.submit(self._run, spec, label)
                else:
                    future = Future()
                    future.set_result(result)
                    self._listener.done(spec, label, result)
                self._futures[spec.hash] = future
            return future

    def stop(self) -> None:
        """Give up what is running and waiting; finished trials stay."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, spec: TrialSpec, label: str) -> TrialResult:
        folder = self._store.begin_trial(spec)
        try:
            done = run_trial(
                spec,
                folder,
                self.threads,
                self._memory,
                self._stop,
                lambda epoch: self._listener.epoch(spec, epoch),
            )
        except BaseException:
            discard(folder)
            raise
        result = self._store.finish_trial(spec, done)
        self._listener.done(spec, label, result)
        return result


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
