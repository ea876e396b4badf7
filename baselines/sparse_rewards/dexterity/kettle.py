"""The sparse reward of Kettle: one while the spout is within 0.05 m of the bucket's reference point."""

from torch import Tensor


def compute_reward(kettle_spout_pos: Tensor, bucket_handle_pos: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    poured = ((bucket_handle_pos - kettle_spout_pos).norm(dim=-1) < 0.05).float()
    return poured, {"poured": poured}
