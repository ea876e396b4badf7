"""How far a trial's process has come: a file of twenty bytes in the trial's folder.

A file, so that a process of another interpreter, or on another machine that shares the folder, can be watched in the
same way. One process writes it, any number may read; what is not whole is no news.
"""

from __future__ import annotations

import struct
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "heartbeat"
EVERY_S: Final = 0.5
"""So often at most: a control step may take microseconds."""
_NUMBERS: Final = struct.Struct("<qq")
_CHECK: Final = struct.Struct("<I")


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
        self._path = folder / FILE
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
        numbers = _NUMBERS.pack(self._steps, self._epochs)
        self._path.write_bytes(
            numbers + _CHECK.pack(zlib.crc32(numbers))
        )  # closed: a shared disk shows it then
        self._next = time.monotonic() + EVERY_S


def last_beat(folder: Path) -> Beat | None:
    """The newest heartbeat in a trial's folder; None if there is none."""
    try:
        data = (folder / FILE).read_bytes()
    except OSError:
        return None
    numbers, check = data[: _NUMBERS.size], data[_NUMBERS.size :]
    whole = len(numbers) == _NUMBERS.size and check == _CHECK.pack(zlib.crc32(numbers))
    return Beat(*_NUMBERS.unpack(numbers)) if whole else None


def forget_beat(folder: Path) -> None:
    """Remove the heartbeat of a process that has ended."""
    (folder / FILE).unlink(missing_ok=True)
