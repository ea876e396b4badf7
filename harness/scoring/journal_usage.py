"""Model calls, tokens and money of a run, counted from its journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import EnvironmentProblem
from harness.scoring.rundata import Usage


def read_usage(path: Path, slugs: Mapping[str, str]) -> dict[tuple[str, str, int], Usage]:
    """Usage by (task slug, method, search); {} without a journal.

    `slugs` maps task names to slugs. A torn last line (the process was killed while writing it) is left out;
    a torn line elsewhere is an EnvironmentProblem that names it.
    """
    totals: dict[tuple[str, str, int], Usage] = {}
    if not path.is_file():
        return totals
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            if number == len(lines):  # no newline after it: torn
                break
            raise EnvironmentProblem(
                f"{path} is damaged at line {number}: restore it or remove that line"
            ) from error
        if entry.get("kind") in ("response", "failure"):
            key, used = _count(entry, slugs)
            totals[key] = totals.get(key, Usage()) + used
    return dict(sorted(totals.items()))


def _count(entry: Mapping[str, Any], slugs: Mapping[str, str]) -> tuple[tuple[str, str, int], Usage]:
    about, usage = entry["key"], entry.get("usage") or {}
    key = (slugs.get(about["task"], str(about["task"])), str(about["method"]), int(about["search"]))
    if entry["kind"] == "failure":
        return key, Usage(failures=1)
    return key, Usage(
        calls=1,
        prompt_tokens=int(usage.get("prompt_tokens") or 0),
        completion_tokens=int(usage.get("completion_tokens") or 0),
        estimated=bool(usage.get("estimated")),
        dollars=None if entry.get("usd") is None else float(entry["usd"]),
        models=(str(entry["model"]),) if entry.get("model") else (),
    )
