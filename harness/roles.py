"""What a method is in a comparison, and the two that all others are measured by."""

from __future__ import annotations

from typing import Final, Literal

Role = Literal["reference", "program", "search"]
"""`reference`: scores are normalised by it; `program`: it has its program already; `search`: it looks for one."""

HUMAN: Final = "human"
"""The expert's reward, whose normalised score is 1."""
SPARSE: Final = "sparse"
"""The task's own metric as reward, whose normalised score is 0."""
REFERENCES: Final = (HUMAN, SPARSE)
