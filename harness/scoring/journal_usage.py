"""Model calls, tokens and money of a run, and what was answered: out of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.fields import Damaged, finite, line, mapping, objects, optional_text, text, whole
from harness.journal_lines import SCHEMA, follows, lines, read_bytes
from harness.scoring.rundata import Usage
from harness.seal import CHAIN

AnswerPlace = tuple[str, str, int, int, int, int | None]
"""Task, method, search, iteration, attempt, and for repairs the response."""


@dataclass
class JournalData:
    """What a journal tells of a run."""

    usage: dict[tuple[str, str, int], Usage] = field(default_factory=dict)
    """By task slug, method and search; nothing where the journal is broken."""
    answers: dict[AnswerPlace, set[str]] = field(default_factory=dict)
    broken: str | None = None
    """Which line does not follow from the ones before, in words."""


def read_journal(path: Path) -> JournalData | None:
    """A run's journal, its chain followed line by line; None if there is none.

    A torn last line (the process was killed while writing it) is left out. From the first line that is none, or
    that does not follow from the ones before, nothing is believed.
    """
    if not path.is_file():
        return None
    found, link = JournalData(), ""
    for read in lines(read_bytes(path)):
        what = _broken(read.entry, link, first=read.number == 1)
        if what is None:
            try:
                _take_in(read.entry, found)
            except Damaged as error:
                what = f"is no entry ({error})"
        if what is not None:
            return JournalData(broken=f"line {read.number} {what}")
        link = read.entry[CHAIN]
    found.usage = dict(sorted(found.usage.items()))
    return found


def _broken(entry: object, link: str, *, first: bool) -> str | None:
    if not isinstance(entry, dict):
        return "is no entry"
    if first and (entry.get("kind") != "header" or entry.get("schema") != SCHEMA):
        return f"is no header of schema {SCHEMA}"
    return None if follows(entry, link) else "does not follow from the lines before"


def _take_in(entry: Mapping[str, Any], found: JournalData) -> None:
    if entry.get("kind") not in ("response", "failure"):
        return
    about = mapping(entry, "key")
    key = (text(about, "task"), text(about, "method"), whole(about, "search"))
    used = Usage(failures=1)
    if entry["kind"] == "response":
        usage = mapping(entry, "usage")
        model = optional_text(entry, "model")
        used = Usage(
            calls=1,
            prompt_tokens=whole(usage, "prompt_tokens"),
            completion_tokens=whole(usage, "completion_tokens"),
            estimated=usage.get("estimated") is True,
            dollars=finite(entry.get("usd")),
            models=(model,) if model else (),
        )
        response = None if about.get("response") is None else whole(about, "response")
        place = (*key, whole(about, "iteration"), whole(about, "attempt"), response)
        said = found.answers.setdefault(place, set())
        said.update(text(choice, "text") for choice in objects(entry, "choices"))
    found.usage[key] = found.usage.get(key, Usage()) + used


def unread(broken: str) -> str:
    """What a broken journal means, in one line."""
    return (
        f"journal.jsonl {line(broken, 200)}: model calls, tokens and money are not shown, "
        "and the answers of the searches are not checked"
    )
