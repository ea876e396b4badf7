"""The reward-program language: from an answer's text to a verified graph of tensor operations."""

from harness.rewards.errors import RewardError
from harness.rewards.graph.compile import compile_reward
from harness.rewards.graph.graph import Graph
from harness.rewards.language.answer import spoken
from harness.rewards.language.check import check
from harness.rewards.language.extract import extract
from harness.rewards.language.program import Program
from harness.rewards.probe import probe

__all__ = ["Graph", "Program", "RewardError", "check", "compile_reward", "extract", "probe", "spoken"]
