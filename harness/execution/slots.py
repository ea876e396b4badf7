"""Work for a fixed number of threads, the most urgent first."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any


@dataclass(order=True)
class _Job:
    urgency: tuple[float, ...]
    """The smallest comes first."""
    number: int
    work: Callable[[], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)


class Slots:
    """`count` threads, each with one job at a time; of those that wait the most urgent is next, then the oldest."""

    def __init__(self, count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._waiting: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()

    def submit(self, urgency: tuple[float, ...], work: Callable[[], Any]) -> Future[Any]:
        """Have `work` done when it is its turn; the smaller `urgency`, the sooner."""
        job = _Job(urgency, next(self._numbers), work, Future())
        self._waiting.put(job)
        self._pool.submit(self._do_next)
        return job.future

    def stop(self) -> None:
        """Give up what waits; what has begun goes on. See `join`."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        while True:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return
            job.future.cancel()
            job.future.set_running_or_notify_cancel()  # those who wait for it are told

    def join(self) -> None:
        """Wait for what has begun."""
        self._pool.shutdown(wait=True)

    def _do_next(self) -> None:
        try:
            job = self._waiting.get_nowait()
        except queue.Empty:  # it was given up
            return
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            result = job.work()
        except BaseException as error:
            job.future.set_exception(error)
        else:
            job.future.set_result(result)
