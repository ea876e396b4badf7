"""Text from a stranger (a server, an environment variable) made fit for a terminal and for one line."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""Characters of a stranger's text that are shown."""
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_EMOJI_CODE = re.compile(r":(?=[^\s:/]*[^\W\d][^\s:/]*:)")
"""The first colon of `:word:`, which rich would draw as a picture."""
_HTML = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[a-zA-Z!][^<>]*>", re.DOTALL | re.IGNORECASE)


def line(text: object, longest: int = LONGEST) -> str:
    """`text` as one line of at most `longest` characters: nothing in it moves a cursor or is a picture's code."""
    plain = _ESCAPE.sub("", str(text))
    plain = "".join(" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in plain)
    plain = "".join(c if c.isprintable() else "?" for c in plain)
    plain = _EMOJI_CODE.sub(": ", " ".join(plain.split()))
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def without_tags(html: str) -> str:
    """What an HTML page says."""
    return " ".join(_HTML.sub(" ", html).split())
