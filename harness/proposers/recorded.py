"""What every proposer has in common: what the journal holds is never asked for again."""

from __future__ import annotations

from abc import ABC, abstractmethod

from harness.proposers.contract import Answer, Request
from harness.proposers.journal import Journal


class Recorded(ABC):
    """A proposer whose answers all pass through a journal."""

    def __init__(self, name: str, journal: Journal) -> None:
        """UserError if the journal was begun by a proposer of another name."""
        self.name = name
        self.journal = journal
        journal.begin(name)

    def propose(self, request: Request) -> list[Answer]:
        """Exactly `request.samples` answers: those recorded for the request's key, then new ones."""
        known = len(self.journal.answers(request.key))
        if known < request.samples:
            self.ask(request, known)
        return self.journal.answers(request.key)[: request.samples]

    def stop(self, now: bool = False) -> None:  # noqa: B027 (those that wait for nothing have nothing to do)
        """Ask for nothing more; `now` gives up what is under way, else its answer is still awaited."""

    @abstractmethod
    def ask(self, request: Request, known: int) -> None:
        """Bring the journal from `known` to at least `request.samples` answers for the request's key."""
