"""Results on disk survive crashes."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness.store
from harness.checked import stamp
from harness.errors import EnvironmentProblem, UserError
from harness.files import read_json, write_json
from harness.reuse import Reuse, stored
from harness.seal import file_hashes
from harness.store import WORK, Store
from harness.trial import TrialSpec, make_spec

DONE = {"status": "ok", "f": 1.5, "error": None}


@pytest.fixture
def spec() -> TrialSpec:
    return make_spec(
        "cartpole", "pass", role="final", seed=0, budget="smoke", engine="cpu", protocol="strict"
    )


def test_a_trial_counts_only_when_it_is_done(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path / "run")
    with store.opened():
        folder = store.begin_trial(spec)
        (folder / "curve.csv").write_text("epoch\n")
        assert store.result(spec.hash) is None
        result = store.finish_trial(spec, DONE)
    assert result.f == 1.5
    assert store.result(spec.hash) == result
    assert (store.trial_folder(spec.hash) / "curve.csv").exists()
    assert read_json(store.trial_folder(spec.hash) / "spec.json") == json.loads(json.dumps(spec.to_dict()))


def test_what_an_interrupted_run_left_is_gone_on_with(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    with store.opened():
        (store.begin_trial(spec) / "state.pt").write_text("half")
    with store.opened():
        folder = store.begin_trial(spec)
        assert (folder / "state.pt").read_text() == "half"
        (folder / "spec.json").write_text("torn")
        assert not (store.begin_trial(spec) / "state.pt").exists()
        store.clear_work()  # another command's training is under way
        assert folder.is_dir()
        store.finish_trial(spec, DONE)
        store.clear_work()
    assert not (store.trials / WORK).exists()


def test_a_finished_trial_keeps_nothing_of_its_way(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    with store.opened():
        folder = store.begin_trial(spec)
        for name in ("state.pt", "error.json", "times.json"):
            (folder / name).write_text("{}")
        store.finish_trial(spec, DONE)
    assert sorted(path.name for path in store.trial_folder(spec.hash).iterdir()) == [
        "checkpoints",
        "done.json",
        "spec.json",
    ]


def finished(store: Store, spec: TrialSpec) -> Path:
    folder = store.begin_trial(spec)
    (folder / "curve.csv").write_text("epoch\n1\n")
    (folder / "checkpoints" / "01.pt").write_bytes(b"weights")
    (folder / "training.json").write_text("{}")
    store.finish_trial(spec, DONE)
    return store.trial_folder(spec.hash)


@pytest.mark.parametrize(
    ("name", "edit", "what"),
    [
        ("done.json", lambda text: text.replace("1.5", "499"), "done.json is not what was stored"),
        ("done.json", lambda text: "null", "done.json is not what was stored"),
        ("done.json", lambda text: "[]", "done.json is not what was stored"),
        ("done.json", lambda text: text[:40], "done.json is damaged"),
        ("curve.csv", lambda text: text.replace("1", "2"), "curve.csv is not what was stored"),
        ("spec.json", lambda text: text.replace("pass", "return"), "spec.json is not what was stored"),
        ("checkpoints/01.pt", lambda text: "better", "checkpoints/01.pt is not what was stored"),
    ],
)
def test_what_was_changed_by_hand_is_no_result(
    tmp_path: Path, spec: TrialSpec, name: str, edit: Callable[[str], str], what: str
) -> None:
    store = Store(tmp_path)
    with store.opened():
        folder = finished(store, spec)
        assert store.alteration(spec.hash) is None
        assert store.result(spec.hash) is not None
        (folder / name).write_text(edit((folder / name).read_text()))
        assert what in str(store.alteration(spec.hash))
        assert store.result(spec.hash) is None
        assert finished(store, spec) == folder  # done again; what lay there is put aside
        assert store.result(spec.hash) is not None
        assert (store.trials / f"{spec.hash}.1.aside").is_dir()


def test_what_was_sound_is_not_read_again_until_a_file_changes(
    tmp_path: Path, spec: TrialSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path).opened():
        pass
    first = Store(tmp_path)
    with first.opened():
        folder = finished(first, spec)
        assert first.result(spec.hash) is not None
    looked: list[Path] = []
    look = harness.store._altered
    monkeypatch.setattr("harness.store._altered", lambda folder: looked.append(folder) or look(folder))
    assert Store(tmp_path).result(spec.hash) is not None
    (folder / "log.txt").write_text("words")
    assert Store(tmp_path).result(spec.hash) is not None
    assert looked == []
    curve = folder / "curve.csv"
    times = curve.stat()
    curve.write_text("X" + curve.read_text()[1:])
    os.utime(curve, ns=(times.st_atime_ns, times.st_mtime_ns))  # as large and as old as before
    assert "curve.csv is not what was stored" in str(Store(tmp_path).alteration(spec.hash))
    assert looked == [folder]


def test_a_picture_that_is_being_drawn_is_not_looked_at(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    with store.opened():
        folder = finished(store, spec)
        before = stamp(folder)
        for name in (".unfinished-rollout.webp", "rollout.webp"):
            (folder / name).symlink_to(tmp_path / "gone")  # whoever opens it fails
        assert stamp(folder) == before
        assert file_hashes(folder) == read_json(folder / "done.json")["files"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', None])
def test_the_list_of_sound_trials_may_be_lost(tmp_path: Path, spec: TrialSpec, content: str | None) -> None:
    store = Store(tmp_path)
    with store.opened():
        finished(store, spec)
        assert store.result(spec.hash) is not None
    file = store.trials / ".checked.json"
    file.unlink() if content is None else file.write_text(content)
    again = Store(tmp_path)
    with again.opened():
        assert again.result(spec.hash) is not None
    assert spec.hash in json.loads(file.read_text())


def test_results_of_another_trial_in_its_place_are_seen(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    other = dataclasses.replace(spec, seed=1)
    with store.opened():
        folder, better = finished(store, spec), finished(store, other)
    shutil.rmtree(folder)
    shutil.copytree(better, folder)
    assert store.alteration(spec.hash) == "spec.json is of another trial"
    (better / "curve.csv").unlink()
    assert store.alteration(other.hash) == "curve.csv is missing"


def test_another_protocol_takes_over_the_training(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    paper = make_spec(
        "cartpole", "pass", role="final", seed=0, budget="smoke", engine="cpu", protocol="paper"
    )
    with store.opened():
        done = finished(store, spec)
        (done / "evaluation.json").write_text("of the other protocol")
        folder = store.begin_trial(paper)
        assert not (folder / "training.json").exists()  # the training's files are not as they were stored
        (done / "evaluation.json").unlink()
        shutil.rmtree(folder)
        folder = store.begin_trial(paper)
        assert (folder / "training.json").read_text() == "{}"
        assert (folder / "checkpoints" / "01.pt").read_bytes() == b"weights"
        assert not (folder / "evaluation.json").exists()
        assert not (folder / "done.json").exists()


def test_trials_of_other_versions_and_of_other_code_are_known(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)
    older = dataclasses.replace(spec, versions={**spec.versions, "mujoco": "3.16.0"})
    edited = dataclasses.replace(spec, code=dataclasses.replace(spec.code, task="x"))
    with store.opened():
        finished(store, older)
        finished(store, edited)
    assert store.others(spec) == [older.hash]
    assert set(store.of_other_code(spec)) == {older.hash, edited.hash}
    assert stored(store, spec, Reuse()) is None
    found = stored(store, spec, Reuse(any_version=True))
    assert found is not None
    assert found.hash == older.hash


def test_two_runs_on_one_folder_the_second_says_so(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from harness.store import Store\n"
        f"with Store(Path({str(tmp_path)!r})).opened(): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(EnvironmentProblem, match="in use by another process"), Store(tmp_path).opened():
            pass
    finally:
        process.kill()
        process.wait()
    with Store(tmp_path).opened():  # the lock of a killed process is free
        pass


def test_no_permission_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(EnvironmentProblem, match="cannot write the run folder"),
        Store(tmp_path / "file" / "run").opened(),
    ):
        pass


def test_seeds_of_searches_and_finals_are_disjoint(spec: TrialSpec) -> None:
    def seeds(role: str) -> set[int]:
        specs = [dataclasses.replace(spec, role=role, seed=seed) for seed in range(50)]
        return {s.training_seed for s in specs} | {s.evaluation_seed for s in specs}

    assert len(seeds("search")) == len(seeds("final")) == 100
    assert not seeds("search") & seeds("final")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_json_round_trip(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    path = tmp_path_factory.mktemp("json") / "x.json"
    write_json(path, data)
    assert read_json(path) == data
    assert [p.name for p in path.parent.iterdir()] == ["x.json"]


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"a": 1,\n "b"')
    with pytest.raises(EnvironmentProblem, match=r"run\.json is damaged at line 2"):
        read_json(tmp_path / "run.json")


@pytest.mark.parametrize("content", ["null", "[]", "{}", '{"schema": 2}', '{"schema": 1}', "\xff"])
def test_a_run_record_that_is_none_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match=r"run\.json") as caught:
        Store(tmp_path).run_record()
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_one_line_and_leaves_the_old_file(
    tmp_path: Path, no_space: Callable[[], None]
) -> None:
    write_json(tmp_path / "x.json", "old")
    no_space()
    with pytest.raises(EnvironmentProblem, match=r"cannot write .*x.json .*free some space"):
        write_json(tmp_path / "x.json", "new" * 100_000)
    assert read_json(tmp_path / "x.json") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_an_unused_run_folder_leaves_no_trace(tmp_path: Path) -> None:
    """What is refused before anything is done leaves no folder behind."""
    with Store(tmp_path / "a" / "run").opened():
        pass
    assert not (tmp_path / "a" / "run").exists()


def test_a_folder_that_was_there_before_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text('{"my": "notes"}\n')
    with Store(tmp_path).opened():
        pass
    assert (tmp_path / "journal.jsonl").read_text() == '{"my": "notes"}\n'


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path, spec: TrialSpec) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    store = Store(tmp_path / "run")
    with store.opened():
        (store.trials / WORK).mkdir()
        (store.trials / WORK / spec.hash).symlink_to(victim)
        store.begin_trial(spec)
    assert list(victim.iterdir()) == []
    shutil.rmtree(store.trials / WORK)
    (store.trials / WORK).symlink_to(victim)
    with pytest.raises(EnvironmentProblem, match="is a link"), store.opened():
        pass


def test_many_threads_may_begin_and_finish_trials(tmp_path: Path, spec: TrialSpec) -> None:
    store = Store(tmp_path)

    def trial(seed: int) -> str:
        return finished(store, dataclasses.replace(spec, seed=seed)).name

    with store.opened(), ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(trial, range(60)))) == 60
