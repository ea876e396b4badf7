"""How long it takes to try a reward program out and trace it, in its process."""

import pytest

from harness.registry import expert_reward
from harness.rewards import probe

WORLDS = 512


@pytest.mark.parametrize("task", ["cartpole", "ant", "franka_cabinet", "shadow_hand"])
def bench_probe(task: str, benchmark, note) -> None:
    """A probe of the human reward at 512 worlds; the fork server is warm and the task's states are recorded."""
    source = expert_reward("human", task)
    assert source is not None
    probe(source, task, WORLDS)
    benchmark.pedantic(lambda: probe(source, task, WORLDS), rounds=10)
    note(
        f"probe of the human reward of {task}, warm, {WORLDS} worlds", f"{benchmark.stats.stats.median:.2f} s"
    )
