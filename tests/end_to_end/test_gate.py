"""The tiers of `gate`, with real trainings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.gate import frozen
from tests.end_to_end.runs import SMALL, program

TINY = {task: {"worlds": 16, "minibatch": 128, "epochs": 2} for task in frozen.SIZES}


@pytest.mark.slow
def test_a_nightly_run_that_changes_nothing_passes_at_the_first_look(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    made = program(
        *SMALL[:-4],
        "2",
        "--methods",
        "human,sparse",
        "--no-pictures",
        "--no-report",
        "--out",
        "base",
        cwd=tmp_path,
    )
    assert made.returncode == 0, made.stderr
    assert (
        program(
            "gate", "--tier", "2", "--update", "--baseline", str(file), "--out", "base", cwd=tmp_path
        ).returncode
        == 0
    )
    found = program(
        "gate", "--tier", "2", "--baseline", str(file), "--out", "new", "--format", "json", cwd=tmp_path
    )
    data = json.loads(found.stdout)
    assert (found.returncode, data["verdict"]) == (0, "pass"), found.stdout + found.stderr
    log = json.loads((tmp_path / "new" / "gate.json").read_text())
    assert log["planned"]["seeds"] == [2, 4, 6, 8]
    assert [look["seeds"] for look in log["looks"]] == [look["seeds"] for look in data["looks"]] == [2]


@pytest.mark.slow
def test_a_recorded_search_is_replayed_to_the_byte(tmp_path: Path) -> None:
    file = tmp_path / "transcript.json"
    recorded = program("gate", "--tier", "0", "--update", "--baseline", str(file), cwd=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    found = program("gate", "--tier", "0", "--baseline", str(file), cwd=tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "11 results of trainings and report have the recorded bytes" in found.stdout


@pytest.mark.slow
def test_frozen_programs_are_retrained_and_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So short that no program learns anything: their order is not shown, and the gate is not green."""
    monkeypatch.setattr(frozen, "SIZES", TINY)
    file, out = str(tmp_path / "frozen.json"), str(tmp_path / "run")
    assert main(["gate", "--tier", "1", "--update", "--baseline", file, "--out", out]) == 0
    capsys.readouterr()
    assert main(["gate", "--tier", "1", "--baseline", file, "--out", out, "--format", "json"]) in (1, 3)
    data = json.loads(capsys.readouterr().out)
    assert data["missing"] == []
    assert len(data["orders"]) == 3
    assert len(data["programs"]) == 12
