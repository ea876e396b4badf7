"""F out of per-step scores, by hand."""

import copy
import math

import numpy as np
import pytest
import torch

from harness.fitness import EpisodeMeter
from harness.registry import SUITES, load_task
from harness.task import Fitness, MemoryForm


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


def test_form_a_by_hand() -> None:
    meter = EpisodeMeter(Fitness.SUCCESS, 4, form=MemoryForm.SCALAR_EMA)
    feed(meter, [[1.0, 0.0, 0.0, 0.0]], [[1, 1, 0, 0]])
    assert meter.legacy_fitness() == pytest.approx(1 / 4)
    feed(meter, [[0.0, 0.0, 1.0, 0.0]], [[0, 0, 1, 0]])
    assert meter.legacy_fitness() == pytest.approx((1 + 3 * 0.25) / 4)


def test_form_b_by_hand() -> None:
    meter = EpisodeMeter(Fitness.SUCCESS, 4, form=MemoryForm.PER_WORLD_LAST)
    feed(meter, [[1.0, 0.0, 0.0, 1.0]], [[1, 1, 0, 0]])
    assert meter.legacy_fitness() == pytest.approx(1 / 4)  # the last world has not finished
    feed(meter, [[0.0, 0.0, 1.0, 0.0]], [[0, 0, 1, 1]])
    assert meter.legacy_fitness() == pytest.approx(3 / 4)
    feed(meter, [[0.0, 0.0, 0.0, 0.0]], [[1, 0, 0, 0]])
    assert meter.legacy_fitness() == pytest.approx(2 / 4)


def by_formula(
    form: MemoryForm | None, values: np.ndarray, resets: np.ndarray, weight: float = 0.1
) -> list[float]:
    """What the original logs at each step, of the values (T, E) of running episodes and who resets (T, E)."""
    environments = values.shape[1]
    memory, last, logged = 0.0, [0.0] * environments, []
    for s, reset in zip(values, resets, strict=True):
        finished = [s[e] for e in range(environments) if reset[e]]
        if form is MemoryForm.SCALAR_EMA:
            memory = (sum(finished) + (environments - len(finished)) * memory) / environments
        elif form is MemoryForm.PER_WORLD_LAST:
            last = [s[e] if reset[e] else last[e] for e in range(environments)]
            memory = sum(last) / environments
        elif form is MemoryForm.EMA_OF_COUNTS:
            if finished:
                memory = weight * (sum(finished) / len(finished)) + (1.0 - weight) * memory
        else:
            memory = sum(finished) / len(finished) if finished else 0.0
        logged.append(memory)
    return logged


@pytest.mark.parametrize("form", [*MemoryForm, None])
@pytest.mark.parametrize("kind", [Fitness.SUCCESS, Fitness.COUNT])
def test_every_form_follows_its_formula_step_by_step(kind: Fitness, form: MemoryForm | None) -> None:
    rng = np.random.default_rng(4)
    steps, worlds = 300, 7
    scores = rng.choice([0.0, 0.5, 1.0], size=(steps, worlds), p=[0.8, 0.1, 0.1])
    resets = rng.random((steps, worlds)) < rng.choice([0.0, 0.1, 0.9], size=(steps, 1))
    values, running = np.zeros_like(scores), np.zeros(worlds)
    for step in range(steps):
        running = np.maximum(running, scores[step]) if kind is Fitness.SUCCESS else running + scores[step]
        values[step] = running
        running = np.where(resets[step], 0.0, running)
    meter, logged = EpisodeMeter(kind, worlds, form=form), []
    for step in range(steps):
        meter.update(torch.tensor(scores[step], dtype=torch.float32), torch.tensor(resets[step]))
        logged.append(meter.legacy_fitness())
    np.testing.assert_allclose(logged, by_formula(form, values, resets), rtol=1e-12, atol=1e-12)


def test_the_forms_are_those_of_the_originals() -> None:
    forms = {name: load_task(name).memory_form for name in SUITES["isaac"]}
    counting = [name for name in forms if "hand" in name]
    expected: dict[str, MemoryForm] = dict.fromkeys(counting, MemoryForm.EMA_OF_COUNTS)
    expected["franka_cabinet"] = MemoryForm.SCALAR_EMA
    assert {name: form for name, form in forms.items() if form is not None} == expected


def test_counting_sums_and_form_c_by_hand() -> None:
    meter = EpisodeMeter(Fitness.COUNT, 2, form=MemoryForm.EMA_OF_COUNTS)
    feed(meter, [[1.0, 0.0], [1.0, 1.0]], [[0, 0], [1, 0]])
    assert meter.per_world()[0] == 2.0
    assert meter.legacy_fitness() == pytest.approx(0.1 * 2.0)
    feed(meter, [[0.0, 2.0]], [[0, 1]])
    assert meter.legacy_fitness() == pytest.approx(0.1 * 3.0 + 0.9 * 0.2)
    assert meter.episode_length() == pytest.approx((2 + 3) / 2)


def test_how_much_new_episodes_weigh_in_form_c_is_the_tasks() -> None:
    meter = EpisodeMeter(Fitness.COUNT, 2, form=MemoryForm.EMA_OF_COUNTS, weight=0.01)
    feed(meter, [[2.0, 4.0], [0.0, 1.0]], [[1, 1], [0, 1]])
    assert meter.legacy_fitness() == pytest.approx(0.01 * 1.0 + 0.99 * 0.01 * 3.0)


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
    forms = [(kind, None) for kind in Fitness] + [(Fitness.SUCCESS, form) for form in MemoryForm]
    for kind, form in forms:
        whole, first, second = (EpisodeMeter(kind, 2, form=form) for _ in range(3))
        feed(whole, scores * 2, dones * 2)
        feed(first, scores, dones)
        second.restore(copy.deepcopy(first.state()))
        feed(second, scores, dones)
        assert second.per_world().tolist() == whole.per_world().tolist()
        for name in ("training_fitness", "legacy_fitness", "episode_length"):
            assert getattr(second, name)() == getattr(whole, name)(), (kind, form, name)
