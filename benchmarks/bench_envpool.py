"""Training throughput on an ant against EnvPool with rl-games' PPO, both on one core: physics steps and env steps.

EnvPool simulates Gymnasium's Ant-v5 in C++ (five Runge-Kutta steps of 10 ms per env step), without a reward program.
PPO has the settings that rl-games publishes for EnvPool's Ant; its networks are trained in fp32, ours in both.
"""

import contextlib
import io
import tempfile
import time

import pytest
import torch
from gymnasium.spaces import Box

from harness.environment import Environment
from harness.execution.trial_runner import human_graph
from harness.machine import multiplies_bf16
from harness.registry import load_task, resolve
from harness.rewards import Graph
from harness.task import PPO, Budget
from harness.training.agent import Agent
from harness.training.record import Recorder
from harness.training.rl_games import AlgoObserver, IVecEnv
from harness.training.trainer import rl_games_parameters, train

EPOCHS = 12
THEIR_PHYSICS_STEPS = 5
"""Per env step of Ant-v5."""
THEIRS = Budget(worlds=64, epochs=20, horizon=64, minibatch=2048)
THEIR_PPO = PPO(
    units=(256, 128, 64),
    horizon=64,
    minibatch=2048,
    mini_epochs=4,
    epochs=2000,
    learning_rate=3e-4,
    kl_threshold=0.008,
    reward_scale=0.1,
    critic_coef=2.0,
    bounds_loss_coef=0.0,
    value_bootstrap=True,
)


class EnvPool(IVecEnv):
    """EnvPool's Ant-v5 for rl-games."""

    def __init__(self, envpool) -> None:
        self.env = envpool.make("Ant-v5", env_type="gymnasium", num_envs=THEIRS.worlds, num_threads=1, seed=0)

    def reset(self) -> torch.Tensor:
        return torch.from_numpy(self.env.reset()[0]).float()

    def step(self, actions: torch.Tensor) -> tuple:
        seen, reward, terminated, truncated, _ = self.env.step(actions.double().numpy())
        ends = torch.from_numpy(truncated)
        done = torch.from_numpy(terminated) | ends
        return torch.from_numpy(seen).float(), torch.from_numpy(reward).float(), done, {"time_outs": ends}

    def get_env_info(self) -> dict:
        size = self.env.observation_space.shape[0]
        return {
            "observation_space": Box(-float("inf"), float("inf"), (size,)),
            "action_space": Box(-1.0, 1.0, self.env.action_space.shape),
        }


class Marks(AlgoObserver):
    """Notes the processor's time after each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def after_print_stats(self, frame: int, epoch_num: int, total_time: float) -> None:
        self.times.append(time.process_time())


def theirs(envpool) -> float:
    """Env steps per processor second, after a first epoch."""
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(io.StringIO()):
        marks, env = Marks(), EnvPool(envpool)
        parameters = rl_games_parameters(THEIR_PPO, THEIRS, scratch)
        parameters["config"] |= {
            "vec_env": env,
            "env_info": env.get_env_info(),
            "bound_loss_type": "regularisation",
        }
        parameters["config"]["features"] = {"observer": marks}
        Agent("peer", parameters).train()
    return THEIRS.worlds * THEIRS.horizon * (len(marks.times) - 1) / (marks.times[-1] - marks.times[0])


def ours(precision: str) -> float:
    """Env steps per processor second of a trial's training with the human reward, after a first epoch."""
    task = load_task("ant")
    budget = Budget(task.quick.worlds, EPOCHS, task.quick.horizon, task.quick.minibatch)
    reward = Graph.from_json(human_graph(resolve("ant"), budget.worlds) or "")
    environment = Environment(task, budget.worlds, seed=0)
    times: list[float] = []
    with contextlib.redirect_stdout(io.StringIO()):
        train(
            environment,
            Recorder(environment, reward, reward),
            task.ppo,
            budget,
            0,
            {},
            lambda epoch: times.append(time.process_time()),
            precision=precision,
        )
    return budget.worlds * budget.horizon * (len(times) - 1) / (times[-1] - times[0])


def bench_ant_against_envpool(benchmark, note) -> None:
    """Medians of three rounds in which both take turns."""
    envpool = pytest.importorskip("envpool")
    precisions = ("bf16", "fp32") if multiplies_bf16() else ("fp32",)
    rates: dict[str, list[float]] = {"theirs": [], **{precision: [] for precision in precisions}}
    for _ in range(3):
        rates["theirs"].append(theirs(envpool))
        for precision in precisions:
            rates[precision].append(ours(precision))
    benchmark.pedantic(lambda: None)  # what counts are ratios
    other = sorted(rates["theirs"])[1]
    physics = load_task("ant").timing.physics_steps
    note(
        "Ant-v5 training, EnvPool and rl-games, one core",
        f"{other:,.0f} env steps, {other * THEIR_PHYSICS_STEPS:,.0f} physics steps/s",
    )
    for precision in precisions:
        mine = sorted(rates[precision])[1]
        note(
            f"Ant training, ours in {precision}, one core",
            f"{mine:,.0f} env steps, {mine * physics:,.0f} physics steps/s",
        )
        note(f"ratio of {precision} in env steps", f"{mine / other:.2f}")
        note(
            f"ratio of {precision} in physics steps", f"{mine * physics / (other * THEIR_PHYSICS_STEPS):.2f}"
        )
