"""A latched sparse reward on its way: from the task to spec.json, and to what the policy learns from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from harness.training.policy import load_checkpoint
from tests.contract_tasks import write_task
from tests.end_to_end.runs import harness

KEEPS = '''
    class Options(Task.Options):
        keeps: bool = True
        """Whether what was earned is paid on."""

    options: Options

    @property
    def latches(self):
        return self.options.keeps

    def latched(self, state, reward):
        return reward + 10.0 * state.height

    description'''
SPARSE = "def compute_reward(height):\n    return (height > 1.5).float(), {}\n"


def trained(folder: Path, name: str, *options: str) -> dict[bool, tuple[dict[str, Any], dict[str, Any]]]:
    """Whether a trial is that of the sparse reward → its spec, and the weights of its last policy."""
    done = harness(
        *("run", "--suite", "mine.py:Mine", "--budget", "smoke", "--seeds", "1", "--no-pictures"),
        *("--methods", "human,sparse", "--no-report", "--out", name, *options),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for path in (folder / name / "trials").glob("*/spec.json"):
        spec = json.loads(path.read_text())
        last = sorted(path.parent.glob("checkpoints/*.pt"))[-1]
        weights = load_checkpoint(last)["model"]
        found[spec["source"] == SPARSE] = spec, weights
    assert len(found) == 2
    return found


def test_the_policy_of_the_sparse_reward_learns_from_what_is_latched(tmp_path: Path) -> None:
    write_task(tmp_path, "mine", ("\n    description", KEEPS))
    (tmp_path / "mine_sparse_reward.py").write_text(SPARSE)
    (tmp_path / "mine_human_reward.py").write_text("def compute_reward(height):\n    return height, {}\n")
    latched = trained(tmp_path, "latched")
    instant = trained(tmp_path, "instant", "--task-option", "mine.keeps=false")
    assert latched[True][0]["latched"] is True
    assert all("latched" not in spec for spec in (latched[False][0], instant[True][0], instant[False][0]))
    for sparse, same in ((False, True), (True, False)):  # the option changes nothing else
        one, other = latched[sparse][1], instant[sparse][1]
        assert all(torch.equal(one[name], other[name]) for name in one) is same
