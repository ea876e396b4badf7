"""The sparse reward of Bottle Cap: one while the cap is more than 0.03 m from the bottle's origin."""

from torch import Tensor


def compute_reward(bottle_pos: Tensor, bottle_cap_up: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    opened = ((bottle_cap_up - bottle_pos).norm(dim=-1) > 0.03).float()
    return opened, {"opened": opened}
