"""Probes in real processes of the fork server."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

from harness.confine.fork_server import fork_server
from harness.errors import Lost, UserError
from harness.registry import load_task
from harness.rewards import RewardError, compile_reward, probe

from .fixtures import GOOD, RETURN, body, reference_of

os.environ["HARNESS_TEST_API_KEY"] = "hunter2"  # before the fork server starts, so that it could inherit it
GOOD_SOURCE = body("return -dof_pos[:, 1].abs(), {}")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def spying(tmp_path: Path, lines: str, process: str = "probe") -> str:
    """A task that is Cartpole, but runs `lines` in the probe's process (or another) before anything else."""
    path = tmp_path / f"spy_{tmp_path.name}.py"
    indented = "\n".join(f"        {line}" for line in lines.split("\n"))
    path.write_text(
        f"""
import json, multiprocessing, os, pathlib, resource, signal, threading, time
import harness.rewards.graph.graph
from suites.isaac.cartpole import Cartpole

class Spy(Cartpole):
    def __init__(self, options=None):
        super().__init__(options)
        if multiprocessing.current_process().name == {process!r}:
            self.spy()

    def spy(self):
{indented}
"""
    )
    return f"{path}:Spy"


def seen(tmp_path: Path, expression: str) -> Any:
    """The value of an expression in a probe's process."""
    answer = tmp_path / "seen.json"
    probe(
        GOOD_SOURCE,
        spying(tmp_path, f"pathlib.Path({str(answer)!r}).write_text(json.dumps({expression}))"),
        4,
    )
    return json.loads(answer.read_text())


@pytest.mark.parametrize("program", GOOD, ids=lambda path: path.stem)
def test_a_probe_gives_the_same_graph_as_compiling_here(program: Path) -> None:
    reference, source = reference_of(program), program.read_text()
    assert probe(source, reference, 48).hash == compile_reward(source, load_task(reference), 48).hash


@pytest.mark.parametrize(
    ("lines", "kind", "words"),
    [
        ("import os\nos.getcwd()\n" + RETURN, "forbidden", "`import os`"),
        ("return dof_pos, {}", "shape", "(16, 2)"),
        ("return dof_pos[:, 0] / 0.0, {}", "non_finite", "Line 4: `return dof_pos[:, 0] / 0.0, {}`"),
        ("dof_pos[:, 0] = 0.0\n" + RETURN, "mutation", "`dof_pos`"),
        ("if dof_pos.sum() > 0:\n    pass\n" + RETURN, "control_flow", "torch.where"),
        ("x = torch.zeros(16, 1 << 40)\n" + RETURN, "resources", "Line 4: `x = torch.zeros(16, 1 << 40)`"),
        ("x = torch.ones(9000, 9000)\n" + RETURN, "resources", "Line 4: `x = torch.ones(9000, 9000)`"),
        ("x = list(range(1 << 40))\n" + RETURN, "resources", "MemoryError"),
        ("x = 'a' * (1 << 32)\n" + RETURN, "resources", "MemoryError"),
    ],
)
def test_rejections_come_back_in_full(lines: str, kind: str, words: str) -> None:
    with pytest.raises(RewardError) as caught:
        probe(body(lines), "cartpole", 16)
    assert caught.value.kind == kind
    assert words in caught.value.designer


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("while True:\n    x = 1", (4, 5)),
        ("for i in range(10**9):\n    dof_pos * 2", (4, 5)),
        ("x = 10 ** 10 ** 10", (4, None)),
    ],
)
def test_an_endless_program_is_ended_in_time_and_where_it_was_is_said(
    lines: str, line: tuple[int | None, ...]
) -> None:
    probe(GOOD_SOURCE, "cartpole", 16)  # the fork server is running
    started = time.monotonic()
    with pytest.raises(RewardError) as caught:
        probe(body(lines + "\n" + RETURN), "cartpole", 16, timeout=1.0)
    assert caught.value.kind == "timeout"
    assert "1 s" in caught.value.message
    assert caught.value.line in line
    assert time.monotonic() - started < 3.0


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("os._exit(7)", "ended with exit code 7"),
        ("raise SystemExit", "exit code"),
    ],
)
def test_a_task_s_own_fault_is_no_fault_of_the_program(tmp_path: Path, lines: str, words: str) -> None:
    with pytest.raises(UserError, match=f"does not simulate: .*{words}"):
        probe(GOOD_SOURCE, spying(tmp_path, lines, process="states"), 16)


def test_a_task_that_does_not_exist_is_named() -> None:
    with pytest.raises(UserError, match="unknown task"):
        probe(GOOD_SOURCE, "cartpool", 16)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("os._exit(7)", "exit code 7"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "signal SIGSEGV"),
        ("os._exit(0)", "exit code 0"),
    ],
)
def test_a_process_that_dies_is_an_error_with_its_cause(tmp_path: Path, lines: str, words: str) -> None:
    with pytest.raises(RewardError) as caught:
        probe(GOOD_SOURCE, spying(tmp_path, lines), 16)
    assert caught.value.kind == "error"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("'{\"schema\": 1}'", "forbidden"),
        ("'not json'", "forbidden"),
        ("'a' * 10_000_000", "error"),
        ("None", "error"),
    ],
)
def test_what_a_captured_process_answers_is_not_believed(tmp_path: Path, answer: str, kind: str) -> None:
    task = spying(tmp_path, f"harness.rewards.graph.graph.Graph.to_json = lambda self: {answer}")
    with pytest.raises(RewardError) as caught:
        probe(GOOD_SOURCE, task, 16)
    assert caught.value.kind == kind


def test_a_process_that_stops_in_the_middle_of_its_answer_is_ended(tmp_path: Path) -> None:
    task = spying(
        tmp_path, "write = os.write\nos.write = lambda fd, data: (write(fd, data[:9]), time.sleep(60))"
    )
    started = time.monotonic()
    with pytest.raises(RewardError, match="no result within 1 s"):
        probe(GOOD_SOURCE, task, 16, timeout=1.0)
    assert time.monotonic() - started < 3.0


@pytest.mark.slow
def test_a_script_that_cannot_be_started_again_is_told_so() -> None:
    script = f"from harness.rewards import probe\nprobe({GOOD_SOURCE!r}, 'cartpole', 16)\n"
    done = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, timeout=60)
    assert "EnvironmentProblem" in done.stderr
    assert "must be a file" in done.stderr


def test_states_are_simulated_once_for_all_programs_of_a_task(tmp_path: Path) -> None:
    count = tmp_path / "count"
    task = spying(tmp_path, f"open({str(count)!r}, 'a').write('x')", process="states")
    first = probe(GOOD_SOURCE, task, 16)
    assert probe(GOOD_SOURCE, task, 48).inputs == first.inputs == ("dof_pos",)
    assert count.read_text() == "x"


def test_flags_come_back_with_the_graph() -> None:
    graph = probe(body("r = (dof_pos[:, 1].abs() < 0.1).long()\nreturn r, {}"), "cartpole", 16)
    assert [(flag.kind, "int64" in flag.message) for flag in graph.flags] == [("cast", True)]


@linux
def test_the_process_knows_no_secrets(tmp_path: Path) -> None:
    names, block = seen(
        tmp_path, "[sorted(os.environ), pathlib.Path('/proc/self/environ').read_bytes().decode()]"
    )
    assert "HARNESS_TEST_API_KEY" not in names
    assert "hunter2" not in block
    assert "PATH" in names
    assert os.environ["HARNESS_TEST_API_KEY"] == "hunter2"
    assert "API_KEY" not in block


def test_the_process_has_limits_and_no_output(tmp_path: Path) -> None:
    limits = seen(
        tmp_path, "[resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in ('CORE', 'DATA', 'CPU')]"
    )
    assert limits == [[0, 0], [4 << 30, 4 << 30], [21, 23]]
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != 4 << 30
    outputs = seen(tmp_path, "[os.path.samestat(os.fstat(fd), os.stat(os.devnull)) for fd in (0, 1, 2)]")
    assert outputs == [True, True, True]


@linux
def test_nothing_is_left_running(tmp_path: Path) -> None:
    pid = seen(tmp_path, "os.getpid()")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    answer = tmp_path / "pids.json"
    child = "pid = os.fork()\nif pid == 0:\n    time.sleep(60)\n"
    write = f"pathlib.Path({str(answer)!r}).write_text(json.dumps(pid))\ntime.sleep(60)"
    with pytest.raises(RewardError, match="no result"):
        probe(GOOD_SOURCE, spying(tmp_path, child + write), 16, timeout=1.0)
    grandchild = json.loads(answer.read_text())
    deadline = time.monotonic() + 2.0
    while _runs(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(grandchild)


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@linux
def test_the_fork_server_has_one_thread() -> None:
    fork_server()
    probe(GOOD_SOURCE, "cartpole", 16)
    status = Path(f"/proc/{forkserver._forkserver._forkserver_pid}/status").read_text()
    assert "Threads:\t1\n" in status


@pytest.mark.parametrize("name", ["probe", "verify"])
def test_a_busy_machine_is_no_fault_of_a_program(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whichever of its two processes is not heard of in time although it works."""
    module = sys.modules["harness.rewards.probing"]  # as an attribute, `probe` is the function
    run = module.confined

    def busy(asked: str, *arguments: Any) -> Any:
        return module.Ended(None, None) if asked == name else run(asked, *arguments)

    monkeypatch.setattr(module, "confined", busy)
    with pytest.raises(Lost, match="too much to do"):
        probe(GOOD_SOURCE, "cartpole", 16)
