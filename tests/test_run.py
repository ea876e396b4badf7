"""Carrying out a plan."""

from harness.methods import new_record
from harness.run import _kept

PROGRAM = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


def test_a_search_that_is_run_again_keeps_the_finals_of_more_seeds() -> None:
    before = new_record("cartpole", "eureka", 0, PROGRAM) | {
        "finals": [{"seed": 0, "trial": "a"}, {"seed": 1, "trial": "b"}]
    }
    assert _kept(before, new_record("cartpole", "eureka", 0, PROGRAM), [{"seed": 0, "trial": "c"}]) == [
        {"seed": 0, "trial": "c"},
        {"seed": 1, "trial": "b"},
    ]
    assert _kept(before, new_record("cartpole", "eureka", 0, "other"), []) == []
