"""The words a model is shown, one text file each; here they are put together.

A file's `$name` is a slot. What fills a slot is inserted as it is, so code may hold braces and dollar signs.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.resources import files
from string import Template

from harness.context import context_of
from harness.task import Fitness, Task

Message = dict[str, str]
"""One message of a chat: `role` (system, user or assistant) and `content`."""


def initial_messages(task: Task) -> list[Message]:
    """What a search starts with: the rules of reward code, then the environment and the task in words."""
    output = piece("output")
    return [
        {"role": "system", "content": piece("system", signature=piece("signature"), output=output)},
        {"role": "user", "content": piece("user", context=context_of(task).strip(), task=task.description)},
    ]


def policy_feedback(task: Task, numbers: str, every: int, remarks: Sequence[str] = ()) -> str:
    """What follows a trained candidate: the `numbers` of its reflection, one `every` so many epochs.

    `remarks` are what is odd about the program, a line each.
    """
    when = "after every epoch" if every == 1 else f"every {every} epochs"
    score, bad = score_in_words(task)
    parts = [piece("feedback", numbers=numbers, when=when, score=score), *_remarks(remarks)]
    return "\n\n".join([*parts, piece("advice", bad=bad), piece("output")])


def score_in_words(task: Task) -> tuple[str, str]:
    """Which way the task score points and where it ends, and where it is while nothing is learned."""
    if task.fitness is Fitness.RATE and task.best_rate is not None:
        best = f"{task.best_rate:g}"
        return (
            f"higher is better. {best} is the best that can be; the further below, the worse.",
            f"far below {best}",
        )
    ends = {
        Fitness.SURVIVAL: f"0 is the worst, {task.timing.episode_steps} the best that can be.",
        Fitness.SUCCESS: "0 is the worst, 1 the best that can be.",
        Fitness.COUNT: "0 is the worst, and there is no best.",
        Fitness.RATE: "It may be negative, and has neither a worst nor a best value.",
    }
    bad = "as low as it began" if task.fitness is Fitness.RATE else "near its bad end"
    return f"higher is better. {ends[task.fitness]}", bad


def error_feedback(error: str, remarks: Sequence[str] = ()) -> str:
    """What follows a candidate without a score: the lines for its designer, or a general remark without any.

    `remarks` are what else is odd about the program, a line each.
    """
    problem = piece("error", error=error.strip() or piece("no_error_text"))
    return "\n\n".join([problem, *_remarks(remarks), piece("output")])


def _remarks(remarks: Sequence[str]) -> list[str]:
    lines = "\n".join(f"- {remark}" for remark in remarks)
    return [piece("remarks", remarks=lines)] if remarks else []


def piece(name: str, **slots: str) -> str:
    """The text `name`.txt with its slots filled. KeyError if one is left open."""
    return _template(name).substitute(slots)


@functools.cache
def _template(name: str) -> Template:
    return Template((files(__name__) / f"{name}.txt").read_text(encoding="utf-8").strip())
