"""A question about a task that is answered in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from harness.confine.child import Child
from harness.confine.fork_server import fork_server
from harness.errors import UserError
from harness.identity import TaskId


def asked(name: str, function: Callable[..., Any], task: TaskId, *arguments: Any) -> Any:
    """`function(task, *arguments)`, in a process called `name`. UserError if the task cannot be trained."""
    receiver, sender = fork_server().Pipe(duplex=False)
    process = Child(name, _answer, (function, task, arguments, sender))
    with receiver, sender:
        process.start()
        sender.close()
        try:
            found, answer = receiver.recv()
        except EOFError:
            found, answer = False, "its trial run ended at once"
        finally:
            process.end()
    if not found:
        raise UserError(f"task {task.reference!r} cannot be trained: {answer}")
    return answer


def _answer(
    function: Callable[..., Any], task: TaskId, arguments: tuple[Any, ...], sender: Connection
) -> None:
    try:
        sender.send((True, function(task, *arguments)))
    except Exception as error:
        sender.send((False, " ".join(f"{type(error).__name__}: {error}".split())))
