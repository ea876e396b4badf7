"""How long to wait before asking again."""

import random
from datetime import UTC, datetime

import pytest

from harness.proposers.retry import backoff, retry_after

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


def test_backoff_doubles_with_jitter_up_to_a_minute() -> None:
    rng = random.Random(0)
    for attempt in range(12):
        full = min(2.0**attempt, 60.0)
        waits = [backoff(attempt, rng) for _ in range(50)]
        assert all(0.5 * full <= wait <= full for wait in waits)
        assert len(set(waits)) > 40
