"""A search with a model behind a real HTTP server, and its replay."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.runs import harness, report_bytes, results
from tests.proposers.chat_server import REWARD, ChatServer, broken, good, limited, slow

UNKNOWN_NAME = "```python\ndef compute_reward(pole_angle):\n    return pole_angle.abs(), {}\n```"
NO_TENSOR = "```python\ndef compute_reward(dof_pos):\n    return 1.0, {}\n```"
BAD_SYNTAX = "```python\ndef compute_reward(dof_pos:\n    return\n```"
BRANCH = "```python\ndef compute_reward(dof_pos):\n    if dof_pos.mean() > 0:\n        return dof_pos[:, 0], {}\n    return dof_pos[:, 1], {}\n```"
CUT = REWARD[: len(REWARD) // 2]
MIDDLE = "```python\ndef compute_reward(dof_pos):\n    near = torch.exp(-dof_pos[:, 0] ** 2)\n    return near, {'near': near}\n```"
JOB = (
    "run",
    "--suite",
    "cartpole",
    "--budget",
    "smoke",
    "--seeds",
    "1",
    "--iterations",
    "2",
    "--samples",
    "8",
    "--no-pictures",
)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run `first`, made through a server that has a bad day."""
    folder = tmp_path_factory.mktemp("model")
    prices = {"scripted": {"prompt": 1.0, "completion": 2.0}}
    (folder / "prices.json").write_text(json.dumps(prices))
    others = good(UNKNOWN_NAME, NO_TENSOR, BAD_SYNTAX, BRANCH, CUT, "", "No.")
    script = [limited("0"), broken(500), good(REWARD), others, slow(0.5)]
    with ChatServer(script, then=good(MIDDLE, REWARD)) as server:
        run = harness(
            *JOB,
            *("--proposer", "openai:scripted", "--prices", "prices.json", "--max-usd", "1", "--out", "first"),
            cwd=folder,
            OPENAI_API_KEY="secret-key",
            OPENAI_BASE_URL=server.url,
        )
        assert run.returncode == 0, run.stderr + run.stdout
        assert [body.get("n", 1) for body in server.requests] == [1, 1, 1, 7, 8]  # under a limit: one first
    return folder


def test_every_answer_has_its_outcome(searched: Path) -> None:
    record = json.loads((searched / "first/searches/cartpole-eureka-0/search.json").read_text())
    first, second = record["iterations"]
    kinds = [c["error"]["kind"] if c["error"] else c["status"] for c in first["candidates"]]
    assert kinds[:5] == ["ok", "unknown_name", "shape", "syntax", "control_flow"]
    assert [candidate["status"] for candidate in first["candidates"][1:]] == ["rejected"] * 7
    assert {c["status"] for c in second["candidates"]} == {"ok"}
    assert second["messages"][2]["role"] == "assistant"
    assert "abs() / 0.5" in second["messages"][2]["content"]
    assert "task_score" in second["messages"][3]["content"]
    assert record["status"] == "ok"
    assert len(record["finals"]) == 1


def test_the_page_shows_failures_and_costs_but_no_key(searched: Path) -> None:
    page = (searched / "first/report/index.html").read_text()
    for word in ("unknown_name", "pole_angle", "openai:scripted", "upright"):
        assert word in page
    for path in (searched / "first").rglob("*"):
        assert not path.is_file() or b"secret-key" not in path.read_bytes(), path


def test_a_replay_of_the_journal_gives_the_same_programs_scores_and_report(searched: Path) -> None:
    again = harness(*JOB, "--proposer", "replay:first/journal.jsonl", "--out", "second", cwd=searched)
    assert again.returncode == 0, again.stderr + again.stdout
    first, second = results(searched / "first"), results(searched / "second")
    assert first.pop("journal.jsonl") != b""
    assert second.pop("journal.jsonl") != b""
    assert first == second
    assert report_bytes(searched / "first") == report_bytes(searched / "second")


def test_the_same_command_again_asks_the_model_nothing(searched: Path) -> None:
    arguments = (
        "--proposer",
        "openai:scripted",
        "--prices",
        "prices.json",
        "--max-usd",
        "1",
        "--out",
        "first",
    )
    before = results(searched / "first")
    with ChatServer([], then=broken(500)) as server:
        run = harness(*JOB, *arguments, cwd=searched, OPENAI_API_KEY="k", OPENAI_BASE_URL=server.url)
        assert run.returncode == 0, run.stderr
        assert server.requests == []
    assert results(searched / "first") == before
