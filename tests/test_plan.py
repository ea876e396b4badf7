"""What a run's options come to, before anything starts."""

import pytest

from harness.config import RunConfig
from harness.plan import make_plan
from harness.run import trial_spec


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
