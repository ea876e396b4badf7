"""From a run folder to numbers that say which estimator they are: no simulator, no torch, no clock."""
