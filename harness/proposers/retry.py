"""When a request to a model server failed: what to do about it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import openai

ATTEMPTS = 6
"""Requests for one answer before giving up."""
FIRST_WAIT_S = 1.0
LONGEST_BACKOFF_S = 60.0
LONGEST_WAIT_S = 600.0
"""A server that asks for more patience than this is taken as out of order."""
CHARGED_STATUS = (502, 504, 524)
"""A gateway gave up on a server that may have finished all the same."""

REFUSAL_STATUS = (400, 422, 500, 501)
"""How servers refuse a parameter; llama.cpp has done it with 500."""
REFUSALS = {"max_completion_tokens": r"\bmax_completion_tokens\b", "n": r"(?<![\w\\])n\b|[Cc]hoice"}
"""Parameter → how a message that refuses it reads. They are tried in this order."""


@dataclass(frozen=True)
class Trouble:
    """Why a request came to nothing."""

    reason: str
    """One line."""
    retry: bool = False
    """Whether the same request may succeed later."""
    charged: bool = False
    """Whether the server may have billed it."""
    wait_s: float | None = None
    """How long the server asks to wait."""
    rejects: str | None = None
    """The parameter that the server does not know, if it says so."""


def diagnose(error: Exception, timeout_s: float) -> Trouble:
    """What an exception of the client, or a body that is no chat completion, means."""
    if isinstance(error, openai.APITimeoutError):
        sent = type(error.__cause__).__name__ != "ConnectTimeout"
        return Trouble(f"no answer within {timeout_s:g} s", retry=True, charged=sent)
    if isinstance(error, openai.APIConnectionError):
        sent = type(error.__cause__).__name__ != "ConnectError"
        what = "the connection broke" if sent else "cannot connect"
        return Trouble(f"{what} ({_line(error.__cause__ or error)})", retry=True, charged=sent)
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    return Trouble(f"the answer is no chat completion ({_line(error)})", retry=True, charged=True)


def backoff(attempt: int, rng: random.Random) -> float:
    """Seconds before attempt `attempt` + 1 (from 0): doubling, jittered by up to half, at most a minute."""
    return min(FIRST_WAIT_S * 2.0**attempt, LONGEST_BACKOFF_S) * rng.uniform(0.5, 1.0)


def retry_after(headers: Any, now: datetime | None = None) -> float | None:
    """Seconds that a response asks to wait (it may say so as an HTTP date); None if it does not say."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name)
        if text is None:
            continue
        if re.fullmatch(r"\s*\d+(\.\d*)?\s*", text):
            return float(text) * unit
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            continue
        left = until.replace(tzinfo=until.tzinfo or UTC) - (now or datetime.now(UTC))
        return max(left.total_seconds(), 0.0)
    return None


def _of_status(error: openai.APIStatusError) -> Trouble:
    status, body = error.status_code, error.body if isinstance(error.body, dict) else {}
    reason = f"HTTP {status}: {_line(body.get('message') or error.message)}"
    rejects = _rejected(error) if status in REFUSAL_STATUS else None
    if "insufficient_quota" in (error.code, error.type):
        return Trouble(f"{reason}; the account has no credit left")
    if status in (408, 409, 429) or status >= 500:
        wait_s = retry_after(error.response.headers)
        return Trouble(reason, True, charged=status in CHARGED_STATUS, wait_s=wait_s, rejects=rejects)
    return Trouble(reason, rejects=rejects)


def _rejected(error: openai.APIStatusError) -> str | None:
    said = f"{error.param} {error.message}"
    return next((name for name, pattern in REFUSALS.items() if re.search(pattern, said)), None)


def _line(what: object) -> str:
    return " ".join(str(what).split())[:300] or type(what).__name__
