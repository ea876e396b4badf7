"""Gates for somebody who develops a method of reward search: see docs/ci.md."""

from harness.gate.asserting import assert_no_regression

__all__ = ["assert_no_regression"]
