"""How many requests a model server is sent at a time: as many as it can answer in time."""

from __future__ import annotations

import threading

from harness.proposers.interruption import POLL_S, Interruption

SAFE = 0.9
"""Share of the time-out that an answer may be expected to take."""


class Slots:
    """One request at first, then more as long as the answers would be in time even if the server took turns.

    A small machine works on one request at a time: eight asked at once would wait for each other until they
    time out, and be paid all the same.
    """

    def __init__(self, most: int, timeout_s: float, interruption: Interruption) -> None:
        self.number = 1
        self.used = 0
        self._most = most
        self._timeout_s = timeout_s
        self._interruption = interruption
        self._seconds: list[float] = []
        """Of the answers since the number of slots changed."""
        self._changed = threading.Condition()

    def enter(self) -> int:
        """Wait for a slot; how many there are then. Interrupted if nothing new is to be sent."""
        with self._changed:
            while True:
                self._interruption.check()
                if self.used < self.number:
                    self.used += 1
                    return self.number
                self._changed.wait(POLL_S)

    def leave(self) -> None:
        """Give the slot back."""
        with self._changed:
            self.used -= 1
            self._changed.notify_all()

    def answered(self, seconds: float, slots: int) -> None:
        """An answer took so long, of a request that began when there were `slots`."""
        with self._changed:
            if slots != self.number or self.number == self._most:
                return
            self._seconds.append(seconds)
            if len(self._seconds) < self.number:  # one that came early says little: others waited for it
                return
            in_time = int(SAFE * self._timeout_s * self.number / max(*self._seconds, 1e-3))
            self.number = min(max(self.number, in_time), self._most)
            self._seconds = []
            self._changed.notify_all()

    def timed_out(self) -> bool:
        """An answer took too long: if others waited beside it, one at a time; whether that is news."""
        with self._changed:
            fewer = self.used > 1 and self.number > 1
            if fewer:
                self.number, self._most, self._seconds = 1, 1, []
            return fewer
