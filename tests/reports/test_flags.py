"""Remarks about trials."""

from __future__ import annotations

import pandas as pd
import pytest

from harness.scoring.searchdata import Trial
from reports.flags import inflated, training_end
from reports.text import number, p_value, plural


def trial(end: float, evaluated: float, stderr: float = 0.1) -> Trial:
    curve = pd.DataFrame({"f": [0.0] * 18 + [end - 1, end + 1]})
    return Trial("0" * 8, 0, "ok", evaluated, evaluated, evaluated, stderr, curve=curve)


def test_the_end_of_training_is_its_last_tenth() -> None:
    assert training_end(trial(5.0, 1.0)) == 5.0
    assert training_end(Trial("0" * 8, 0, "failed")) is None


@pytest.mark.parametrize(
    ("end", "evaluated", "stderr", "scale", "expected"),
    [
        (5.0, 4.0, 0.1, 4.0, True),
        (5.0, 4.0, 0.4, 4.0, False),  # within three standard errors
        (5.0, 4.7, 0.01, 4.0, False),  # within a tenth of the scale
        (4.0, 5.0, 0.1, 4.0, False),  # better when evaluated
        (5.0, 4.0, 0.1, None, True),
        (5.0, 4.7, 0.01, None, False),
    ],
)
def test_inflated(end: float, evaluated: float, stderr: float, scale: float | None, expected: bool) -> None:
    assert inflated(trial(end, evaluated, stderr), scale) is expected


def test_numbers_as_readers_meet_them() -> None:
    shown = [number(x) for x in (0.0, -0.00001, 1.23456, -23.456, 1234.56, None, float("nan"), float("inf"))]
    assert shown == ["0.000", "0.000", "1.235", "−23.46", "1,234.6", "–", "–", "∞"]
    assert [p_value(p) for p in (None, 0.0004, 0.05)] == ["–", "< 0.001", "0.050"]
    assert [plural(n, noun) for n, noun in ((1, "search"), (2, "search"), (2, "task"))] == [
        "1 search",
        "2 searches",
        "2 tasks",
    ]
