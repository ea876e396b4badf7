"""`compare` and `gate` from the command line."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.cli import main
from tests.reports.fake_run import write_run

TASKS = ("ball_balance", "quadcopter")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, one of other numbers, one of another budget, one with a single seed."""
    folder = tmp_path_factory.mktemp("compare")
    fixed = {"tasks": TASKS, "methods": ("human", "sparse"), "rollouts": False, "failures": "none"}
    write_run(folder / "base", seeds=5, **fixed)  # type: ignore[arg-type]
    write_run(folder / "smoke", seeds=2, budget="smoke", **fixed)  # type: ignore[arg-type]
    write_run(folder / "single", seeds=1, seed=1, **fixed)  # type: ignore[arg-type]
    return folder


def test_verdicts_are_exit_codes(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = str(runs / "base")
    assert main(["compare", base, base]) == 0
    assert main(["compare", base, base, "--method", "sparse", "--against", "human"]) == 1
    assert main(["compare", base, str(runs / "single")]) == 3
    assert main(["compare", base, str(runs / "smoke")]) == 2
    said = capsys.readouterr()
    assert [
        line.split(":")[0] for line in said.out.splitlines() if line.isupper() or line.split(":")[0].isupper()
    ] == [
        "PASS",
        "REGRESSION",
        "UNDECIDED",
    ]
    assert "budget is 'quick' in the first and 'smoke' in the second" in said.err


def test_forms_on_the_terminal_and_in_a_file(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = str(runs / "base")
    assert main(["compare", base, base, "--format", "json", "--out", str(tmp_path / "a.xml")]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "pass"
    assert ET.parse(tmp_path / "a.xml").getroot().tag == "testsuite"


def test_a_baseline_keeps_its_margin_and_is_refused_when_edited(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    assert main(["compare", str(file), str(runs / "base"), "--update", "--margin", "0.3"]) == 0
    assert main(["compare", str(file), str(runs / "base"), "--update"]) == 0
    assert json.loads(file.read_text())["margin"] == 0.3
    assert main(["compare", str(file), str(runs / "base")]) == 0
    file.write_text(file.read_text().replace('"margin": 0.3', '"margin": 3.0'))
    assert main(["compare", str(file), str(runs / "base")]) == 4


@pytest.mark.parametrize(
    "command",
    [
        ["compare", "nowhere", "{base}"],
        ["compare", "{base}", "{base}", "--margin", "-1"],
        ["compare", "{base}", "{base}", "--margin", "nan"],
        ["compare", "{base}", "{base}", "--method", "x"],
        ["gate", "--tier", "0", "--baseline", "nowhere.json"],
        ["gate", "--tier", "1", "--baseline", "nowhere.json"],
        ["gate", "--tier", "2"],
        ["gate", "--tier", "2", "--update"],
    ],
)
def test_bad_input_is_one_line(
    command: list[str],
    runs: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([part.format(base=runs / "base") for part in command]) in (2, 4)
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
