"""Crash-safe results on disk: a run's folder, its trials and its searches.

A trial exists if and only if its folder `trials/<key>/` with `done.json` does: it is made elsewhere and
renamed when complete. What is half done stays in `trials/.work/`, and is gone on with.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from harness.checked import Sound, stamp
from harness.errors import EnvironmentProblem, UserError, writing
from harness.fields import Damaged
from harness.files import read_json, sync_folder, write_json
from harness.keys import training_key, trial_key, without_code, without_versions
from harness.records import SearchRecord, read_record
from harness.run_json import check_run_json
from harness.seal import FILES, alteration, file_hashes, is_sealed, sealed
from harness.trial import TrialResult, TrialSpec
from harness.unfinished import SCRATCH, begin, go_on_from, is_begun

log = logging.getLogger(__name__)

WORK = ".work"
"""Folder inside `trials/` for trials under way."""


@dataclass(frozen=True)
class Keys:
    """What a finished trial is known by."""

    training: str
    any_version: str
    """The trial's key, but for the versions of the libraries."""
    any_code: str
    """The same, but for the code too."""

    @classmethod
    def of(cls, spec: dict[str, Any]) -> Keys:
        """The keys of a spec."""
        return cls(training_key(spec), trial_key(without_versions(spec)), trial_key(without_code(spec)))


class Store:
    """The folder of one run. Layout: see the README, section "What a run leaves"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.trials = self.folder / "trials"
        self.searches = self.folder / "searches"
        self.journal = self.folder / "journal.jsonl"
        self.report = self.folder / "report"
        self._lock = threading.Lock()
        self._known_trials: dict[str, Keys] = {}
        self._checked: dict[str, tuple[str, str | None]] = {}
        self._sound = Sound(self.trials / ".checked.json")
        self._reported: set[Path] = set()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the run for this process."""
        for path in (self.trials, self.searches, self.trials / WORK):
            if path.is_symlink():
                raise EnvironmentProblem(
                    f"{path} is a link: a run folder holds its own files; remove the link"
                )
        ours = not self.folder.exists()
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
            yield
        finally:
            self._sound.write()
            if ours:
                self._remove_if_unused()
            lock.release()

    def _remove_if_unused(self) -> None:
        """What was refused before anything began leaves no folder."""
        if (self.folder / "run.json").exists():
            return
        with suppress(OSError):
            for folder in (self.trials, self.searches):
                folder.rmdir()
            if self.journal.exists() and self.journal.read_bytes().count(b"\n") <= 1:  # a header alone
                self.journal.unlink()
            (self.folder / "run.lock").unlink(missing_ok=True)
            self.folder.rmdir()

    def run_record(self) -> dict[str, Any] | None:
        """The content of run.json; None if there is none. UserError if another version wrote it, or it is damaged."""
        path = self.folder / "run.json"
        return check_run_json(read_json(path), path) if path.is_file() else None

    def has_trials(self) -> bool:
        """Whether any trial is complete."""
        return any(self.trials.glob("*/done.json"))

    def finished(self) -> int:
        """How many trials are complete."""
        return sum(1 for _ in self.trials.glob("*/done.json"))

    def trial_folder(self, key: str) -> Path:
        """Where a complete trial lies."""
        return self.trials / key

    def result(self, key: str) -> TrialResult | None:
        """How a trial ended, or None if it has not been done, or is not as it was stored."""
        folder = self.trial_folder(key)
        if not (folder / "done.json").is_file() or self.alteration(key) is not None:
            return None
        return _result(key, read_json(folder / "done.json"))

    def alteration(self, key: str) -> str | None:
        """What of a finished trial is not as it was stored; None if all of it is. Reads its files once, and not
        where they were read before."""
        folder = self.trial_folder(key)
        now = stamp(folder)
        if key not in self._checked or self._checked[key][0] != now:
            found = None if self._sound.has(key, now) else _altered(folder)
            if found is None:
                self._sound.note(key, now)
            self._checked[key] = now, found
        return self._checked[key][1]

    def others(self, spec: TrialSpec) -> list[str]:
        """Finished trials of the same spec but with other versions of the libraries."""
        wanted = Keys.of(spec.to_dict()).any_version
        found = [key for key, other in self._known().items() if other.any_version == wanted]
        return [key for key in found if key != spec.hash and self.alteration(key) is None]

    def of_other_code(self, spec: TrialSpec) -> list[str]:
        """Finished trials of the same spec but with other code, of the harness or of the task, or versions."""
        wanted = Keys.of(spec.to_dict()).any_code
        return [key for key, other in self._known().items() if other.any_code == wanted and key != spec.hash]

    def spec(self, key: str) -> dict[str, Any]:
        """The spec of a finished trial."""
        spec: dict[str, Any] = read_json(self.trial_folder(key) / "spec.json")
        return spec

    def begin_trial(self, spec: TrialSpec) -> Path:
        """The working folder of a trial, with its spec.json: as an interrupted process left it, or a new one.

        Its training is taken over from a finished trial that shares it.
        """
        folder = self.trials / WORK / spec.hash
        with writing(folder):
            if folder.is_symlink():
                folder.unlink()
            if not is_begun(folder, spec):
                begin(folder, spec, self._trained(spec.training))
        return folder

    def finish_trial(self, spec: TrialSpec, done: dict[str, Any]) -> TrialResult:
        """Seal a trial: write done.json last, and move the working folder into place."""
        folder, target = self.trials / WORK / spec.hash, self.trial_folder(spec.hash)
        with writing(target):
            if spec.until is not None and done["status"] == "ok":
                self._hand_over(folder, spec.whole)
            for name in SCRATCH:
                (folder / name).unlink(missing_ok=True)
            done = sealed(done | {FILES: file_hashes(folder)})
            write_json(folder / "done.json", done)
            if target.exists():
                self.set_aside(spec.hash)
            folder.rename(target)
            sync_folder(self.trials)
        self._sound.note(spec.hash, stamp(target))
        return _result(spec.hash, done)

    def _hand_over(self, folder: Path, whole: TrialSpec) -> None:
        """Begin the trial that goes on where the one in `folder` was broken off."""
        target = self.trials / WORK / whole.hash
        if not is_begun(target, whole) and not self.trial_folder(whole.hash).exists():
            go_on_from(folder, target, whole)

    def give_up(self, spec: TrialSpec) -> None:
        """Remove what was begun of a trial, its half having been found wanting."""
        half = spec.half
        folder = None if half is None else self.trial_folder(half.hash)
        sound = (
            half is not None and folder is not None and folder.is_dir() and self.alteration(half.hash) is None
        )
        shutil.rmtree(self.trials / WORK / spec.hash, ignore_errors=True)
        if sound and half is not None and folder is not None:
            self._sound.note(half.hash, stamp(folder))  # which had links to the same files

    def set_aside(self, key: str) -> None:
        """Put what lies in a trial's place under a name that is no trial's."""
        folder = self.trial_folder(key)
        number = 1
        while (aside := folder.with_name(f"{key}.{number}.aside")).exists():
            number += 1
        folder.rename(aside)

    def clear_work(self) -> None:
        """Remove the folder of trials under way if there are none; those of other commands stay."""
        with suppress(OSError):
            (self.trials / WORK).rmdir()

    def search_path(self, task: str, method: str, search: int) -> Path:
        """The record of one search of a method on a task (for fixed programs: of the method itself)."""
        return self.searches / f"{task}-{method}-{search}" / "search.json"

    def search(self, task: str, method: str, search: int) -> SearchRecord | None:
        """The record of a search; None if there is none, or if it is not as it was stored."""
        path = self.search_path(task, method, search)
        if not path.is_file():
            return None
        record = read_json(path)
        if not is_sealed(record):
            if path not in self._reported:
                self._reported.add(path)
                log.error("%s is not what was stored: it is not used", path)
            return None
        try:
            return read_record(record)
        except Damaged as error:
            raise EnvironmentProblem(f"{path} is damaged ({error}): delete it and run again") from error

    def write_search(self, record: SearchRecord) -> None:
        """Write the record of a search."""
        path = self.search_path(record.task, record.method, record.search)
        with writing(path):
            path.parent.mkdir(exist_ok=True)
            write_json(path, sealed(record.to_dict()))

    def final_trial(self, task: str, method: str, seed: int = 0, search: int = 0) -> Path:
        """The folder of a method's final trial on a task (its slug).

        EnvironmentProblem if the run does not hold it.
        """
        record = self.search(task, method, search)
        if record is None:
            raise EnvironmentProblem(f"{self.folder} has no {method} on {task}: run it first")
        finals = {final.seed: final.trial for final in record.finals}
        folder = self.trial_folder(str(finals.get(seed, "")))
        if seed not in finals or not (folder / "done.json").is_file():
            raise EnvironmentProblem(f"{self.folder} has no finished seed {seed} of {method} on {task}")
        altered = self.alteration(folder.name)
        if altered is not None:
            raise EnvironmentProblem(f"{folder} was altered ({altered}): run it again")
        return folder

    def _known(self) -> dict[str, Keys]:
        """The finished trials, by key."""
        with self._lock:
            for folder in self.trials.glob("*/"):
                name = folder.name
                if name not in self._known_trials and "." not in name and (folder / "done.json").is_file():
                    with suppress(UserError, KeyError, TypeError):
                        spec = read_json(folder / "spec.json")
                        if trial_key(spec) == name:
                            self._known_trials[name] = Keys.of(spec)
            return {key: keys for key, keys in self._known_trials.items() if self.trial_folder(key).is_dir()}

    def _trained(self, training: str) -> Path | None:
        """A finished trial with this training, whose files are as they were stored."""
        for key, keys in self._known().items():
            folder = self.trial_folder(key)
            trained = keys.training == training and (folder / "training.json").is_file()
            if trained and self.alteration(key) is None:
                return folder
        return None


def _altered(folder: Path) -> str | None:
    """What of a finished trial is not as it was stored."""
    try:
        return alteration(folder, read_json(folder / "done.json"), read_json(folder / "spec.json"))
    except UserError as error:
        return str(error)


def _result(key: str, done: dict[str, Any]) -> TrialResult:
    return TrialResult(key, done["status"], done["f"], done["error"], tuple(done.get("flags", ())))
