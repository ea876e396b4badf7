"""What `doctor` says of a model server's settings; and what a plan says that lacks a key."""

import io

import pytest
from rich.console import Console

from harness.commands.doctor import language_model
from harness.commands.run import show_model
from harness.estimate import Estimate
from harness.proposers import Limits
from harness.proposers.limits import Cost
from harness.proposers.server import find_server


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "BASE_URL", "API_BASE", "MODEL", "ORG_ID", "PROJECT_ID"):
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)


def test_without_a_key_runs_work() -> None:
    found = language_model()
    assert not found.works
    assert not found.needed


@pytest.mark.parametrize(("name", "value"), [("OPENAI_BASE_URL", "ht!tp://"), ("OPENAI_API_KEY", "a b")])
def test_settings_that_a_run_refuses_are_no_ready_machine(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-well-formed")
    monkeypatch.setenv(name, value)
    found = language_model()
    assert found.needed
    assert not found.works
    assert name in found.detail


@pytest.mark.parametrize(("url", "said"), [("https://m.example/v1", True), ("http://127.0.0.1:1/v1", False)])
def test_a_plan_says_that_the_key_is_missing(url: str, said: bool) -> None:
    out = io.StringIO()
    server = find_server("m", url, key_needed=False)
    show_model(server, Cost(10), Estimate({}, 1, 10, None), Limits(), Console(file=out))
    assert ("it needs a key: set OPENAI_API_KEY" in out.getvalue()) == said
