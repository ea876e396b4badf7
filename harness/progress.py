"""What a run shows while it works: trials done, env steps done, time left. Drawn by rich."""

from __future__ import annotations

import threading

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from harness.execution.contract import Listener
from harness.trial import TrialResult, TrialSpec


class RunProgress:
    """A bar over the env steps of all planned trainings, and a line for each that ended."""

    def __init__(self, console: Console, planned_steps: int, planned_trials: int) -> None:
        self.console = console
        self._lock = threading.Lock()
        self._trained: dict[str, int] = {}
        self._ended: set[str] = set()
        self._planned_trials = planned_trials
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[trials]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("training", total=planned_steps, trials=self._trial_counts())

    def __enter__(self) -> RunProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def listener(self) -> Listener:
        """What the executor calls."""
        return Listener(epoch=self._epoch, done=self._done, found=self._found, lost=self._lost)

    def _epoch(self, spec: TrialSpec, epoch: int) -> None:
        self._trained_to(spec, epoch * spec.budget.worlds * spec.budget.horizon)

    def _found(self, spec: TrialSpec) -> None:
        with self._lock:
            self._ended.add(spec.whole.hash)

    def _done(self, spec: TrialSpec, label: str, result: TrialResult) -> None:
        with self._lock:
            self._ended.add(spec.whole.hash)
        self._trained_to(spec, spec.env_steps)
        outcome = f"F = {result.f:.4g}" if result.f is not None else _why(result)
        self.console.print(f"{label}: {outcome}", highlight=False, markup=False, soft_wrap=True)

    def _lost(self, spec: TrialSpec, label: str, why: str) -> None:
        self.console.print(
            f"{label}: lost: {why}", style="yellow", highlight=False, markup=False, soft_wrap=True
        )

    def _trained_to(self, spec: TrialSpec, env_steps: int) -> None:
        with self._lock:
            key = spec.whole.hash  # a training that was broken off goes on
            self._trained[key] = max(env_steps, self._trained.get(key, 0))
            total = sum(self._trained.values())
        self._progress.update(self._task, completed=total, trials=self._trial_counts())

    def _trial_counts(self) -> str:
        ended = len(self._ended)
        return f"{ended}/{max(self._planned_trials, ended)} trials"


def _why(result: TrialResult) -> str:
    error = result.error or {}
    return f"{result.status} ({error.get('kind')}): {error.get('message')}"
