"""F out of per-step scores, by hand."""

import copy
import math

import pytest
import torch

from harness.fitness import EpisodeMeter
from harness.task import Fitness


def feed(meter: EpisodeMeter, scores: list[list[float]], dones: list[list[int]]) -> None:
    for score, done in zip(scores, dones, strict=True):
        meter.update(torch.tensor(score), torch.tensor(done, dtype=torch.bool))


def test_rate_is_the_mean_over_steps_and_worlds() -> None:
    meter = EpisodeMeter(Fitness.RATE, 2)
    feed(meter, [[1.0, 3.0], [2.0, 6.0]], [[0, 1], [0, 0]])
    assert meter.training_fitness() == pytest.approx(3.0)
    assert meter.per_world().tolist() == [1.5, 4.5]
    assert meter.legacy_fitness() == pytest.approx(4.0)  # the last step alone
    meter.clear()
    feed(meter, [[5.0, 7.0]], [[0, 0]])
    assert meter.training_fitness() == pytest.approx(6.0)


def test_survival_is_the_length_of_complete_episodes() -> None:
    meter = EpisodeMeter(Fitness.SURVIVAL, 3)
    ones = [[1.0, 1.0, 1.0]]
    feed(meter, ones * 2, [[0, 0, 0], [1, 0, 0]])
    assert meter.training_fitness() == pytest.approx(2.0)  # worlds 1 and 2 count with 2 steps so far
    assert meter.legacy_fitness() == pytest.approx(2.0)
    feed(meter, ones * 3, [[0, 0, 0], [0, 1, 0], [1, 0, 0]])
    assert meter.legacy_fitness() == pytest.approx(3.0)  # world 0's second episode
    assert meter.training_fitness() == pytest.approx((3 + 4 + 5) / 3)
    per_world = meter.per_world()
    assert per_world[:2].tolist() == [2.0, 4.0]  # first episodes
    assert per_world[2].isnan()
    feed(meter, ones, [[0, 0, 0]])
    assert meter.legacy_fitness() == 0.0  # nobody ended


def test_success_needs_one_good_step_per_episode() -> None:
    meter = EpisodeMeter(Fitness.SUCCESS, 2)
    feed(meter, [[1.0, 0.0], [0.0, 0.5], [0.0, 0.0]], [[0, 0], [1, 0], [1, 1]])
    assert meter.per_world().tolist() == [1.0, 0.5]
    assert meter.last_value.tolist() == [0.0, 0.5]


def test_success_legacy_is_form_a() -> None:
    meter = EpisodeMeter(Fitness.SUCCESS, 4)
    feed(meter, [[1.0, 0.0, 0.0, 0.0]], [[1, 1, 0, 0]])
    assert meter.legacy_fitness() == pytest.approx(1 / 4)
    feed(meter, [[0.0, 0.0, 1.0, 0.0]], [[0, 0, 1, 0]])
    assert meter.legacy_fitness() == pytest.approx((1 + 3 * 0.25) / 4)


def test_counting_sums_and_its_legacy_is_form_c() -> None:
    meter = EpisodeMeter(Fitness.COUNT, 2)
    feed(meter, [[1.0, 0.0], [1.0, 1.0]], [[0, 0], [1, 0]])
    assert meter.per_world()[0] == 2.0
    assert meter.legacy_fitness() == pytest.approx(0.1 * 2.0)
    feed(meter, [[0.0, 2.0]], [[0, 1]])
    assert meter.legacy_fitness() == pytest.approx(0.1 * 3.0 + 0.9 * 0.2)
    assert meter.episode_length() == pytest.approx((2 + 3) / 2)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("kind", [Fitness.SURVIVAL, Fitness.COUNT])
def test_a_score_that_is_no_number_stays_visible(bad: float, kind: Fitness) -> None:
    """It is not the sign for a world without an episode, so no later episode takes its place."""
    meter = EpisodeMeter(kind, 2)
    feed(meter, [[bad, 1.0], [1.0, 1.0]], [[1, 0], [0, 1]])
    assert not meter.per_world()[0].isfinite()
    assert meter.per_world()[1] == 2.0
    assert not math.isfinite(meter.training_fitness())
    feed(meter, [[1.0, 1.0]], [[1, 1]])
    assert not meter.per_world()[0].isfinite()  # the first episode
    assert meter.training_fitness() == pytest.approx(1.5)  # the last ones: 2 and 1


def test_a_meter_goes_on_from_its_state() -> None:
    scores, dones = [[1.0, 0.5], [0.0, 1.0], [1.0, 1.0]], [[0, 1], [1, 0], [1, 0]]
    for kind in Fitness:
        whole, first, second = (EpisodeMeter(kind, 2) for _ in range(3))
        feed(whole, scores * 2, dones * 2)
        feed(first, scores, dones)
        second.restore(copy.deepcopy(first.state()))
        feed(second, scores, dones)
        assert second.per_world().tolist() == whole.per_world().tolist()
        for name in ("training_fitness", "legacy_fitness", "episode_length"):
            assert getattr(second, name)() == getattr(whole, name)(), (kind, name)
