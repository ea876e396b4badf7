"""Training throughput of rsl_rl's PPO on our own ant, beside a trial's own learner: what differs is the learner alone.

The same worlds, human reward, horizon, sizes of layers and minibatches, passes and precision (fp32, one core). rsl_rl
gives policy and value networks of their own, where the original's ant has one for both.
"""

import contextlib
import io
import math
import time

import pytest
import torch

from benchmarks.bench_envpool import EPOCHS, ours
from harness.environment import Environment
from harness.execution.trial_runner import human_graph
from harness.registry import load_task, resolve
from harness.rewards import Graph
from harness.training.record import Recorder


def theirs(module) -> float:
    """Env steps per processor second, after a first epoch."""
    from tensordict import TensorDict

    task = load_task("ant")
    ppo, budget = task.ppo, task.quick
    reward = Graph.from_json(human_graph(resolve("ant"), budget.worlds) or "")
    environment = Environment(task, budget.worlds, seed=0)
    recorder = Recorder(environment, reward, reward)
    times: list[float] = []

    class Worlds(module.VecEnv):
        num_envs, num_actions = budget.worlds, task.num_actions
        max_episode_length = task.timing.episode_steps
        device, cfg = "cpu", {}

        def __init__(self) -> None:
            self.episode_length_buf = environment.progress
            self.steps = 0

        def get_observations(self) -> TensorDict:
            return TensorDict({"policy": environment.observations}, batch_size=[budget.worlds])

        def step(self, actions: torch.Tensor) -> tuple:
            if self.steps % budget.horizon == 0:
                times.append(time.process_time())
            self.steps += 1
            step = environment.step(actions)
            rewards = recorder.take(step) * ppo.reward_scale
            return self.get_observations(), rewards, step.done.long(), {"time_outs": step.time_out}

    layers = {"class_name": "MLPModel", "hidden_dims": list(ppo.units), "obs_normalization": True}
    gaussian = {"class_name": "GaussianDistribution", "std_type": "log"}
    settings = {
        "num_steps_per_env": budget.horizon,
        "save_interval": 10**6,
        "obs_groups": {"actor": ["policy"], "critic": ["policy"]},
        "actor": {**layers, "distribution_cfg": gaussian},
        "critic": layers,
        "algorithm": {
            "class_name": "PPO",
            "num_learning_epochs": ppo.mini_epochs,
            "num_mini_batches": budget.worlds * budget.horizon // budget.minibatch,
            "learning_rate": ppo.learning_rate,
            "desired_kl": ppo.kl_threshold,
            "value_loss_coef": ppo.critic_coef / 2.0,
            "entropy_coef": 0.0,
            "gamma": ppo.gamma,
            "lam": ppo.gae_lambda,
            "max_grad_norm": ppo.grad_norm or math.inf,
        },
    }
    with contextlib.redirect_stdout(io.StringIO()):
        from rsl_rl.runners import OnPolicyRunner

        OnPolicyRunner(Worlds(), settings, device="cpu").learn(EPOCHS + 1)
    epochs = len(times) - 2  # the first one warms up
    return epochs * budget.worlds * budget.horizon / (times[-1] - times[1])


def bench_ant_against_rsl_rl(benchmark, note) -> None:
    """Medians of three rounds in which both take turns."""
    module = pytest.importorskip("rsl_rl.env")
    rates = [(ours("fp32"), theirs(module)) for _ in range(3)]
    benchmark.pedantic(lambda: None)  # what counts is the ratio
    mine, other = (sorted(pair[side] for pair in rates)[1] for side in (0, 1))
    note("Ant training, ours in fp32, one core", f"{mine:,.0f} env steps/s")
    note("the same ant, rsl_rl, one core", f"{other:,.0f} env steps/s")
    note("ratio", f"{mine / other:.2f}")
