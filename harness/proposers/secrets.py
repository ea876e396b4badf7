"""What must never be shown or written down, in every form in which it could come back."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from array import array
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote

SHORTEST = 6
"""A shorter word protects nothing, and hiding it would damage answers (`EMPTY`, `none`, `k`)."""
FRAGMENT = 12
"""So many characters in a row of a longer secret are hidden too: servers cut and wrap what they repeat."""
HIDDEN = "***"


class Secrets:
    """Hides some words in text: call it before the text is cut, shown or journaled."""

    def __init__(self, words: Iterable[str]) -> None:
        secrets = {word for word in words if len(word) >= SHORTEST}
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        patterns = [re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form))]
        self._fragments = {
            secret[start : start + FRAGMENT].lower()
            for secret in secrets
            for start in range(len(secret) - FRAGMENT + 1)
        }
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def hidden(self, text: str) -> str:
        """`text` with stars in their place."""
        return text if self._pattern is None else self._without_fragments(self._pattern.sub(HIDDEN, text))

    def _without_fragments(self, text: str) -> str:
        """Spaces, line ends and what cannot be seen may stand between a fragment's characters."""
        visible = array("L", (place for place, c in enumerate(text) if c.isprintable() and not c.isspace()))
        squeezed = "".join(text[place].lower()[0] for place in visible)
        found, end = [], 0
        for start in range(len(squeezed) - FRAGMENT + 1):
            if squeezed[start : start + FRAGMENT] in self._fragments:
                first, last = visible[start], visible[start + FRAGMENT - 1]
                found.append(text[end:first] + HIDDEN if first >= end else "")
                end = last + 1
        return "".join(found) + text[end:]


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as URLs, JSON, HTML, Python, hexadecimal and base64 hold it."""
    data = secret.encode()
    once = json.dumps(secret)[1:-1]
    yield from (secret, unquote(secret), quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (once, json.dumps(once)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (once.replace("/", "\\/"), html.escape(secret), repr(secret)[1:-1], ascii(secret)[1:-1])
    yield from (data.hex(), quote(quote(secret, safe=""), safe=""))
    for escape in (
        "\\u{:04x}",
        "\\u{:04X}",
        "&#x{:x};",
        "&#x{:X};",
        "&#{};",
    ):  # of all but letters and digits
        yield "".join(c if c.isalnum() or c in "-_." else escape.format(ord(c)) for c in secret)
    for shift in range(3):  # whatever stands before it: `Bearer key`, `:key`, a whole header
        yield from _inside_base64(data, shift)


def _inside_base64(data: bytes, shift: int) -> Iterator[str]:
    """The characters that base64 text has for `data` after `shift` bytes (modulo 3), whatever surrounds it."""
    first = math.ceil(shift * 8 / 6)
    last = (shift + len(data)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * shift + data).decode()[first:last]
