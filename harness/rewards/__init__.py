"""The reward-program language: from an answer's text to a verified graph of tensor operations.

`language` holds what works on text, `graph` what runs a program and makes a graph of it; `probing` puts both into a
process of their own. Names are loaded when they are asked for: who takes programs out of answers needs no tracing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.rewards.errors import RewardError
    from harness.rewards.graph.compile import compile_reward
    from harness.rewards.graph.graph import Graph
    from harness.rewards.language.answer import spoken
    from harness.rewards.language.check import check
    from harness.rewards.language.extract import extract
    from harness.rewards.language.program import Program
    from harness.rewards.probing import probe

__all__ = ["Graph", "Program", "RewardError", "check", "compile_reward", "extract", "probe", "spoken"]

_WHERE = {
    "Graph": "graph.graph",
    "Program": "language.program",
    "RewardError": "errors",
    "check": "language.check",
    "compile_reward": "graph.compile",
    "extract": "language.extract",
    "probe": "probing",
    "spoken": "language.answer",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
