"""Small programs and answers with the outcome that each must have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.registry import load_task
from harness.rewards import Graph, RewardError, compile_reward, extract

DATA = Path(__file__).parent.parent / "data"
CASES = [
    json.loads(line)
    for name in ("rewards.jsonl", "more_rewards.jsonl")
    for line in (DATA / name).read_text().splitlines()
]
ANSWER = "ANSWER:\n"
WITHOUT_LINE = ("no_code", "resources", "timeout")
"""Kinds of rejection that may have no line to quote."""


def compiled(case: dict[str, Any]) -> Graph:
    code = case["code"]
    if code.startswith(ANSWER):
        code = extract(code.removeprefix(ANSWER))
    return compile_reward(code, load_task(case["task"]), worlds=8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_outcome_is_the_expected_one(case: dict[str, Any]) -> None:
    outcome, _, kind = case["expect"].partition(":")
    if outcome != "reject":
        graph = compiled(case)
        assert not kind or kind in [flag.kind for flag in graph.flags], graph.flags
        return
    with pytest.raises(RewardError) as caught:
        compiled(case)
    error = caught.value
    assert error.kind == kind, error.designer
    assert error.line is not None or kind in WITHOUT_LINE
    if error.line is not None:
        line = case["code"].split("\n")[error.line - 1].strip()
        assert f"Line {error.line}: `{line}`" in error.designer


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
