"""A trial under way: its working folder, as an interrupted process may have left it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from harness.files import write_json
from harness.keys import trial_key
from harness.seal import TRAINED
from harness.trial import TrialSpec

OF_TRAINING = ("graph.json", "human_graph.json", "training.json", *TRAINED)
"""Files of a training, beside its checkpoints."""
STATE = "state.pt"
"""From where a training goes on that was interrupted or broken off."""
SCRATCH = ("error.json", "times.json", "heartbeat", STATE)
"""Files of a trial under way that a finished one does not keep."""


def begin(folder: Path, spec: TrialSpec, trained: Path | None) -> None:
    """Make the working folder of a trial, the training taken over from the finished trial in `trained`."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "checkpoints").mkdir(parents=True)
    if trained is not None:
        _take_over(trained, folder)
    write_json(folder / "spec.json", spec.to_dict())


def go_on_from(broken_off: Path, folder: Path, whole: TrialSpec) -> None:
    """Make the working folder of the trial that goes on where the one in `broken_off` ended."""
    made = folder.with_name(f"{whole.hash}.new")
    for remains in (folder, made):
        shutil.rmtree(remains, ignore_errors=True)
    (made / "checkpoints").mkdir(parents=True)
    files = [*sorted(broken_off.glob("checkpoints/*.pt")), broken_off / STATE]
    _link([path for path in files if path.is_file()], broken_off, made)
    write_json(made / "spec.json", whole.to_dict())
    made.rename(folder)


def is_begun(folder: Path, spec: TrialSpec) -> bool:
    """Whether a folder is the one of this trial."""
    try:
        found = trial_key(json.loads((folder / "spec.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return found == spec.hash


def _take_over(trained: Path, folder: Path) -> None:
    """The files of a training."""
    files = [trained / name for name in OF_TRAINING] + sorted(trained.glob("checkpoints/*.pt"))
    _link([path for path in files if path.is_file()], trained, folder)


def _link(files: Iterable[Path], source: Path, target: Path) -> None:
    """Files of one folder in the same places of another: links where the disk can."""
    for path in files:
        there = target / path.relative_to(source)
        try:
            os.link(path, there)
        except OSError:
            shutil.copyfile(path, there)
