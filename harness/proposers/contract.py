"""What is asked of a proposer, and what it gives: for reward programs, or for programs of another kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Key = dict[str, Any]
"""Which request this is, as a journal knows it: its place in what asks, and a digest of its messages."""


@dataclass(frozen=True)
class Parent:
    """The candidate that the next ones are to improve on, with what its reflection shows."""

    answer: str
    """The complete answer that held it."""
    source: str
    """Its reward program."""
    fitness: list[float]
    """Snapshots of F over its training."""
    components: dict[str, list[float]]
    """Snapshots of every component over its training."""


@dataclass(frozen=True)
class RewardContext:
    """What a reward may be made of, for proposers that do not read messages."""

    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name → kind, unit, about, shape of every state tensor."""
    constants: Mapping[str, float | Sequence[float]] = field(default_factory=dict)
    parent: Parent | None = None


@dataclass(frozen=True)
class Request:
    """Ask for `samples` answers to `messages`."""

    place: Key
    """Where in what asks this request stands: of a search task, method, search, iteration, attempt (0, or the number of
    the repair) and response (which answer of the iteration a repair is for)."""
    messages: list[dict[str, str]]
    samples: int
    seed: int
    """For proposers that draw their own randomness."""
    temperature: float | None = 1.0
    """Of a model; None leaves it to its server."""
    reward: RewardContext | None = None
    """Where a reward is asked for."""

    @property
    def key(self) -> Key:
        """What identifies the request in a journal."""
        digest = hashlib.sha256(json.dumps(self.messages, sort_keys=True).encode()).hexdigest()
        return {**self.place, "messages": digest[:16]}

    @property
    def where(self) -> str:
        """Its place in words, `cartpole, iteration 1`."""
        parts = [str(self.place["task"])] if "task" in self.place else []
        return ", ".join(
            [*parts, *(f"{name} {self.place[name]}" for name in ("iteration",) if name in self.place)]
        )


@dataclass(frozen=True)
class Answer:
    """One answer, as it came; it may be empty or cut off."""

    text: str
    finish_reason: str
    """`stop`, `length` (cut off), or what else the server said."""
    note: str = field(default="", compare=False)
    """What is odd about it, for people: `refused: ...`, `content filter`, where it was cut off."""


class Proposer(Protocol):
    """Who writes candidates."""

    name: str
    """`grammar` or `openai:MODEL`, as tables show it."""

    def propose(self, request: Request) -> list[Answer]:
        """Exactly `request.samples` answers, all of them in the journal."""

    def stop(self, now: bool = False) -> None:
        """Ask for nothing more; `now` gives up what is under way, else its answer is still awaited."""
