"""The most that the next request can cost, as far as the server's answers so far have taught."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

from harness.proposers.entries import Usage
from harness.proposers.journal import Journal
from harness.proposers.limits import Cost, Limits, Spending
from harness.proposers.prices import Price
from harness.proposers.tokens import (
    BELIEVED_FROM,
    Messages,
    estimated,
    number,
    prompt_at_worst,
    prompt_text,
)

LONG_PROMPT = 500
"""Tokens from which on a prompt's count says whether the server cut it: text averages out."""


def worst_case(messages: Messages, samples: int, longest: int, price: Price | None) -> Cost:
    """The most that one request can cost if no answer is longer than `longest` tokens."""
    prompt, completion = prompt_at_worst(messages), samples * longest
    return Cost(prompt + completion, 0.0 if price is None else price.cost(prompt, completion))


class WorstCases:
    """Learns from every answer, those of earlier processes included."""

    def __init__(self, journal: Journal, limits: Limits, price: Price | None) -> None:
        self._limits = limits
        self._price = price
        self._longest = limits.max_completion_tokens
        self.proven = limits.max_tokens is None and limits.max_usd is None
        """Whether an answer has shown that the server keeps to its length, or no limit rests on that."""
        self._lock = threading.Lock()
        for entry in journal.responses():
            self.proven = True
            spent = max(entry["usage"]["completion_tokens"], 0)
            self._longest = max(self._longest, math.ceil(spent / max(len(entry["choices"]), 1)))

    def of(self, messages: Messages, samples: int) -> Cost:
        """The most that asking for `samples` answers to `messages` can cost."""
        return worst_case(messages, samples, self._longest, self._price)

    def cost(self, prompt: int, completion: int) -> float | None:
        """Dollars; None where the price is unknown."""
        return None if self._price is None else self._price.cost(prompt, completion)

    def learn(self, usage: Usage, answers: int) -> int:
        """Remember how long the answers of an exchange were; returns their mean length in tokens."""
        longest = math.ceil(usage["completion_tokens"] / max(answers, 1))
        with self._lock:
            self.proven = True
            self._longest = max(self._longest, longest)
        return longest

    def warnings(self, reported: Any, messages: Messages, spending: Spending) -> Iterator[str]:
        """What the user should know after an exchange."""
        asked = estimated(prompt_text(messages))
        prompt_tokens = number(reported.get("prompt_tokens")) if isinstance(reported, dict) else None
        if prompt_tokens and asked > LONG_PROMPT and prompt_tokens < BELIEVED_FROM * asked:
            yield (
                f"it counted {prompt_tokens} tokens of a prompt of about {asked}: it may have cut the prompt; give the "
                "model a longer context (Ollama: num_ctx)"
            )
        most, dollars, spent = self._limits.max_tokens, self._limits.max_usd, spending.reported
        if most is not None and spent.tokens > most:
            yield f"the last answer passed --max-tokens: {spent.tokens} of {most} tokens are spent"
        if dollars is not None and spent.usd > dollars:
            yield f"the last answer passed --max-usd: ${spent.usd:.4f} of ${dollars:.4f} are spent"
