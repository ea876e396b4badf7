"""Where the fork server's socket lies: its path must be short, whatever TMPDIR is.

An address of a Unix socket has 108 bytes on Linux and 104 on macOS, its end included.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.errors import EnvironmentProblem

LONGEST_PATH = 103
BELOW = len("/pymp-xxxxxxxx/listener-xxxxxxxx")
"""What multiprocessing appends to the temporary folder."""
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


@contextlib.contextmanager
def short_socket_folder() -> Iterator[None]:
    """Let what multiprocessing creates meanwhile lie in a folder that is short enough for sockets.

    EnvironmentProblem if there is none.
    """
    before = tempfile.tempdir
    tempfile.tempdir = socket_folder()
    try:
        yield
    finally:
        tempfile.tempdir = before


def socket_folder() -> str:
    """The temporary folder where its path is short enough, else another one that can be written."""
    try:
        usual = tempfile.gettempdir()
    except FileNotFoundError as error:  # tempfile has tried everything, the working directory too
        usual, cause = "", str(error)
    else:
        cause = f"{usual} is longer than {LONGEST_PATH - BELOW} bytes"
    for folder in filter(None, (usual, os.environ.get("XDG_RUNTIME_DIR"), *SHORT_FOLDERS)):
        if len(os.fsencode(folder)) + BELOW <= LONGEST_PATH and _is_usable(folder):
            return folder
    raise EnvironmentProblem(
        f"no folder for the sockets of processes: {cause}; set TMPDIR to a short, writable one"
    )


def _is_usable(folder: str) -> bool:
    try:
        Path(tempfile.mkdtemp(dir=folder)).rmdir()
    except OSError:
        return False
    return True
