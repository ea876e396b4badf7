"""The harness's other packages lie beside it, and are taken from there, whatever the working directory holds.

`python -m harness` puts the working directory first on the module path, and `suites`, `baselines` and `reports` are
names that a folder of anybody's may have.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from harness.errors import EnvironmentProblem

ROOT = Path(__file__).absolute().parents[1]
"""The folder that holds `harness`."""
PACKAGES = ("baselines", "reports", "suites")


class Incomplete(EnvironmentProblem, ModuleNotFoundError):
    """A part of the harness is not where it was installed."""


class BesideHarness(MetaPathFinder):
    """Finds `PACKAGES` in ROOT and nowhere else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The package in ROOT; None for any other module. Raises Incomplete if it is not there."""
        if fullname not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, [str(ROOT)])
        if spec is None:
            raise missing(ROOT / fullname)
        return spec


def pin() -> None:
    """Let the harness's packages come from ROOT from now on. May be called again."""
    if not any(isinstance(finder, BesideHarness) for finder in sys.meta_path):
        sys.meta_path.insert(0, BesideHarness())


def expert_file(kind: str, suite: str, task: str) -> Path:
    """The `human` or `sparse` reward of a built-in task. Raises Incomplete if it is not there."""
    path = ROOT / "baselines" / f"{kind}_rewards" / suite / f"{task}.py"
    if not path.is_file():
        raise missing(path)
    return path


def states_of(suite: str, task: str) -> Path:
    """Where the common states of a built-in task lie, if they were recorded."""
    return ROOT / "baselines" / "states" / suite / f"{task}.npz"


def missing(path: Path) -> Incomplete:
    """One line for a part of the harness that is not there."""
    return Incomplete(f"the installation is damaged: no {path}; reinstall eureka-harness")
