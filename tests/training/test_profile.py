"""Where the time of a trial goes: every moment is counted once, and all of them are."""

from pathlib import Path

import pytest

from harness.execution.asked import asked
from harness.registry import load_task, resolve
from harness.training.profile import Stopwatch, _products
from harness.training.profiled import Profile, profiled
from tests.end_to_end.runs import harness


def test_a_part_inside_another_interrupts_it() -> None:
    now = iter([0.0, 1.0, 2.0, 5.0, 6.0, 10.0, 20.0])
    watch = Stopwatch(lambda: next(now))
    with watch.part("learning"):  # from 1
        step = watch.timed("physics", lambda: "stepped")  # from 2 to 5
        assert step() == "stepped"
    with watch.part("learning"):  # from 10 to 20; what came before it, 6 to 10, is no part's
        pass
    assert watch.seconds == {"learning": 1.0 + 1.0 + 10.0, "physics": 3.0}


def test_the_parts_of_a_trial() -> None:
    found: Profile = asked("profile", profiled, resolve("cartpole"), "smoke", None, 1, "fp32")
    assert {"physics", "update", "inference", "reward", "evaluation", "observations"} <= set(found.seconds)
    assert all(seconds > 0.0 for seconds in found.seconds.values())
    assert found.budget.env_steps == 64 * 10 * 16
    assert found.evaluated == (8 + 4 + 9 * 2) * load_task("cartpole").timing.episode_steps
    assert found.seconds["physics"] < found.floor < found.training


def test_multiplications_of_a_step() -> None:
    """4 observations, layers of 32 and 32, an action and a value: 1 pass, a sixteenth for values, 3 x 8 in the update."""
    task = load_task("cartpole")
    assert (task.ppo.units, task.ppo.mini_epochs, task.ppo.separate) == ((32, 32), 8, False)
    assert _products(task, task.quick, 4) == (4 * 32 + 32 * 32 + 2 * 32) * (1 + 1 / task.quick.horizon + 24)


def test_on_the_command_line(tmp_path: Path) -> None:
    done = harness("profile", "cartpole", "--budget", "smoke", "--epochs", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cartpole: a trial of the human reward; budget smoke, precision " in done.stdout
    assert "training: 10,240 env steps, " in done.stdout
    shares = [line.split()[-1] for line in done.stdout.splitlines() if line.endswith("%")]
    assert sum(int(share[:-1]) for share in shares) == pytest.approx(100, abs=6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cartpole", "--epochs", "0"), "--epochs 0: expected a whole number from 1 to 1000"),
        (("cartpool",), "unknown task 'cartpool': did you mean 'cartpole'?"),
        (("isaac",), "'isaac' is a suite, not a task"),
    ],
)
def test_a_wrong_argument_is_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = harness("profile", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert words in line
