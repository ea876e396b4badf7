"""The lines of a journal: one JSON object each, linked to the line before. What they say, their readers check."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.errors import EnvironmentProblem
from harness.seal import CHAIN, chain

SCHEMA: Final = 2
NOT_JSON: Final = object()


@dataclass(frozen=True)
class Line:
    """One line."""

    number: int
    """From 1."""
    entry: Any
    """What it holds; NOT_JSON if that is no JSON."""
    end: int
    """Number of the bytes up to its end, its newline included."""


def read_bytes(path: Path) -> bytes:
    """The bytes of a journal, none if it does not exist. EnvironmentProblem if it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise EnvironmentProblem(f"cannot read the journal {path}: {error.strerror}") from error


def lines(data: bytes) -> Iterator[Line]:
    """Line by line. A torn last one (the process was killed while writing it) is left out."""
    parts = data.split(b"\n")
    last = len(parts) - (not parts[-1])  # what follows the last newline is no line if it is empty
    end = 0
    for number, content in enumerate(parts[:last], start=1):
        end = min(end + len(content) + 1, len(data))
        try:
            entry = json.loads(content)
        except (ValueError, RecursionError):
            if number == len(parts):  # no newline after it: torn
                return
            entry = NOT_JSON
        yield Line(number, entry, end)


def follows(entry: Mapping[str, Any], link: str) -> bool:
    """Whether an entry is linked to the line before, whose link is `link` ("" before the first)."""
    try:
        return bool(entry.get(CHAIN) == chain(link, entry))
    except (ValueError, TypeError):  # NaN
        return False
