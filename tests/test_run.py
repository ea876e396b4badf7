"""Carrying out a plan."""

from harness.records import FinalTrial, SearchRecord
from harness.run import _kept

PROGRAM = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


def test_a_search_that_is_run_again_keeps_the_finals_of_more_seeds() -> None:
    first, second = FinalTrial(0, "a"), FinalTrial(1, "b")
    before = SearchRecord("cartpole", "eureka", 0, PROGRAM, finals=(first, second))
    same = SearchRecord("cartpole", "eureka", 0, PROGRAM)
    again = FinalTrial(0, "c")
    assert _kept(before, same, [again], range(10)) == (again, second)
    assert _kept(before, SearchRecord("cartpole", "eureka", 0, "other"), [], range(10)) == ()
    assert _kept(before, same, [], range(1, 10)) == (second,)
