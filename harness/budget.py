"""What a policy is trained with: PPO settings, and how much experience."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PPO:
    """PPO settings of a task, as in the original benchmark (rl_games a2c_continuous)."""

    units: tuple[int, ...]
    """Hidden layers (ELU) of the network."""
    horizon: int
    """Control steps per epoch and world."""
    minibatch: int
    """Samples per gradient step."""
    mini_epochs: int
    """Passes over an epoch's samples."""
    epochs: int
    """Epochs of a full training."""
    learning_rate: float
    """Initial learning rate; adapted by KL divergence afterwards."""
    kl_threshold: float
    """Target KL divergence of the adaptive learning rate."""
    reward_scale: float
    """Factor on rewards before learning."""
    critic_coef: float
    """Weight of the value loss."""
    gamma: float = 0.99
    """Discount per control step."""
    gae_lambda: float = 0.95
    """Lambda of generalised advantage estimation."""
    grad_norm: float | None = 1.0
    """Gradient norm limit, None for no limit."""
    bounds_loss_coef: float = 1e-4
    """Weight of the penalty on action means beyond +-1.1."""
    value_bootstrap: bool = False
    """Whether the value is bootstrapped at the time limit."""
    normalize_input: bool = True
    """Whether observations are normalised by running statistics."""
    separate: bool = False
    """Whether policy and value have networks of their own."""
    schedule: str = "legacy"
    """When the learning rate adapts: `legacy` per minibatch, `standard` per mini-epoch."""


@dataclass(frozen=True)
class Budget:
    """How much experience one policy training gets."""

    worlds: int
    """Simulated copies."""
    epochs: int
    """Training epochs (each is `horizon` control steps of every world)."""
    horizon: int
    """Control steps per epoch and world."""
    minibatch: int
    """Samples per gradient step."""
    why: str = ""
    """How the numbers were chosen."""

    @property
    def env_steps(self) -> int:
        """Control steps of one training, over all worlds."""
        return self.worlds * self.epochs * self.horizon
