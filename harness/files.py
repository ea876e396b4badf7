"""JSON and text files that are written whole or not at all."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from harness.errors import EnvironmentProblem, UserError, writing


def write_json(path: Path, data: Any) -> None:
    """Atomically: a reader sees the old file or the whole new one, also after a power cut."""
    write_text(path, json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Atomically, as `write_json`."""
    temporary = path.with_name(f".{path.name}.tmp")
    with writing(path), _removed_on_error(temporary):
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)


@contextmanager
def _removed_on_error(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """A JSON file whose numbers are finite. UserError if there is none, EnvironmentProblem if it is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise EnvironmentProblem(
            f"{path} is damaged at line {error.lineno}: delete it and run again"
        ) from error
    except FileNotFoundError as error:
        raise UserError(f"no file {path}: is this a run folder?") from error
    except (OSError, ValueError, RecursionError) as error:
        raise EnvironmentProblem(f"{path} cannot be read ({error}): delete it and run again") from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _no_number(digits[:40])


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
