"""How long to wait before a model server is asked again, and how long at all."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PATIENCE_S = 900.0
"""Trouble without any answer for so long ends a search."""
STRANGER_PATIENCE_S = 120.0
"""The same for a server that cannot be reached and never could: the address is more likely wrong."""
LOST_AT_MOST = 6
"""Answers that may be lost (and paid) in a row before giving up."""
FIRST_WAIT_S = 1.0
LONGEST_BACKOFF_S = 60.0
LONGEST_FLOOR_S = 5.0
"""A server that says `now` again and again is still not asked more often than this, after a while."""
_UNIT = r"(ms|milliseconds?|s|secs?|seconds?|mins?|minutes?|m|hours?|hrs?|h|days?|d)"
_DURATION = re.compile(rf"(\d+(?:\.\d*)?)\s*{_UNIT}")
_IN_TEXT = re.compile(
    r"(?:try(?:ing)? again|retry(?:ing)?|retry_?delay['\"]?|resets?|wait)"
    r"\s*(?:after|in|for|:)*\s*(?:about )?['\"]?"
    rf"((?:\d+(?:\.\d*)?\s*{_UNIT}[\s,]*(?:and )?)+)",
    re.IGNORECASE,
)


def backoff(attempt: int, rng: random.Random) -> float:
    """Seconds before attempt `attempt` + 1 (from 0): doubling, jittered by up to half, at most a minute."""
    return min(FIRST_WAIT_S * 2.0 ** min(attempt, 20), LONGEST_BACKOFF_S) * rng.uniform(0.5, 1.0)


def waiting_time(asked_s: float | None, attempt: int, rng: random.Random) -> float:
    """Seconds to wait after attempt `attempt` (from 0), of which the server said `asked_s`."""
    own = backoff(attempt, rng)
    if asked_s is None:
        return own
    return asked_s if attempt == 0 else max(asked_s, min(own, LONGEST_FLOOR_S))


def asked_to_wait(headers: Mapping[str, str], text: str, now: datetime | None = None) -> float | None:
    """Seconds that a response asks to wait, in its headers or its text; None if it does not say."""
    seconds = retry_after(headers, now)
    if seconds is not None:
        return seconds
    found = _IN_TEXT.search(text)
    if found:
        return duration(found[1])
    resets = []
    for what in ("requests", "tokens"):
        reset = duration(headers.get(f"x-ratelimit-reset-{what}") or "")
        left = headers.get(f"x-ratelimit-remaining-{what}") or "0"
        if reset is not None and (left.strip() in ("", "0") or not left.strip().isdigit()):
            resets.append(reset)
    return max(resets, default=None)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds of Retry-After (it may be an HTTP date) or retry-after-ms; None without them."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name)
        if text is None:
            continue
        if re.fullmatch(r"\s*[0-9]{1,12}(\.[0-9]*)?\s*", text):
            return float(text) * unit
        seconds = duration(text)
        if seconds is not None:
            return seconds
        try:
            until = parsedate_to_datetime(text)
            left = until.replace(tzinfo=until.tzinfo or UTC) - (now or datetime.now(UTC))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return max(left.total_seconds(), 0.0)
    return None


def duration(text: str) -> float | None:
    """Seconds of `17s`, `1m30s`, `250ms`, `20 seconds`, or a bare number; None for anything else."""
    text = text.strip().lower()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", text):
        return float(text)
    parts = _DURATION.findall(text)
    if not parts or re.sub(r"[\s,]|and", "", _DURATION.sub("", text)):
        return None
    seconds = math.fsum(float(number) * _unit(unit) for number, unit in parts)
    return seconds if math.isfinite(seconds) else None


def _unit(word: str) -> float:
    if word.startswith(("ms", "milli")):
        return 1e-3
    return {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}[word[0]]
