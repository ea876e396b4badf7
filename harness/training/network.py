"""The policy network in a coarser precision than rl-games offers on a CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from harness.training.rl_games import A2CBuilder, register_network

if TYPE_CHECKING:
    from torch import Tensor

NETWORKS = {"fp32": "actor_critic", "bf16": "actor_critic_bf16"}
"""Precision → rl-games' name of the network."""


class HiddenLayers(nn.Sequential):
    """Hidden layers that multiply in bfloat16, forward and backward; weights, input and output are float32."""

    def forward(self, input: Tensor) -> Tensor:  # the name is torch's
        """Activations (N, U) of the last layer for inputs (N, I)."""
        with torch.autocast(input.device.type, torch.bfloat16):
            return super().forward(input).float()  # type: ignore[no-any-return, no-untyped-call]


class Network(A2CBuilder.Network):  # type: ignore[misc]
    """rl-games' actor-critic, of the same weights under the same names, whose output layers stay in float32."""

    def _build_sequential_mlp(self, *arguments: Any, **named: Any) -> nn.Sequential:
        return HiddenLayers(*super()._build_sequential_mlp(*arguments, **named))


class Builder(A2CBuilder):  # type: ignore[misc]
    """What rl-games makes the network with."""

    def build(self, name: str, **kwargs: Any) -> Network:
        """The network of a model."""
        return Network(self.params, **kwargs)


register_network(NETWORKS["bf16"], Builder)
