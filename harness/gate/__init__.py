"""Gates for somebody who develops a method of reward search: see docs/ci.md."""
