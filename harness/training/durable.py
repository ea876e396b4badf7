"""Files that are whole or not there, also after a power cut."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Sequence
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


def write_table(path: Path, head: Sequence[str], rows: Iterable[Iterable[float]]) -> None:
    """Rows of numbers as CSV on disk, with nine significant digits: enough for float32."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([f"{value:.9g}" for value in row] for row in rows)
        file.flush()
        os.fsync(file.fileno())
