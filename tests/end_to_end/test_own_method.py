"""A method in one file, compared, resumed and reported without a change of the harness."""

import json
import shutil
from pathlib import Path

import pytest

from harness import load_run
from tests.end_to_end.runs import harness, program

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_package"
SMALL = ("--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--no-pictures", "--out", "run")
METHODS = "human,sparse,random_search.py:RandomSearch,eureka:elitism=true,eureka"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE / "swing_up" / "random_search.py", tmp_path)
    return tmp_path


def test_an_own_method_and_a_variant_are_run_and_reported(folder: Path) -> None:
    options = (*SMALL, "--iterations", "2", "--methods", METHODS)
    more = ("--method-option", "randomsearch.samples=3")
    run = program("run", *options, *more, cwd=folder)
    assert run.returncode == 0, run.stderr
    assert "of 2 x 3 (randomsearch) and 2 x 2 (eureka:elitism=true, eureka) by grammar" in run.stdout
    record = json.loads((folder / "run" / "run.json").read_text())
    assert record["methods"] == ["human", "sparse", "randomsearch", "eureka:elitism=true", "eureka"]
    assert record["search"]["samples"] == 2
    assert record["settings"]["randomsearch"]["samples"] == 3
    assert record["settings"]["eureka:elitism=true"] == {**record["search"], "elitism": True}
    assert "eureka" not in record["settings"]
    assert record["plugin_methods"]["randomsearch"].startswith("random_search.py:RandomSearch, ")
    own, variant = (
        json.loads((folder / "run" / "searches" / f"cartpole-{name}-0" / "search.json").read_text())
        for name in ("randomsearch", "eureka:elitism=true")
    )
    assert [len(part["candidates"]) for part in own["iterations"]] == [3, 3]
    assert [len(part["candidates"]) for part in variant["iterations"]] == [2, 2]
    assert own["iterations"][1]["messages"] == own["iterations"][0]["messages"]
    assert variant["iterations"][1]["messages"] != variant["iterations"][0]["messages"]
    page = (folder / "run" / "report" / "index.html").read_text()
    assert "randomsearch" in page
    assert "eureka:elitism=true" in page
    frame = load_run(folder / "run")
    assert set(frame.trials["method"]) == set(record["methods"])
    assert set(frame.trials["status"]) == {"ok"}
    assert set(frame.candidates["status"]) <= {"ok", "rejected"}  # none is called altered

    again = program("run", *options, cwd=folder)  # settings are what they were
    assert again.returncode == 0, again.stderr
    assert "nothing is missing" in again.stdout
    for wrong, words in (
        (("--method-option", "randomsearch.samples=4"), "searches by randomsearch with samples 3, not 4"),
        (("--method-option", "randomsearch.elitism=true"), "has no setting 'elitism'"),
        (("--method-option", "random.samples=4"), "no method here is called 'random'"),
        (("--method-option", "human.samples=4"), "human does not search"),
        (("--method-option", "samples=4"), "expected METHOD.FIELD=VALUE"),
    ):
        refused = harness("run", *options, *wrong, cwd=folder)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr
    source = folder / "random_search.py"
    source.write_text(
        source.read_text().replace(
            "problem.messages, problem.settings", "problem.messages,  problem.settings"
        )
    )
    assert program("run", *options, "--dry-run", cwd=folder).returncode == 0  # another layout
    source.write_text(source.read_text() + "\nMORE = 1\n")
    changed = program("run", *options, cwd=folder)
    assert changed.returncode == 2
    assert "holds results of another text of randomsearch" in changed.stderr


def test_methods_are_listed_and_shown(folder: Path) -> None:
    site = folder / "site"
    info = site / "own_methods-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-methods\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[eureka_harness.methods]\nrandom = random_search:RandomSearch\nbroken = no_such_module:X\n"
    )
    path = f"{site}:{folder}:{Path(__file__).parents[2]}"
    listed = program("methods", cwd=folder, PYTHONPATH=path)
    assert listed.returncode == 0, listed.stderr
    assert any(line.split()[:2] == ["random", "search"] for line in listed.stdout.splitlines())
    assert "method 'broken' does not import: ModuleNotFoundError" in listed.stdout
    shown = program("methods", "random", cwd=folder, PYTHONPATH=path)
    assert "random.samples" in shown.stdout
