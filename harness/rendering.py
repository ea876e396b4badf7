"""Pictures of a task and of a policy at work, drawn off screen by MuJoCo.

They are drawn by a process of its own (`harness.drawing`): a broken graphics driver can then fail, or crash, without
harm to the run.
"""

from __future__ import annotations

import ctypes.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentProblem, UserError
from harness.seal import UNFINISHED
from harness.terminal import HEARING_S

if TYPE_CHECKING:
    from harness.identity import TaskId

SECONDS = 4.0
STILL, MOVING = (".png", ".webp"), (".webp", ".gif")
"""Possible endings of a picture's name."""
TIMEOUT_S, TIMEOUT_PER_SECOND = 180, 30
"""Longest time that a picture may take, and what every second shown adds."""
BACKENDS = {
    "egl": "install EGL (Debian: libegl1)",
    "osmesa": "install OSMesa (Debian: libosmesa6)",
    "glfw": "open a display",
}
"""Values of MUJOCO_GL in the order in which they are tried, and what each needs."""
LIBRARIES = {"egl": "EGL", "osmesa": "OSMesa"}
OFF = ("disable", "disabled", "off", "false", "0")
"""Values of MUJOCO_GL that switch graphics off."""
WEBP: dict[str, Any] = {"quality": 42, "method": 4}
"""How moving pictures are written: about 0.1 to 0.25 MB for four seconds, small ones 0.03 to 0.06."""
NOT_DRAWN = 3
"""Exit code of the drawing process if it failed, but not for its graphics."""
_CHOICE = "HARNESS_MUJOCO_GL"


@contextmanager
def graphics_withheld() -> Iterator[None]:
    """Keep MUJOCO_GL for pictures: with a back end that is not there, not even `import mujoco` works."""
    before = os.environ.get("MUJOCO_GL")
    os.environ |= {_CHOICE: before or "", "MUJOCO_GL": "disable"}
    try:
        yield
    finally:
        del os.environ[_CHOICE], os.environ["MUJOCO_GL"]
        if before is not None:
            os.environ["MUJOCO_GL"] = before


def check_place(out: Path, endings: tuple[str, ...]) -> None:
    """UserError if no picture can get this name, EnvironmentProblem if nothing can be written there."""
    if out.suffix.lower() not in endings:
        raise UserError(f"picture {out}: expected a name ending in {' or '.join(endings)}")
    if not out.parent.is_dir():
        raise UserError(f"picture {out}: there is no folder {out.parent}; make it, or name another place")
    if out.is_dir():
        raise UserError(f"picture {out}: this is a folder; name a file")
    try:
        _unfinished(out).touch()
        _unfinished(out).unlink()
    except OSError as error:
        raise _unwritable(out, error) from error


def draw(
    task: str | TaskId,
    out: Path,
    checkpoint: Path | None = None,
    seconds: float = SECONDS,
    seed: int = 0,
    *,
    small: bool = False,
    stop: threading.Event | None = None,
) -> str:
    """Draw `task` into `out` (see STILL), or `seconds` of the policy of `checkpoint` at work (see MOVING).

    A `small` picture takes a quarter of the bytes, and has half the width, height and frames per second.

    Tries the graphics back ends in turn, unless MUJOCO_GL names one; returns which one drew. `out` appears
    complete or not at all: UserError or EnvironmentProblem then say why. `stop` ends it soon.
    """
    check_place(out, STILL if checkpoint is None else MOVING)
    unfinished = _unfinished(out.resolve())
    job: dict[str, object] = {
        "task": task if isinstance(task, str) else task.reference,
        "options": "" if isinstance(task, str) else task.options,
        "out": str(unfinished),
        "checkpoint": None if checkpoint is None else str(checkpoint.resolve()),
        "seconds": seconds,
        "seed": seed,
        "small": small,
    }
    chosen = _chosen_backend()
    reasons = []
    try:
        for backend in [chosen] if chosen else BACKENDS:
            reason = _draw_with(backend, job, TIMEOUT_S + TIMEOUT_PER_SECOND * seconds, stop)
            if reason is None:
                unfinished.replace(out)
                return backend
            reasons.append(reason if chosen else f"{backend}: {reason}")
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
    failed = f"cannot draw {out.name}: "
    if chosen:
        raise EnvironmentProblem(
            f"{failed}MUJOCO_GL={chosen} does not work here ({reasons[0]}); {BACKENDS[chosen]}, or unset MUJOCO_GL, "
            "so that a back end is chosen that works"
        )
    raise EnvironmentProblem(
        f"{failed}no graphics back end works ({'; '.join(reasons)}); install EGL or OSMesa (Debian: libegl1 libosmesa6)"
    )


def missing_library(backend: str) -> str | None:
    """The library that a back end needs and this machine lacks, if so."""
    library = LIBRARIES.get(backend)
    return None if library is None or ctypes.util.find_library(library) else f"lib{library}"


def _chosen_backend() -> str | None:
    """What MUJOCO_GL asks for; None if it leaves the choice."""
    text = os.environ.get(_CHOICE, os.environ.get("MUJOCO_GL", ""))
    chosen = text.strip().lower()
    if chosen in OFF:
        raise EnvironmentProblem(f"MUJOCO_GL={text} switches pictures off: unset it to have them")
    if chosen in BACKENDS:
        return chosen
    if chosen in ("", "enable", "enabled", "on", "true", "1"):
        return None
    raise EnvironmentProblem(f"MUJOCO_GL={text} is no graphics back end: expected {', '.join(BACKENDS)}")


def _draw_with(
    backend: str, job: dict[str, object], timeout: float, stop: threading.Event | None
) -> str | None:
    """Draw with one back end; returns why its graphics do not work, None if all went well."""
    command = [sys.executable, "-m", "harness.drawing", json.dumps(job)]
    paths = os.pathsep.join(filter(None, sys.path))
    environment = os.environ | {"MUJOCO_GL": backend, "PYTHONPATH": paths}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + timeout
    try:
        while True:
            try:
                errors = process.communicate(timeout=HEARING_S)[1]
                break
            except subprocess.TimeoutExpired:
                if stop is not None and stop.is_set():
                    raise EnvironmentProblem(f"cannot draw {job['task']}: interrupted") from None
                if time.monotonic() > deadline:
                    return f"no answer within {timeout:g} s"
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode == 0:
        return None
    said = (errors.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
    if process.returncode == -signal.SIGINT:
        raise EnvironmentProblem(f"cannot draw {job['task']}: interrupted")
    if process.returncode == NOT_DRAWN:
        raise EnvironmentProblem(f"cannot draw {job['task']}: {said}")
    missing = missing_library(backend)
    return f"library {missing} not found" if missing else said


def _unfinished(out: Path) -> Path:
    return out.with_name(f"{UNFINISHED}{out.name}")


def _unwritable(out: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"cannot write picture {out}: {error.strerror}; name another place")
