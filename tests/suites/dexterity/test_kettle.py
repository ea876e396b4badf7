"""Kettle: kettle and bucket stand still, drops stay inside, and both can be tipped so that spout and bucket meet."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from harness.registry import load_task
from suites.dexterity.kettle import drop_places
from tests.suites.dexterity.judged import check_rest, check_start, judged, table
from tests.suites.dexterity.operator import Operator
from tests.suites.hands import Table

BODIES = ["kettle", "kettle_lid", "bucket"]
DROPS = [f"drop{number}" for number in range(30)]


def in_kettle(run: Table) -> Tensor:
    """Where the drops are from the kettle, (N, 30, 3), m."""
    return run.sim.bodies(DROPS).xpos - run.sim.body("kettle").xpos[:, None]


@pytest.mark.parametrize("start", ["settled", "original"])
def test_the_start_is_that_of_the_facts(start: str) -> None:
    run = table("kettle", start_height=start)
    check_start("kettle", run, "rest_start" if start == "settled" else "start")
    run.sim.joint("kettle_lid").qpos[:] = 0.02
    run.sim.joint("bucket").qpos[:, 1] -= 0.1
    run.reset(torch.ones(1, dtype=torch.bool))
    check_start("kettle", run, "rest_start" if start == "settled" else "start")
    assert run.sim.joint("kettle_lid").qpos.item() == 0.0


def test_things_stand_still() -> None:
    check_rest(table("kettle"), BODIES, drift=1e-3)


def test_spout_and_bucket_decide_and_a_fallen_bucket_ends_the_episode() -> None:
    run = table("kettle", 5)
    spout = run.sim.site("kettle_spout").xpos[0]
    bucket = run.sim.joint("bucket").qpos
    bucket[:2, :3] = spout + torch.tensor([0.0, 0.0, 0.1])
    bucket[0, 0] += 0.051
    bucket[1, 0] += 0.049
    bucket[2, 2], bucket[3, 2] = 0.301, 0.299
    bucket[4, :3] = spout  # in the bucket is not where it counts
    scores, ends = judged("kettle", run)
    assert scores == [0.0, 1.0, 0.0, 0.0, 0.0]
    assert ends == [False, False, False, True, False]


def test_drops_are_there_if_asked_for_and_stay_in_the_kettle() -> None:
    assert load_task("kettle").scene().body("drop0") is None
    run = table("kettle", 2, balls="on")
    start = in_kettle(run)
    assert (torch.cdist(start, start) + torch.eye(30)).min() > 0.01  # they do not overlap
    for _ in range(40):
        _, unstable = run.step(run.idle())
        assert not unstable.any()
    places = in_kettle(run)
    assert places[..., :2].norm(dim=-1).max() < 0.1
    assert places[..., 2].min() > -0.061
    assert places[..., 2].max() < -0.03
    torch.testing.assert_close(
        run.state().object_pos[0], torch.tensor([0.0, 0.0, 0.4738]), atol=1e-3, rtol=0.0
    )
    run.reset(torch.tensor([True, False]))
    torch.testing.assert_close(in_kettle(run)[0], start[0])
    assert torch.equal(in_kettle(run)[1], places[1])


def test_drops_form_a_pyramid_on_its_side() -> None:
    layers = [y for _, y, _ in drop_places((0.0, 0.0, 0.5))]
    assert [layers.count(y) for y in sorted(set(layers))] == [16, 9, 4, 1]


def test_the_original_drops_both_things_and_has_drops() -> None:
    run = table("kettle", fidelity="original")
    assert in_kettle(run).shape == (1, 30, 3)
    for _ in range(40):
        state, unstable = run.step(run.idle())
        assert not unstable.any()
    torch.testing.assert_close(state.object_pos[0], torch.tensor([0.0, 0.0, 0.4738]), atol=2e-3, rtol=0.0)
    assert state.bucket_handle_pos[0, 2].item() == pytest.approx(0.3529, abs=2e-3)


def test_both_things_can_be_tipped_until_spout_and_bucket_meet() -> None:
    """One hand overturns the bucket, the other tips the kettle; how a bucket rolls then is touch and go."""
    operator = Operator(load_task("kettle"), 8)  # type: ignore[arg-type]
    reach = torch.tensor([-0.075, -0.065]).repeat_interleave(4)  # m, of the left hand over the table
    push = torch.tensor([-0.22, -0.23, -0.24, -0.25]).repeat(2)  # m, towards the bucket
    operator.move("left", 0.0, -0.05, -0.11)
    operator.move("right", -0.215, -0.14, -0.026)
    operator.run(24)
    operator.move("left", reach, -0.05, -0.11)
    operator.run(20)
    operator.move("left", reach, push, -0.11)
    operator.run(10)
    operator.move("right", -0.215, -0.42, -0.026)
    operator.run(70)
    assert operator.steps <= operator.task.timing.episode_steps
    assert operator.best.mean() >= 0.25
    assert not operator.ended.any()
