# ruff: noqa: UP006, UP035
from typing import Dict, Tuple

import torch
from torch import Tensor


@torch.jit.script
def squash(x: Tensor, temperature: float = 0.1) -> Tensor:
    return torch.exp(-x / temperature)


@torch.jit.script
def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> Tuple[Tensor, Dict[str, Tensor]]:
    """The style of the original system: TorchScript, annotated, device by name."""
    angle_temperature: float = 0.5
    device = torch.device("cuda:0")
    weights = torch.tensor([1.0, 0.1], dtype=torch.float32, device=device)
    terms = torch.stack([squash(dof_pos[:, 1].abs(), angle_temperature), bell(dof_vel[:, 1])], dim=-1)
    reward_components: Dict[str, Tensor] = {}
    for i in range(2):
        reward_components[f"term_{i}"] = terms[:, i] * weights[i]
    return torch.sum(terms * weights, dim=-1), reward_components


def bell(x: Tensor) -> Tensor:
    def power(y):
        return y**2

    return 1.0 / (1.0 + power(x))
