"""A whole small search against servers as people meet them; what stops it, stops it before anything is trained."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.runs import command, environment, harness, report_bytes
from tests.proposers import chat_server as chat
from tests.proposers.chat_server import ChatServer
from tests.proposers.profiles import PROFILES

KEY = "sk-canary/+0123456789=abc"
JOB = (
    *("run", "--suite", "cartpole", "--budget", "smoke", "--iterations", "1", "--samples", "2"),
    *("--seeds", "1", "--no-pictures"),
)
SEARCH = (*JOB, "--methods", "eureka", "--proposer", "openai:m")


def unseen(folder: Path, *outputs: str) -> None:
    """The key is nowhere."""
    for text in outputs:
        assert "canary" not in text
    for path in folder.rglob("*"):
        assert not path.is_file() or b"canary" not in path.read_bytes(), path


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in PROFILES])
def test_a_search_completes_and_its_replay_gives_the_same_report(name: str, tmp_path: Path) -> None:
    with ChatServer(then=PROFILES[name]) as server:
        first = harness(
            *SEARCH, "--out", "first", cwd=tmp_path, OPENAI_API_KEY=f"{KEY}\n", OPENAI_BASE_URL=server.url
        )
        assert first.returncode == 0, first.stderr + first.stdout
        assert f"model server: {server.url}" in first.stdout
        assert "one request at most" in first.stdout
        assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    unseen(tmp_path, first.stdout, first.stderr)
    arguments = ("--methods", "eureka", "--proposer", "replay:first")
    again = harness(*JOB, *arguments, "--out", "second", cwd=tmp_path)
    assert again.returncode == 0, again.stderr + again.stdout
    assert report_bytes(tmp_path / "first") == report_bytes(tmp_path / "second")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (chat.refused(401, f"Incorrect API key provided: {KEY}"), "check OPENAI_API_KEY"),
        (chat.refused(404, "The model `m` does not exist", "model_not_found"), "check the model"),
    ],
)
def test_a_wrong_key_or_model_is_found_before_anything_is_trained(
    reply: chat.Reply, words: str, tmp_path: Path
) -> None:
    with ChatServer(then=reply) as server:
        run = harness(
            *JOB, *("--proposer", "openai:m", "--searches", "3", "--out", "r"),
            cwd=tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.url,
        )  # fmt: skip
        assert run.returncode == 4
        assert len(server.requests) == 1
    errors = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert run.stderr.splitlines() == errors  # said once
    assert len(errors) == 1
    assert words in errors[0]
    assert not list(tmp_path.glob("r/trials/*"))
    unseen(tmp_path, run.stdout, run.stderr)


@pytest.mark.parametrize(
    ("settings", "words", "code"),
    [
        ({"OPENAI_API_KEY": "sk-cana\nry-secret"}, "OPENAI_API_KEY is not usable", 4),
        ({"OPENAI_BASE_URL": "http://u:secret@localhost:99999/v1"}, "OPENAI_BASE_URL 'http://localhost:99999/v1'", 2),
        ({"ALL_PROXY": "socks5://u:secret@localhost:1080"}, "socksio", 4),
        ({"SSL_CERT_FILE": "/nowhere.pem", "OPENAI_BASE_URL": "https://localhost:1/v1"}, "SSL_CERT_FILE", 4),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_one_line(
    settings: dict[str, str], words: str, code: int, tmp_path: Path
) -> None:
    run = harness(
        *SEARCH, cwd=tmp_path,
        **({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://localhost:1/v1"} | settings),
    )  # fmt: skip
    assert run.returncode == code, run.stderr
    assert words in run.stderr
    assert run.stderr.count("\n") == 1
    assert "secret" not in run.stdout + run.stderr
    assert not list(tmp_path.glob("runs/*/trials/*"))


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (("--max-tokens", "500"), "--max-tokens 500 is too little for one request: it may need"),
        (("--max-usd", "0.0001"), "--max-usd 0.0001 is too little for one request: it may cost $0."),
        (("--max-usd", "nan"), "--max-usd 'nan'"),
    ],
)
def test_limits_that_hold_not_even_one_request_are_refused_before_anything_is_measured(
    limit: tuple[str, str], words: str, tmp_path: Path
) -> None:
    with ChatServer() as server:
        run = harness(
            *JOB, *("--methods", "eureka", "--proposer", "openai:gpt-4o", *limit),
            cwd=tmp_path, OPENAI_API_KEY="k", OPENAI_BASE_URL=server.url,
        )  # fmt: skip
        assert run.returncode == 2
        assert server.requests == []
    assert words in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_shows_the_server_without_secrets_and_needs_no_key(tmp_path: Path) -> None:
    run = harness(
        *SEARCH, "--dry-run", cwd=tmp_path,
        OPENAI_API_BASE="https://me:canary-secret@models.example.org/v1?api-key=canary-too",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "model server: https://models.example.org/v1; it needs a key: set OPENAI_API_KEY\n" in run.stdout
    unseen(tmp_path, run.stdout, run.stderr)


def interrupted(
    folder: Path, server: ChatServer, moments: tuple[float, ...], ready: Callable[[], bool], number: int
) -> tuple[int, str, float]:
    """Start a search and send a signal after `ready`, and again; exit code, stderr, seconds since the last."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background, else
    process = subprocess.Popen(
        command(*SEARCH, "--out", "r"), cwd=folder, text=True, start_new_session=True,
        env=environment(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.url),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.05)
    for moment in moments:
        time.sleep(moment)
        os.kill(process.pid, number)
    sent = time.monotonic()
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors, time.monotonic() - sent


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interruption_keeps_the_answer_under_way(number: int, tmp_path: Path) -> None:
    with ChatServer(then=chat.slow(2.0)) as server:
        code, errors, _ = interrupted(tmp_path, server, (0.3,), lambda: bool(server.requests), number)
        assert code == 130, errors
        assert "the same command resumes" in errors
        assert "Traceback" not in errors
        assert len(server.requests) == 1
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "r/journal.jsonl").read_text().splitlines()]
    assert kinds == ["header", "request", "response"]
    assert not list(tmp_path.glob("r/trials/*/done.json"))


def test_a_second_interruption_drops_it(tmp_path: Path) -> None:
    with ChatServer(then=chat.slow(50.0)) as server:
        code, errors, seconds = interrupted(
            tmp_path, server, (0.3, 0.7), lambda: bool(server.requests), signal.SIGINT
        )
    assert code == 130, errors
    assert "Traceback" not in errors
    assert "Ctrl-C again" in errors
    assert seconds < 10
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "r/journal.jsonl").read_text().splitlines()]
    assert kinds == ["header", "request"]


@pytest.mark.slow
def test_an_interruption_is_heard_while_a_broken_server_is_waited_for(tmp_path: Path) -> None:
    with ChatServer(then=chat.limited("300")) as server:
        code, errors, seconds = interrupted(
            tmp_path, server, (0.5,), lambda: bool(server.requests), signal.SIGINT
        )
        assert len(server.requests) == 1
    assert code == 130, errors
    assert seconds < 10


def test_a_search_whose_answers_were_all_cut_off_is_not_done_and_says_what_to_do(tmp_path: Path) -> None:
    with ChatServer(then=chat.good("", finish_reason="length")) as server:
        run = harness(*SEARCH, "--out", "r", cwd=tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.url)
    assert run.returncode == 1
    last = run.stdout.splitlines()[-1]
    assert last.startswith(
        "eureka on cartpole, search 0: no candidate could be trained; most often (2 of 2 answers)"
    )
    assert last.endswith("raise --max-answer-tokens, with another --out")
    assert run.stderr.count("--max-answer-tokens") == 2  # one line for each answer
    assert (tmp_path / "r/report/index.html").exists()


def test_a_search_whose_limit_is_reached_is_stopped_and_what_it_found_is_trained(tmp_path: Path) -> None:
    job = ("run", "--suite", "cartpole", "--budget", "smoke", "--seeds", "1", "--no-pictures", "--out", "r")
    search = ("--iterations", "2", "--samples", "1", "--proposer", "openai:m", "--max-answer-tokens", "500")
    with ChatServer(then=chat.good(chat.REWARD, tokens=(3000, 400))) as server:
        keys = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        run = harness(*job, *search, "--max-tokens", "5000", cwd=tmp_path, **keys)
        assert run.returncode == 1, run.stderr
        assert len(server.requests) == 1
        assert "eureka on cartpole, search 0: stopped: " in run.stdout
        assert "--max-tokens" in run.stdout
        assert "cartpole eureka seed 0: F = " in run.stdout
        assert "stopped after 1 of 2 iterations" in (tmp_path / "r/report/index.html").read_text()
        more = harness(*job, *search, "--max-tokens", "50000", "--no-report", cwd=tmp_path, **keys)
        assert more.returncode == 0, more.stdout
        assert len(server.requests) == 2
    record = json.loads((tmp_path / "r/searches/cartpole-eureka-0/search.json").read_text())
    assert (record["status"], len(record["iterations"])) == ("ok", 2)
