"""The animated pictures of a run."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from harness import terminal
from harness.errors import EnvironmentProblem
from harness.execution.contract import Executor
from harness.identity import TaskId
from harness.plan import Plan
from harness.records import SearchRecord
from harness.rendering import draw
from harness.scoring.median import median_trial
from harness.seeds import Role, derive
from harness.store import Store

MOST_LARGE_PICTURES = 30
"""About 8 MB on a page."""


class Rollouts:
    """A picture of each method's median final policy on each task, drawn where and when no trial needs the place.

    Where they are many, small ones, so that a page can hold them.
    """

    def __init__(self, plan: Plan, store: Store, executor: Executor) -> None:
        self._tasks = {task.slug: task for task in plan.tasks}
        self._searches = dict.fromkeys(plan.searching, plan.searches)
        pairs = sum(len(plan.fixed(task)) + len(plan.searching) for task in plan.tasks)
        self._small = pairs > MOST_LARGE_PICTURES
        self._store = store
        self._executor = executor
        self._failed = threading.Event()
        self._lock = threading.Lock()
        self._records: defaultdict[tuple[str, str], list[SearchRecord]] = defaultdict(list)
        self._begun: set[Path] = set()
        self._drawing: list[Future[None]] = []

    def finished(self, records: Sequence[SearchRecord]) -> None:
        """Searches (or methods that do not search) whose final trials are done."""
        with self._lock:
            for record in records:
                task, method = record.task, record.method
                done = self._records[task, method]
                done.append(record)
                if len(done) == self._searches.get(method, 1):
                    self._begin(self._tasks[task], done)

    def wait(self) -> str | None:
        """Until all are drawn. Returns why not, if one cannot be."""
        try:
            for future in self._drawing:
                terminal.wait_for([future])
                future.result()
        except EnvironmentProblem as error:
            return str(error)
        return None

    def _begin(self, task: TaskId, records: Sequence[SearchRecord]) -> None:
        policy = self._median_policy(records)
        if policy is None:
            return
        picture = policy.parent.parent / "rollout.webp"
        if not picture.exists() and picture not in self._begun:  # methods may share a trial
            self._begun.add(picture)
            self._drawing.append(self._executor.spare(partial(self._draw, task, policy, picture)))

    def _draw(self, task: TaskId, policy: Path, picture: Path, stop: threading.Event) -> None:
        if self._failed.is_set():
            return
        try:
            seed = derive(Role.ROLLOUT, task.slug)
            draw(task, picture, policy, seed=seed, small=self._small, stop=stop)
        except EnvironmentProblem:
            self._failed.set()
            raise

    def _median_policy(self, records: Sequence[SearchRecord]) -> Path | None:
        """The checkpoint whose trial is in the middle by score; None where no trial has one."""
        results = [self._store.result(final.trial) for record in records for final in record.finals]
        median = median_trial(result for result in results if result is not None)
        if median is None:
            return None
        return max(self._store.trial_folder(median.hash).glob("checkpoints/*.pt"), default=None)
