"""A trained policy without the trainer: what evaluation and pictures need, loaded safely."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from harness.errors import EnvironmentProblem
from harness.training.durable import write_durably

if TYPE_CHECKING:
    from torch import Tensor

ACTOR = "a2c_network.actor_mlp."
NORMALISER_EPSILON = 1e-5  # rl_games RunningMeanStd
NORMALISER_CLIP = 5.0


class Diverged(Exception):
    """A training lost its policy: weights or running statistics are not finite."""


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
        return self.mean(observations).clamp(-1.0, 1.0)

    def mean(self, observations: Tensor) -> Tensor:
        """The actions before they are clipped, which shows whether they are numbers at all."""
        if self._mean is not None and self._variance is not None:
            scale = torch.sqrt(self._variance.float() + NORMALISER_EPSILON)
            observations = ((observations - self._mean.float()) / scale).clamp(
                -NORMALISER_CLIP, NORMALISER_CLIP
            )
        with torch.no_grad():
            actions: Tensor = self._network(observations)
        return actions


def finite(weights: Mapping[str, Tensor]) -> bool:
    """Whether all weights and running statistics are numbers."""
    return all(bool(weight.isfinite().all()) for weight in weights.values())


def save_checkpoint(path: Path, model: nn.Module, epoch: int, env_steps: int) -> None:
    """Write the weights of an rl-games model, durably."""
    checkpoint = {"model": model.state_dict(), "epoch": epoch, "env_steps": env_steps}
    write_durably(path, lambda file: torch.save(checkpoint, file))


def load_checkpoint(path: Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Read a checkpoint: `model` (weights, on `device`), `epoch`, `env_steps`. Executes nothing of the file."""
    try:
        checkpoint: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        checkpoint["epoch"], checkpoint["env_steps"]
        Policy(checkpoint["model"])
    except FileNotFoundError as error:
        raise EnvironmentProblem(f"no checkpoint {path}: run the trial again") from error
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot read checkpoint {path} ({error.strerror}): make it readable and run again"
        ) from error
    except Exception as error:
        raise EnvironmentProblem(
            f"checkpoint {path} is damaged ({type(error).__name__}): delete its trial folder and run again"
        ) from error
    return checkpoint


def _linear(weights: dict[str, Tensor], name: str) -> nn.Linear:
    weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    layer = nn.Linear(weight.shape[1], weight.shape[0], device=weight.device)
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer
