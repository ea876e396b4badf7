"""What must never be shown or written down, in every form in which it could come back."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

SHORTEST = 6
"""A shorter word protects nothing, and hiding it would damage answers (`EMPTY`, `none`, `k`)."""
LONG_PREFIX = 12
"""So many first characters of a longer secret are hidden too: servers cut what they repeat."""
HIDDEN = "***"


class Secrets:
    """Hides some words in text: call it before the text is cut, shown or journaled."""

    def __init__(self, words: Iterable[str]) -> None:
        secrets = {word for word in words if len(word) >= SHORTEST}
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        patterns = [re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))]
        patterns += [_beginnings(secret) for secret in sorted(secrets) if len(secret) > LONG_PREFIX]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def hidden(self, text: str) -> str:
        """`text` with stars in their place."""
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as URLs, JSON, HTML, Python, hexadecimal and base64 hold it."""
    data = secret.encode()
    once = json.dumps(secret)[1:-1]
    yield from (secret, unquote(secret), quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (once, json.dumps(once)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (once.replace("/", "\\/"), html.escape(secret), repr(secret)[1:-1], ascii(secret)[1:-1])
    yield data.hex()
    for shift in range(3):  # whatever stands before it: `Bearer key`, `:key`, a whole header
        yield from _inside_base64(data, shift)


def _inside_base64(data: bytes, shift: int) -> Iterator[str]:
    """The characters that base64 text has for `data` after `shift` bytes (modulo 3), whatever surrounds it."""
    first = math.ceil(shift * 8 / 6)
    last = (shift + len(data)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * shift + data).decode()[first:last]


def _beginnings(secret: str) -> str:
    """Matches the first characters of `secret`, as many as there are."""
    fixed, rest = secret[:LONG_PREFIX], secret[LONG_PREFIX:]
    pattern = ""
    for character in reversed(rest[:80]):
        pattern = f"(?:{re.escape(character)}{pattern})?"
    return re.escape(fixed) + pattern
