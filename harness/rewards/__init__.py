"""The reward-program language: from an answer's text to a verified graph of tensor operations."""

from harness.rewards.answer import spoken
from harness.rewards.check import check
from harness.rewards.compile import compile_reward
from harness.rewards.errors import RewardError
from harness.rewards.extract import extract
from harness.rewards.graph import Graph
from harness.rewards.probe import probe
from harness.rewards.program import Program

__all__ = ["Graph", "Program", "RewardError", "check", "compile_reward", "extract", "probe", "spoken"]
