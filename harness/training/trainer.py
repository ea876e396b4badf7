"""PPO by rl-games on a task with a reward program."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from gymnasium.spaces import Box

from harness.environment import Environment
from harness.task import PPO, Budget
from harness.training.agent import Agent
from harness.training.members import Member, Setting, Trained
from harness.training.network import NETWORKS
from harness.training.policy import Diverged, finite, save_checkpoint
from harness.training.record import Recorder
from harness.training.resume import identity_of, random_state, read_state, restore_random, write_state
from harness.training.rl_games import AlgoObserver, DefaultRewardsShaper, IVecEnv

if TYPE_CHECKING:
    from torch import Tensor


class RewardedEnvironment(IVecEnv):  # type: ignore[misc]
    """What rl-games trains on: an environment whose reward comes from the recorder's programs."""

    def __init__(self, environment: Environment, recorder: Recorder, tick: Callable[[], None]) -> None:
        self.environment = environment
        self.recorder = recorder
        self.tick = tick

    def reset(self) -> Tensor:
        """Observations (N, O) of the episodes under way."""
        return self.environment.observations

    def step(self, actions: Tensor) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
        """Observations (N, O), rewards (N,), dones (N,), and which of them are time limits."""
        step = self.environment.step(actions)
        reward = self.recorder.take(step)
        self.tick()
        return self.environment.observations, reward, step.done, {"time_outs": step.time_out}

    def get_env_info(self) -> dict[str, Any]:
        """Shapes of observations and actions."""
        observations = self.environment.observations.shape[1]
        return {
            "observation_space": Box(-np.inf, np.inf, (observations,), np.float32),
            "action_space": Box(-1.0, 1.0, (self.environment.task.num_actions,), np.float32),
        }


class Observer(AlgoObserver):  # type: ignore[misc]
    """Called by rl-games after each epoch: closes the epoch's record and saves what is due."""

    def __init__(
        self,
        recorder: Recorder,
        checkpoints: dict[int, Path],
        steps_per_epoch: int,
        report: Callable[[int], None],
        save: Callable[[], None],
    ) -> None:
        super().__init__()
        self.recorder = recorder
        self.checkpoints = checkpoints
        self.steps_per_epoch = steps_per_epoch
        self.report = report
        self.save = save

    def after_init(self, algo: Any) -> None:
        """Remember the agent whose weights are saved."""
        self.algo = algo

    def after_print_stats(self, frame: int, epoch_num: int, total_time: float) -> None:
        """End of an epoch."""
        env_steps = epoch_num * self.steps_per_epoch
        self.recorder.close_epoch(epoch_num, env_steps)
        if not finite(self.algo.model.state_dict()):
            raise Diverged(
                f"the policy's weights are not finite after epoch {epoch_num}: the training diverged"
            )
        if epoch_num in self.checkpoints:
            save_checkpoint(self.checkpoints[epoch_num], self.algo.model, epoch_num, env_steps)
            self.save()
        self.report(epoch_num)


def train(
    environment: Environment,
    recorder: Recorder,
    ppo: PPO,
    budget: Budget,
    seed: int,
    checkpoints: dict[int, Path],
    report: Callable[[int], None] = lambda epoch: None,
    state: Path | None = None,
    tick: Callable[[], None] = lambda: None,
    precision: str = "fp32",
    until: int | None = None,
) -> None:
    """Train a policy; fills the recorder and writes `checkpoints` (epoch → file; 0: before any training).

    With a file `state`, all of the training is saved there after each checkpoint, and a training that finds the file
    goes on from it, to the same bytes as if nothing had happened: environment and recorder must be fresh ones, made
    as the first time. `report` is called with each finished epoch, `tick` once per control step. `precision` is
    that of the networks' hidden layers, `fp32` or `bf16`. With `until`, one of the checkpoints' epochs, the
    training is broken off after it, and goes on from `state` when it is asked for without. Raises Diverged where an
    epoch leaves weights that are not finite.
    """
    seed_everything(seed)
    identity = identity_of(environment, ppo, budget, seed, checkpoints) | {"precision": precision}
    saved = read_state(state, identity, checkpoints, environment.device) if state else None

    def save() -> None:
        if state:
            parts = {
                "agent": agent.state(),
                "environment": environment.state(),
                "recorder": recorder.state(),
            }
            write_state(state, {"identity": identity, "random": random_state(), **parts})

    observer = Observer(recorder, checkpoints, budget.worlds * budget.horizon, report, save)
    with tempfile.TemporaryDirectory() as scratch:  # rl-games insists on folders
        parameters = rl_games_parameters(ppo, budget, scratch, precision, environment.device)
        parameters["config"]["features"] = {"observer": observer}
        last = until or budget.epochs
        parameters["config"]["max_epochs"] = last
        vec_env = RewardedEnvironment(environment, recorder, tick)
        parameters["config"] |= {"vec_env": vec_env, "env_info": vec_env.get_env_info()}
        agent = Agent("trial", parameters)
        if saved is not None:
            agent.resumed = saved["agent"]
            environment.restore(saved["environment"])
            recorder.restore(saved["recorder"])
            restore_random(saved["random"])
        elif 0 in checkpoints:
            save_checkpoint(checkpoints[0], agent.model, 0, 0)
        if saved is None or saved["agent"]["epoch_num"] < last:
            agent.train()


def train_members(setting: Setting, members: Sequence[Member]) -> list[Trained]:
    """Train members one after another: the trainer `rl_games` (see `harness.training.members`)."""
    return [_train_member(setting, member) for member in members]


def _train_member(setting: Setting, member: Member) -> Trained:
    task, worlds = setting.task, setting.budget.worlds
    environment = Environment(task, worlds, member.seed, setting.engine, setting.threads)
    reward = member.reward.to(environment.device)
    human = None if member.human is None else member.human.to(environment.device)
    if member.human is member.reward:
        human = reward  # which is then computed once
    recorder = Recorder(environment, reward, human, member.goal_bonus, member.latched)
    ready = time.time()
    train(
        environment,
        recorder,
        setting.ppo,
        setting.budget,
        member.seed,
        dict(member.checkpoints),
        member.on_epoch,
        member.state,
        member.on_step,
        setting.precision,
        setting.until,
    )
    return Trained(recorder, environment.unstable_count, ready)


def seed_everything(seed: int) -> None:
    """Seed torch, numpy and random."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def rl_games_parameters(
    ppo: PPO, budget: Budget, folder: str, precision: str = "fp32", device: str | torch.device = "cpu"
) -> dict[str, Any]:
    """The settings of a task in rl-games' own format."""
    batch = budget.worlds * budget.horizon
    return {
        "algo": {"name": "a2c_continuous"},
        "model": {"name": "continuous_a2c_logstd"},
        "network": {
            "name": NETWORKS[precision],
            "separate": ppo.separate,
            "space": {
                "continuous": {
                    "mu_activation": "None",
                    "sigma_activation": "None",
                    "mu_init": {"name": "default"},
                    "sigma_init": {"name": "const_initializer", "val": 0},
                    "fixed_sigma": True,
                }
            },
            "mlp": {
                "units": list(ppo.units),
                "activation": "elu",
                "d2rl": False,
                "initializer": {"name": "default"},
                "regularizer": {"name": "None"},
            },
        },
        "config": {
            "name": "trial",
            "full_experiment_name": "trial",
            "train_dir": folder,
            "env_name": "harness",
            "device": str(device),
            "num_actors": budget.worlds,
            "horizon_length": budget.horizon,
            "minibatch_size": min(budget.minibatch, batch),
            "mini_epochs": ppo.mini_epochs,
            "max_epochs": budget.epochs,
            "gamma": ppo.gamma,
            "tau": ppo.gae_lambda,
            "learning_rate": ppo.learning_rate,
            "lr_schedule": "adaptive",
            "schedule_type": ppo.schedule,
            "kl_threshold": ppo.kl_threshold,
            "e_clip": 0.2,
            "clip_value": True,
            "critic_coef": ppo.critic_coef,
            "entropy_coef": 0.0,
            "bounds_loss_coef": ppo.bounds_loss_coef,
            "truncate_grads": ppo.grad_norm is not None,
            "grad_norm": ppo.grad_norm or 0.0,
            "normalize_input": ppo.normalize_input,
            "normalize_value": True,
            "normalize_advantage": True,
            "value_bootstrap": ppo.value_bootstrap,
            "reward_shaper": DefaultRewardsShaper(scale_value=ppo.reward_scale),
            "mixed_precision": False,
            "ppo": True,
            "save_best_after": budget.epochs + 1,
            "print_stats": True,
        },
    }
