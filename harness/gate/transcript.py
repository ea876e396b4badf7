"""Recorded transcripts: a small search with all that it asked, got and made of it, in one reviewed file.

```
schema    1
task      the task's slug
settings  of the search, its proposer among them
machine   processor and library versions: on which floats the bytes of trials depend
journal   journal.jsonl of its run: what was asked, and the answers
outcomes  program, status, error, f, flags, curve.csv of each candidate
record    the search's record, trials numbered in the order of their candidates
bytes     file → SHA-256 of the record, the trials' results and the report's text; empty where none were made
seal      SHA-256 of all that
```
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from harness.errors import EnvironmentProblem, UserError
from harness.files import read_json
from harness.machine import cpu_name, vector_instructions
from harness.proposers.entries import parse
from harness.records import Candidate, SearchRecord
from harness.seal import SEAL, is_sealed, sealed
from harness.store import Store
from harness.trial import versions

SCHEMA: Final = 1
METHOD: Final = "eureka"
OWN: Final = Path(str(files("harness.gate"))) / "transcript.json"
"""The one that comes with the harness."""


class Exchange(TypedDict):
    """A request and its answers."""

    iteration: int
    attempt: int
    response: int | None
    samples: int
    messages: list[dict[str, str]]
    answers: list[dict[str, str]]


class RecordedOutcome(TypedDict):
    """What became of a program."""

    source: str
    status: str
    error: dict[str, Any] | None
    f: float | None
    flags: list[dict[str, str]]
    curve: str | None
    """The content of curve.csv; None where nothing was trained."""


class Transcript(TypedDict):
    """See the module's docstring."""

    schema: int
    task: str
    settings: dict[str, Any]
    machine: dict[str, str]
    journal: str
    outcomes: list[RecordedOutcome]
    record: dict[str, Any]
    bytes: dict[str, str]


_FORM: TypeAdapter[Transcript] = TypeAdapter(Transcript)


def read_transcript(path: Path) -> Transcript:
    """UserError without the file or for another schema, EnvironmentProblem if it was altered or is damaged."""
    if not path.is_file():
        raise UserError(f"no transcript {path}: record one with `gate --tier 0 --update --baseline {path}`")
    raw = read_json(path)
    found = raw.get("schema") if isinstance(raw, dict) else None
    if found != SCHEMA:
        raise UserError(f"{path} is no transcript of schema {SCHEMA}: record it again with --update")
    if not is_sealed(raw):
        raise EnvironmentProblem(
            f"{path} is not what was recorded (its content is not that of its seal): restore it from version control, "
            "or record it again with --update"
        )
    try:
        return _FORM.validate_python({name: part for name, part in raw.items() if name != SEAL})
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "file"
        raise EnvironmentProblem(
            f"{path} is damaged ({where}: {problem['msg'].lower()}): record it again with --update"
        ) from None


def exchanges(transcript: Transcript) -> list[Exchange]:
    """The requests of a transcript with their answers, in order."""
    found: list[Exchange] = []
    entries = parse(transcript["journal"].encode(), Path("journal")).entries
    answers = {
        json.dumps([entry["key"], entry["part"]], sort_keys=True): entry["choices"]
        for entry in entries
        if entry["kind"] == "response"
    }
    for entry in entries:
        if entry["kind"] == "request":
            key = entry["key"]
            choices = answers[json.dumps([key, entry["part"]], sort_keys=True)]
            found.append(
                {
                    "iteration": key["iteration"],
                    "attempt": key["attempt"],
                    "response": key["response"],
                    "samples": entry["samples"],
                    "messages": entry["messages"],
                    "answers": [
                        {
                            "text": choice["text"],
                            "finish_reason": choice["finish_reason"],
                            "note": choice.get("note", ""),
                        }
                        for choice in choices
                    ],
                }
            )
    return found


def transcript_of(folder: Path, task: str, report: str) -> dict[str, Any]:
    """The transcript of a run folder with one search of one task, and the text of its `report`."""
    store = Store(folder)
    record = store.search(task, METHOD, 0)
    if record is None or record.status != "ok":
        raise EnvironmentProblem(f"the search in {folder} came to nothing: nothing can be recorded")
    content: Transcript = {
        "schema": SCHEMA,
        "task": task,
        "settings": dict(record.settings or {}),
        "machine": machine_kind(),
        "journal": store.journal.read_text(encoding="utf-8"),
        "outcomes": [_outcome(store, candidate) for candidate in record.candidates if candidate.source],
        "record": comparable(record),
        "bytes": result_bytes(folder, task, report),
    }
    return sealed(dict(content))


def machine_kind() -> dict[str, str]:
    """What floats depend on: the same kind computes the same bytes."""
    return {"cpu": cpu_name(), "instructions": vector_instructions(), **versions()}


def comparable(record: SearchRecord) -> dict[str, Any]:
    """A search's record without what depends on the machine's libraries: the keys of trials, by their order."""
    numbers: dict[str, str] = {}
    plain = {name: part for name, part in record.to_dict().items() if name != "finals"}
    for iteration in plain["iterations"]:
        for candidate in iteration["candidates"]:
            if candidate["trial"] is not None:
                candidate["trial"] = numbers.setdefault(candidate["trial"], f"trial {len(numbers)}")
    return plain


def result_bytes(folder: Path, task: str, report: str) -> dict[str, str]:
    """SHA-256 of what a run computed, by a name that no key is part of: curves, evaluations, the report's text."""
    store = Store(folder)
    record = store.search(task, METHOD, 0) or SearchRecord(task, METHOD, 0)
    named = {f"candidate {candidate.id}": candidate.trial for candidate in record.candidates}
    named |= {f"final {final.seed}": final.trial for final in record.finals}
    found = {
        f"{name}/{file}": hashlib.sha256(path.read_bytes()).hexdigest()
        for name, key in named.items()
        if key is not None
        for file in ("curve.csv", "evaluation.json")
        if (path := store.trial_folder(key) / file).is_file()
    }
    return {**found, "report": hashlib.sha256(report.encode()).hexdigest()}


def _outcome(store: Store, candidate: Candidate) -> RecordedOutcome:
    curve = store.trial_folder(candidate.trial or "") / "curve.csv"
    return {
        "source": candidate.source or "",
        "status": candidate.status,
        "error": None if candidate.error is None else dict(candidate.error),
        "f": candidate.f,
        "flags": [dict(flag) for flag in candidate.flags],
        "curve": curve.read_text(encoding="utf-8") if curve.is_file() else None,
    }
