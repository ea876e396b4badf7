from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scoring.profile import best_of, performance_profile


def test_profile_by_hand() -> None:
    scores = np.array([0.0, 0.5, 1.0, 2.0])
    assert performance_profile(scores, np.array([-1.0, 0.0, 0.5, 1.9, 2.0])).tolist() == [
        1.0,
        0.75,
        0.5,
        0.25,
        0.0,
    ]


def test_profile_leaves_nan_out_of_every_row() -> None:
    rows = np.array([[0.0, 1.0, np.nan], [2.0, np.nan, np.nan]])
    assert performance_profile(rows, np.array([0.5, 5.0])).tolist() == [[0.5, 0.0], [1.0, 0.0]]


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-5, 5)), min_size=1, max_size=6))
def test_best_of_is_the_mean_over_all_subsets(pairs: list[tuple[int, float]]) -> None:
    selection, score = (np.array(x, dtype=float) for x in zip(*pairs, strict=True))
    curve = best_of(selection, score)
    for m in range(1, len(pairs) + 1):
        chosen = [
            score[max(subset, key=lambda i: (selection[i], -i))]
            for subset in combinations(range(len(pairs)), m)
        ]
        assert curve[m - 1] == pytest.approx(np.mean(chosen))


def test_the_choice_does_not_see_what_it_is_judged_by() -> None:
    assert best_of(np.array([3.0, 2.0]), np.array([0.0, 10.0])).tolist() == [5.0, 0.0]
