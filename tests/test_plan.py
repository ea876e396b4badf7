"""What a run's options come to, before anything starts."""

from pathlib import Path

import pytest

from harness.config import RunConfig
from harness.errors import UserError
from harness.plan import extend_existing, make_plan
from harness.run import trial_spec
from harness.store import Store, write_json


@pytest.mark.parametrize(
    ("protocol", "asked", "bonus"),
    [("strict", "auto", 0.0), ("paper", "auto", 250.0), ("strict", "on", 250.0), ("paper", "off", 0.0)],
)
def test_the_goal_bonus_follows_the_protocol_unless_asked_for(
    protocol: str, asked: str, bonus: float
) -> None:
    config = RunConfig.model_validate(
        {"suite": "shadow_hand,ant", "protocol": protocol, "goal_bonus": asked, "proposer": "grammar"}
    )
    plan = make_plan(config, gpu=False)
    assert plan.record()["goal_bonus"] is (bonus > 0)

    def bonus_of(task: str, method: str) -> float:
        return trial_spec(plan, task, method, "", "final", 0).goal_bonus

    assert bonus_of("shadow_hand", "eureka") == bonus
    assert bonus_of("shadow_hand", "human") == 0.0
    assert bonus_of("ant", "eureka") == 0.0


def test_a_run_of_before_the_goal_bonus_counts_as_one_without(tmp_path: Path) -> None:
    config = {"suite": "cartpole", "proposer": "grammar"}
    plan = make_plan(RunConfig.model_validate(config), gpu=False)
    record = plan.record()
    del record["goal_bonus"]
    write_json(tmp_path / "run.json", record)
    assert extend_existing(plan, Store(tmp_path)) == plan
    other = make_plan(RunConfig.model_validate(config | {"goal_bonus": "on"}), gpu=False)
    with pytest.raises(UserError, match="goal_bonus False, not True"):
        extend_existing(other, Store(tmp_path))
