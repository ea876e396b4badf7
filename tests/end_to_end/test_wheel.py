"""The built wheel, installed by itself, does the main job from any working directory: nothing of it is left out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.end_to_end.runs import environment

REPOSITORY = Path(__file__).parents[2]
DECOY = "raise RuntimeError('a decoy was imported')\n"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel, this one's packages, and no way to the repository."""
    pytest.importorskip("setuptools", minversion="77")
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for package in ("harness", "suites", "baselines", "reports"):
        shutil.copytree(REPOSITORY / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / file, source)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    done(
        *pip,
        "wheel",
        str(source),
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        cwd=folder,
    )
    shutil.rmtree(source)
    done(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"), cwd=folder)
    python = folder / "venv/bin/python"
    (wheel,) = folder.glob("*.whl")
    done(*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel), cwd=folder)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    # a path in a .pth file: .pth files that lie there, an editable install's among them, are not read
    (site / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    found = done(str(python), "-c", "import harness; print(harness.__file__)", cwd=folder)
    assert found.stdout.strip() == str(site / "harness/__init__.py")
    return folder / "venv/bin"


def done(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = environment()
    env.pop("PYTHONPATH", None)
    run = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, run.stderr + run.stdout
    return run


@pytest.fixture(params=["empty", "decoys"])
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A working directory: empty, or with packages of the harness's names."""
    if request.param == "decoys":
        for name in ("baselines", "suites", "reports"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").write_text(DECOY)
    return tmp_path


def test_tasks_and_the_main_job(bin_folder: Path, work: Path) -> None:
    program, python = str(bin_folder / "eureka-harness"), str(bin_folder / "python")
    assert "cartpole" in done(program, "tasks", cwd=work).stdout
    assert "what a designer is shown" in done(python, "-m", "harness", "tasks", "cartpole", cwd=work).stdout
    small = ("--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--no-pictures")
    for command, methods in (
        ((program,), "human,sparse"),
        ((python, "-m", "harness"), "eureka"),  # the prompts too
    ):
        run = done(*command, "run", *small, "--methods", methods, "--out", methods, cwd=work)
        for method in methods.split(","):
            assert f"cartpole {method} seed 0: F = " in run.stdout
        page = (work / methods / "report/index.html").read_text()
        assert "<style>" in page
        assert "compute_reward" in page


def test_every_data_file_of_the_packages_is_in_the_wheel(bin_folder: Path) -> None:
    (site,) = bin_folder.parent.glob("lib/python*/site-packages")
    for package in ("harness", "suites", "baselines", "reports"):
        files = {path.relative_to(REPOSITORY) for path in (REPOSITORY / package).rglob("*") if path.is_file()}
        for file in sorted(file for file in files if "__pycache__" not in file.parts):
            assert (site / file).read_bytes() == (REPOSITORY / file).read_bytes(), file


def test_a_package_of_ones_own_beside_the_wheel(bin_folder: Path, tmp_path: Path) -> None:
    """The example: a task and a method, installed, found, compared and reported."""
    source = tmp_path / "source"
    shutil.copytree(REPOSITORY / "examples/own_package", source, ignore=shutil.ignore_patterns("__pycache__"))
    python = str(bin_folder / "python")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", python)
    done(*pip, "install", "--no-deps", "--no-index", "--no-build-isolation", str(source), cwd=tmp_path)
    shutil.rmtree(source)
    assert "pendulum" in done(python, "-m", "harness", "tasks", cwd=tmp_path).stdout
    assert "random" in done(python, "-m", "harness", "methods", cwd=tmp_path).stdout
    options = ("--suite", "pendulum", "--methods", "human,sparse,random,eureka", "--budget", "smoke")
    small = (*options, "--seeds", "1", "--no-pictures", "--out", "run")
    run = done(python, "-m", "harness", "run", *small, cwd=tmp_path)
    for method in ("human", "sparse", "random", "eureka"):
        assert f"pendulum {method} seed 0: F = " in run.stdout
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["plugin_methods"]["random"].startswith("swing_up.random_search:RandomSearch, ")
    assert "swing the rod up" in (tmp_path / "run" / "report" / "index.html").read_text()
