"""Errors that a user can meet: one clear line each, and the exit code that goes with it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UserError(Exception):
    """What was expected, what was found, what to do. Ends the program with exit code 2."""

    exit_code = 2


class EnvironmentProblem(UserError):
    """The machine cannot do what was asked: no permission, no key, a damaged file. Exit code 4."""

    exit_code = 4


class CannotWrite(EnvironmentProblem):
    """No space, no permission: nothing can go on."""


class Lost(Exception):
    """A process came to nothing by the machine's doing: killed, no memory, too slow. Says nothing of a program."""


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
REMEDIES = {
    **dict.fromkeys(FULL, "free some space and run the same command again"),
    errno.EROFS: "the place is read-only: choose another",
    errno.EACCES: "you may not write there: choose another place",
    errno.EPERM: "you may not write there: choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOTDIR: "a part of the path is a file: choose another place",
    errno.ENOENT: "its folder does not exist: make it, or choose another place",
    errno.EISDIR: "it is a folder: choose another name",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What is written here goes to `path`: an OSError becomes CannotWrite with its remedy."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "check the place, or choose another")
        raise CannotWrite(f"cannot write {path} ({error.strerror or error}): {remedy}") from error
