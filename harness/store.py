"""Crash-safe results on disk: a run's folder, its trials and its searches.

A trial exists if and only if its folder `trials/<hash>/` with `done.json` does: it is made elsewhere and
renamed when complete, so an interrupted one leaves nothing that counts.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from harness.errors import EnvironmentProblem, UserError
from harness.registry import task_slug
from harness.trial import TrialResult, TrialSpec

WORK = ".work"
"""Folder inside `trials/` for trials under way."""


class Store:
    """The folder of one run. Layout: see the README, section "What a run leaves"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.trials = self.folder / "trials"
        self.searches = self.folder / "searches"
        self.journal = self.folder / "journal.jsonl"
        self.report = self.folder / "report"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the run for this process, and clear away what an interrupted one left unfinished."""
        try:
            self.trials.mkdir(parents=True, exist_ok=True)
            self.searches.mkdir(exist_ok=True)
            lock = filelock.FileLock(self.folder / "run.lock", timeout=0)
            lock.acquire()
        except filelock.Timeout as error:
            raise EnvironmentProblem(
                f"run folder {self.folder} is in use by another process: wait for it, or choose another --out"
            ) from error
        except OSError as error:
            raise EnvironmentProblem(
                f"cannot write the run folder {self.folder} ({error.strerror}): choose another with --out"
            ) from error
        try:
            shutil.rmtree(self.trials / WORK, ignore_errors=True)
            yield
        finally:
            lock.release()

    def trial_folder(self, trial_hash: str) -> Path:
        """Where a complete trial lies."""
        return self.trials / trial_hash

    def result(self, trial_hash: str) -> TrialResult | None:
        """How a trial ended, or None if it has not been done."""
        path = self.trial_folder(trial_hash) / "done.json"
        if not path.is_file():
            return None
        return _result(trial_hash, read_json(path))

    def begin_trial(self, spec: TrialSpec) -> Path:
        """An empty working folder for a trial, with its spec.json."""
        folder = self.trials / WORK / spec.hash
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "checkpoints").mkdir(parents=True)
        write_json(folder / "spec.json", spec.to_dict())
        return folder

    def finish_trial(self, spec: TrialSpec, done: dict[str, Any]) -> TrialResult:
        """Write done.json last and move the working folder into place."""
        folder = self.trials / WORK / spec.hash
        write_json(folder / "done.json", done)
        target = self.trial_folder(spec.hash)
        if target.exists():  # without done.json: not a trial
            shutil.rmtree(target)
        folder.rename(target)
        sync_folder(self.trials)
        return _result(spec.hash, done)

    def search_path(self, task: str, method: str, search: int) -> Path:
        """The record of one search of a method on a task (for fixed programs: of the method itself)."""
        return self.searches / f"{task_slug(task)}-{method}-{search}" / "search.json"

    def write_search(self, record: dict[str, Any]) -> None:
        """Write the record of a search."""
        path = self.search_path(record["task"], record["method"], record["search"])
        path.parent.mkdir(exist_ok=True)
        write_json(path, record)


def _result(trial_hash: str, done: dict[str, Any]) -> TrialResult:
    flags = tuple(done.get("flags", ()))
    return TrialResult(trial_hash, done["status"], done["f"], done["error"], flags)


def write_json(path: Path, data: Any) -> None:
    """Atomically: a reader sees the old file or the whole new one, also after a power cut."""
    write_text(path, json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Atomically, as `write_json`."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def read_json(path: Path) -> Any:
    """A JSON file of the store; EnvironmentProblem if it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise EnvironmentProblem(
            f"{path} is damaged at line {error.lineno}: delete it and run again"
        ) from error
    except FileNotFoundError as error:
        raise UserError(f"no file {path}: is this a run folder?") from error


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
