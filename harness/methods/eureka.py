"""Eureka (Ma et al., ICLR 2024, algorithm 1): sample reward programs, train, reflect, repeat.

One record per answer, whatever becomes of it. Only the newest best program and its reflection are kept in
the conversation, as in the paper; of an answer what was said, without thoughts. An iteration in which every
candidate fails is recorded and the next one asks again with the same messages; with one sample per iteration the
error itself is fed back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import Field

from harness.methods.candidates import as_parent, best_of, candidate_of, measured, why_nothing
from harness.methods.contract import Outcome, Problem, SearchSettings, Tools
from harness.methods.racing import dropped, going_on, ranked
from harness.records import UNDER_WAY, Candidate, Iteration, Messages, SearchRecord
from harness.rewards import spoken
from harness.roles import Role

NOTHING = "(no answer)"
"""Stands for an answer in which nothing was said: servers refuse messages without content."""


class EurekaSettings(SearchSettings):
    """The size and the options of a search; the defaults follow the paper."""

    elitism: bool = False
    """Feed back the best candidate so far instead of the best of the iteration."""
    repairs: int = Field(default=0, ge=0, le=10_000)
    """Repair attempts for each rejected candidate."""
    racing: bool = False
    """Rank the candidates of an iteration at half their training, and train only the better half to the end."""

    def described(self) -> dict[str, Any]:
        """As run.json and search.json hold them: racing where there is some."""
        found = super().described()
        if not self.racing:
            del found["racing"]
        return found


class Eureka:
    """Candidates are sampled, trained, and the best one's training is reflected back."""

    role: Role = "search"
    Settings: type[SearchSettings] = EurekaSettings

    def search(self, problem: Problem, tools: Tools) -> SearchRecord:
        """One search: `settings.iterations` rounds of `settings.samples` candidates."""
        assert isinstance(problem.settings, EurekaSettings)
        return _Search(problem, problem.settings, tools).run()


@dataclass
class _Search:
    problem: Problem
    settings: EurekaSettings
    tools: Tools
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By candidate."""

    def run(self) -> SearchRecord:
        record, initial = self.problem.record(), self.problem.messages
        messages = initial
        best: Candidate | None = None
        parent: Candidate | None = None
        for index in range(self.settings.iterations):
            candidates = self.iterate(index, messages, parent)
            winner = best_of(candidates)
            if winner is not None and (best is None or (winner.f or 0.0) > (best.f or 0.0)):
                best = winner
            names = [None if one is None else one.id for one in (winner, best)]
            iteration = Iteration(index, messages, tuple(candidates), *names)
            record = replace(record, iterations=(*record.iterations, iteration))
            if best is not None:
                record = replace(record, program=best.source, best=best.id, reward_score=best.f)
            self.tools.save(replace(record, status="stopped", error=UNDER_WAY))
            chosen = best if self.settings.elitism else winner
            if chosen is not None:
                messages, parent = (*initial, *exchange(chosen)), chosen
            elif self.settings.samples == 1:
                messages = (*initial, *exchange(candidates[-1]))
        if best is None:
            return replace(record, status="failed", error=why_nothing(record))
        return record

    def iterate(self, index: int, messages: Messages, parent: Candidate | None) -> list[Candidate]:
        """The candidates of one iteration, trained; rejected ones repaired if asked for."""
        name = None if parent is None else parent.id
        answers = self.ask(index, messages, self.settings.samples, parent)
        candidates = self.train(
            [candidate_of(answer, index, number, name) for number, answer in enumerate(answers)]
        )
        newest = candidates
        for attempt in range(1, self.settings.repairs + 1):
            rejected = [candidate for candidate in newest if candidate.status == "rejected"]
            newest = self.train([self.repair(index, attempt, messages, one, parent) for one in rejected])
            candidates = [*candidates, *newest]
        return self.race(candidates) if self.settings.racing else candidates

    def repair(
        self, index: int, attempt: int, messages: Messages, failed: Candidate, parent: Candidate | None
    ) -> Candidate:
        """A rejected candidate, given back with its error."""
        conversation = (*messages, *exchange(failed))
        (answer,) = self.ask(index, conversation, 1, parent, attempt=attempt, response=failed.response)
        return candidate_of(answer, index, failed.response, failed.id, attempt)

    def ask(
        self, index: int, messages: Messages, samples: int, parent: Candidate | None, **repair: int
    ) -> Sequence[Any]:
        """Answers, journaled already."""
        known = None if parent is None else as_parent(parent, self.outcomes[parent.id])
        return self.tools.propose(self.problem.request(index, messages, samples, known, **repair))

    def train(self, candidates: Sequence[Candidate], *, half: bool | None = None) -> list[Candidate]:
        """Train candidates side by side, in a race to half, and note what becomes of them."""
        programs = {c.id: c.source for c in candidates if c.source is not None}
        futures = self.tools.train(programs, half=self.settings.racing if half is None else half)
        self.outcomes |= {name: future.result() for name, future in futures.items()}
        return [
            measured(c, self.outcomes[c.id] if c.id in futures else None, self.problem.task)
            for c in candidates
        ]

    def race(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Train the better half of the candidates to the end; one more as long as none of them comes to it."""
        order = ranked(candidates)
        first = going_on(len(order))
        batch, rest = order[:first], order[first:]
        done = {candidate.id: candidate for candidate in order}
        while batch:
            trained = self.train(batch, half=False)
            done |= {candidate.id: candidate for candidate in trained}
            if any(candidate.status == "ok" for candidate in trained):
                break
            batch, rest = rest[:1], rest[1:]
        for candidate in rest:
            done[candidate.id] = dropped(candidate)
            self.tools.forget(candidate.source or "")
        return [done.get(candidate.id, candidate) for candidate in candidates]


def exchange(candidate: Candidate) -> Messages:
    """What was said by a candidate's proposer, without thoughts, and what it is told of that."""
    return (
        {"role": "assistant", "content": spoken(candidate.answer) or NOTHING},
        {"role": "user", "content": candidate.feedback or ""},
    )
