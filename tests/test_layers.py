"""Which part of the house may know which: imports point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("harness", "suites", "baselines", "reports")
KNOWN = {
    "suites": {"harness.task", "harness.rotations"},
    "baselines": set(),
    "reports": {
        "harness.scoring",
        "harness.errors",
        "harness.fields",
        "harness.rendering",
        "harness.roles",
    },
    "harness/scoring": {
        "harness.code",
        "harness.errors",
        "harness.fields",
        "harness.files",
        "harness.journal_lines",
        "harness.keys",
        "harness.records",
        "harness.repetitions",
        "harness.roles",
        "harness.seal",
        "harness.training.schedule",
    },
    "harness/sim": {"harness.parts", "harness.task", "harness.tensors"},
    "harness/parts.py": {"harness.errors", "harness.plugins"},
    "harness/prompts": {"harness.context", "harness.task"},
    "harness/proposers": {"harness.errors", "harness.files", "harness.journal_lines", "harness.seal"},
    "harness/confine": {"harness.errors"},
    "harness/rewards/language": {
        "harness.bound",
        "harness.context",
        "harness.rewards.allowed",
        "harness.rewards.errors",
        "harness.rewards.flags",
        "harness.rotations",
        "harness.task",
    },
    "harness/rewards/graph": {
        "harness.bound",
        "harness.environment",
        "harness.rewards.allowed",
        "harness.rewards.errors",
        "harness.rewards.flags",
        "harness.rewards.language",
        "harness.task",
        "harness.tensors",
    },
    "harness/rewards": {
        "harness.bound",
        "harness.confine",
        "harness.context",
        "harness.environment",
        "harness.errors",
        "harness.identity",
        "harness.registry",
        "harness.rotations",
        "harness.task",
        "harness.tensors",
    },
    "harness/training": {
        "harness.bound",
        "harness.code",
        "harness.environment",
        "harness.errors",
        "harness.fitness",
        "harness.identity",
        "harness.registry",
        "harness.rewards",
        "harness.seeds",
        "harness.task",
    },
    "harness/execution": {
        "harness.confine",
        "harness.errors",
        "harness.files",
        "harness.identity",
        "harness.machine",
        "harness.parts",
        "harness.registry",
        "harness.reuse",
        "harness.rewards",
        "harness.roles",
        "harness.scoring.protocol",
        "harness.seal",
        "harness.store",
        "harness.task_options",
        "harness.terminal",
        "harness.training",
        "harness.trial",
        "harness.unfinished",
    },
    "harness/methods": {
        "harness.context",
        "harness.errors",
        "harness.fields",
        "harness.identity",
        "harness.plugins",
        "harness.prompts",
        "harness.proposers",
        "harness.records",
        "harness.registry",
        "harness.rewards",
        "harness.roles",
        "harness.task",
        "harness.trial",
    },
    "harness/records.py": {"harness.fields"},
    "harness/fields.py": {"harness.errors", "harness.files"},
    "harness/roles.py": set(),
    "harness/environment.py": {"harness.bound", "harness.sim", "harness.streams", "harness.task"},
    "harness/bound.py": {"harness.task"},
    "harness/task.py": {"harness.budget", "harness.sim", "harness.tensors"},
    "harness/budget.py": set(),
    "harness/rotations.py": set(),
}
"""Part → what else of ours it may import. Tasks and statistics stand on their own: a task knows no training, a page
nothing but what a run folder holds."""


def imported(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, wherever in it that is."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in OURS)


@pytest.mark.parametrize("part", KNOWN)
def test_a_part_imports_only_what_it_may_know(part: str) -> None:
    place = ROOT / part
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    own = part.removesuffix(".py").replace("/", ".")
    assert files
    others = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported(path)
        if not any(f"{name}.".startswith(f"{known}.") for known in {own, *KNOWN[part]})
    }
    assert others == set()


def test_what_is_listed_is_used() -> None:
    for part, known in KNOWN.items():
        place = ROOT / part
        files = [place] if place.is_file() else place.rglob("*.py")
        names = {f"{name}." for path in files for name in imported(path)}
        assert {one for one in known if not any(name.startswith(f"{one}.") for name in names)} == set(), part
