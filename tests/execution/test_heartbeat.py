"""How far a process has come, told by a file."""

import time
from pathlib import Path

import pytest

from harness.errors import Lost
from harness.execution import heartbeat, trial_runner
from harness.execution.contract import Resources, Watch
from harness.execution.heartbeat import FILE, Beat, Heartbeat, forget_beat, last_beat
from harness.execution.trial_runner import Stopped, run_trial
from harness.files import write_json
from harness.registry import expert_reward
from harness.trial import TrialSpec, make_spec


def test_a_beat_is_read_as_it_was_written_and_half_of_one_is_no_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert last_beat(tmp_path) is None
    beat = Heartbeat(tmp_path)
    assert last_beat(tmp_path) == Beat(0, 0)
    for _ in range(1000):
        beat.step()
    assert last_beat(tmp_path) == Beat(0, 0)  # not once per step
    monkeypatch.setattr(heartbeat, "EVERY_S", 0.0)
    beat.epoch(3)
    assert last_beat(tmp_path) == Beat(1000, 3)
    beat.step()
    assert last_beat(tmp_path) == Beat(1001, 3)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-1])
    assert last_beat(tmp_path) is None
    forget_beat(tmp_path)
    forget_beat(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def begun(tmp_path: Path) -> tuple[TrialSpec, Path]:
    source = expert_reward("human", "cartpole") or ""
    spec = make_spec(
        "cartpole", source, role="search", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )
    (tmp_path / "checkpoints").mkdir()
    write_json(tmp_path / "spec.json", spec.to_dict())
    return spec, tmp_path


def test_a_trial_is_a_function_of_its_spec_and_its_epochs_are_heard_of(begun: tuple[TrialSpec, Path]) -> None:
    """In any folder, with nothing but the spec."""
    spec, folder = begun
    heard: list[int] = []
    done = run_trial(spec, folder, Resources(), Watch(epoch=heard.append))
    assert (done["status"], heard == sorted(heard), heard[-1]) == ("ok", True, spec.budget.epochs)
    assert not (folder / FILE).exists()
    again = run_trial(spec, folder)  # what is there is not done again
    assert {**again, "seconds": None} == {**done, "seconds": None}


def test_one_that_stands_still_is_given_up_and_one_that_is_stopped_can_go_on(
    begun: tuple[TrialSpec, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, folder = begun
    monkeypatch.setattr(trial_runner, "_train", _stand_still)
    monkeypatch.setattr(trial_runner, "STALL_S", 1.0)
    with pytest.raises(Lost, match="the training stood still for 1 s"):
        run_trial(spec, folder)
    assert not (folder / FILE).exists()
    started = time.monotonic()
    with pytest.raises(Stopped):
        run_trial(spec, folder, watch=Watch(stopped=lambda: time.monotonic() > started + 0.5))
    monkeypatch.undo()
    assert run_trial(spec, folder)["status"] == "ok"


def _stand_still(folder: str, task: object, threads: int) -> None:
    Heartbeat(Path(folder)).step()
    time.sleep(60.0)
