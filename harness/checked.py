"""Which finished trials were found to be as they were stored, so that their files need not be read each time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.seal import is_result

SEAL_ITSELF = "done.json"
"""It holds the hashes of a trial's files, and is a part of what was found sound."""


def stamp(folder: Path) -> str:
    """Changes when a file of a folder does: names, sizes, inodes and times, the one that no program can set too."""
    return hashlib.sha256(
        "\n".join(sorted(_files(str(folder), ""))).encode(errors="surrogatepass")
    ).hexdigest()


def _files(folder: str, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield name
                yield from _files(entry.path, f"{name}/")
            elif is_result(name) or name == SEAL_ITSELF:
                found = entry.stat(follow_symlinks=False)
                yield f"{name} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


class Sound:
    """Trials that were sound, by key, with the stamp they had then; kept in a file, which may be lost.

    It saves a run from hashing what it has hashed before. A report believes none of it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamps: dict[str, str] | None = None
        self._changed = False

    def has(self, key: str, now: str) -> bool:
        """Whether a trial was sound when its stamp was what it is `now`."""
        return self._known().get(key) == now

    def note(self, key: str, now: str) -> None:
        """That a trial is sound."""
        if not self.has(key, now):
            self._known()[key] = now
            self._changed = True

    def write(self) -> None:
        """Keep what was noted, if the disk lets us."""
        if self._changed:
            temporary = self._file.with_name(f"{self._file.name}.tmp")
            try:
                temporary.write_text(json.dumps(self._known()), encoding="utf-8")
                temporary.replace(self._file)
            except OSError:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
            self._changed = False

    def _known(self) -> dict[str, str]:
        if self._stamps is None:
            self._stamps = {}
            with suppress(OSError, ValueError, AttributeError, RecursionError):
                found = json.loads(self._file.read_text(encoding="utf-8"))
                self._stamps = {key: value for key, value in found.items() if isinstance(value, str)}
        return self._stamps
