"""What was measured on this machine, kept for a week beside other programs' caches."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.errors import CannotWrite, UserError
from harness.files import read_json, write_json
from harness.keys import canonical

KEPT_S = 7 * 24 * 3600.0
MOST = 200
"""Measurements; the oldest make room."""


def cache_file() -> Path:
    """Where they are: in `$XDG_CACHE_HOME` or `~/.cache`."""
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eureka-harness" / "measured.json"
    )


def remembered(question: Mapping[str, Any], measure: Callable[[], list[float]]) -> list[float]:
    """The numbers that `measure` gave the last time that `question` was asked; it is called where there are none.

    `question` says all that they depend on. A cache that cannot be read or written is none.
    """
    try:
        file, key = cache_file(), canonical(question)
    except RuntimeError:  # there is no home
        return measure()
    found = _read(file)
    answer = found.get(key)
    if answer is None:
        answer = {"numbers": measure(), "when": time.time()}
        kept = sorted({**found, key: answer}.items(), key=lambda item: -float(item[1]["when"]))
        with suppress(OSError, CannotWrite):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json(file, dict(kept[:MOST]))
    return list(answer["numbers"])


def _read(file: Path) -> dict[str, dict[str, Any]]:
    """What was measured within the week, as far as it can be understood."""
    try:
        data, now = read_json(file), time.time()
        return {
            key: {"numbers": [_positive(number) for number in value["numbers"]], "when": value["when"]}
            for key, value in data.items()
            if 0.0 <= now - value["when"] < KEPT_S
        }
    except (UserError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _positive(number: Any) -> float:
    if not 0.0 < float(number) < math.inf:
        raise ValueError(f"{number} is no speed")
    return float(number)
