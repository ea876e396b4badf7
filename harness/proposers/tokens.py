"""How many tokens an exchange took: what the server says, as far as it can be believed, else what the text says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.proposers.entries import Usage

CHARACTERS_PER_TOKEN = 4
"""Of English and code, on average: for servers that do not count."""
BELIEVED_FROM = 2 / 3
"""Share of its estimate that no whole text's count is below: a lower one is a lie, or of a prompt that was cut."""
BYTES_PER_TOKEN_AT_WORST = 2
TOKENS_PER_MESSAGE = 16
"""More than any chat format adds to a message."""
_HIDDEN = re.compile(r"reasoning|thought|thinking", re.IGNORECASE)
ABSURD = 100_000_000
"""More tokens than any exchange can have."""

Messages = Sequence[Mapping[str, str]]


def estimated(text: str) -> int:
    """Tokens of a text, without a tokenizer: characters beyond ASCII are about one each."""
    beyond = sum(character > "\x7f" for character in text)
    return math.ceil((len(text) - beyond) / CHARACTERS_PER_TOKEN + beyond)


def prompt_at_worst(messages: Messages) -> int:
    """More tokens than any tokenizer makes of `messages`."""
    size = sum(len(message["content"].encode(errors="replace")) for message in messages)
    return math.ceil(size / BYTES_PER_TOKEN_AT_WORST) + TOKENS_PER_MESSAGE * len(messages)


def prompt_text(messages: Messages) -> str:
    """All that is asked."""
    return "".join(message["content"] for message in messages)


def count(reported: Any, messages: Messages, written: Iterable[str], cut_off: int, allowed: int) -> Usage:
    """Tokens of one exchange; what the server counts is believed from two thirds of what its texts need.

    `reported` is the answer's `usage`, whatever that may be; `written` the texts of the answers, thoughts
    included; `cut_off` of them ended at `allowed` tokens. Thoughts that are only in `total_tokens` count.
    """
    usage: Mapping[str, Any] = reported if isinstance(reported, Mapping) else {}
    prompt, completion = number(usage.get("prompt_tokens")), number(usage.get("completion_tokens"))
    asked, text = estimated(prompt_text(messages)), sum(map(estimated, written))
    total, thoughts = number(usage.get("total_tokens")), _thoughts(usage)
    believed = max(completion or 0, (total or 0) - (prompt or asked))
    if thoughts > (completion or 0):  # some count them beside the answer, not in it
        believed = max(believed, (completion or 0) + thoughts)
    guessed = not believed or believed < BELIEVED_FROM * text or not prompt
    if not believed or believed < BELIEVED_FROM * text:
        believed = max(text, cut_off * allowed, believed)
    if guessed or not prompt or prompt < BELIEVED_FROM * asked:
        prompt = max(asked, prompt or 0)
    found: Usage = {"prompt_tokens": prompt, "completion_tokens": believed}
    if guessed:
        found["estimated"] = True
    return found


def number(value: Any) -> int | None:
    """A count of tokens as servers write it; None for what cannot be one (negative, NaN, text, far too many)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if not (value.isascii() and value.isdigit() and len(value) < 12):
            return None
        value = int(value)
    if isinstance(value, float):
        value = math.ceil(value) if math.isfinite(value) else None
    return value if isinstance(value, int) and 0 <= value <= ABSURD else None


def _thoughts(usage: Mapping[str, Any]) -> int:
    """Those that servers count apart, under whatever name: `reasoning_tokens`, `thoughts_token_count`, …"""
    inner = [value for value in usage.values() if isinstance(value, Mapping)]
    found = (holder[name] for holder in (usage, *inner) for name in holder if _HIDDEN.search(str(name)))
    return max((number(value) or 0 for value in found), default=0)
