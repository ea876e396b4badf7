"""PPO on a task: reproducible, faithful to the settings, and it learns."""

import dataclasses
import math
from pathlib import Path

import pytest
import torch
from rl_games.algos_torch.a2c_continuous import A2CAgent
from rl_games.algos_torch.models import ModelA2CContinuousLogStd

from baselines.human_rewards.isaac import cartpole as human
from harness.environment import Environment
from harness.errors import EnvironmentProblem
from harness.registry import load_task
from harness.task import Budget
from harness.training.evaluate import evaluate
from harness.training.policy import Diverged, Policy, load_checkpoint
from harness.training.record import Recorder
from harness.training.trainer import Agent, rl_games_parameters, train

SMALL = Budget(worlds=64, epochs=4, horizon=16, minibatch=256)


def reward(named: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    return human.compute_reward(named["dof_pos"], named["dof_vel"], 3.0)


def train_cartpole(folder: Path, budget: Budget, seed: int = 5) -> tuple[Recorder, list[Path]]:
    task = load_task("cartpole")
    environment = Environment(task, budget.worlds, seed)
    recorder = Recorder(environment, reward, reward)
    files = [folder / f"{epoch:03d}.pt" for epoch in (budget.epochs // 2, budget.epochs)]
    epochs = (budget.epochs // 2, budget.epochs)
    train(environment, recorder, task.ppo, budget, seed, dict(zip(epochs, files, strict=True)))
    return recorder, files


def test_same_seed_twice_is_identical_bit_for_bit(tmp_path: Path) -> None:
    results = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        recorder, files = train_cartpole(folder, SMALL)
        recorder.write(folder / "curve.csv")
        scores = evaluate(load_task("cartpole"), dict.fromkeys(files, 8), seed=9)
        results.append(((folder / "curve.csv").read_bytes(), scores, load_checkpoint(files[-1])["model"]))
    assert results[0][:2] == results[1][:2]
    for name, weight in results[0][2].items():
        assert torch.equal(weight, results[1][2][name]), name


def test_another_seed_is_another_training(tmp_path: Path) -> None:
    first, _ = train_cartpole(tmp_path, SMALL, seed=1)
    second, _ = train_cartpole(tmp_path, SMALL, seed=2)
    assert first.rows != second.rows


def test_the_human_reward_learns_cartpole(tmp_path: Path) -> None:
    recorder, files = train_cartpole(tmp_path, dataclasses.replace(load_task("cartpole").quick, epochs=40))
    assert recorder.rows[-1]["f"] > 3 * recorder.rows[2]["f"]
    _, after = evaluate(load_task("cartpole"), dict.fromkeys(files, 32), seed=3)
    assert after["f"] > 150
    assert after["env_steps"] == 40 * 512 * 16
    assert after["episodes"]["count"] == 32


def test_curve_holds_components_and_the_human_reward_beside(tmp_path: Path) -> None:
    recorder, _ = train_cartpole(tmp_path, SMALL)
    assert list(recorder.rows[0]) == [
        *("epoch", "env_steps", "f", "legacy_f", "episode_length", "reward", "human_reward"),
        *("reward/upright", "reward/cart_speed", "reward/pole_speed"),
        *("reward_last_step", "human_reward_last_step"),
    ]
    assert [row["env_steps"] for row in recorder.rows] == [1024, 2048, 3072, 4096]
    assert all(row["reward"] == row["human_reward"] for row in recorder.rows)


def test_values_that_are_not_finite_are_counted_and_left_out_of_the_means() -> None:
    environment = Environment(load_task("cartpole"), 16, 0)

    def broken(named: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        values = torch.ones(16)
        values[0], values[1] = float("nan"), float("inf")
        never = torch.full((16,), float("nan"))
        return values, {"part": values * 2.0, "never": never, "always": torch.ones(16)}

    recorder = Recorder(environment, broken, None)
    for _ in range(3):
        out = recorder.take(environment.step(torch.zeros(16, 1)))
        assert out[:2].isnan().all()  # the trainer knows what they are worth when the epoch is complete
        assert out[2:].tolist() == [1.0] * 14
    recorder.close_epoch(1, 48)
    assert recorder.nonfinite == {"reward": 6, "reward/part": 6, "reward/never": 48}
    (row,) = recorder.rows
    assert (row["reward"], row["reward/part"], row["reward/always"]) == (1.0, 2.0, 1.0)
    assert math.isnan(row["reward/never"])


def test_a_reward_that_is_not_finite_is_worth_the_worst_of_its_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when the worst comes later in the epoch; and in an epoch without any, that of the one before."""
    task = load_task("cartpole")
    environment = Environment(task, 8, 0)
    steps = iter(range(1000))

    def failing(named: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        step = next(steps)
        values = torch.full((8,), float(-step))
        values[0 if step < 8 else slice(None)] = float("inf")
        return values, {}

    learned: list[torch.Tensor] = []
    discount = A2CAgent.discount_values

    def spy(agent: A2CAgent, *args: torch.Tensor) -> torch.Tensor:
        learned.append(args[-1].squeeze(-1) / task.ppo.reward_scale)
        return discount(agent, *args)

    monkeypatch.setattr(A2CAgent, "discount_values", spy)
    budget = Budget(worlds=8, epochs=2, horizon=8, minibatch=64)
    train(environment, Recorder(environment, failing, None), task.ppo, budget, 0, {})
    first, second = learned
    torch.testing.assert_close(first[:, 0], torch.full((8,), -7.0))
    torch.testing.assert_close(first[:, 1], -torch.arange(8.0))
    torch.testing.assert_close(second, torch.full((8, 8), -7.0))


def test_the_goal_bonus_is_learned_from_but_not_recorded() -> None:
    task = load_task("cartpole")  # scores 1 on every step that the pole stands
    environment = Environment(task, 16, 0)
    recorder = Recorder(environment, lambda named: (torch.full((16,), 0.5), {}), None, goal_bonus=250.0)
    step = dataclasses.replace(environment.step(torch.zeros(16, 1)), score=torch.arange(16) / 8)
    assert recorder.take(step).tolist() == [0.5] * 8 + [250.5] * 8
    recorder.close_epoch(1, 16)
    assert recorder.rows[0]["reward"] == 0.5


def test_the_untrained_policy_is_saved_before_anything_is_learned(tmp_path: Path) -> None:
    task = load_task("cartpole")
    environment = Environment(task, SMALL.worlds, 5)
    files = {0: tmp_path / "00.pt", SMALL.epochs: tmp_path / "10.pt"}
    train(environment, Recorder(environment, reward, reward), task.ppo, SMALL, 5, files)
    before, after = (load_checkpoint(file) for file in files.values())
    assert (before["epoch"], before["env_steps"]) == (0, 0)
    assert float(before["model"]["running_mean_std.count"]) == 1.0
    assert any(not torch.equal(before["model"][name], after["model"][name]) for name in before["model"])
    rows = evaluate(task, {files[0]: 8, files[SMALL.epochs]: 5}, seed=9)
    assert [(row["checkpoint"], row["worlds"], row["episodes"]["count"]) for row in rows] == [
        (0, 8, 8),
        (10, 5, 5),
    ]


def test_deterministic_policy_equals_the_trained_model(tmp_path: Path) -> None:
    _, files = train_cartpole(tmp_path, SMALL)
    weights = load_checkpoint(files[-1])["model"]
    task = load_task("cartpole")
    agent_parameters = rl_games_parameters(task.ppo, SMALL, str(tmp_path))
    from rl_games.algos_torch.model_builder import ModelBuilder

    model = (
        ModelBuilder()
        .load(agent_parameters)
        .build(
            {
                "actions_num": 1,
                "input_shape": (4,),
                "num_seqs": 1,
                "value_size": 1,
                "normalize_value": True,
                "normalize_input": True,
            }
        )
    )
    assert isinstance(model, ModelA2CContinuousLogStd.Network)
    model.load_state_dict(weights)
    model.eval()
    observations = 3 * torch.randn(32, 4)
    with torch.no_grad():
        expected = model({"is_train": False, "obs": observations, "rnn_states": None})["mus"].clamp(-1, 1)
    assert torch.allclose(Policy(weights)(observations), expected, atol=1e-6)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_a_damaged_checkpoint_is_one_clear_line(tmp_path: Path, content: bytes | None) -> None:
    _, files = train_cartpole(tmp_path, SMALL)
    whole = files[0].read_bytes()
    files[0].write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(EnvironmentProblem, match="damaged"):
        load_checkpoint(files[0])


def test_a_checkpoint_cannot_run_code(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"model": Trap(), "epoch": 1, "env_steps": 1}, tmp_path / "trap.pt")
    with pytest.raises(EnvironmentProblem, match="damaged"):
        load_checkpoint(tmp_path / "trap.pt")
    assert not (tmp_path / "sprung").exists()


def test_a_training_that_loses_its_weights_says_when(tmp_path: Path) -> None:
    task = load_task("cartpole")
    environment = Environment(task, 16, 0)
    epochs: list[int] = []

    def huge(named: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return named["dof_pos"][:, 0] * (1e30 if epochs else 1.0), {}  # finite, but its square is not

    recorder = Recorder(environment, huge, None)
    files = {epoch: tmp_path / f"{epoch}.pt" for epoch in (1, 2, 3)}
    budget = Budget(worlds=16, epochs=3, horizon=8, minibatch=64)
    with pytest.raises(Diverged) as caught:
        train(environment, recorder, task.ppo, budget, 0, files, epochs.append)
    assert str(caught.value) == "the policy's weights are not finite after epoch 2: the training diverged"
    assert epochs == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["1.pt"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_cartpole(tmp_path_factory.mktemp("whole"), SMALL)[1][-1]


def damaged(checkpoint: Path, to: Path, name: str, value: float) -> Path:
    """A copy with one of its numbers replaced."""
    content = load_checkpoint(checkpoint)
    content["model"][name].view(-1)[0] = value
    torch.save(content, to)
    return to


def test_what_is_not_finite_has_no_f_and_leaves_the_others_alone(tmp_path: Path, checkpoint: Path) -> None:
    """MuJoCo takes a bad control as zero: a policy without any number in it would get a finite F."""
    task = load_task("cartpole")
    bias = "a2c_network.actor_mlp.0.bias"
    nothing = damaged(checkpoint, tmp_path / "01.pt", bias, math.nan)
    statistics = damaged(checkpoint, tmp_path / "02.pt", "running_mean_std.running_var", math.inf)
    overflow = tmp_path / "03.pt"
    content = load_checkpoint(checkpoint)
    content["model"]["a2c_network.mu.weight"][:] = 3e38
    content["model"][bias][:] = 1e3
    torch.save(content, overflow)
    whole = tmp_path / "04.pt"
    whole.write_bytes(checkpoint.read_bytes())
    files = [nothing, statistics, overflow, whole]
    rows = evaluate(task, dict.fromkeys(files, 4), seed=9)
    assert [row["nonfinite"] for row in rows] == ["weights", "weights", "actions", None]
    for row in rows[:3]:
        assert row["f"] is row["stderr"] is row["episodes"]["success"] is None
    assert rows[3]["f"] > 0
    assert rows[3]["episodes"]["count"] == 4


def test_a_score_that_is_no_number_is_said(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = load_task("cartpole")
    score, steps = task.score, iter(range(1000))

    def once(state: object) -> torch.Tensor:
        scores = score(state)
        if next(steps) == 300:  # when the first episodes are over
            scores[5] = math.nan
        return scores

    first, second = tmp_path / "01.pt", tmp_path / "02.pt"
    for path in (first, second):
        path.write_bytes(checkpoint.read_bytes())
    before = evaluate(task, {first: 4, second: 4}, seed=9)
    monkeypatch.setattr(task, "score", once)
    rows = evaluate(task, {first: 4, second: 4}, seed=9)
    assert [row["nonfinite"] for row in rows] == [None, "scores"]
    assert rows[0] == before[0]
    assert (rows[1]["f"], before[1]["nonfinite"]) == (None, None)


def test_every_control_step_is_a_sign_of_life(checkpoint: Path) -> None:
    task = load_task("cartpole")
    ticks: list[int] = []
    environment = Environment(task, SMALL.worlds, 5)
    recorder = Recorder(environment, reward, None)
    train(
        environment, recorder, task.ppo, SMALL, 5, {}, tick=lambda: ticks.append(int(environment.progress[0]))
    )
    assert len(ticks) == SMALL.epochs * SMALL.horizon
    assert len(set(ticks)) > 10
    ticks.clear()
    evaluate(task, {checkpoint: 4}, seed=9, tick=lambda: ticks.append(1))
    assert len(ticks) == task.timing.episode_steps


@pytest.mark.parametrize(
    "content",
    [
        [1.0],
        {"model": {}, "epoch": 1, "env_steps": 1},
        {"model": torch.zeros(2), "epoch": 1, "env_steps": 1},
        {"model": {"a2c_network.mu.weight": torch.zeros(1)}, "epoch": 1, "env_steps": 1},
        {"epoch": 1, "env_steps": 1},
    ],
)
def test_a_file_that_holds_something_else_is_one_clear_line(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "01.pt")
    with pytest.raises(EnvironmentProblem, match="damaged") as caught:
        load_checkpoint(tmp_path / "01.pt")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"cannot read checkpoint .* \(Is a directory\)"):
        load_checkpoint(tmp_path)


def test_settings_reach_the_agent(tmp_path: Path) -> None:
    task = load_task("cartpole")
    environment = Environment(task, 64, 0)
    recorder = Recorder(environment, reward, None)
    seen = {}

    def remember(self: Agent) -> None:
        seen.update(vars(self))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Agent, "train", remember)
        train(environment, recorder, task.ppo, SMALL, 0, {})
    assert seen["gamma"] == 0.99
    assert seen["tau"] == 0.95
    assert seen["critic_coef"] == 4
    assert seen["kl_threshold"] == 0.008
    assert seen["e_clip"] == 0.2
    assert seen["value_bootstrap"] is False
    assert seen["truncate_grads"] is True
    assert seen["minibatch_size"] == 256
    assert seen["mini_epochs_num"] == 8
    assert seen["rewards_shaper"](torch.ones(1)) == pytest.approx(0.1)
    assert [tuple(p.shape) for p in seen["model"].parameters() if p.dim() == 2] == [
        (32, 4),
        (32, 32),
        (1, 32),
        (1, 32),
    ]
