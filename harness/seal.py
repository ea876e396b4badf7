"""What is stored carries the hashes of what it rests on, so that what was changed by hand is seen.

Evidence, not proof: whoever writes all hashes anew along with a number leaves none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.keys import canonical, trial_key

SEAL = "seal"
CHAIN = "chain"
FILES = "files"
READ = (".json", ".csv", ".pt")
"""Endings of files that something would read."""
TRAINED = ("curve.csv", "transitions.csv", "states.csv")
"""Tables that a training leaves, beside its policies; the last two where there is a human reward, and common states."""
NOT_SEALED = ("done.json", "log.txt", "rollout.webp")
"""Files of a trial that are no result: what seals the others, words, and a picture drawn later."""
UNFINISHED = ".unfinished-"
"""How the name of a picture begins that is being drawn: it may be gone at any moment."""


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with the hash of its content."""
    return {**data, SEAL: _seal(data)}


def is_sealed(data: object) -> bool:
    """Whether `data` is what was sealed."""
    return isinstance(data, dict) and bool(_seal(data)) and data.get(SEAL) == _seal(data)


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a trial that is part of its result, by its path in the folder."""
    inside = len(str(folder)) + 1
    found = sorted(f"{place}/{name}"[inside:] for place, _, names in os.walk(folder) for name in names)
    files = {name: folder / name for name in found if is_result(name)}
    return {name: _hash(path) for name, path in files.items() if path.is_file()}


def is_result(name: str) -> bool:
    """Whether a file of a trial, by its path in the folder, is part of its result."""
    return name not in NOT_SEALED and not name.startswith(UNFINISHED)


def training_files(folder: Path) -> dict[str, str]:
    """SHA-256 of what a training leaves: its tables and the policies."""
    return {
        name: digest
        for name, digest in file_hashes(folder).items()
        if name in TRAINED or name.startswith("checkpoints/")
    }


def is_trained(folder: Path, training: object) -> bool:
    """Whether `training`, the content of training.json, and the files it rests on are as a training left them."""
    return (
        is_sealed(training) and isinstance(training, dict) and training.get(FILES) == training_files(folder)
    )


def alteration(folder: Path, done: object, spec: object) -> str | None:
    """What of a finished trial is not as it was stored, in words; None if all of it is.

    `done` and `spec` are the content of its done.json and spec.json; its folder bears its key.
    """
    if not is_sealed(done) or not isinstance(done, dict) or not isinstance(done.get(FILES), dict):
        return "done.json is not what was stored"
    stored: dict[str, str] = done[FILES]
    found = file_hashes(folder)
    for name in sorted(stored.keys() | found.keys()):
        if name not in found:
            return f"{name} is missing"
        if name not in stored and name.endswith(READ) and not name.startswith("."):
            return f"{name} was added"
        if name in stored and found[name] != stored[name]:
            return f"{name} is not what was stored"
    try:
        if not isinstance(spec, dict) or trial_key(spec) != folder.name:
            return "spec.json is of another trial"
    except (KeyError, TypeError, ValueError):
        return "spec.json is of another trial"
    return None


def _seal(data: Mapping[str, Any]) -> str:
    content = {name: value for name, value in data.items() if name != SEAL}
    try:
        return hashlib.sha256(canonical(content).encode(errors="surrogatepass")).hexdigest()
    except (TypeError, ValueError):
        return ""


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chain(previous: str, entry: Mapping[str, Any]) -> str:
    """The link of a journal's line to the one before, whose link is `previous` ("" before the first)."""
    content = {name: value for name, value in entry.items() if name != CHAIN}
    return hashlib.sha256((previous + canonical(content)).encode(errors="surrogatepass")).hexdigest()
