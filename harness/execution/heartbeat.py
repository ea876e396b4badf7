"""How far a trial's process has come: a file of sixteen bytes in the trial's folder.

A file, so that a process of another interpreter, or on another machine that shares the folder, can be watched in the
same way. One process writes it, any number may read; a record is written by one call, and one that is not whole is no
news.
"""

from __future__ import annotations

import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "heartbeat"
EVERY_S: Final = 0.5
"""So often at most: a control step may take microseconds."""
_RECORD: Final = struct.Struct("<qq")


@dataclass(frozen=True)
class Beat:
    """What a heartbeat says."""

    steps: int
    """Control steps of all worlds so far."""
    epochs: int
    """Epochs of a training so far."""


class Heartbeat:
    """Written by the process that works."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._steps = self._epochs = 0
        self._next = 0.0
        self._write()

    def step(self) -> None:
        """One more control step."""
        self._steps += 1
        if time.monotonic() >= self._next:
            self._write()

    def epoch(self, epoch: int) -> None:
        """So many epochs are done."""
        self._epochs = epoch
        self._write()

    def _write(self) -> None:
        os.pwrite(self._file, _RECORD.pack(self._steps, self._epochs), 0)
        self._next = time.monotonic() + EVERY_S


def last_beat(folder: Path) -> Beat | None:
    """The newest heartbeat in a trial's folder; None if there is none."""
    try:
        data = (folder / FILE).read_bytes()
    except OSError:
        return None
    return Beat(*_RECORD.unpack(data)) if len(data) == _RECORD.size else None


def forget_beat(folder: Path) -> None:
    """Remove the heartbeat of a process that has ended."""
    (folder / FILE).unlink(missing_ok=True)
