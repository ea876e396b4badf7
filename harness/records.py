"""What a search leaves behind, search.json: one form, written by methods and read by plans, statistics and pages.

A record holds strings, numbers and records; what has not happened is None or empty. `to_dict` and `read_record` are the
only places that know how it looks on disk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.fields import Damaged, finite, line, mapping, objects, optional_text, text, whole

SCHEMA: Final = 2
STATUSES: Final = ("ok", "failed", "stopped")
UNDER_WAY: Final = "not at its end: under way, or interrupted; running it again goes on"
"""Why a search is `stopped` as long as nothing else is known."""
DROPPED: Final = "dropped"
"""Status of a candidate whose training a race ended at half."""

Messages = tuple[dict[str, str], ...]
"""A conversation: `role` and `content` of each message."""


@dataclass(frozen=True)
class Half:
    """A candidate at half its training, where it raced."""

    trial: str
    """Key of the trial that is broken off there."""
    f: float | None
    """Its score."""


@dataclass(frozen=True)
class Candidate:
    """An answer of a proposer, and what became of it."""

    id: str
    """Unique in its search: `1-3` is answer 3 of iteration 1, `1-3.1` its first repair."""
    response: int
    """Number of the answer in its iteration."""
    attempt: int
    """0, or the number of the repair."""
    parent: str | None
    """The candidate that it is to improve on, or that it repairs."""
    answer: str
    finish_reason: str = "stop"
    note: str = ""
    """What is odd about the answer."""
    source: str | None = None
    """The reward program in it."""
    trial: str | None = None
    """Key of the trial that measured it."""
    status: str = "ok"
    """`ok`, `rejected` (no program, or an unusable one), `failed` (its training) or `dropped` (by a race)."""
    error: Mapping[str, Any] | None = None
    """`kind`, `message` (for people), `designer` (for the model)."""
    f: float | None = None
    """Its score; None unless `ok`."""
    flags: tuple[Mapping[str, str], ...] = ()
    """What is odd about the program (see `harness.rewards.flags`)."""
    feedback: str | None = None
    """What the proposer is told of it, if it is chosen."""
    half: Half | None = None

    @property
    def scored(self) -> bool:
        """Whether it has a score."""
        return self.status == "ok" and self.f is not None


@dataclass(frozen=True)
class Iteration:
    """Candidates that were asked for together."""

    index: int
    messages: Messages
    """What the proposer was asked."""
    candidates: tuple[Candidate, ...]
    best: str | None = None
    """The best one's id."""
    best_so_far: str | None = None
    """That of the best one of the search until here."""


@dataclass(frozen=True)
class FinalTrial:
    """A reported training of the program that was found."""

    seed: int
    trial: str


@dataclass(frozen=True)
class SearchRecord:
    """One search of a method on a task; of a method that does not search, its program alone."""

    task: str
    """Its slug."""
    method: str
    search: int
    """Number of the search."""
    program: str | None = None
    """The reward program that it gives."""
    settings: Mapping[str, Any] | None = None
    """Those of the method, and the proposer; None where nothing was searched."""
    status: str = "ok"
    """`ok`, `failed` (no program could be trained) or `stopped` (it could not go on)."""
    error: str | None = None
    """Why not `ok`."""
    best: str | None = None
    """Id of the candidate whose program it is."""
    reward_score: float | None = None
    """That candidate's score."""
    iterations: tuple[Iteration, ...] = ()
    finals: tuple[FinalTrial, ...] = ()

    @property
    def candidates(self) -> Iterator[Candidate]:
        """Of all iterations, in order."""
        return (candidate for iteration in self.iterations for candidate in iteration.candidates)

    def to_dict(self) -> dict[str, Any]:
        """As search.json holds it."""
        found: dict[str, Any] = _plain(self)
        return {"schema": SCHEMA, **found}


def _plain(value: Any) -> Any:
    """Records as dicts and tuples as lists; of a candidate that did not race no word of a race."""
    if dataclasses.is_dataclass(value):
        parts = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {name: part for name, part in parts.items() if name != "half" or part is not None}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return dict(value) if isinstance(value, Mapping) else value


def read_record(raw: Mapping[str, Any]) -> SearchRecord:
    """A record from search.json. Damaged (a ValueError), with the field, what was expected and found, if it is none."""
    if raw.get("schema") != SCHEMA:
        raise Damaged(f"schema: expected {SCHEMA}, found {line(raw.get('schema'), 20)}")
    status = text(raw, "status")
    if status not in STATUSES:
        raise Damaged(f"status: expected {', '.join(STATUSES)}, found {line(status, 40)!r}")
    return SearchRecord(
        task=text(raw, "task"),
        method=text(raw, "method"),
        search=whole(raw, "search"),
        program=optional_text(raw, "program"),
        settings=None if raw.get("settings") is None else mapping(raw, "settings"),
        status=status,
        error=optional_text(raw, "error"),
        best=optional_text(raw, "best"),
        reward_score=finite(raw.get("reward_score")),
        iterations=tuple(map(_iteration, objects(raw, "iterations"))),
        finals=tuple(FinalTrial(whole(part, "seed"), text(part, "trial")) for part in objects(raw, "finals")),
    )


def _iteration(raw: Mapping[str, Any]) -> Iteration:
    return Iteration(
        index=whole(raw, "index"),
        messages=tuple(
            {"role": text(part, "role"), "content": text(part, "content")}
            for part in objects(raw, "messages")
        ),
        candidates=tuple(map(_candidate, objects(raw, "candidates"))),
        best=optional_text(raw, "best"),
        best_so_far=optional_text(raw, "best_so_far"),
    )


def _candidate(raw: Mapping[str, Any]) -> Candidate:
    half = None if raw.get("half") is None else mapping(raw, "half")
    return Candidate(
        id=text(raw, "id"),
        response=whole(raw, "response"),
        attempt=whole(raw, "attempt"),
        parent=optional_text(raw, "parent"),
        answer=text(raw, "answer"),
        finish_reason=text(raw, "finish_reason"),
        note=text(raw, "note"),
        source=optional_text(raw, "source"),
        trial=optional_text(raw, "trial"),
        status=text(raw, "status"),
        error=None if raw.get("error") is None else mapping(raw, "error"),
        f=finite(raw.get("f")),
        flags=tuple(objects(raw, "flags")),
        feedback=optional_text(raw, "feedback"),
        half=None if half is None else Half(text(half, "trial"), finite(half.get("f"))),
    )
