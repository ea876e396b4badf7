"""Rejections travel as data, and data from anywhere becomes a harmless rejection."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.rewards import RewardError
from harness.rewards.errors import KINDS, problem


def test_a_rejection_survives_its_dict() -> None:
    error = problem("shape", "the reward has shape (3, 1)", "Squeeze it.", "a = 1\n  b = 2\n", 2)
    assert error.message == "the reward has shape (3, 1) (line 2)"
    assert error.designer == "The reward has shape (3, 1).\nLine 2: `b = 2`\nSqueeze it."
    again = RewardError.from_dict(json.loads(json.dumps(error.to_dict())))
    assert again.to_dict() == error.to_dict()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "root", "message": 3, "designer": None, "line": "x"},
        {"kind": ["shape"], "message": "a\x1b[31m\nb", "designer": "\x07" * 10, "line": True},
        {"kind": "shape", "message": "a" * 10**6, "designer": "b" * 10**6, "line": 10**9},
    ],
)
def test_foreign_data_become_short_printable_text(data: dict[str, Any]) -> None:
    error = RewardError.from_dict(data)
    assert error.kind in KINDS
    assert error.message.isprintable()
    assert len(error.message) <= 4000
    assert len(error.designer) <= 4000
    assert error.designer.replace("\n", "").isprintable()
    assert error.line is None or isinstance(error.line, int)
