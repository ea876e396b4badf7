"""What a model said in an answer, without what it only thought and without the marks of its chat format."""

from __future__ import annotations

import re

_WORDS = "thinking|think|thoughts|thought|reasoning|reason|reflection|scratchpad|analysis"
THOUGHT = re.compile(
    rf"[<◁]\s*(?P<close>/)?\s*(?:seed:)?(?:{_WORDS})\b[^<>◁▷\n]{{0,80}}[>▷]"
    r"|\[(?P<bracket>/)?(?-i:THINK)\]"
    r"|<\|(?P<end>end_)?(?:start_)?(?:thinking|think|thought)\|>"
    r"|<\|channel\|>\s*(?P<analysis>analysis|commentary)\b[^<\n]{0,80}<\|message\|>"
    r"|(?P<final><\|channel\|>\s*final\b[^<\n]{0,80}<\|message\|>)",
    re.IGNORECASE,
)
"""Tags around thoughts, as models write them; the last two are channels of one answer."""
TOKEN = re.compile(
    r"<\|start_header_id\|>\s*\w{1,20}\s*<\|end_header_id\|>"
    r"|<\|(?:im_start|start)\|>(?:assistant|system|user)?"
    r"|<[|｜][^|｜<>\n]{1,40}[|｜]>"
    r"|</?(?:s|bos|eos|pad|unk)>"
    r"|<start_of_turn>(?:model|user)?|<end_of_turn>"
    r"|\[/?INST\]|<</?SYS>>",
    re.IGNORECASE,
)
"""Tokens that a chat template writes around turns."""
BYTE_ORDER_MARK = "\ufeff"


def spoken(answer: str) -> str:
    """An answer without thoughts, chat tokens and byte-order marks, stripped: fit to be shown to a model again.

    Thoughts that are not closed reach to the end; what stands before a lone closing tag is thought too.
    """
    return TOKEN.sub("", _without_thoughts(answer)).replace(BYTE_ORDER_MARK, "").strip()


def _without_thoughts(answer: str) -> str:
    said: list[str] = []
    start, thinking = 0, False
    for tag in THOUGHT.finditer(answer):
        if _is_quoted(answer, *tag.span()):
            continue
        if tag["close"] or tag["bracket"] or tag["end"] or tag["final"]:
            if not thinking:
                said.clear()
            start, thinking = tag.end(), False
        elif not thinking:
            said.append(answer[start : tag.start()])
            thinking = True
    if not thinking:
        said.append(answer[start:])
    return "".join(said)


def _is_quoted(answer: str, start: int, end: int) -> bool:
    """Whether a tag is only spoken of: in quotes, or in a comment of a program. A fence before it is no quote."""
    mark, line = (
        answer[max(start - 1, 0) : start],
        answer[max(answer.rfind("\n", 0, start) + 1, start - 200) : start],
    )
    quoted = mark in ("`", "'", '"') and answer[end : end + 1] == mark and not line.endswith("```")
    return quoted or line.lstrip()[:2] == "# "
