"""What model calls may cost, and the error when the next one could cost more."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import EnvironmentProblem


class LimitReached(EnvironmentProblem):
    """The next request could pass a limit on tokens or money, so it was not sent."""


@dataclass(frozen=True)
class Cost:
    """Tokens (prompt and completion together) and US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.tokens + other.tokens, self.usd + other.usd)


@dataclass(frozen=True)
class Spending:
    """What a journal's requests have cost."""

    reported: Cost = Cost()
    """Reported by the server."""
    reserved: Cost = Cost()
    """At worst, by requests that are under way, or whose answer never arrived."""

    @property
    def total(self) -> Cost:
        """The most that can have been spent."""
        return self.reported + self.reserved


@dataclass(frozen=True)
class Limits:
    """Bounds on a run's model calls, over all of its searches and restarts; None for no bound."""

    max_usd: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int = 4096
    """Length at which the server cuts an answer off."""

    def check(self, spending: Spending, worst_case: Cost) -> None:
        """LimitReached if a request that costs `worst_case` could pass a limit."""
        spent = spending.total
        if self.max_tokens is not None and spent.tokens + worst_case.tokens > self.max_tokens:
            raise LimitReached(
                f"token limit: {spent.tokens} of {self.max_tokens} tokens are spent or reserved and the next "
                f"request may need {worst_case.tokens}; raise --max-tokens, or ask for fewer --samples"
            )
        if self.max_usd is not None and spent.usd + worst_case.usd > self.max_usd:
            raise LimitReached(
                f"money limit: ${spent.usd:.4f} of ${self.max_usd:.4f} are spent or reserved and the next "
                f"request may cost ${worst_case.usd:.4f}; raise --max-usd, or ask for fewer --samples"
            )
