"""What a server's error says, wherever in its body: which parameter is at fault, what was too large, its words."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.proposers.retry import asked_to_wait
from harness.proposers.words import without_tags

LENGTH_PARAMETERS = ("max_completion_tokens", "max_tokens")
"""OpenAI's name of the longest answer, which counts thoughts, and the older one that others know."""
_LENGTH = r"\bmax_?((completion|output|new)_?)?tokens\b"
PARAMETERS = {
    **dict.fromkeys(LENGTH_PARAMETERS, _LENGTH),
    "n": r"(?<![\w\\'’./-])n(?![\w.'’/-])|['\"`]n['\"`]|\bcandidate_?\s?counts?\b"
    r"|\b(candidates?|choices?)\b|\bbest_of\b"
    r"|\b(multiple|several|one|single|1) (completion|response|output|generation)s?\b(?! tokens)"
    r"|\bnum(ber)?_?( of )?(completions|samples|generations)\b",
    "temperature": r"\btemperatures?\b",
    "seed": r"\bseeds?\b",
    "system": r"\b(system|developer) (role|message|prompt|instruction)s?\b|\brole:? ['\"`]?system\b"
    r"|does not support ['\"`]system['\"`]|\broles?\b.{0,80}['\"`]system\b|\broles must alternate\b"
    r"|\broles?\b.{0,40}['\"`]user['\"`] or ['\"`]assistant\b|\bonly user(,| and) assistant\b.{0,20}\broles\b",
}
"""Parameter → how a message that refuses it reads. `system` is the role of the first message."""
NAMED_IN = ("param", "parameter", "loc", "field", "property", "argument", "path")
"""Fields of an error that name the parameter at fault."""
ECHOES = ("input", "request", "request_body", "received", "url", "ctx", "headers")
"""Fields of an error that repeat what was sent."""
WORDS_FIRST = ("message", "msg", "error_description", "detail", "error", "title", "reason", "description")
CONTEXT = re.compile(
    r"context[\s_-]?(length|window|size)|maximum (model|sequence) length|max_model_len|prompt is too long"
    r"|exceeds? the (available|maximum) context|too many (input )?tokens|input (is )?too long"
    r"|inputs?['\"`]? tokens \+|input tokens? (count )?.{0,40}exceeds"
    r"|reduce the length of the (messages|prompt|input)",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"too (large|big|high|many)|at most|less than|smaller than|exceed|maximum (allowed|value|of)|\brange\b"
    r"|must be (<|≤|between|within|in)|tokens\W{0,2} [>≥]|greater than|larger than|<=|≤|up to \d",
    re.IGNORECASE,
)
TOO_LARGE = re.compile(r"(request|payload|entity|body|content|prompt)s? (is |was )?too large", re.IGNORECASE)
LIMIT_AND_REQUEST = re.compile(r"limit:?\s*([\d,]+).{0,60}?requested:?\s*([\d,]+)", re.IGNORECASE | re.DOTALL)
NO_CREDIT = re.compile(
    r"insufficient[\s_](quota|balance|credit|funds)|payment required|credit balance|out of credits?"
    r"|\bno credits?\b|(not|n't) have any credits?\b|spending limit",
    re.IGNORECASE,
)
PERHAPS_NO_CREDIT = re.compile(r"exceeded your (current )?quota|\bbilling\b", re.IGNORECASE)
"""Said of a limit per minute too, but then with the time after which to try again."""
REFUSES = re.compile(
    r"support|allow|permit|\bmust\b|\bonly\b|invalid|unknown|unrecogni|unexpected|extra|fixed|implement|enabled",
    re.IGNORECASE,
)
"""What a server that broke down does not say."""
WORDS_OF_NO_USE = re.compile(
    r"(provider returned error|(bad|invalid) request|validation error)\W*", re.IGNORECASE
)
ADDRESS = re.compile(r"\bhttps?://\S+")
PASSING = re.compile(
    r"overload|try again (later|in\b|shortly|soon)|retry (after|in\b|later)|rate.?limit|too many requests"
    r"|time.?d?.?out|temporar|unavailable|internal|busy|capacity|loading",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Refusal:
    """What an error's body says."""

    words: str
    """Its text, in full."""
    parameters: tuple[str, ...] = ()
    """The parameters it names, of those that were sent."""
    out_of_range: bool = False
    """Whether it complains of a value, not of the parameter."""
    context: bool = False
    """Whether prompt and answer do not fit together."""
    too_large: bool = False
    """Whether a smaller request could be accepted."""
    no_credit: bool = False
    refuses: bool = False
    """Whether it reads as a refusal, not as a breakdown."""
    passing: bool = False
    """Whether it reads as if the same request may succeed later."""


def read_refusal(text: str, sent: Collection[str]) -> Refusal:
    """Understand an error's body: a JSON object, array or string, HTML or plain text. `sent` are parameters."""
    try:
        body: Any = json.loads(text)
    except (ValueError, RecursionError):
        body = without_tags(text)
    statements = list(dict.fromkeys(filter(None, (word.strip() for word in _statements(body, 0)))))
    named = tuple(dict.fromkeys(filter(None, (_as_sent(name, sent) for name in _named(body, 0)))))
    everything = " ".join(statements)
    said = ADDRESS.sub("", everything)
    unpaid = PERHAPS_NO_CREDIT.search(said) is not None and asked_to_wait({}, text) is None
    words = _best_words(body)
    limit = LIMIT_AND_REQUEST.search(everything)
    beyond = limit is not None and _int(limit[2]) > _int(limit[1])
    return Refusal(
        words=everything if not words or WORDS_OF_NO_USE.fullmatch(words) else words,
        parameters=named or _first_mentioned(said, sent),
        out_of_range=RANGE.search(everything) is not None,
        context=CONTEXT.search(everything) is not None,
        too_large=beyond or TOO_LARGE.search(everything) is not None,
        no_credit=NO_CREDIT.search(said) is not None or unpaid,
        refuses=REFUSES.search(said) is not None,
        passing=PASSING.search(everything) is not None,
    )


def error_status(body: Any) -> int | None:
    """The HTTP status that an error with status 200 says it is, None if it does not."""
    inner = body.get("error") if isinstance(body, Mapping) else None
    for holder in (inner, body):
        if isinstance(holder, Mapping):
            for name in ("code", "status", "status_code"):
                value = holder.get(name)
                value = int(value) if isinstance(value, str) and re.fullmatch(r"\d{3}", value) else value
                if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
                    return value
    return None


def _statements(value: Any, depth: int) -> Iterator[str]:
    """Every text in a body but what repeats the request; where a field is named by a path, the path too."""
    if depth > 20:
        return
    if isinstance(value, str):
        if depth and value.lstrip().startswith(("{", "[")):  # an error within an error's text
            try:
                yield from _statements(json.loads(value), depth + 1)
                return
            except (ValueError, RecursionError):
                pass
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _statements(item, depth + 1)
    elif isinstance(value, Mapping):
        for name in sorted(value, key=lambda name: (_rank(name), str(name))):
            if name in ECHOES:
                continue
            if name == "loc" and isinstance(value[name], list):
                yield ".".join(map(str, value[name])) + ":"
            else:
                yield from _statements(value[name], depth + 1)


def _rank(name: object) -> int:
    order = ("loc", *WORDS_FIRST)
    return order.index(str(name)) if name in order else len(order)


def _named(value: Any, depth: int) -> Iterator[str]:
    """The parameters that a body names as such: in `param`, as the end of `loc`, and the like."""
    if depth > 20:
        return
    if isinstance(value, list):
        for item in value:
            yield from _named(item, depth + 1)
    elif isinstance(value, Mapping):
        for name, content in value.items():
            if name in ECHOES:
                continue
            if name in NAMED_IN:
                last = content[-1] if isinstance(content, list) and content else content
                if isinstance(last, str):
                    yield re.split(r"[./]", last)[-1].strip()
            yield from _named(content, depth + 1)
    elif isinstance(value, str) and depth and value.lstrip().startswith(("{", "[")):
        try:
            yield from _named(json.loads(value), depth + 1)
        except (ValueError, RecursionError):
            return


def _as_sent(name: str, sent: Collection[str]) -> str | None:
    """What was sent under a name, or under the other one of the longest answer."""
    names = LENGTH_PARAMETERS if name in LENGTH_PARAMETERS else (name,)
    return next((name for name in names if name in sent), None)


def _first_mentioned(text: str, sent: Collection[str]) -> tuple[str, ...]:
    """The parameter that a text names first, of those that were sent."""
    found = [
        (match.start(), name)
        for name, pattern in PARAMETERS.items()
        if name in sent and (match := re.search(pattern, text, re.IGNORECASE))
    ]
    return (min(found)[1],) if found else ()


def _best_words(body: Any) -> str:
    """What a person should read: the message of an OpenAI-like error, if it is one."""
    inner = body[0] if isinstance(body, list) and len(body) == 1 else body
    for _ in range(4):
        if isinstance(inner, Mapping):
            inner = next(
                (inner[name] for name in ("error", "message", "detail", "msg") if inner.get(name)), None
            )
    return inner.strip() if isinstance(inner, str) and not inner.lstrip().startswith(("{", "[")) else ""


def _int(text: str) -> int:
    return int(text.replace(",", "")[:18] or 0)
