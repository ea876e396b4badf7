"""Answers from a recorded journal: the same search again, without a model and without cost."""

from __future__ import annotations

from pathlib import Path

from harness.errors import UserError
from harness.proposers.contract import Key, Request
from harness.proposers.entries import Entry, canonical, read_journal
from harness.proposers.journal import Journal
from harness.proposers.recorded import Recorded


class ReplayProposer(Recorded):
    """Bears the name of what it replays, and leaves the same entries in the new journal."""

    def __init__(self, path: Path, journal: Journal) -> None:
        """`path` is a journal or a run folder. UserError if it is neither, or damaged."""
        self._path, name, entries = recording(path)
        self._recorded: dict[str, list[Entry]] = {}
        for entry in entries:
            self._recorded.setdefault(canonical(entry["key"]), []).append(entry)
        super().__init__(name, journal)

    def ask(self, request: Request, known: int) -> None:
        """Copy what was recorded for the request's key. UserError if that is too little."""
        recorded = self._recorded.get(canonical(request.key), [])
        available = sum(len(entry["choices"]) for entry in recorded if entry["kind"] == "response")
        if available < request.samples:
            raise UserError(f"replay: {self._path} {self._complaint(request, available)}")
        copied = self.journal.entries(request.key)
        if copied != recorded[: len(copied)]:
            raise UserError(
                f"replay: {self.journal.path} holds another exchange at {_words(request.key)}: "
                "choose another --out"
            )
        for entry in recorded[len(copied) :]:
            self.journal.append(entry)

    def _complaint(self, request: Request, available: int) -> str:
        where = _words(request.key)
        if available:
            return f"holds {available} answers at {where}, and {request.samples} are asked: lower --samples"
        places = [_place(entries[0]["key"]) for entries in self._recorded.values()]
        if _place(request.key) in places:
            return (
                f"was recorded with other prompts at {where}: the prompts, the task or an earlier result "
                "have changed since; record it again, or replay it with the version that wrote it"
            )
        return f"has nothing at {where}: it was recorded with fewer tasks, searches, iterations or repairs"


def recording(path: Path) -> tuple[Path, str, list[Entry]]:
    """The journal at `path` (a file, or a run folder with one), its proposer's name, and its entries.

    UserError if there is none, or if a line of it is damaged.
    """
    file = path / "journal.jsonl" if path.is_dir() else path
    if not file.is_file():
        raise UserError(f"replay: no file {file}; name a run folder or its journal.jsonl")
    header, entries = read_journal(file)
    if header is None:
        raise UserError(
            f"replay: {file} line 1 is not a journal's header; name a run folder or its journal.jsonl"
        )
    return file, header["proposer"], entries


def _place(key: Key) -> Key:
    return {name: value for name, value in key.items() if name != "messages"}


def _words(key: Key) -> str:
    return ", ".join(f"{name} {value}" for name, value in _place(key).items() if value is not None)
