"""Where in a text there may be code: between fences, after a last one, in quotes, or bare amid prose."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from harness.rewards.errors import RewardError
from harness.rewards.language.parse import parse

FENCE = re.compile(r"`{3,}|^[ \t]*~{3,}", re.MULTILINE)
QUOTES = ('"""', "'''", '""', '"', "'")
MOST_BLOCKS = 200
MOST_STRETCHES = 20
MOST_JOINED = 4
"""Pieces between fences that are joined, where one inside a string has cut a program into two."""
_STATEMENT = r"""import\s+[\w.]+|from\s+[\w.]+\s+import\b|def\s+\w+\s*\(|@\w|class\s+\w+\s*[:(]"""
CODE = re.compile(rf"{_STATEMENT}|\#|\"\"\"|'''|if\s+\w|with\s+\w|[A-Za-z_]\w*\s*(?::[^=\n]+)?=[^=]")
"""How a line of code begins at the top of a program."""
AFTER_TAG = re.compile(rf"{_STATEMENT}|\#|\"\"\"|'''|[A-Z_]+ = ")
"""The same behind a tag, where `title=reward` is none."""
START = re.compile(rf"^([ \t]*)(?:{_STATEMENT}|[A-Za-z_]\w*\s*=[^=])", re.MULTILINE)
TAG = re.compile(r"[ \t]*(?:\{[^}\n]*\}|\(?[\w.+#:/-]*\)?)[ \t]*")
GLUED_TAG = re.compile(r"[ \t]*(?:python|py)[0-9.]*", re.IGNORECASE)


def between_fences(text: str) -> tuple[list[str], str | None]:
    """The pieces with functions between one fence and the next, and what follows a last fence that opens a block.

    Every piece counts, whichever fence was meant to open: prose is told by not being code.
    """
    fences = list(FENCE.finditer(text))
    ends = [fence.start() for fence in fences[1:]]
    pieces: list[str] = []
    for i, (fence, end) in enumerate(zip(fences, ends, strict=False)):
        if "def " not in text[fence.end() : end]:
            continue
        piece = untagged(text[fence.end() : end])
        for further in ends[i + 1 : i + MOST_JOINED]:
            if _parses(piece):
                break
            longer = untagged(text[fence.end() : further])
            if _parses(longer):
                piece = longer
        pieces.append(piece)
        if len(pieces) == MOST_BLOCKS:
            break
    return pieces, untagged(text[fences[-1].end() :]) if len(fences) % 2 else None


def in_quotes(text: str) -> Iterator[str]:
    """What stands between the first and the last quotation mark of each kind."""
    for quote in QUOTES:
        first, last = text.find(quote), text.rfind(quote)
        if first >= 0 and first + len(quote) <= last:
            yield untagged(text[first + len(quote) : last])


def untagged(block: str) -> str:
    """A block without its tag (`python3.8`, `{python}`, `python:reward.py`), dedented; it ends in one newline."""
    first, newline, rest = block.partition("\n")
    if not CODE.match(first.lstrip()):
        tag = TAG.match(first)
        glued = GLUED_TAG.match(first)
        if tag and AFTER_TAG.match(first[tag.end() :]):
            block = first[tag.end() :] + newline + rest
        elif glued and AFTER_TAG.match(first[glued.end() :]):
            block = first[glued.end() :] + newline + rest
        elif newline:
            block = rest
    return textwrap.dedent(block).strip("\n").rstrip() + "\n"


def stretches(text: str) -> list[tuple[str, bool]]:
    """Programs amid prose, each cut after its last function, and whether prose follows it.

    A stretch starts where a line reads like code and ends before an unindented line that is none.
    """
    found: list[tuple[str, bool]] = []
    place = 0
    for _ in range(MOST_STRETCHES):
        start = START.search(text, place)
        if start is None:
            break
        lines = _outdented(text[start.start() :].lstrip("\n"), start[1])
        program, used = _longest(lines)
        if program:
            found.append((program, any(map(str.strip, lines[used:]))))
        place = start.start() + sum(len(line) + len(start[1]) + 1 for line in lines[: max(used, 1)])
        place = max(place - 1, start.end())
    return found


def _outdented(text: str, indent: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith(indent):
            break
        lines.append(line.removeprefix(indent))
    return lines


def _longest(lines: list[str]) -> tuple[str, int]:
    """The program that the lines begin with, if there is one, and how many lines it takes."""
    while lines:
        try:
            tree = parse("\n".join(lines))
        except RewardError as error:
            line = (error.line or 1) - 1
            if line >= len(lines) or lines[line][:1].isspace() or START.match(lines[line]) or line == 0:
                return "", max(line, 1)
            lines = lines[:line]
            continue
        functions = [node.end_lineno or 0 for node in tree.body if isinstance(node, ast.FunctionDef)]
        last = max(functions, default=0)
        return ("\n".join(lines[:last]).rstrip() + "\n" if last else ""), last or len(lines)
    return "", 1


def _parses(piece: str) -> bool:
    try:
        return bool(parse(piece))
    except RewardError:
        return False
