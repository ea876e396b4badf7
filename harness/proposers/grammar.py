"""The grammar proposer: rewards composed from the kinds of a task's fields, without a language model.

It is the default where no model can be reached, and a control: how far does a search get without one?
Every answer depends only on its number, on the request's seed, place and fields, and on its parent.
"""

from __future__ import annotations

import random

from harness.errors import UserError
from harness.proposers.contract import Answer, Parent, Request
from harness.proposers.grammar_catalogue import catalogue
from harness.proposers.grammar_program import Program, read, render
from harness.proposers.grammar_search import Draft, Terms, cross, fresh, hopeless, mutate
from harness.proposers.journal import Journal
from harness.proposers.recorded import Recorded

NAME = "grammar"
CROSSING = 4
"""One sample out of so many is crossed with a new reward, the others are mutated: which, its number alone says, so
that samples do not depend on how many are asked for at a time."""


class GrammarProposer(Recorded):
    """Composes, mutates and crosses rewards. Costs nothing."""

    def __init__(self, journal: Journal) -> None:
        """UserError if the journal was begun by another proposer."""
        super().__init__(NAME, journal)

    def ask(self, request: Request, known: int) -> None:
        """Write the samples from number `known` on.

        UserError for a task whose state offers no terms, and for what is no reward.
        """
        if request.reward is None:
            raise UserError("the grammar writes rewards only: use --proposer openai:MODEL")
        terms = catalogue(request.reward.fields)
        if not terms:
            raise UserError(
                f"the grammar finds nothing to reward in task {request.place['task']!r}: declare state tensors of a "
                "kind that harness.task.tensor names, or use --proposer openai:MODEL"
            )
        count = request.samples - known
        part = self.journal.request(request.key, count, request.messages)
        answers = [compose(request, index, terms) for index in range(known, request.samples)]
        self.journal.response(
            request.key, part, answers, {"prompt_tokens": 0, "completion_tokens": 0}, 0.0, NAME
        )


def compose(request: Request, index: int, terms: Terms) -> Answer:
    """Sample number `index` of a request."""
    place = "/".join(str(request.place.get(name)) for name in ("iteration", "attempt", "response"))
    rng = random.Random(f"{request.seed}/{place}/{index}")
    draft = _draft(None if request.reward is None else request.reward.parent, index, terms, rng)
    return Answer(f"{draft.why} {_summary(draft.program)}\n\n```python\n{render(draft.program)}```\n", "stop")


def _draft(parent: Parent | None, index: int, terms: Terms, rng: random.Random) -> Draft:
    program = read(parent.source, terms) if parent else None
    if parent is None or program is None:
        return fresh(terms, rng)
    if hopeless(parent.fitness) and index > 0:
        return fresh(terms, rng, "The fitness did not move, so this is a new start.")
    if index % CROSSING == CROSSING - 1:
        return cross(program, parent, terms, rng)
    return mutate(program, parent, terms, rng)


def _summary(program: Program) -> str:
    words = [gene.term.about for gene in program.genes] + ["a bonus for every step"] * (program.alive > 0)
    *others, last = words
    return f"It combines {', '.join(others)} and {last}." if others else f"It rewards {last}."
