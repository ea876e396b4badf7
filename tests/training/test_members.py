"""Several trainings in one call: each is what it would be alone."""

from pathlib import Path

import torch

from harness.registry import expert_reward, load_task
from harness.rewards import Graph, compile_reward
from harness.task import budget_of
from harness.training.members import Member, Setting, Trained
from harness.training.trainer import train_members

OTHER = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


def test_a_member_is_what_it_would_be_alone(tmp_path: Path) -> None:
    task = load_task("cartpole")
    budget = budget_of(task, "smoke")
    human = compile_reward(expert_reward("human", task_id := "cartpole") or "", task, budget.worlds)
    other = compile_reward(OTHER, task, budget.worlds)
    setting = Setting(load_task(task_id), task.ppo, budget)

    def member(place: str, reward: Graph, seed: int) -> Member:
        (tmp_path / place).mkdir()
        return Member(reward, human, seed, {budget.epochs: tmp_path / place / "10.pt"})

    def found(place: str, trained: Trained) -> tuple[str, bytes]:
        trained.recorder.write(tmp_path / place / "curve.csv")
        weights = torch.load(tmp_path / place / "10.pt", weights_only=True)["model"]
        text = " ".join(str(float(value.double().sum())) for value in weights.values())
        return text, (tmp_path / place / "curve.csv").read_bytes()

    torch.manual_seed(99)  # what was drawn before changes nothing
    both = train_members(setting, [member("a", human, 5), member("b", other, 6)])
    (alone,) = train_members(setting, [member("c", other, 6)])
    turned = train_members(setting, [member("d", other, 6), member("e", human, 5)])
    a, b = (found(place, trained) for place, trained in zip("ab", both, strict=True))
    d, e = (found(place, trained) for place, trained in zip("de", turned, strict=True))
    assert b == found("c", alone) == d
    assert a == e
    assert a != b
