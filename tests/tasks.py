"""Which tasks a test that takes long goes through: all of them, those that add little only with the slow tests."""

import pytest

from harness.registry import DEXTERITY, TASKS

OWN_WAYS = ("over", "door_open_inward", "kettle", "push_block", "re_orientation")
"""Two-handed tasks that differ in what they carry, score or hold; the others share their code."""
EVERY = [
    pytest.param(name, marks=pytest.mark.slow) if name in DEXTERITY and name not in OWN_WAYS else name
    for name in TASKS
]
