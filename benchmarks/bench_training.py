"""Training throughput on an ant against Stable-Baselines3 PPO on Gymnasium's Ant-v5 with two workers, one run."""

import contextlib
import io
import time

import pytest
import torch

from harness.environment import Environment
from harness.registry import expert_reward, load_task
from harness.rewards import compile_reward
from harness.task import Budget
from harness.training.record import Recorder
from harness.training.trainer import train

EPOCHS = 20


def ours() -> float:
    """Env steps per second of rl-games PPO on `ant`, quick budget's settings, two physics threads."""
    task = load_task("ant")
    budget = Budget(task.quick.worlds, EPOCHS, task.quick.horizon, task.quick.minibatch)
    source = expert_reward("human", "ant")
    assert source is not None
    reward = compile_reward(source, task, budget.worlds)
    environment = Environment(task, budget.worlds, seed=0, threads=2)
    before = time.perf_counter()
    torch.set_num_threads(2)
    with contextlib.redirect_stdout(io.StringIO()):
        train(environment, Recorder(environment, reward, reward), task.ppo, budget, 0, {})
    return budget.env_steps / (time.perf_counter() - before)


def theirs(steps: int = 16_384) -> float:
    """Env steps per second of Stable-Baselines3 PPO with its defaults on Ant-v5, two worker processes."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import SubprocVecEnv

    workers = {"start_method": "spawn"}  # its default would take the place of our fork server
    env = make_vec_env("Ant-v5", n_envs=2, vec_env_cls=SubprocVecEnv, vec_env_kwargs=workers)
    torch.set_num_threads(2)
    model = PPO("MlpPolicy", env, device="cpu")
    before = time.perf_counter()
    model.learn(steps)
    rate = steps / (time.perf_counter() - before)
    env.close()
    return rate


def bench_ant_against_stable_baselines3(benchmark, note) -> None:
    pytest.importorskip("stable_baselines3")
    mine = benchmark.pedantic(ours, rounds=1)
    other = theirs()
    note("Ant training, ours", f"{mine:,.0f} env steps/s")
    note("Ant-v5 training, Stable-Baselines3, 2 workers", f"{other:,.0f} env steps/s")
    note("ratio", f"{mine / other:.1f}")
