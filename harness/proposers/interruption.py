"""Being told to stop, while waiting too."""

from __future__ import annotations

import threading
from collections.abc import Callable

POLL_S = 0.1


class Interrupted(Exception):
    """No more requests are to be sent: the user said so."""


class Interruption:
    """First the user asks to send nothing new, then perhaps to give up what is under way."""

    def __init__(self, sleep: Callable[[float], None] | None = None) -> None:
        """`sleep` replaces the waiting, in tests."""
        self._stopping = threading.Event()
        self._dropping = threading.Event()
        self._sleep = sleep

    def stop(self, now: bool = False) -> None:
        """Heard from any thread, and from a signal handler."""
        self._stopping.set()
        if now:
            self._dropping.set()

    @property
    def dropping(self) -> bool:
        """Whether requests under way are to be given up."""
        return self._dropping.is_set()

    def check(self) -> None:
        """Interrupted, if nothing new is to be sent."""
        if self._stopping.is_set():
            raise Interrupted

    def wait(self, seconds: float) -> None:
        """Let time pass. Interrupted as soon as nothing new is to be sent."""
        if self._sleep is None:
            self._stopping.wait(seconds)
        else:
            self._sleep(seconds)
        self.check()


class Slots:
    """Permission to use a server that works on a few requests at a time."""

    def __init__(self, number: int, interruption: Interruption) -> None:
        self.number = number
        self.used = 0
        self._interruption = interruption
        self._changed = threading.Condition()

    def enter(self, alone: Callable[[], bool] = lambda: False) -> None:
        """Wait for a slot; while `alone()` there is only one. Interrupted if nothing new is to be sent."""
        with self._changed:
            while True:
                self._interruption.check()
                if self.used < (1 if alone() else self.number):
                    break
                self._changed.wait(POLL_S)
            self.used += 1

    def leave(self) -> None:
        """Give the slot back."""
        with self._changed:
            self.used -= 1
            self._changed.notify_all()

    def shrink(self, size: int) -> bool:
        """Half as many as are used now, if there were `size` when the request that took too long began.

        Whether that changes anything: those that waited beside it bring no further change.
        """
        with self._changed:
            if self.number < size or self.used <= 1:
                return False
            self.number = max(1, min(self.used, self.number) // 2)
            return True
