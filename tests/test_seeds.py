"""Seeds of different roles never meet."""

from hypothesis import given
from hypothesis import strategies as st

from harness.seeds import Role, derive

parts = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 1000)), max_size=3)


@given(parts, parts, st.sampled_from(Role), st.sampled_from(Role))
def test_roles_are_disjoint(a: list[object], b: list[object], first: Role, second: Role) -> None:
    assert (derive(first, *a) == derive(second, *b)) == (first == second and a == b)
    assert 0 < derive(first, *a) < 2**62


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert derive(Role.FINAL_TRAINING, "ant", 0) == 267144306157478569
