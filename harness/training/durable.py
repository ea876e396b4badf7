"""Files that are whole or not there, also after a power cut."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_durably(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path`, which takes its place once it is on disk.

    The other file has the same stem: torch writes that into a checkpoint.
    """
    temporary = path.with_suffix(".tmp")
    write(temporary)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
