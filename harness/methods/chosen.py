"""Which methods a run compares: by name, by file, by `path.py:Class`, each with settings of its own if wanted."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import ValidationError

from harness.errors import UserError
from harness.identity import find_named
from harness.methods.contract import FixedMethod, Method, SearchMethod, SearchSettings
from harness.methods.fixed import Given
from harness.plugins import plugin_target, plugin_targets
from harness.registry import METHODS, unknown
from harness.roles import REFERENCES

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
SETTING = re.compile(r"([A-Za-z_]\w*)=([A-Za-z0-9_.+-]*)")
LONGEST = 80
"""Of a name with its settings: folders are called so."""


@dataclass(frozen=True)
class Chosen:
    """A method as a run compares it."""

    name: str
    """In tables, keys and folders."""
    method: Method
    origin: str | None = None
    """Where a method or program that is not built in comes from: `module:Class`, or the file's path."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Those in its name: `eureka:elitism=true` is a variant of `eureka`."""

    @property
    def base(self) -> str:
        """Its name without settings."""
        return self.name.partition(":")[0]


def method_names() -> list[str]:
    """Every method that can be named, the built-in ones first."""
    return [*METHODS, *sorted(set(plugin_targets("method")) - METHODS.keys())]


def choose(texts: Sequence[str]) -> dict[str, Chosen]:
    """The methods that `texts` name, by name and in order, without repeats.

    A text is a method's name, `path.py` (a reward program), or `path.py:Class` or `module:Class` (a method), and for
    methods that search `:FIELD=VALUE`, as often as wanted. UserError for what is none of these.
    """
    found: dict[str, Chosen] = {}
    for text in texts:
        chosen = _chosen(text)
        before = found.setdefault(chosen.name, chosen)
        if before != chosen:
            kind = "reward programs" if isinstance(chosen.method, Given) else "methods"
            raise UserError(f"two {kind} are called {chosen.name!r}: rename one of them")
    return found


def searches(method: Method) -> TypeGuard[SearchMethod]:
    """Whether a method looks for its program."""
    return method.role == "search"


def is_fixed(method: Method) -> TypeGuard[FixedMethod]:
    """Whether a method has its programs already."""
    return method.role != "search"


def _chosen(text: str) -> Chosen:
    parts = text.split(":")
    settings: dict[str, str] = {}
    while len(parts) > 1 and (match := SETTING.fullmatch(parts[-1])):
        settings = {match[1]: match[2], **settings}
        del parts[-1]
    target = ":".join(parts)
    name, method, origin = _found(target)
    if settings and not searches(method):
        raise UserError(f"method {text!r}: {name} does not search, and has no settings; leave them out")
    full = ":".join([name, *(f"{field}={value}" for field, value in settings.items())])
    if len(full) > LONGEST:
        raise UserError(f"method {text!r} has a name of more than {LONGEST} characters: use --method-option")
    return Chosen(full, method, origin, settings)


def _found(target: str) -> tuple[str, Method, str | None]:
    """Name, method and origin of a text without settings."""
    if target.endswith(".py"):
        return _program(target)
    place = METHODS.get(target) or plugin_target("method", target) or target
    if ":" not in place:
        raise UserError(unknown("method", target, method_names()))
    module, found = find_named(place, f"method {target!r}")
    method: Any = found() if inspect.isclass(found) else found
    if not _is_method(method):
        raise UserError(
            f"method {target!r}: {place} is no method: expected a class with `role`, and `search` and `Settings`, or "
            "`program` (see harness.methods.contract)"
        )
    if target in METHODS:
        return target, method, None
    if method.role == "reference":
        raise UserError(
            f"method {target!r}: only {', '.join(REFERENCES)} are references; `program` is for others"
        )
    name = target if ":" not in target else place.rpartition(":")[2].lower()
    if name in METHODS or not NAME.fullmatch(name):
        raise UserError(f"method {target!r} would be called {name!r}: give its class another name")
    where, _, kind = place.rpartition(":")
    return name, method, f"{Path(where).name if where.endswith('.py') else module.__name__}:{kind}"


def _is_method(found: object) -> TypeGuard[Method]:
    role = getattr(found, "role", None)
    if role == "search":
        settings = getattr(found, "Settings", None)
        return (
            callable(getattr(found, "search", None))
            and inspect.isclass(settings)
            and issubclass(settings, SearchSettings)
        )
    return role in ("reference", "program") and callable(getattr(found, "program", None))


def _program(text: str) -> tuple[str, Method, str]:
    """A user's own reward program: named by its file."""
    path = Path(text)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no UTF-8 text"
        raise UserError(f"reward program {text} cannot be read ({why}): name a Python file") from error
    name = path.stem
    if not NAME.fullmatch(name):
        raise UserError(
            f"reward program {text}: its name becomes the method's: use letters, digits, `_`, `-`"
        )
    if name in METHODS:
        raise UserError(f"reward program {text} has the name of a built-in method: rename the file")
    return name, Given(source), text


def settings_of(chosen: Chosen, *asked: Mapping[str, Any]) -> SearchSettings:
    """The settings of a method that searches: those that were asked for, later ones first, and those in its name.

    Of what was asked for counts what the method has. UserError, one line, for a value that a setting cannot have, or
    a name in the method's name that is no setting.
    """
    assert searches(chosen.method)
    model = chosen.method.Settings
    for name in chosen.settings:
        if name not in model.model_fields:
            raise UserError(no_setting(chosen.base, name, model))
    values = {name: value for group in asked for name, value in group.items() if name in model.model_fields}
    try:
        return model.model_validate({**values, **chosen.settings})
    except ValidationError as error:
        first = error.errors()[0]
        said = " ".join(str(first["msg"]).split()).removeprefix("Value error, ")
        if not first["loc"]:
            raise UserError(f"the settings of method {chosen.name!r} do not go together: {said}") from None
        raise UserError(
            f"setting {first['loc'][0]!r} of method {chosen.base!r} is {first['input']!r}: "
            + said.replace("Input should be", "expected")
        ) from None


def no_setting(method: str, name: str, model: type[SearchSettings]) -> str:
    """One line for a setting that a method does not have."""
    return f"method {method!r} has no setting {name!r}: expected {', '.join(model.model_fields)}"
