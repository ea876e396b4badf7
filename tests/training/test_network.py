"""Training with hidden layers in bfloat16: the same policy, more coarsely, and as repeatable."""

from pathlib import Path

import pytest
import torch

from harness.environment import Environment
from harness.machine import multiplies_bf16
from harness.registry import load_task
from harness.task import PPO, Budget
from harness.training.policy import Policy, load_checkpoint
from harness.training.record import Recorder
from harness.training.trainer import Agent, rl_games_parameters, train

SMALL = Budget(worlds=64, epochs=3, horizon=16, minibatch=256)


def weights(folder: Path, precision: str) -> list[dict[str, torch.Tensor]]:
    """Of a policy of cartpole before, while and after it is trained."""
    folder.mkdir()
    task = load_task("cartpole")
    environment = Environment(task, SMALL.worlds, 1)

    def upright(named: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return named["dof_pos"][:, 1].cos(), {}

    files = {epoch: folder / f"{epoch}.pt" for epoch in (0, 1, 3)}
    train(environment, Recorder(environment, upright, None), task.ppo, SMALL, 1, files, precision=precision)
    return [load_checkpoint(file)["model"] for file in files.values()]


def test_it_starts_from_the_same_weights_and_goes_on_close_to_them(tmp_path: Path) -> None:
    exact, coarse = weights(tmp_path / "fp32", "fp32"), weights(tmp_path / "bf16", "bf16")
    assert exact[0].keys() == coarse[0].keys()
    for name, weight in exact[0].items():
        assert torch.equal(weight, coarse[0][name]), name
        assert coarse[-1][name].dtype == weight.dtype
    name = "a2c_network.actor_mlp.0.weight"
    assert not torch.equal(exact[1][name], coarse[1][name])
    moved = (exact[1][name] - exact[0][name]).norm()
    assert (exact[1][name] - coarse[1][name]).norm() < moved


def test_same_seed_twice_is_identical_bit_for_bit(tmp_path: Path) -> None:
    first, second = weights(tmp_path / "a", "bf16"), weights(tmp_path / "b", "bf16")
    for name, weight in first[-1].items():
        assert torch.equal(weight, second[-1][name]), name


@pytest.mark.parametrize("separate", [False, True])
def test_hidden_layers_multiply_in_bfloat16_and_output_layers_do_not(separate: bool, tmp_path: Path) -> None:
    task = load_task("ant")
    ppo = PPO(**{**vars(task.ppo), "separate": separate})
    environment = Environment(task, 4, 0)
    budget = Budget(worlds=4, epochs=1, horizon=2, minibatch=8)
    parameters = rl_games_parameters(ppo, budget, str(tmp_path), "bf16")
    network = agent(parameters, environment).model.a2c_network
    seen: dict[str, torch.dtype] = {}
    for name, layer in network.named_modules():
        if isinstance(layer, torch.nn.Linear):
            layer.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output.dtype}))
    network({"obs": torch.randn(4, 60)})
    hidden = {name: dtype for name, dtype in seen.items() if "_mlp." in name}
    assert len(hidden) == len(ppo.units) * (1 + separate)
    assert set(hidden.values()) == {torch.bfloat16}
    assert {seen["mu"], seen["value"]} == {torch.float32}


def test_the_evaluated_policy_is_the_trained_one_to_rounding(tmp_path: Path) -> None:
    task = load_task("cartpole")
    environment = Environment(task, 4, 0)
    budget = Budget(worlds=4, epochs=1, horizon=2, minibatch=8)
    model = agent(rl_games_parameters(task.ppo, budget, str(tmp_path), "bf16"), environment).model.eval()
    observations = torch.randn(64, 4)
    with torch.no_grad():
        trained = model({"is_train": False, "obs": observations, "rnn_states": None})["mus"]
    policy = Policy(model.state_dict()).mean(observations)
    assert torch.allclose(policy, trained, atol=0.02)
    assert not torch.equal(policy, trained)


def test_what_the_processor_can_do_is_read_from_its_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    for flags, expected in [
        ("fpu avx512f", False),
        ("fpu avx512_bf16", True),
        ("fpu amx_bf16 amx_tile", True),
    ]:
        monkeypatch.setattr(Path, "read_text", lambda *_, words=flags, **__: f"flags\t\t: {words}\n")
        assert multiplies_bf16() is expected


def agent(parameters: dict, environment: Environment) -> Agent:  # type: ignore[type-arg]
    """rl-games' agent with a network, before any training."""
    from harness.training.rl_games import AlgoObserver
    from harness.training.trainer import RewardedEnvironment

    recorder = Recorder(environment, lambda named: (torch.zeros(environment.worlds), {}), None)
    vec_env = RewardedEnvironment(environment, recorder, lambda: None)
    parameters["config"] |= {"features": {"observer": AlgoObserver()}, "vec_env": vec_env}
    parameters["config"]["env_info"] = vec_env.get_env_info()
    return Agent("trial", parameters)
