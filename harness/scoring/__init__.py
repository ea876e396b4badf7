"""From a run folder to numbers that say which estimator they are: no simulator, no torch, no clock."""

from harness.scoring.altered import alterations

__all__ = ["alterations"]
