"""The words a model is shown, one text file each; here they are put together.

A file's `$name` is a slot. What fills a slot is inserted as it is, so code may hold braces and dollar signs.
"""

from __future__ import annotations

import functools
from importlib.resources import files
from string import Template

from harness.context import context_of
from harness.task import Task

Message = dict[str, str]
"""One message of a chat: `role` (system, user or assistant) and `content`."""


def initial_messages(task: Task) -> list[Message]:
    """What a search starts with: the rules of reward code, then the environment and the task in words."""
    output = piece("output")
    return [
        {"role": "system", "content": piece("system", signature=piece("signature"), output=output)},
        {"role": "user", "content": piece("user", context=context_of(task).strip(), task=task.description)},
    ]


def policy_feedback(numbers: str, every: int) -> str:
    """What follows a trained candidate: the `numbers` of its reflection, one `every` so many epochs."""
    return "\n\n".join(
        [piece("feedback", numbers=numbers, every=str(every)), piece("advice"), piece("output")]
    )


def error_feedback(error: str) -> str:
    """What follows a rejected candidate: the lines for its designer, or a general remark without any."""
    return "\n\n".join([piece("error", error=error.strip() or piece("no_error_text")), piece("output")])


def piece(name: str, **slots: str) -> str:
    """The text `name`.txt with its slots filled. KeyError if one is left open."""
    return _template(name).substitute(slots)


@functools.cache
def _template(name: str) -> Template:
    return Template((files(__name__) / f"{name}.txt").read_text(encoding="utf-8").strip())
