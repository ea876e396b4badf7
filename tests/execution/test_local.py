"""Trials in their own processes: results, failures, and never twice."""

import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import Lost
from harness.execution import trial_runner
from harness.execution.contract import Resources
from harness.execution.local import ATTEMPTS, Listener, LocalExecutor
from harness.files import read_json, write_json
from harness.registry import expert_reward
from harness.reuse import Reuse
from harness.seal import file_hashes
from harness.store import Store
from harness.training.schedule import checkpoint_epochs, evaluation_of, evaluation_worlds
from harness.trial import TrialResult, TrialSpec, make_spec

PROGRAM = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"


def spec_of(source: str, seed: int = 0, role: str = "final", protocol: str = "strict") -> TrialSpec:
    return make_spec(
        "cartpole", source, role=role, seed=seed, budget="smoke", engine="cpu", protocol=protocol
    )


@pytest.fixture(scope="module")
def human() -> str:
    source = expert_reward("human", "cartpole")
    assert source is not None
    return source


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    with store.opened():
        yield store


def test_a_trial_leaves_everything_that_a_report_needs(store: Store, human: str) -> None:
    seen: list[tuple[str, str]] = []
    executor = LocalExecutor(
        store, 1, Listener(done=lambda spec, label, result: seen.append((label, result.status)))
    )
    result = executor.submit(spec_of(human), "the label").result()
    executor.stop()
    folder = store.trial_folder(result.hash)
    assert sorted(p.name for p in folder.iterdir()) == [
        *("checkpoints", "curve.csv", "done.json", "evaluation.json", "graph.json", "human_graph.json"),
        *("log.txt", "spec.json", "states.csv", "training.json", "transitions.csv"),
    ]
    assert len(list((folder / "checkpoints").iterdir())) == 11
    assert len((folder / "curve.csv").read_text().splitlines()) == 11
    evaluation = read_json(folder / "evaluation.json")
    assert [row["checkpoint"] for row in evaluation["checkpoints"]] == list(range(11))
    done = read_json(folder / "done.json")
    assert done["f"] == done["f_final"] == evaluation["checkpoints"][-1]["f"]
    assert done["f_max"] == max(row["f"] for row in evaluation["checkpoints"][1:])
    assert done["components"] == ["upright", "cart_speed", "pole_speed"]
    assert (done["transitions"]["n"], done["transitions"]["left_out"]) == (done["env_steps"], 0)
    assert "fps step" in (folder / "log.txt").read_text()
    assert seen == [("the label", "ok")]


def test_the_same_trial_is_done_once(store: Store, human: str) -> None:
    executor = LocalExecutor(store, 2)
    first, second = (executor.submit(spec_of(human), "") for _ in range(2))
    assert first is second
    first.result()
    executor.stop()
    done = store.trial_folder(first.result().hash) / "done.json"
    before = done.stat().st_mtime_ns
    later = LocalExecutor(store, 2)
    assert later.submit(spec_of(human), "").result() == first.result()
    later.stop()
    assert done.stat().st_mtime_ns == before


def test_a_candidate_is_measured_by_its_final_checkpoint_only(store: Store, human: str) -> None:
    executor = LocalExecutor(store, 1)
    result = executor.submit(spec_of(human, role="search"), "").result()
    executor.stop()
    evaluation = read_json(store.trial_folder(result.hash) / "evaluation.json")
    assert [row["checkpoint"] for row in evaluation["checkpoints"]] == [10]


def test_a_rejected_program_is_a_result_with_its_reason(store: Store) -> None:
    executor = LocalExecutor(store, 1)
    result = executor.submit(spec_of("def compute_reward(pole): return pole, {}"), "").result()
    executor.stop()
    assert result.status == "rejected"
    assert result.error is not None
    assert result.error["kind"] == "unknown_name"
    assert "pole" in result.error["designer"]
    assert store.result(result.hash) == result


@pytest.mark.parametrize(
    ("name", "when"), [("training", "self.calls == 150"), ("evaluation", "len(state.dof_pos) != 64")]
)
def test_what_an_exception_says_is_what_people_and_designer_are_told(
    store: Store, tmp_path: Path, name: str, when: str
) -> None:
    """Not the last line of the log, a speed figure that no second run repeats."""
    path = tmp_path / f"breaks_{name}.py"
    path.write_text(
        f"""
from suites.isaac.cartpole import Cartpole

class Breaks(Cartpole):
    calls = 0

    def terminated(self, state):
        self.calls += 1
        if {when}:
            raise RuntimeError("the rail\\nbroke")
        return super().terminated(state)
"""
    )
    source = "def compute_reward(dof_pos): return -dof_pos[:, 1].abs(), {}"
    spec = make_spec(
        f"{path}:Breaks", source, role="final", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )
    executor = LocalExecutor(store, 1)
    result = executor.submit(spec, "").result()
    executor.stop()
    assert result.status == "failed"
    assert result.error is not None
    assert result.error["message"] == f"{name} raised RuntimeError: the rail broke"
    assert result.error["designer"] == result.error["message"]


def test_what_is_odd_about_a_program_and_its_rewards_is_kept_with_the_trial(store: Store) -> None:
    source = (
        "def compute_reward(dof_pos, progress_buf):\n"
        "    falling = torch.log(1.2 - dof_pos[:, 1].abs())\n"
        "    return falling + progress_buf, {'falling': falling}\n"
    )
    executor = LocalExecutor(store, 1)
    result = executor.submit(spec_of(source), "").result()
    executor.stop()
    assert result.ok
    kinds = [flag["kind"] for flag in result.flags]
    assert kinds == ["non_finite", "counter", "non_finite"]  # when tried, and in training
    assert "component `falling` in" in result.flags[-1]["message"]
    done = read_json(store.trial_folder(result.hash) / "done.json")
    assert done["nonfinite"] == done["nonfinite_components"]["falling"] > 0
    assert store.result(result.hash) == result
    rows = (store.trial_folder(result.hash) / "curve.csv").read_text().splitlines()
    assert "nan" not in "".join(rows)


def written_task(folder: Path, name: str, body: str) -> str:
    """A Cartpole whose class has `body` besides."""
    path = folder / f"{name.lower()}.py"
    path.write_text(
        "import multiprocessing, os, signal, time\nfrom pathlib import Path\nfrom suites.isaac.cartpole import Cartpole\n\n"
        f"class {name}(Cartpole):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    )
    return f"{path}:{name}"


def task_spec(task: str) -> TrialSpec:
    return make_spec(task, PROGRAM, role="final", seed=0, budget="smoke", engine="cpu", protocol="strict")


def lost(store: Store, spec: TrialSpec, memory_bytes: int = 1 << 40) -> str:
    """What is said of a trial that is lost; nothing is stored of it."""
    reported: list[str] = []
    executor = LocalExecutor(store, 1, Listener(lost=lambda spec, label, why: reported.append(why)))
    executor._resources = Resources(memory_bytes=memory_bytes)
    with pytest.raises(Lost, match="the label was lost 3 times") as caught:
        executor.submit(spec, "the label").result()
    executor.stop()
    assert len(reported) == ATTEMPTS
    assert store.result(spec.hash) is None
    assert not store.trial_folder(spec.hash).exists()
    return str(caught.value)


def test_a_training_without_enough_memory_is_lost_not_failed(store: Store, human: str) -> None:
    assert "GiB of memory" in lost(store, spec_of(human), memory_bytes=10 * 2**20)
    executor = LocalExecutor(store, 1)  # with enough of it the same command gets the result
    assert executor.submit(spec_of(human), "").result().ok
    executor.stop()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def act(self, sim, carried, actions, rng): time.sleep(3600)", "the training stood still for 1 s"),
        (
            "def act(self, sim, carried, actions, rng): os.kill(os.getpid(), signal.SIGKILL)",
            "ended by signal SIGKILL",
        ),
        ("def act(self, sim, carried, actions, rng): os._exit(255)", "ended with exit code 255"),
        (
            "def act(self, sim, carried, actions, rng): raise MemoryError('no more')",
            "raised MemoryError: no more",
        ),
        ("def act(self, sim, carried, actions, rng): os._exit(0)", "ended without a result"),
    ],
)
def test_what_the_machine_does_is_lost_not_failed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    monkeypatch.setattr(trial_runner, "STALL_S", 1.0)
    body = (
        body.replace("): ", "):\n    if multiprocessing.current_process().name == 'training':\n        ")
        + "\n    return super().act(sim, carried, actions, rng)"
    )
    assert words in lost(store, task_spec(written_task(tmp_path, f"Lost{abs(hash(words))}", body)))


def test_a_long_evaluation_that_goes_on_is_left_alone(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes longer than a standstill would, which was watched for in epochs of training alone."""
    monkeypatch.setattr(trial_runner, "STALL_S", 1.0)
    body = """
        def act(self, sim, carried, actions, rng):
            if multiprocessing.current_process().name == "evaluation":
                time.sleep(0.004)
            return super().act(sim, carried, actions, rng)
    """
    executor = LocalExecutor(store, 1)
    assert executor.submit(task_spec(written_task(tmp_path, "Slow", body)), "").result().ok
    executor.stop()


@pytest.mark.parametrize("what", ["training", "evaluation"])
def test_a_process_that_is_killed_once_gives_the_undisturbed_result(
    store: Store, tmp_path: Path, what: str
) -> None:
    body = f"""
        calls = 0

        def act(self, sim, carried, actions, rng):
            self.calls += 1
            mark = Path({str(tmp_path)!r}) / "killed"
            here = multiprocessing.current_process().name == {what!r}
            if here and self.calls == 100 and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().act(sim, carried, actions, rng)
    """
    spec = task_spec(written_task(tmp_path, "Killed", body))
    epochs: list[int] = []
    found = []
    for folder in ("disturbed", "undisturbed"):
        other = Store(tmp_path / folder)
        with other.opened():
            executor = LocalExecutor(other, 1, Listener(epoch=lambda spec, epoch: epochs.append(epoch)))
            assert executor.submit(spec, "").result().ok
            executor.stop()
        found.append(file_hashes(other.trial_folder(spec.hash)))
    assert (tmp_path / "killed").exists()
    assert found[0] == found[1]


def test_a_policy_that_diverges_has_failed(store: Store, tmp_path: Path) -> None:
    body = """
        def observe(self, state, actions):
            seen = super().observe(state, actions)
            return seen * float("nan") if multiprocessing.current_process().name == "training" else seen
    """
    executor = LocalExecutor(store, 1)
    result = executor.submit(task_spec(written_task(tmp_path, "Diverges", body)), "").result()
    executor.stop()
    assert result.status == "failed"
    assert result.error is not None
    assert result.error["message"].startswith("training raised ")


def test_stopping_leaves_a_trial_to_go_on_with(store: Store, human: str) -> None:
    started = threading.Event()
    executor = LocalExecutor(store, 1, Listener(epoch=lambda spec, epoch: started.set()))
    quick = make_spec(
        "cartpole", human, role="final", seed=0, budget="quick", engine="cpu", protocol="strict"
    )
    future = executor.submit(quick, "")
    waiting = executor.submit(spec_of(human, seed=1), "")
    assert started.wait(60)
    executor.stop()
    assert isinstance(future.exception(), trial_runner.Stopped)
    assert waiting.cancelled()
    assert store.result(quick.hash) is None
    assert [path.name for path in store.trials.glob(".work/*")] == [quick.hash]


def test_another_protocol_evaluates_again_and_trains_nothing(store: Store, human: str) -> None:
    epochs: list[int] = []
    executor = LocalExecutor(store, 1, Listener(epoch=lambda spec, epoch: epochs.append(epoch)))
    strict = executor.submit(spec_of(human), "").result()
    trained = len(epochs)
    assert trained > 0
    paper = executor.submit(spec_of(human, protocol="paper"), "").result()
    executor.stop()
    assert len(epochs) == trained
    assert paper.hash != strict.hash
    first, second = (file_hashes(store.trial_folder(result.hash)) for result in (strict, paper))
    same = {name for name, digest in first.items() if second[name] == digest}
    assert first.keys() - same == {"spec.json", "evaluation.json"}


def test_a_failed_training_is_tried_again_when_asked_for(store: Store, tmp_path: Path) -> None:
    mark = tmp_path / "mended"
    body = f"""
        def terminated(self, state):
            if not Path({str(mark)!r}).exists() and multiprocessing.current_process().name == "training":
                raise RuntimeError("broken")
            return super().terminated(state)
    """
    spec = task_spec(written_task(tmp_path, "Mended", body))
    for again, status in ((Reuse(), "failed"), (Reuse(), "failed"), (Reuse(failed=False), "ok")):
        executor = LocalExecutor(store, 1, reuse=again)
        assert executor.submit(spec, "").result().status == status
        executor.stop()
        mark.touch()


def test_what_scores_is_measured_in_all_worlds_what_only_a_curve_shows_in_fewer() -> None:
    files = [Path(f"{number:02d}.pt") for number in range(11)]

    def worlds(role: str, protocol: str) -> list[int]:
        return list(evaluation_worlds(evaluation_of("quick", protocol, role), files).values())

    assert worlds("final", "strict") == [32, *[16] * 9, 128]
    assert worlds("search", "strict") == [128]
    assert worlds("final", "paper") == [32, *[128] * 10]


@pytest.mark.parametrize(
    ("epochs", "expected"), [(100, list(range(10, 101, 10))), (10, list(range(1, 11))), (4, [1, 2, 3, 4])]
)
def test_checkpoints_lie_at_fixed_intervals_and_at_the_end(epochs: int, expected: list[int]) -> None:
    assert checkpoint_epochs(epochs) == expected
    assert len(checkpoint_epochs(157)) == 10
    assert checkpoint_epochs(157)[-1] == 157


def test_results_do_not_depend_on_the_number_of_jobs(tmp_path: Path, human: str) -> None:
    found: list[tuple[bytes, TrialResult]] = []
    for jobs in (1, 2):
        store = Store(tmp_path / str(jobs))
        with store.opened():
            executor = LocalExecutor(store, jobs)
            result = executor.submit(spec_of(human), "").result()
            executor.stop()
            found.append(((store.trial_folder(result.hash) / "curve.csv").read_bytes(), result))
    assert found[0] == found[1]


def test_what_was_edited_under_way_is_done_again(tmp_path: Path, human: str) -> None:
    """A training that waits for its evaluation is believed only as it was left."""
    spec, found = spec_of(human), []
    for edited in (False, True):
        store = Store(tmp_path / str(edited))
        with store.opened():
            executor = LocalExecutor(store, 1)
            assert executor.submit(spec, "").result().ok
            executor.stop()
            if edited:
                work = store.trials / ".work" / spec.hash
                work.parent.mkdir(exist_ok=True)
                store.trial_folder(spec.hash).rename(work)
                (work / "done.json").unlink()
                rows = read_json(work / "evaluation.json")
                rows["checkpoints"][-1]["f"] = 499.0
                write_json(work / "evaluation.json", rows)
                (work / "checkpoints" / "10.pt").write_bytes((work / "checkpoints" / "01.pt").read_bytes())
                executor = LocalExecutor(store, 1)
                assert executor.submit(spec, "").result().ok
                executor.stop()
        found.append(file_hashes(store.trial_folder(spec.hash)))
    assert found[0] == found[1]
