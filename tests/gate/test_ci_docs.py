"""The commands that docs/ci.md and its workflow name exist."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from harness.cli import _parse

DOCS = Path(__file__).parents[2] / "docs"
WORKFLOW = yaml.safe_load((DOCS / "ci-workflow.yml").read_text())
STEPS = [step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step]
NAMED = re.findall(r"`?(python -m harness [^`\n]+)", (DOCS / "ci.md").read_text())
COMMANDS = [line for line in [*STEPS, *NAMED] if line.startswith("python -m harness ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_a_command(command: str) -> None:
    options = _parse(shlex.split(command)[3:])
    assert callable(options.execute)


def test_all_tiers_are_shown() -> None:
    for tier in range(3):
        assert any(f"--tier {tier}" in command for command in STEPS)
    assert len(COMMANDS) >= 10
