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
