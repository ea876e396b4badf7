"""A trained policy without the trainer: what evaluation and pictures need, loaded safely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from harness.errors import EnvironmentProblem

ACTOR = "a2c_network.actor_mlp."
NORMALISER_EPSILON = 1e-5  # rl_games RunningMeanStd
NORMALISER_CLIP = 5.0


class Policy:
    """Deterministic actions (N, A) for observations (N, O): the mean of the trained Gaussian, clipped."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        layers: list[nn.Module] = []
        for index in sorted(
            {int(name[len(ACTOR) :].split(".")[0]) for name in weights if name.startswith(ACTOR)}
        ):
            layers += [_linear(weights, f"{ACTOR}{index}"), nn.ELU()]
        self._network = nn.Sequential(*layers, _linear(weights, "a2c_network.mu"))
        self._mean = weights.get("running_mean_std.running_mean")
        self._variance = weights.get("running_mean_std.running_var")

    def __call__(self, observations: Tensor) -> Tensor:
        if self._mean is not None and self._variance is not None:
            scale = torch.sqrt(self._variance.float() + NORMALISER_EPSILON)
            observations = ((observations - self._mean.float()) / scale).clamp(
                -NORMALISER_CLIP, NORMALISER_CLIP
            )
        with torch.no_grad():
            actions: Tensor = self._network(observations)
        return actions.clamp(-1.0, 1.0)


def save_checkpoint(path: Path, model: nn.Module, epoch: int, env_steps: int) -> None:
    """Write the weights of an rl-games model."""
    torch.save({"model": model.state_dict(), "epoch": epoch, "env_steps": env_steps}, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint: `model` (weights), `epoch`, `env_steps`. Executes nothing of the file."""
    try:
        checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        checkpoint["model"], checkpoint["epoch"]
    except FileNotFoundError as error:
        raise EnvironmentProblem(f"no checkpoint {path}: run the trial again") from error
    except Exception as error:
        raise EnvironmentProblem(
            f"checkpoint {path} is damaged ({type(error).__name__}): delete its trial folder and run again"
        ) from error
    return checkpoint


def _linear(weights: dict[str, Tensor], name: str) -> nn.Linear:
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
