"""Wins, ties and losses over tasks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.wins import Record, at_95_percent, by_means

gaps = st.lists(st.integers(-2, 2).map(float), max_size=30)


def test_by_hand() -> None:
    assert by_means([0.3, -0.1, 0.0, 2.0, math.nan]) == Record(2, 1, 1)
    assert at_95_percent([0.3, -0.1, 0.0, 2.0, -5.0, math.nan], [0.05, 0.2, 1.0, None, 0.01, None]) == Record(
        1, 3, 1
    )


def test_the_papers_share_of_tasks() -> None:
    record = Record(wins=20, ties=4, losses=5)
    assert (record.tasks, record.share) == (29, 20 / 29)
    wanted = stats.binomtest(20, 29).proportion_ci(0.95, method="wilson")
    assert record.interval is not None
    assert (record.interval.low, record.interval.high) == pytest.approx((wanted.low, wanted.high))
    assert record.p_value == pytest.approx(2 * stats.binom.cdf(5, 25, 0.5))


def test_without_tasks_nothing_is_said() -> None:
    nothing, tied = by_means([]), by_means([0.0, 0.0])
    assert math.isnan(nothing.share)
    assert nothing.interval is None
    assert nothing.p_value is tied.p_value is None
    assert tied.share == 0.0
    with pytest.raises(ValueError, match="shorter"):
        at_95_percent([1.0], [])


@given(gaps, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_the_other_side_sees_it_the_other_way(found: list[float], rng) -> None:  # type: ignore[no-untyped-def]
    record, turned = by_means(found), by_means([-gap for gap in found])
    assert (record.wins, record.ties, record.losses) == (turned.losses, turned.ties, turned.wins)
    assert record.p_value == turned.p_value
    shuffled = rng.sample(found, len(found))
    assert by_means(shuffled) == record
    doubtful = at_95_percent(found, [0.5] * len(found))
    assert doubtful == Record(0, len(found), 0)
    assert at_95_percent(found, [0.0] * len(found)) == record
