"""Why a reward program was rejected: a class, a line for people, and enough for a designer to repair it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

KINDS = (
    "no_code",
    "cut_off",
    "syntax",
    "signature",
    "unknown_name",
    "forbidden",
    "control_flow",
    "device",
    "resources",
    "shape",
    "non_finite",
    "mutation",
    "error",
    "timeout",
)
LONGEST = 4000


class RewardError(Exception):
    """A reward program cannot be used.

    `kind` is one of KINDS, `message` one line for people, `designer` a few lines for whoever repairs the
    program, `line` the line of the program (from 1) where it is known.
    """

    def __init__(self, kind: str, message: str, designer: str, line: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.designer = designer
        self.line = line

    def to_dict(self) -> dict[str, Any]:
        """As stored with a candidate."""
        return {"kind": self.kind, "message": self.message, "designer": self.designer, "line": self.line}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RewardError:
        """Back from `to_dict`. The data may be anyone's: texts are cut and made printable."""
        kind, line = data.get("kind"), data.get("line")
        message = _printable(data.get("message"))
        return cls(
            kind if kind in KINDS else "error",
            message.replace("\n", " "),
            _printable(data.get("designer")) or message,
            line if isinstance(line, int) and not isinstance(line, bool) else None,
        )


def problem(kind: str, what: str, advice: str, source: str = "", line: int | None = None) -> RewardError:
    """A RewardError that says what is wrong, quotes line `line` of `source`, and says what to do."""
    code = quote(source, line)
    where = f" (line {line})" if line else ""
    what = _capped(what.rstrip("."))
    lines = (f"{what[:1].upper()}{what[1:]}.", code, advice.strip())
    return RewardError(kind, f"{what}{where}", "\n".join(filter(None, lines)), line)


def quote(source: str, line: int | None) -> str:
    """``Line 3: `code` ``, or nothing where the line is not known."""
    lines = source.split("\n")
    if not line or not 0 < line <= len(lines):
        return ""
    return f"Line {line}: `{_capped(lines[line - 1].strip(), 160)}`"


def nearest(name: str, known: Iterable[str], count: int = 3, strict: bool = False) -> str:
    """`Did you mean a or b? `, or nothing when no known name is close.

    `strict` asks for a slip of the pen: the same first letter, almost the same length, most letters in place.
    """
    if strict:
        known = [n for n in known if n[:1] == name[:1] and abs(len(n) - len(name)) <= 1]
    near = difflib.get_close_matches(name, list(known), n=count, cutoff=0.75 if strict else 0.6)
    return f"Did you mean {' or '.join(f'`{n}`' for n in near)}? " if near else ""


def _capped(text: str, limit: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _printable(value: object) -> str:
    text = value[:LONGEST] if isinstance(value, str) else ""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
