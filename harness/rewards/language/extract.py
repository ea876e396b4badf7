"""The program inside an answer: the code that holds the entry function, wherever and however it is marked."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import dropwhile

from harness.rewards.errors import RewardError
from harness.rewards.language.answer import spoken
from harness.rewards.language.blocks import between_fences, in_quotes, stretches
from harness.rewards.language.entry import ENTRY, entry_candidates, top_level_functions
from harness.rewards.language.parse import parse

LONGEST_ANSWER = 400_000
FORM = f"Answer with one fenced code block (```python … ```) that defines `{ENTRY}(...)`."
INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f"), "")
BLANKS = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2002\u2003\u2009\u3000"), " ")
LONE_TAG = re.compile(r"\A(?:[ \t]*(?:python|py)[0-9.]*[ \t]*\n)+", re.IGNORECASE)
ELEMENT = re.compile(
    r"</?(?:answer|final_answer|code|python|solution|program|output|response)>", re.IGNORECASE
)
"""Markup that some models put around code."""
NEWLINES = {ord("\u2028"): "\n", ord("\u2029"): "\n"}

COMPLETE, NAMED, REWARDING, PAIR, FUNCTION = 4, 3, 2, 1, 0
"""How surely a piece of code is the program: `compute_reward` with its return; `compute_reward`; a name with
`reward` in it; a function that returns a pair; any function."""


@dataclass(frozen=True)
class _Piece:
    """A piece of code that parses and defines a function."""

    text: str
    rank: int
    ends_in_return: bool


def extract(text: str, cut_off: bool = False) -> str:
    """The program text in a model's answer, ending in one newline.

    `cut_off` says that the answer did not end by itself: then code that reaches to its end is none. Raises
    RewardError: `no_code` if there is no program, `syntax` if there is code and it does not parse.
    """
    if len(text) > LONGEST_ANSWER:
        raise RewardError("no_code", f"answer of {len(text)} characters is too long", FORM)
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE | BLANKS | NEWLINES)
    said = spoken(plain)
    if not said and plain.strip():
        what = "the answer was cut off in its thoughts: there is no code after them"
        raise RewardError("no_code", what, f"Nothing follows the thoughts, so there is no program.\n{FORM}")
    said = ELEMENT.sub("\n", said).strip("\n")
    whole = _piece(LONE_TAG.sub("", said).rstrip() + "\n")
    if whole and not cut_off:
        return whole.text
    blocks, open_block = between_fences(said)
    closed = [piece for block in blocks if (piece := _program_of(block))]
    best = max(reversed(closed), key=lambda piece: piece.rank, default=None)
    if best and best.rank > FUNCTION:
        return best.text
    _refuse_broken_entry(blocks)
    if open_block is None:
        bare = _bare(said, cut_off)
    else:
        bare = [piece for piece in _bare(open_block, cut_off) if piece.ends_in_return and not cut_off]
    last = max(reversed(bare), key=lambda piece: piece.rank, default=None)
    if last and (best is None or last.rank > FUNCTION):
        return last.text
    if best:
        return best.text
    raise _none(blocks, open_block, said)


def _bare(text: str, cut_off: bool) -> list[_Piece]:
    """Programs outside closed blocks; of an answer that was cut off, those that something follows."""
    found = [program for program, followed in stretches(text) if followed or not cut_off]
    pieces = [piece for program in found if (piece := _piece(program))]
    longest = max((len(piece.text) for piece in pieces), default=0)
    quoted = [piece for inner in in_quotes(text) if (piece := _piece(inner)) and len(piece.text) >= longest]
    return quoted[:1] or pieces


def _program_of(block: str) -> _Piece | None:
    """What a block holds: itself, or where that does not parse the best program amid its prose."""
    pieces = [_piece(block)]
    if pieces[0] is None:
        pieces = [_piece(program) for program, _ in stretches(block)]
    found = [piece for piece in pieces if piece is not None]
    return max(reversed(found), key=lambda piece: piece.rank, default=None)


def _piece(code: str) -> _Piece | None:
    if "def " not in code:
        return None
    try:
        tree = parse(code)
        if not any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree)):
            return None
        entries = entry_candidates(tree)
    except RewardError:
        return None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        entries = []
    functions = top_level_functions(tree)
    complete = bool(functions) and isinstance(functions[-1].body[-1], ast.Return)
    return _Piece(_without_words(code, tree), _rank(entries), complete)


def _without_words(code: str, tree: ast.Module) -> str:
    """Code without prose before and after it that happens to parse, as `Enjoy`."""
    lines = code.split("\n")
    kept = [not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Name)) for node in tree.body]
    first, last = kept.index(True), len(kept) - kept[::-1].index(True)
    if last < len(kept):
        lines = lines[: tree.body[last].lineno - 1]
    if first:
        lines = lines[tree.body[first - 1].end_lineno :]
    if first == 0 and last == len(kept):
        return code
    return "\n".join(dropwhile(lambda line: not line.strip(), lines)).rstrip() + "\n"


def _rank(entries: list[ast.FunctionDef]) -> int:
    pair = any(_returns_pair(entry) for entry in entries)
    if any(entry.name == ENTRY for entry in entries):
        return COMPLETE if pair else NAMED
    if any("reward" in entry.name.lower() for entry in entries):
        return REWARDING
    return PAIR if pair else FUNCTION


def _returns_pair(function: ast.FunctionDef) -> bool:
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return any(isinstance(value, ast.Tuple) and len(value.elts) == 2 for value in returns)


def _refuse_broken_entry(blocks: list[str]) -> None:
    """RewardError `syntax` for the last block that is meant to hold the program and does not parse."""
    for block in reversed(blocks):
        if f"def {ENTRY}" in block and _piece(block) is None:
            parse(block)


def _none(blocks: list[str], open_block: str | None, said: str) -> RewardError:
    """Why there is no program."""
    for block in reversed([*blocks, open_block or ""]):
        try:
            if "def " in block:
                parse(block)
        except RewardError as error:
            return error
    if open_block is not None and "def " in open_block:
        what = "the code block is not closed: the answer may have been cut off"
        advice = "The code block has no closing fence, so it may be incomplete."
    elif said.count("```") > 1:
        what, advice = "no code block defines a function", "No code block defines a function."
    else:
        what, advice = "the answer has no code block", "The answer contains no code block."
    return RewardError("no_code", what, f"{advice}\n{FORM}")
