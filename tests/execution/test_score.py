"""From evaluated checkpoints to the score of a trial."""

import pytest

from harness.execution.trial_runner import TrialFailed, trained_policies
from harness.scoring.protocol import score


def test_protocols_choose_the_checkpoint_and_never_the_untrained_one() -> None:
    rows = [{"checkpoint": i, "f": f, "stderr": 0.1 * f} for i, f in enumerate((9.0, 1.0, 3.0, 2.0))]
    assert score(trained_policies({"checkpoints": rows}), "strict")["f"] == 2.0
    paper = score(trained_policies({"checkpoints": rows}), "paper")
    assert (paper["f"], paper["stderr"], paper["f_final"], paper["f_max"]) == (
        3.0,
        pytest.approx(0.3),
        2.0,
        3.0,
    )


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf")])
def test_a_fitness_that_is_no_number_never_passes(bad: float | None) -> None:
    rows = [{"checkpoint": 1, "f": 1.0, "stderr": 0.0}, {"checkpoint": 2, "f": bad, "stderr": 0.0}]
    with pytest.raises(TrialFailed, match="not finite"):
        trained_policies({"checkpoints": rows})
