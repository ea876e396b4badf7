"""How long one exchange goes on trying."""

from __future__ import annotations

import random

from harness.proposers.diagnosis import Trouble
from harness.proposers.retry import LOST_AT_MOST, PATIENCE_S, STRANGER_PATIENCE_S, waiting_time


class Patience:
    """Counts seconds of trouble since the server's last answer to anyone, and answers lost by this exchange."""

    def __init__(self, rng: random.Random, answered: int) -> None:
        """`answered` counts the server's answers so far, here and below."""
        self._rng = rng
        self._answered = answered
        self._attempts = 0
        self._lost = 0
        self._seconds = 0.0
        self.asked_too_long: float | None = None
        """Seconds, if the server asked to wait for longer than the patience lasts."""

    def __str__(self) -> str:
        attempts = f"{self._attempts} attempt" + "s" * (self._attempts != 1)
        return f"in {attempts} and {self._seconds / 60:.1f} min"

    def after(self, trouble: Trouble, took_s: float, answered: int) -> float | None:
        """Seconds to wait before the next attempt; None if there should be none."""
        if answered != self._answered:  # it does answer, only not this time
            self._answered, self._attempts, self._seconds = answered, 0, 0.0
        self._attempts += 1
        self._lost += trouble.charged
        self._seconds += took_s
        if not trouble.retry or self._lost >= LOST_AT_MOST:
            return None
        wait_s = waiting_time(trouble.wait_s, self._attempts - 1, self._rng)
        limit = STRANGER_PATIENCE_S if trouble.unreachable and not answered else PATIENCE_S
        if trouble.wait_s is not None and trouble.wait_s > limit - self._seconds:
            self.asked_too_long = trouble.wait_s
            return None
        if self._seconds >= limit:
            return None
        self._seconds += wait_s
        return wait_s
