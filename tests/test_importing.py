"""What is heavy is imported when it is used, once, and by those who use it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from harness import importing
from tests.reports.fake_run import write_run

NOT_YET = """
import sys
from harness.cli import main
for command in ("tasks", "run --suite all --seeds 5 --dry-run", "run --help"):
    try:
        main(command.split())
    except SystemExit:
        pass
import harness.commands.execution, harness.precheck  # a run's own process computes nothing
print("torch._C" in sys.modules, "pandas" in sys.modules)
import torch
print(float(torch.ones(2).sum()), type(torch).__name__)
"""


def test_listing_planning_and_help_do_without_torch(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOT_YET], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["False False", "2.0 module"]


NOTEBOOK = """
import importlib, pathlib, sys
import harness
print("pandas" in sys.modules, "torch" in sys.modules)
run = harness.load_run(sys.argv[1])
run.scores
for path in sorted(pathlib.Path(harness.__file__).parent.glob("scoring/*.py")):
    importlib.import_module(f"harness.scoring.{path.stem}")
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "mujoco", "rl_games", "reports", "suites"}))
import reports
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "mujoco", "rl_games", "suites"}))
"""


def test_statistics_and_reports_need_only_a_run_folder(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", tasks=("cartpole",), methods=("human",), seeds=2, rollouts=False)
    done = subprocess.run([sys.executable, "-c", NOTEBOOK, run], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False False", "[]", "[]"]


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a part, which writes a line whenever it is imported."""
    package = tmp_path / "heavy_package"
    package.mkdir()
    note = f"with open({str(tmp_path / 'log')!r}, 'a') as log: log.write(__name__ + '\\n')\n"
    (package / "__init__.py").write_text(note + "from heavy_package.part import inner\nouter = inner + 1\n")
    (package / "part.py").write_text(note + "inner = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(importing, "HEAVY", ("heavy_package",))
    for name in ("heavy_package", "heavy_package.part"):
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    importing.defer()
    return tmp_path / "log"


ONCE = ["heavy_package", "heavy_package.part"]


def test_a_name_loads_the_package_in_place(heavy: Path) -> None:
    import heavy_package as first  # type: ignore[import-not-found]
    import heavy_package as second

    assert not heavy.exists()
    assert first.outer == 2
    assert first is second is sys.modules["heavy_package"]
    assert heavy.read_text().split() == ONCE


def test_a_part_loads_the_package_first(heavy: Path) -> None:
    from heavy_package.part import inner  # type: ignore[import-not-found]

    assert inner == 1
    assert heavy.read_text().split() == ONCE


def test_what_is_there_is_left_alone(heavy: Path) -> None:
    importing.load()
    before = sys.modules["heavy_package"]
    importing.defer()
    assert sys.modules["heavy_package"] is before
    assert heavy.read_text().split() == ONCE


def test_what_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "HEAVY", ("no_such_package",))
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        importing.defer()


def test_a_package_that_fails_says_so_to_everyone(heavy: Path) -> None:
    import heavy_package

    (heavy.parent / "heavy_package" / "part.py").write_text("1 / 0\n")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = heavy_package.outer


def test_a_part_that_is_only_looked_for_stays_as_it_is(heavy: Path) -> None:
    for _ in range(2):
        spec = importlib.util.find_spec("heavy_package.part")
        assert spec is not None
        assert spec.origin == str(heavy.parent / "heavy_package" / "part.py")
    from heavy_package.part import inner

    assert inner == 1
    assert heavy.read_text().split() == ONCE


def test_its_names_are_listed(heavy: Path) -> None:
    import heavy_package

    assert {"outer", "part"} <= set(dir(heavy_package))
    assert vars(heavy_package)["outer"] == 2


def test_a_name_that_is_set_stays(heavy: Path) -> None:
    import heavy_package

    heavy_package.outer = 5
    assert heavy_package.outer == 5
    assert heavy.read_text().split() == ONCE


def test_a_thread_that_imports_something_else_does_not_wait(heavy: Path) -> None:
    """The package waits for that thread, as a package may that imports what the thread is importing."""
    package = heavy.parent / "heavy_package"
    (package / "part.py").write_text(
        "import threading\ndef other():\n    import colorsys\n    done.append(colorsys)\n"
        "done = []\nthread = threading.Thread(target=other, daemon=True)\nthread.start()\nthread.join(20)\n"
        "inner = len(done)\n"
    )
    sys.modules.pop("colorsys", None)
    import heavy_package

    assert heavy_package.outer == 2


def test_looking_at_it_does_not_load_it(heavy: Path) -> None:
    """As `inspect` does with every module there is."""
    module = sys.modules["heavy_package"]
    assert module.__file__ is not None
    assert module.__spec__ is not None
    assert not heavy.exists()
