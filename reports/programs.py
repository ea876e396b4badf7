"""Reward programs, differences and conversations for the page: untrusted text, escaped, never markup."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import DiffLexer, PythonLexer

from harness.scoring.rundata import RunData
from harness.scoring.scores import best_search
from harness.scoring.searchdata import Candidate, Iteration, Search
from harness.scoring.task_info import TaskInfo

STYLES: Final = {"light": "default", "dark": "github-dark"}
"""Of highlighted text, by pygments' names."""


@dataclass(frozen=True)
class Exchange:
    """What was new in one iteration of a search."""

    number: int
    messages: tuple[tuple[str, str], ...]
    """Messages that the iteration before did not have."""
    repeated: int
    """Messages left out because it did."""
    candidates: tuple[Candidate, ...]
    best: str | None


@dataclass(frozen=True)
class Program:
    """The program of a search (or a given one), ready for the page."""

    task: TaskInfo
    method: str
    search: int
    given: bool
    """Whether it was given (human, sparse, a user's own), not searched for."""
    candidate: str | None
    score: float | None
    """F in the search."""
    code: Markup | None
    difference: Markup | None
    parent: str | None
    error: str | None
    status: str
    exchanges: tuple[Exchange, ...]
    """The conversation, of the best search of a task and method only."""


def programs(run: RunData) -> list[Program]:
    """Every search's program, by task, searching methods first."""
    out = []
    for task in run.tasks:
        for method in sorted(run.methods, key=lambda m: (m not in run.searching, run.methods.index(m))):
            chosen = best_search(run, task, method)
            out += [
                _program(run, task, search, with_exchanges=search is chosen)
                for search in run.of(task.slug, method)
            ]
    return out


def coloured(source: str) -> Markup:
    """Python source with a class for each kind of token."""
    return _highlight(source, PythonLexer())


def difference(old: str, new: str, names: tuple[str, str]) -> Markup:
    """Unified diff with a class for each kind of line; empty if nothing differs."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="")
    return _highlight("\n".join(lines), DiffLexer())


def colours(scheme: str) -> str:
    """CSS of the classes, for a page that is `light` or `dark`."""
    return "\n".join(HtmlFormatter(style=STYLES[scheme]).get_token_style_defs("pre"))


def exchanges(iterations: tuple[Iteration, ...]) -> tuple[Exchange, ...]:
    """The conversation of a search, without what every iteration repeats."""
    out = []
    before: tuple[tuple[str, str], ...] = ()
    for iteration in iterations:
        new = tuple(message for message in iteration.messages if message not in before)
        out.append(
            Exchange(
                iteration.index + 1,
                new,
                len(iteration.messages) - len(new),
                iteration.candidates,
                iteration.best,
            )
        )
        before = iteration.messages
    return tuple(out)


def _program(run: RunData, task: TaskInfo, search: Search, *, with_exchanges: bool) -> Program:
    known = search.candidates
    best = known.get(search.best or "")
    parent = known.get(best.parent or "") if best else None
    changed = None
    if best and best.source and parent and parent.source:
        changed = difference(parent.source, best.source, (f"candidate {parent.id}", f"candidate {best.id}"))
    return Program(
        task=task,
        method=search.method,
        search=search.index,
        given=search.method not in run.searching,
        candidate=search.best,
        score=search.reward_score,
        code=coloured(search.program) if search.program else None,
        difference=changed,
        parent=parent.id if parent else None,
        error=search.error,
        status=search.status,
        exchanges=exchanges(search.iterations) if with_exchanges else (),
    )


def _highlight(text: str, lexer: object) -> Markup:
    return Markup(highlight(text, lexer, HtmlFormatter(nowrap=True)))  # pygments escapes what it colours
