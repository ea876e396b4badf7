"""What is used of rl-games. Its examples, which it imports with everything else, are left uncompiled: a second less."""

from __future__ import annotations

import os
from unittest import mock

with mock.patch.dict(os.environ, TORCHDYNAMO_DISABLE="1"):
    from rl_games.algos_torch.a2c_continuous import A2CAgent
    from rl_games.algos_torch.model_builder import register_network
    from rl_games.algos_torch.network_builder import A2CBuilder
    from rl_games.common import a2c_common
    from rl_games.common.algo_observer import AlgoObserver
    from rl_games.common.ivecenv import IVecEnv
    from rl_games.common.tr_helpers import DefaultRewardsShaper

__all__ = [
    "A2CAgent",
    "A2CBuilder",
    "AlgoObserver",
    "DefaultRewardsShaper",
    "IVecEnv",
    "a2c_common",
    "register_network",
]
