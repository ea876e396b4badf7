"""The program inside an answer: the last complete fenced code block that parses and defines a function."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings

from harness.rewards.errors import RewardError, problem

LONGEST_ANSWER = 400_000
LONGEST_PROGRAM = 60_000
FENCE = re.compile(r"[ \t]*(`{3,})([^`]*)")
PYTHON_TAGS = {"", "python", "py", "python3"}
FORM = "Answer with one fenced code block (```python … ```) that defines `compute_reward(...)`."


def extract(text: str) -> str:
    """The program text in a model's answer, ending in one newline.

    An answer that is a program itself is taken whole. Fenced blocks count when they are closed and tagged
    python, py or not at all. Raises RewardError: `no_code` if there is no program, `syntax` if there are
    blocks and none parses.
    """
    if len(text) > LONGEST_ANSWER:
        raise RewardError("no_code", f"answer of {len(text)} characters is too long", FORM)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = text.strip("\n").rstrip() + "\n"
    if _defines_function(whole):
        return whole
    blocks, unclosed = _blocks(text)
    for block in reversed(blocks):
        if _defines_function(block):
            return block
    for block in reversed(blocks):
        parse(block)
    if blocks:
        raise RewardError(
            "no_code", "no code block defines a function", f"No code block defines a function.\n{FORM}"
        )
    if unclosed:
        message = "the code block is not closed: the answer may have been cut off"
        raise RewardError(
            "no_code", message, f"The code block has no closing fence, so it may be incomplete.\n{FORM}"
        )
    raise RewardError(
        "no_code", "the answer has no code block", f"The answer contains no code block.\n{FORM}"
    )


def parse(source: str) -> ast.Module:
    """The syntax tree of a program. Raises RewardError `syntax` with line and column."""
    if len(source) > LONGEST_PROGRAM:
        raise problem(
            "syntax", f"the program has more than {LONGEST_PROGRAM} characters", "Write a shorter program."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        where = f" at line {error.lineno}, column {error.offset}" if error.lineno else ""
        raise problem(
            "syntax",
            f"the program does not parse{where}: {error.msg}",
            "Write valid Python 3.",
            source,
            error.lineno,
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        what = "a NUL or an undecodable character" if isinstance(error, ValueError) else "too deep nesting"
        raise problem(
            "syntax", f"the program does not parse: {what}", "Write plain, short Python 3."
        ) from None


def _defines_function(source: str) -> bool:
    try:
        return any(isinstance(node, ast.FunctionDef) for node in ast.walk(parse(source)))
    except RewardError:
        return False


def _blocks(text: str) -> tuple[list[str], bool]:
    """The closed python or untagged blocks with anything in them, in order, and whether one is left open.

    A tagged fence inside an open block starts a new one: the open one was cut off.
    """
    blocks: list[str] = []
    lines: list[str] | None = None
    tag, ticks = "", 0
    for line in text.split("\n"):
        fence = FENCE.fullmatch(line)
        info = fence[2].strip() if fence else ""
        if fence is None or (lines is not None and not info and len(fence[1]) < ticks):
            if lines is not None:
                lines.append(line)
        elif lines is None or info:
            lines, tag, ticks = [], info.partition(" ")[0].lower(), len(fence[1])
        else:
            block = textwrap.dedent("\n".join(lines)).strip("\n").rstrip() + "\n"
            if tag in PYTHON_TAGS and block.strip():
                blocks.append(block)
            lines = None
    return blocks, lines is not None and tag in PYTHON_TAGS
