"""The journal: every exchange with a proposer, one JSON object a line, on disk before it is used."""

from __future__ import annotations

import json
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from harness.errors import EnvironmentProblem, UserError
from harness.files import sync_folder
from harness.journal_lines import SCHEMA, read_bytes
from harness.proposers.contract import Answer, Key
from harness.proposers.entries import (
    Choice,
    Entry,
    Header,
    RequestEntry,
    ResponseEntry,
    Usage,
    canonical,
    parse,
)
from harness.proposers.limits import Cost, Limits, Spending
from harness.seal import CHAIN, chain

log = logging.getLogger(__name__)

START = b'{"chain": "'
"""Of a journal's first line."""


class Journal:
    """An open journal. Any number of threads may use it at once, but only one process."""

    def __init__(self, path: Path) -> None:
        """Open or create `path`; a torn last line is cut off. UserError names a damaged line."""
        self.path = path
        self._lock = threading.RLock()
        self._by_key: dict[str, list[Entry]] = {}
        self._reported = Cost()
        self._open: dict[tuple[str, int], Cost] = {}
        data = read_bytes(path)
        parsed = parse(data, path)
        self._header, self._link, whole = parsed.header, parsed.link, parsed.end
        if self._header is not None and self._header["schema"] != SCHEMA:
            raise UserError(f"{path} was written by another version: replay it into another --out")
        if parsed.header is None and not START.startswith(data[: len(START)]):
            raise UserError(f"{path} is no journal of the harness: choose another --out")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            if whole < len(data):
                log.warning("%s: the last line was cut short; it is dropped", path)
                os.ftruncate(self._file, whole)
            if not data[:whole].endswith(b"\n") and whole:
                self._write(b"\n")
            sync_folder(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from error
        for entry in parsed.entries:
            self._note(entry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    @property
    def proposer(self) -> str | None:
        """The name of the proposer that the journal belongs to; None while it is empty."""
        return self._header and self._header["proposer"]

    @property
    def spending(self) -> Spending:
        """What the requests in this journal have cost, those of earlier processes included."""
        with self._lock:
            return Spending(self._reported, sum(self._open.values(), Cost()))

    def begin(self, proposer: str) -> None:
        """Write the header, or check that the journal belongs to the same proposer (else UserError)."""
        with self._lock:
            if self._header is None or (self._header["proposer"] != proposer and not self._answered()):
                self._cut(0)  # what nobody answered, or will charge for, belongs to nothing yet
                self._link = ""
                self._by_key.clear()
                header: Header = {"kind": "header", "schema": SCHEMA, "proposer": proposer}
                self._append(header)
                self._header = header
            elif self._header["proposer"] != proposer:
                raise UserError(
                    f"{self.path} was begun by the proposer {self._header['proposer']!r}, not {proposer!r}: "
                    "name that one with --proposer, or choose another --out"
                )

    def entries(self, key: Key) -> list[Entry]:
        """The entries of one key, in order."""
        with self._lock:
            return list(self._by_key.get(canonical(key), ()))

    def responses(self) -> list[ResponseEntry]:
        """Every answered request of every key."""
        with self._lock:
            every = [entry for entries in self._by_key.values() for entry in entries]
            return [entry for entry in every if entry["kind"] == "response"]

    def answers(self, key: Key) -> list[Answer]:
        """The answers recorded for `key`, by part and choice; characters that are no text become `?`."""
        responses = [entry for entry in self.entries(key) if entry["kind"] == "response"]
        responses.sort(key=lambda entry: entry["part"])
        choices = [choice for response in responses for choice in response["choices"]]
        return [
            Answer(_text(choice["text"]), choice["finish_reason"], choice.get("note", ""))
            for choice in choices
        ]

    def request(
        self,
        key: Key,
        samples: int,
        messages: list[dict[str, str]],
        worst_case: Cost = Cost(),  # noqa: B008 (immutable)
        limits: Limits | None = None,
        options: dict[str, int | float] | None = None,
    ) -> int:
        """Note that a request is about to be sent, and reserve its worst case; returns its part.

        LimitReached, and nothing is noted, if the worst case could pass `limits`.
        """
        with self._lock:
            if limits is not None:
                limits.check(self.spending, worst_case)
            part = sum(entry["kind"] == "request" for entry in self.entries(key))
            entry: RequestEntry = {
                "kind": "request",
                "key": key,
                "part": part,
                "samples": samples,
                "messages": messages,
                "worst_case": {"tokens": worst_case.tokens, "usd": worst_case.usd},
            }
            if options is not None:
                entry["options"] = options
            self.append(entry)
            return part

    def response(
        self, key: Key, part: int, answers: list[Answer], usage: Usage, usd: float | None, model: str
    ) -> None:
        """Note what came back for a request."""
        choices = [_choice(answer) for answer in answers]
        self.append(
            {
                "kind": "response",
                "key": key,
                "part": part,
                "choices": choices,
                "usage": usage,
                "usd": usd,
                "model": model,
            }
        )

    def failure(self, key: Key, part: int, reason: str, charged: bool) -> None:
        """Note that a request came to nothing."""
        self.append({"kind": "failure", "key": key, "part": part, "reason": reason, "charged": charged})

    def append(self, entry: Entry) -> None:
        """Write an entry; it is on disk when this returns. EnvironmentProblem if it cannot be."""
        with self._lock:
            self._append(entry)
            self._note(entry)

    def _append(self, entry: Entry | Header) -> None:
        size = os.fstat(self._file).st_size
        link = chain(self._link, entry)
        try:
            self._write(json.dumps({**entry, CHAIN: link}, sort_keys=True, allow_nan=False).encode() + b"\n")
        except OSError as error:
            with suppress(OSError):
                self._cut(size)
            raise _unwritable(self.path, error) from error
        self._link = link

    def _answered(self) -> bool:
        """Whether there is an answer, or a request that may be charged for."""
        return bool(self.responses()) or self.spending.total != Cost() or self.spending.reserved != Cost()

    def _cut(self, size: int) -> None:
        os.ftruncate(self._file, size)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._file, data) :]
        os.fsync(self._file)

    def _note(self, entry: Entry) -> None:
        key = canonical(entry["key"])
        self._by_key.setdefault(key, []).append(entry)
        place = key, entry["part"]
        if entry["kind"] == "request":
            self._open[place] = Cost(**entry["worst_case"])
        elif entry["kind"] == "failure" and not entry["charged"]:
            self._open.pop(place, None)
        elif entry["kind"] == "response":
            worst = self._open.pop(place, Cost())
            usage = entry["usage"]
            tokens = usage["prompt_tokens"] + usage["completion_tokens"]
            cost = Cost(max(tokens, 0), max(entry["usd"] or 0.0, 0.0))
            self._reported += cost
            if usage.get("estimated"):  # it may have been twice as much, but hardly more than its worst case
                self._open[place] = Cost(
                    max(0, min(cost.tokens, worst.tokens - cost.tokens)),
                    max(0.0, min(cost.usd, worst.usd - cost.usd)),
                )


def _choice(answer: Answer) -> Choice:
    choice: Choice = {"text": answer.text, "finish_reason": answer.finish_reason}
    if answer.note:
        choice["note"] = answer.note
    return choice


def _text(answer: str) -> str:
    """Without halves of surrogate pairs, which no file and no request can hold."""
    return answer.encode(errors="replace").decode()


def _unwritable(path: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"cannot write the journal {path} ({error.strerror}): choose another --out")
