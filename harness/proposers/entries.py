"""The lines of a journal: their form, and how they are read.

`part` numbers the requests of one key; a response or a failure closes the request of its part. A request
left open (the process was killed), and a failure that the server may have charged for, count with their
worst case. Nothing here depends on the time of day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NotRequired

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from harness.errors import UserError
from harness.journal_lines import NOT_JSON, SCHEMA, follows, lines, read_bytes
from harness.proposers.contract import Key
from harness.seal import CHAIN


class Header(TypedDict):
    """The first line."""

    kind: Literal["header"]
    schema: Literal[1, 2]
    """1: lines without links, as people and other programs write them; such a journal can be replayed."""
    proposer: str
    chain: NotRequired[str]


class WorstCase(TypedDict):
    """The most that a request can cost."""

    tokens: int
    usd: float


class RequestEntry(TypedDict):
    """Written before a request is sent."""

    kind: Literal["request"]
    key: Key
    part: int
    samples: int
    messages: list[dict[str, str]]
    worst_case: WorstCase
    options: NotRequired[dict[str, int | float]]
    """What else was asked for: temperature (unless left out), the longest answer, n."""
    chain: NotRequired[str]
    """Link to the line before, as of every line (see `harness.seal.chain`)."""


class Choice(TypedDict):
    """One answer."""

    text: str
    finish_reason: str
    note: NotRequired[str]
    """What is odd about it."""


class Usage(TypedDict):
    """Tokens of one exchange, `estimated` where the server did not count them."""

    prompt_tokens: int
    completion_tokens: int
    estimated: NotRequired[bool]


class ResponseEntry(TypedDict):
    """Written before its answers are used; `usd` is None where the price is unknown."""

    kind: Literal["response"]
    key: Key
    part: int
    choices: list[Choice]
    usage: Usage
    usd: float | None
    model: str
    chain: NotRequired[str]


class FailureEntry(TypedDict):
    """A request that came to nothing; `charged` if the server may have billed it all the same."""

    kind: Literal["failure"]
    key: Key
    part: int
    reason: str
    charged: bool
    chain: NotRequired[str]


Entry = RequestEntry | ResponseEntry | FailureEntry
_HEADER: TypeAdapter[Header] = TypeAdapter(Header)
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def canonical(key: Key) -> str:
    """A key as text."""
    return json.dumps(key, sort_keys=True)


def read_journal(path: Path) -> tuple[Header | None, list[Entry]]:
    """A journal that is only read; a torn last line is left out. UserError names a damaged line."""
    parsed = parse(read_bytes(path), path)
    return parsed.header, parsed.entries


@dataclass(frozen=True)
class Parsed:
    """What the bytes of a journal hold."""

    header: Header | None
    entries: list[Entry]
    """Without their links."""
    end: int
    """Number of the bytes that hold them: a torn last line is left out."""
    link: str
    """Of the last line; "" in a journal without links."""


def parse(data: bytes, path: Path) -> Parsed:
    """Header and entries. UserError names a line that is no entry, or that does not follow from the line before."""
    header: Header | None = None
    entries: list[Entry] = []
    end, link, linked = 0, "", True
    for line in lines(data):
        number, found = line.number, line.entry
        if found is NOT_JSON:
            raise UserError(f"{path} line {number} is damaged: no JSON; repair or remove the line")
        try:
            if number == 1:
                header = _HEADER.validate_python(found, strict=True)
                linked = header["schema"] == SCHEMA
            else:
                _ENTRY.validate_python(found, strict=True)
                entries.append(found)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or "line"
            what = "the journal's header" if number == 1 else "a journal entry"
            raise UserError(f"{path} line {number} is not {what}: {where}: {problem['msg']}") from None
        if linked:
            if not follows(found, link):
                raise UserError(
                    f"{path} line {number} does not follow from the line before: one of them was altered; restore the "
                    "file, or choose another --out"
                )
            link = found.pop(CHAIN)
        end = line.end
    return Parsed(header, entries, end, link)
