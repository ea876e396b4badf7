import dataclasses
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.scoring.aggregate import (
    Arms,
    clipped_mean,
    iqm,
    iqm_normalised,
    mean_of_ratios,
    normalised_resamples,
    normalised_scores,
)
from harness.scoring.cells import Floats, make_cell
from harness.scoring.intervals import small_sample_factor
from harness.scoring.resample import means, rescaled

finite = st.floats(-1e3, 1e3)


def arms(
    rng: np.random.Generator, level: float, seeds: int = 5, searches: int = 1, noise: float = 0.3
) -> Arms:
    """A task with human at 1 and sparse at 0."""
    return Arms(
        make_cell(level + noise * rng.normal(size=(searches, seeds))),
        make_cell(1 + noise * rng.normal(size=(1, seeds))),
        make_cell(noise * rng.normal(size=(1, seeds))),
    )


def test_iqm_by_hand() -> None:
    assert iqm(np.array([100.0, 1.0, 2.0, 3.0, 4.0, -50.0, 5.0, 6.0])) == 3.5  # two cut from either end
    assert iqm(np.array([7.0])) == 7.0
    assert math.isnan(iqm(np.empty(0)))


@given(st.lists(finite, min_size=1, max_size=40))
def test_iqm_is_scipys_trimmed_mean(values: list[float]) -> None:
    assert float(iqm(np.array(values))) == pytest.approx(stats.trim_mean(values, 0.25), abs=1e-9)


@given(st.lists(finite, min_size=1, max_size=20), st.floats(0.1, 10), finite)
def test_iqm_ignores_order_and_follows_the_scale(values: list[float], a: float, b: float) -> None:
    x = np.array(values)
    assert float(iqm(x[::-1])) == pytest.approx(float(iqm(x)))
    assert float(iqm(a * x + b)) == pytest.approx(a * float(iqm(x)) + b, abs=1e-6)
    assert x.min() - 1e-9 <= float(iqm(x)) <= x.max() + 1e-9


def test_iqm_leaves_nan_out_row_by_row() -> None:
    rows = np.array([[1.0, 2.0, 3.0, 100.0], [1.0, np.nan, 3.0, np.nan], [np.nan] * 4])
    assert iqm(rows).tolist()[:2] == [2.5, 2.0]
    assert math.isnan(iqm(rows)[2])


def test_normalised_scores_by_hand() -> None:
    task = Arms(make_cell([[3.0, 5.0], [7.0]]), make_cell([[4.0, 6.0]]), make_cell([[1.0, 1.0]]))
    assert normalised_scores([task]).tolist() == [0.5, 1.0, 1.5]
    assert float(iqm_normalised([task]).point) == 1.0


def test_mean_of_ratios_by_hand() -> None:
    """One task: m = 2 (variance of the mean 1/3), h = 4 (1/3), s = 0 (1/12): R = (2 · 4 + 1/12) / (4² + 5/12)."""
    task = Arms(make_cell([[1.0, 2.0, 3.0]]), make_cell([[3.0, 4.0, 5.0]]), make_cell([[-0.5, 0.0, 0.5]]))
    found = mean_of_ratios([task])
    ratio = 97 / 197
    parts = [1 / 3 / 16, ratio**2 / 3 / 16, (1 - ratio) ** 2 / 12 / 16]
    df = sum(parts) ** 2 / sum(p * p / 2 for p in parts)
    half = stats.t.ppf(0.975, df) * math.sqrt(sum(parts))
    assert found.interval is not None
    assert (found.point, found.interval.low, found.interval.high) == pytest.approx(
        (ratio, ratio - half, ratio + half)
    )
    twice = mean_of_ratios([task, task])
    assert twice.interval is not None
    assert twice.point == pytest.approx(ratio)
    assert (twice.interval.high - ratio) ** 2 / sum(parts) * 2 == pytest.approx(
        stats.t.ppf(0.975, 2 * df) ** 2
    )


def test_the_noise_of_the_references_counts_by_its_slope() -> None:
    """The delta method against draws of the means themselves."""
    rng = np.random.default_rng(3)
    task = arms(rng, 1.5, seeds=40, noise=0.2)
    found = mean_of_ratios([task])
    means = [
        cell[0].mean() + cell[0].std(ddof=1) / math.sqrt(40) * rng.normal(size=200_000)
        for cell in (task.method, task.human, task.sparse)
    ]
    spread = ((means[0] - means[2]) / (means[1] - means[2])).std()
    assert found.interval is not None
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(
        stats.t.ppf(0.975, 100) * spread, rel=0.03
    )


def test_where_human_is_below_sparse_higher_is_better_still() -> None:
    human, sparse = make_cell([[0.0, 0.1]]), make_cell([[1.0, 1.1]])
    better = mean_of_ratios([Arms(make_cell([[2.0, 2.1]]), human, sparse)])
    assert better.point == pytest.approx((1.0 - 0.0025) / (1.0 + 2 * 0.0025))
    assert math.isnan(mean_of_ratios([Arms(human, sparse, sparse)]).point)


def test_arms_at_a_cap_are_not_taken_for_certain() -> None:
    capped = Arms(
        make_cell([[500.0] * 3]), make_cell([[500.0] * 3]), make_cell([[20.0, 30.0, 25.0]]), (0.0, 500.0)
    )
    bounded, free = (
        mean_of_ratios([capped]).interval,
        mean_of_ratios([dataclasses.replace(capped, bounds=(-math.inf, math.inf))]).interval,
    )
    assert bounded is not None
    assert bounded.low < 0.5
    assert free is None or free.high - free.low < 0.1


def test_the_standard_error_is_that_of_scipys_bootstrap() -> None:
    rng = np.random.default_rng(8)
    tasks = [arms(rng, level, seeds=30, noise=0.2) for level in (0.5, 1.5)]
    samples = [getattr(task, arm)[0] for task in tasks for arm in ("method", "human", "sparse")]

    def headline(*drawn: Floats, axis: int) -> Floats:
        m, h, s = (np.array([d.mean(axis=axis) for d in drawn[i::3]]) for i in range(3))
        vh, vs = (np.array([d.var(axis=axis) / 29 for d in drawn[i::3]]) for i in (1, 2))
        ratios = ((m - s) * (h - s) + vs) / ((h - s) ** 2 + vh + vs)
        return np.asarray(ratios.mean(axis=0))

    wanted = stats.bootstrap(samples, headline, n_resamples=4000, method="percentile", rng=rng)
    found = mean_of_ratios(tasks)
    assert found.interval is not None
    assert found.point == pytest.approx(float(headline(*samples, axis=-1)))
    assert (found.interval.high - found.point) / stats.t.ppf(0.975, 150) == pytest.approx(
        wanted.standard_error * math.sqrt(30 / 29), rel=0.05
    )


@given(st.integers(0, 10_000), st.permutations(range(4)), st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_the_headline_follows_neither_order_nor_unit(
    seed: int, order: list[int], scale: float, shift: float
) -> None:
    rng = np.random.default_rng(seed)
    tasks = [arms(rng, level, noise=0.2) for level in (0.5, 1.0, 1.5, 3.0)]
    moved = [
        Arms(
            *(tuple(scale * row[::-1] + shift for row in cell) for cell in (t.method, t.human, t.sparse)),
            (-math.inf, scale * 100 + shift),
        )
        for t in (tasks[index] for index in order)
    ]
    plain, other = mean_of_ratios(tasks), mean_of_ratios(moved)
    assert plain.interval is not None
    assert other.interval is not None
    assert (other.point, other.interval.low, other.interval.high) == pytest.approx(
        (plain.point, plain.interval.low, plain.interval.high), rel=1e-6, abs=1e-8
    )


def test_a_method_that_is_the_human_reward_scores_one_where_all_trials_are_at_the_cap() -> None:
    cap = make_cell([[500.0] * 3])
    found = mean_of_ratios([Arms(cap, cap, make_cell([[20.0, 20.0, 20.0]]), (0.0, 500.0))] * 3)
    assert found.point == 1.0
    assert found.interval is not None
    assert found.interval.low < 1.0 < found.interval.high


def test_the_noise_of_the_references_does_not_add_up_over_tasks() -> None:
    """Skewed references of three seeds: a plain ratio of means is 1.13 on average for what is the human reward."""
    rng = np.random.default_rng(9)
    tasks = [
        Arms(*(make_cell([scale * np.exp(rng.normal(0.0, 0.5, 3))]) for scale in (1.0, 1.0, 0.1)))
        for _ in range(3000)
    ]
    plain = [
        (t.method[0].mean() - t.sparse[0].mean()) / (t.human[0].mean() - t.sparse[0].mean()) for t in tasks
    ]
    assert np.mean(plain) > 1.1
    assert mean_of_ratios(tasks).point == pytest.approx(1.0, abs=0.06)


def test_what_cannot_be_known_is_not_said() -> None:
    task = arms(np.random.default_rng(0), 1.0)
    for arm in ("method", "human", "sparse"):
        single = mean_of_ratios([task, dataclasses.replace(task, **{arm: make_cell([[0.7]])})])
        assert math.isfinite(single.point)
        assert single.interval is None
        broken = mean_of_ratios([task, dataclasses.replace(task, **{arm: make_cell([[0.7, math.nan]])})])
        assert math.isnan(broken.point)
        assert broken.interval is None
        with pytest.raises(ValueError, match="no scores"):
            mean_of_ratios([dataclasses.replace(task, **{arm: ()})])
    assert math.isnan(mean_of_ratios([]).point)


def test_resamples_are_scipys_multi_sample_bootstrap() -> None:
    """On the rescaled arms, the ratio of means has the interval that scipy's percentile bootstrap gives."""
    task = arms(np.random.default_rng(5), 1.4, seeds=8)
    method, human, sparse = (rescaled(cell)[0] for cell in (task.method, task.human, task.sparse))

    def ratio(m: Floats, h: Floats, s: Floats, axis: int) -> Floats:
        low = s.mean(axis=axis)
        return np.asarray((m.mean(axis=axis) - low) / abs(h.mean(axis=axis) - low))

    expected = stats.bootstrap(
        (method, human, sparse), ratio, n_resamples=40_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    (drawn,) = normalised_resamples([task], 40_000)
    low, high = np.quantile(means(drawn), [0.025, 0.975])
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.015)


def test_interval_is_the_percentile_one_widened_about_the_point() -> None:
    tasks = [arms(np.random.default_rng(i), 1.2, seeds=3) for i in range(2)]
    found = iqm_normalised(tasks)
    flat = np.concatenate([d.reshape(len(d), -1) for d in normalised_resamples(tasks)], axis=1)
    low, high = np.quantile(iqm(flat), [0.025, 0.975])
    wide = small_sample_factor(2 * 2)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(found.point + wide * (low - found.point))
    assert found.interval.high == pytest.approx(found.point + wide * (high - found.point))


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(2, 4), st.integers(1, 3))
def test_intervals_hold_the_point(seed: int, tasks: int, seeds: int, searches: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = [arms(rng, rng.normal(), seeds, searches) for _ in range(tasks)]
    for aggregate in (iqm_normalised(drawn, 200), clipped_mean(drawn, 200)):
        assert aggregate.interval is not None
        assert aggregate.interval.low <= aggregate.point <= aggregate.interval.high


def test_the_order_of_tasks_and_seeds_does_not_move_the_point() -> None:
    tasks = [arms(np.random.default_rng(i), i) for i in range(5)]
    turned = [
        Arms(*(tuple(row[::-1] for row in cell) for cell in (t.method, t.human, t.sparse)))
        for t in reversed(tasks)
    ]
    assert iqm_normalised(turned).point == pytest.approx(iqm_normalised(tasks).point)
    assert clipped_mean(turned).point == pytest.approx(clipped_mean(tasks).point)


def test_the_same_seed_gives_the_same_numbers() -> None:
    tasks = [arms(np.random.default_rng(i), 1.0) for i in range(3)]
    assert iqm_normalised(tasks) == iqm_normalised(tasks)
    assert iqm_normalised(tasks, seed=1) != iqm_normalised(tasks, seed=2)


def test_noise_of_the_references_is_in_the_interval() -> None:
    rng = np.random.default_rng(0)
    noisy = [arms(rng, 1.2) for _ in range(6)]
    exact = [Arms(t.method, make_cell([np.ones(5)]), make_cell([np.zeros(5)])) for t in noisy]
    wide, narrow = iqm_normalised(noisy).interval, iqm_normalised(exact).interval
    assert wide is not None
    assert narrow is not None
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_searches_that_differ_widen_the_interval() -> None:
    tight = make_cell([[1.0, 1.1, 0.9, 1.0]] * 2)
    apart = make_cell([[0.5, 0.6, 0.4, 0.5], [1.5, 1.6, 1.4, 1.5]])
    human, sparse = make_cell([[1.0, 1.01, 0.99, 1.0]]), make_cell([[0.0, 0.01, -0.01, 0.0]])
    first, second = (iqm_normalised([Arms(m, human, sparse)]).interval for m in (tight, apart))
    assert first is not None
    assert second is not None
    assert second.high - second.low > 3 * (first.high - first.low)


def test_one_score_in_an_arm_gives_a_point_without_interval() -> None:
    task = arms(np.random.default_rng(0), 1.0)
    single = Arms(make_cell([[1.0]]), task.human, task.sparse)
    assert iqm_normalised([task, single]).interval is None
    assert clipped_mean([single]).interval is None
    assert math.isnan(iqm_normalised([]).point)
    assert math.isnan(clipped_mean([]).point)


def test_the_papers_mean_is_clipped_per_task() -> None:
    human, sparse = make_cell([[1.0, 1.0]]), make_cell([[0.0, 0.0]])
    tasks = [Arms(make_cell([[level, level]]), human, sparse) for level in (12.65, -2.0, 1.5)]
    assert clipped_mean(tasks).point == pytest.approx((3.0 + 0.0 + 1.5) / 3)


def test_a_large_suite_takes_less_than_a_second() -> None:
    tasks = [arms(np.random.default_rng(i), 1.0) for i in range(29)]
    start = time.process_time()
    iqm_normalised(tasks)
    assert time.process_time() - start < 1.0


@pytest.mark.slow
@pytest.mark.parametrize(("tasks", "seeds"), [(29, 5), (9, 3), (2, 3)])
def test_coverage_is_near_what_is_claimed(tasks: int, seeds: int) -> None:
    rng = np.random.default_rng(11)
    levels = rng.lognormal(0, 0.4, tasks)
    truth = float(iqm((levels + 0.3 * rng.normal(size=(20_000, tasks))).ravel()))
    hits = 0
    for repeat in range(200):
        found = iqm_normalised([arms(rng, level, seeds) for level in levels], 500, repeat)
        assert found.interval is not None
        hits += found.interval.low <= truth <= found.interval.high
    assert 0.91 <= hits / 200 <= 1.0
