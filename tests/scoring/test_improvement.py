import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.cells import make_cell
from harness.scoring.improvement import newcombe, probability_of_improvement, wins

few = st.lists(st.integers(0, 6).map(float), min_size=2, max_size=6)


def test_pairs_by_hand() -> None:
    method, human = make_cell([[1.0, 3.0]]), make_cell([[1.0, 2.0]])
    assert wins(method, human).tolist() == [[0.5, 0.0], [1.0, 1.0]]
    assert probability_of_improvement([(method, human)]).point == 0.625


@given(few, few)
def test_it_is_mann_whitneys_u(left: list[float], right: list[float]) -> None:
    found = probability_of_improvement([(make_cell([left]), make_cell([right]))], 200)
    u = stats.mannwhitneyu(left, right).statistic
    assert found.point == pytest.approx(u / (len(left) * len(right)))
    if found.interval is not None:
        assert 0.0 <= found.interval.low <= found.point <= found.interval.high <= 1.0


@given(few, few)
def test_it_depends_on_order_only_and_is_symmetric(left: list[float], right: list[float]) -> None:
    point = probability_of_improvement([(make_cell([left]), make_cell([right]))], 10).point
    cubed = [make_cell([[x**3 + 5 for x in values]]) for values in (left, right)]
    assert probability_of_improvement([(cubed[0], cubed[1])], 10).point == pytest.approx(point)
    assert probability_of_improvement([(make_cell([right]), make_cell([left]))], 10).point == pytest.approx(
        1 - point
    )


def test_tasks_and_searches_weigh_the_same_whatever_their_number_of_trials() -> None:
    human = make_cell([[1.0, 1.0]])
    better, worse = make_cell([[2.0] * 2]), make_cell([[0.0] * 8])
    assert probability_of_improvement([(better, human), (worse, human)]).point == 0.5
    assert probability_of_improvement([(make_cell([[2.0] * 2, [0.0] * 8]), human)]).point == 0.5


def test_no_interval_from_a_single_trial() -> None:
    human = make_cell([[1.0, 1.1]])
    assert probability_of_improvement([(make_cell([[1.05]]), human)]).interval is None
    assert math.isnan(probability_of_improvement([]).point)


@pytest.mark.parametrize(("tasks", "low"), [(1, 0.3366), (9, 0.7789)])
def test_where_all_pairs_are_won_there_is_doubt_still(tasks: int, low: float) -> None:
    """Three trials against three: by Newcombe's method 5 with t of 4 degrees of freedom, and MOVER over tasks."""
    won = (make_cell([[2.0, 3.0, 2.5]]), make_cell([[1.0, 1.1, 1.2]]))
    found = probability_of_improvement([won] * tasks)
    assert found.interval is not None
    assert (found.point, found.interval.low, found.interval.high) == pytest.approx((1.0, low, 1.0), abs=1e-4)
    lost = probability_of_improvement([(won[1], won[0])] * tasks)
    assert lost.interval is not None
    assert (lost.interval.low, lost.interval.high) == pytest.approx((0.0, 1.0 - low), abs=1e-4)


@given(st.floats(0.0, 1.0), st.integers(2, 12), st.integers(2, 12))
def test_newcombes_ends_solve_its_equation(point: float, m: int, n: int) -> None:
    found = newcombe(point, m, n)
    assert 0.0 <= found.low <= point <= found.high <= 1.0
    for end in (found.low, found.high):
        if 1e-6 < end < 1.0 - 1e-6 and abs(end - point) > 1e-6:
            bulge = (m + n) / 2 - 1
            variance = end * (1 - end) * (1 + bulge * ((1 - end) / (2 - end) + end / (1 + end))) / (m * n)
            assert abs(point - end) == pytest.approx(stats.t.ppf(0.975, m + n - 2) * variance**0.5, rel=1e-4)


def test_all_ties_are_as_even_as_can_be() -> None:
    same = make_cell([[500.0, 500.0, 500.0]])
    found = probability_of_improvement([(same, same)])
    assert found.interval is not None
    assert found.point == 0.5
    assert found.interval.low == pytest.approx(1.0 - found.interval.high)
    assert found.interval.high - found.interval.low > 0.7


@pytest.mark.slow
def test_coverage() -> None:
    rng = np.random.default_rng(4)
    truth = float(stats.norm.cdf(0.5 / 2**0.5))
    hits = 0
    for repeat in range(300):
        tasks = [(make_cell([0.5 + rng.normal(size=5)]), make_cell([rng.normal(size=5)])) for _ in range(9)]
        interval = probability_of_improvement(tasks, 400, repeat).interval
        assert interval is not None
        hits += interval.low <= truth <= interval.high
    assert hits / 300 >= 0.91
