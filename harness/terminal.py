"""The terminal that a command was started from: its streams, its Ctrl-C, one line for what went wrong."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from concurrent.futures import wait as futures_wait
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

ESCAPED = "harness-escaped"
"""How characters are written that an encoding lacks."""
INTERRUPTED = 130
"""The exit code after Ctrl-C."""
RESUMES = "interrupted: finished trials are kept; the same command resumes"
HEARING_S = 0.2
"""How often a thread that waits looks for signals."""


def prepare() -> None:
    """Make the standard streams usable, whatever they are.

    A closed one is opened on the null device, else the next file would take its number and get what is printed; a
    character that an encoding lacks is written as its escape, a byte of a file name that is no character as it is.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            codecs.register_error(ESCAPED, _escape)
            stream.reconfigure(errors=ESCAPED)


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


def output() -> Console:
    """Where a command prints. A reader who has gone is a BrokenPipeError, as everywhere else."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Output(emoji=False)


def complain(text: str, style: str) -> None:
    """One line on the standard error stream."""
    from rich.console import Console

    with contextlib.suppress(OSError):  # nobody may be there to read it
        console = Console(stderr=True, emoji=False)
        console.print(" ".join(text.split("\n")), style=style, markup=False, highlight=False, soft_wrap=True)


def forget_output() -> None:
    """Let what is still to be printed, by this process at its end too, go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


@contextlib.contextmanager
def ending_at_ctrl_c(text: str, code: int) -> Iterator[None]:
    """Ctrl-C writes a line and ends this process on the spot: for where there is nothing to tidy up."""
    before = _handle_ctrl_c(text, code)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def wait(until: Callable[[float], bool]) -> None:
    """Wait for `until`, which is called with seconds to wait and says whether it is over.

    For the main thread, which alone handles signals: one that the system gives to another thread does not end a
    wait without limit, so that Ctrl-C would be heard when there is nothing left to interrupt.
    """
    while not until(HEARING_S):
        pass


def wait_for(futures: Collection[Future[Any]]) -> None:
    """Wait like this until all of them are done."""
    wait(lambda seconds: all(f.done() for f in futures) or not futures_wait(futures, seconds).not_done)


def ignore_ctrl_c() -> None:
    """For the last moments: the interpreter takes a handler away before it ends, but leaves this."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_at_ctrl_c(code: int) -> None:
    """Ctrl-C ends this process without a word from now on."""
    _handle_ctrl_c("", code)


def _handle_ctrl_c(text: str, code: int) -> signal._HANDLER:
    """The handler of before; None if Ctrl-C is not this thread's to handle, or is not heard at all."""

    def end(number: int, frame: FrameType | None) -> None:
        if text:
            with contextlib.suppress(OSError):
                os.write(2, f"{text}\n".encode())
        os._exit(code)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        return None
    signal.signal(signal.SIGINT, end)
    return before
