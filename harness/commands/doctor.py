"""`doctor`: what works on this machine, and what to install."""

from __future__ import annotations

import argparse
import importlib.util
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.errors import EnvironmentProblem, UserError
from harness.machine import BF16, machine, multiplies_bf16
from harness.proposers import model_server, resolve_proposer
from harness.registry import load_task
from harness.rendering import draw
from harness.roles import HUMAN
from harness.trial import versions


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    works: bool
    detail: str
    needed: bool = False
    """Whether nothing runs without it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def execute(options: argparse.Namespace, console: Console) -> int:
    """Print a line for each finding; 4 if something that is needed does not work."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found"):
        table.add_column(heading)
    broken = False
    for finding in findings():
        mark = "[green]ok[/]" if finding.works else "[red]no[/]" if finding.needed else "[yellow]no[/]"
        broken |= finding.needed and not finding.works
        table.add_row(mark, finding.what, finding.detail)
    console.print(table)
    console.print(
        "runs do not work here yet" if broken else "ready: python -m harness run --suite quick --seeds 3"
    )
    return EnvironmentProblem.exit_code if broken else 0


def findings() -> Iterator[Finding]:
    """Look at everything, the needed things first."""
    hardware = machine()
    shown = ", ".join(f"{name} {number}" for name, number in versions().items())
    yield Finding(
        "Python and packages", sys.version_info >= (3, 11), f"{platform.python_version()}; {shown}", True
    )
    yield Finding(
        "machine", True, f"{hardware['cores']} cores, {hardware['memory_gb']} GB, {hardware['cpu']}"
    )
    yield _try("physics on the CPU", _physics, needed=True)
    yield _try("reward programs", _reward, needed=True)
    yield _try("writing here", _writing, needed=True)
    yield _try("pictures", _pictures)
    yield _precision()
    yield _gpu()
    yield _optional("MuJoCo Warp engine", "mujoco_warp", "not used yet: `--engine cpu`")
    yield _optional("Isaac Gym engine", "isaacgym", "proprietary, from NVIDIA; not used yet")
    yield _optional("Ray executor", "ray", "not used yet: trials run on this machine")
    yield language_model()


def language_model() -> Finding:
    """The settings of a model server; nothing is sent to it. A run with unusable ones is refused."""
    proposer = resolve_proposer("auto")
    if proposer == "grammar":
        what = "set OPENAI_API_KEY (and OPENAI_BASE_URL for a compatible server); without it the grammar proposes"
        return Finding("language model", False, what)
    try:
        server = model_server(proposer)
    except UserError as error:
        return Finding("language model", False, escape(str(error)), needed=True)
    assert server is not None
    return Finding("language model", True, escape(f"key set, {proposer} at {server.shown}"))


def _physics() -> str:
    import torch

    from harness.environment import Environment

    environment = Environment(load_task("cartpole"), worlds=64, seed=0)
    environment.step(torch.zeros(64, 1))
    return "mujoco.batch steps 64 worlds"


def _reward() -> str:
    from harness.registry import expert_reward
    from harness.rewards import probe

    graph = probe(expert_reward(HUMAN, "cartpole") or "", "cartpole", 64)
    return f"checked, probed and traced in a process of its own: {', '.join(graph.components)}"


def _writing() -> str:
    try:
        with tempfile.TemporaryDirectory(dir="."):
            return f"{Path.cwd()}"
    except OSError as error:
        raise EnvironmentProblem(
            f"{Path.cwd()} cannot be written ({error.strerror}): change to another folder, or give `run` an --out"
        ) from error


def _pictures() -> str:
    with tempfile.TemporaryDirectory() as folder:
        backend = draw("cartpole", Path(folder) / "still.png")
    return f"MuJoCo renders off screen (MUJOCO_GL={backend})"


def _precision() -> Finding:
    if multiplies_bf16():
        return Finding("precision bf16", True, "this processor multiplies in it: the default of --precision")
    lacking = " nor ".join(sorted(BF16))
    return Finding("precision bf16", False, f"fp32 is the default here: the processor has neither {lacking}")


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding("GPU", True, torch.cuda.get_device_name())
    return Finding("GPU", False, "none: budget quick and engine cpu are the defaults")


def _optional(what: str, module: str, hint: str) -> Finding:
    found = importlib.util.find_spec(module) is not None
    return Finding(what, found, f"installed; {hint}" if found else f"not installed; {hint}")


def _try(what: str, check: Callable[[], str], *, needed: bool = False) -> Finding:
    try:
        return Finding(what, True, check(), needed)
    except UserError as error:
        return Finding(what, False, escape(str(error)), needed)
    except Exception as error:  # whatever is wrong with this machine is the answer
        return Finding(what, False, escape(f"{type(error).__name__}: {error}"), needed)
