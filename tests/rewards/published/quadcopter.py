"""Near the hover point, with a bonus within 0.1 m; slow, and spinning little."""

import torch
from torch import Tensor


def compute_reward(
    root_positions: Tensor, root_linvels: Tensor, root_angvels: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Terms of the squared distance, the speed and the spin, added up."""
    hover = torch.tensor([0.0, 0.0, 1.0], device=root_positions.device)
    square = (root_positions - hover).square().sum(dim=-1)
    speed, spin = root_linvels.norm(dim=-1), root_angvels.norm(dim=-1)
    terms = {
        "there": 15.0 * (square < 0.01).float(),
        "near": torch.exp(-square),
        "slow": torch.exp(-0.075 * (speed - 0.5)) - 1.0,
        "calm": torch.exp(-0.005 * spin),
        "spinning": -torch.exp(0.05 * (spin - 0.5)),
    }
    return torch.stack(list(terms.values())).sum(dim=0), terms
