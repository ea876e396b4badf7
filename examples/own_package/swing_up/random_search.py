"""Random search: programs are drawn again and again from the same prompt, and the best one is kept.

The control for every method that learns from its own tries: same proposer, same number of programs, no reflection.
"""

from __future__ import annotations

from dataclasses import replace

from harness.methods.candidates import best_of, candidate_of, measured, why_nothing
from harness.methods.contract import Problem, SearchSettings, Tools
from harness.records import UNDER_WAY, Iteration, SearchRecord


class RandomSearch:
    """Candidates are sampled and trained; nothing is fed back."""

    role = "search"
    Settings = SearchSettings

    def search(self, problem: Problem, tools: Tools) -> SearchRecord:
        """One search: `iterations` times `samples` programs, of which the best is kept."""
        record, best = problem.record(), None
        for index in range(problem.settings.iterations):
            answers = tools.propose(problem.request(index, problem.messages, problem.settings.samples))
            tried = [candidate_of(answer, index, number, None) for number, answer in enumerate(answers)]
            futures = tools.train({one.id: one.source for one in tried if one.source is not None})
            outcomes = {name: future.result() for name, future in futures.items()}
            tried = [measured(one, outcomes.get(one.id), problem.task) for one in tried]
            winner = best_of(tried)
            best = best_of([one for one in (best, winner) if one is not None])
            names = [None if one is None else one.id for one in (winner, best)]
            record = replace(
                record,
                iterations=(*record.iterations, Iteration(index, problem.messages, tuple(tried), *names)),
            )
            if best is not None:
                record = replace(record, program=best.source, best=best.id, reward_score=best.f)
            tools.save(replace(record, status="stopped", error=UNDER_WAY))
        if best is None:
            return replace(record, status="failed", error=why_nothing(record))
        return record
