"""A user's own reward program as a method: `--methods human,path/to/my_reward.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import UserError
from harness.methods import METHODS

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Given:
    """Programs that were named by their files."""

    names: dict[str, str] = field(default_factory=dict)
    """Path as it was written → name of the method: the file's, without `.py`."""
    programs: dict[str, str] = field(default_factory=dict)
    """Name of the method → source."""


def given_programs(methods: Sequence[str]) -> Given:
    """The files among `methods`, read. UserError for one that cannot be read, or whose name is taken."""
    given = Given()
    for text in methods:
        if not text.endswith(".py"):
            continue
        path = Path(text)
        name = path.stem
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "no UTF-8 text"
            raise UserError(f"reward program {text} cannot be read ({why}): name a Python file") from error
        if not NAME.fullmatch(name):
            raise UserError(
                f"reward program {text}: its name becomes the method's: use letters, digits, `_`, `-`"
            )
        if name in METHODS:
            raise UserError(f"reward program {text} has the name of a built-in method: rename the file")
        if given.programs.get(name, source) != source:
            raise UserError(f"two reward programs are called {name!r}: rename one of the files")
        given.names[text] = name
        given.programs[name] = source
    return given
