"""Values out of files that anybody may have written: each is checked, none is believed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import EnvironmentProblem
from harness.files import read_json

T = TypeVar("T")
MOST = 10**15
"""No count in a run folder is larger."""


class Damaged(ValueError):
    """A field is not what it has to be: which one, what was expected, what was found."""


def read_object(path: Path) -> dict[str, Any]:
    """A JSON file that holds an object; EnvironmentProblem with its name if it does not."""
    found = read_json(path)
    if not isinstance(found, dict):
        raise EnvironmentProblem(
            f"{path} is damaged (expected an object, found {kind(found)}): delete it and run again"
        )
    return found


def text(raw: Mapping[str, Any], name: str) -> str:
    """A field that is a text; halves of surrogate pairs, which no file can hold, become `?`. Damaged if it is none."""
    return clean(_typed(raw, name, str, "a text"))


def clean(said: str) -> str:
    """A text without halves of surrogate pairs."""
    return said.encode(errors="replace").decode()


def truth(raw: Mapping[str, Any], name: str) -> bool:
    """A field that is true or false."""
    return _typed(raw, name, bool, "true or false")


def whole(raw: Mapping[str, Any], name: str, most: int = MOST) -> int:
    """A field that is a whole number from 0 to `most`."""
    value = raw.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Damaged(f"{name}: expected a whole number from 0 to {most:,}, found {kind(value)}")
    return value


def mapping(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A field that is an object."""
    found: dict[str, Any] = _typed(raw, name, dict, "an object")
    return found


def texts(raw: Mapping[str, Any], name: str) -> list[str]:
    """A field that is a list of texts."""
    found: list[Any] = _typed(raw, name, list, "a list")
    if not all(isinstance(part, str) for part in found):
        raise Damaged(f"{name}: expected a list of texts")
    return found


def objects(raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A field that is a list of objects."""
    found: list[Any] = _typed(raw, name, list, "a list")
    if not all(isinstance(part, dict) for part in found):
        raise Damaged(f"{name}: expected a list of objects")
    return found


def optional_text(raw: Mapping[str, Any], name: str) -> str | None:
    """A field that is a text or null, or not there."""
    return None if raw.get(name) is None else text(raw, name)


def finite(value: object) -> float | None:
    """A number if it is one and finite."""
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
        return None
    return float(value) if math.isfinite(value) else None


def line(said: object, longest: int) -> str:
    """A stranger's text as one printable line of at most `longest` characters."""
    plain = "".join(char if char.isprintable() else " " for char in str(said)[: 2 * longest])
    return " ".join(plain.split())[:longest]


def kind(value: object) -> str:
    """What a value is, in a few words."""
    if value is None or isinstance(value, bool):
        return str(json.dumps(value))
    if isinstance(value, int | float):
        return "a number" if abs(value) > 1e9 or isinstance(value, float) else str(value)
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def _typed(raw: Mapping[str, Any], name: str, wanted: type[T], words: str) -> T:
    value = raw.get(name)
    if not isinstance(value, wanted):
        found = kind(value) if name in raw else "nothing"
        raise Damaged(f"{name}: expected {words}, found {found}")
    return value
