"""Carrying out a plan."""

from harness.methods import new_record
from harness.run import _kept

PROGRAM = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


def test_a_search_that_is_run_again_keeps_the_finals_of_more_seeds() -> None:
    before = new_record("cartpole", "eureka", 0, PROGRAM) | {
        "finals": [{"seed": 0, "trial": "a"}, {"seed": 1, "trial": "b"}]
    }
    same = new_record("cartpole", "eureka", 0, PROGRAM)
    assert _kept(before, same, [{"seed": 0, "trial": "c"}], range(10)) == [
        {"seed": 0, "trial": "c"},
        {"seed": 1, "trial": "b"},
    ]
    assert _kept(before, new_record("cartpole", "eureka", 0, "other"), [], range(10)) == []
    assert _kept(before, same, [], range(1, 10)) == [{"seed": 1, "trial": "b"}]
