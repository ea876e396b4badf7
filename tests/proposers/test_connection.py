"""Proxies, certificates and addresses that lead nowhere: one line each, and nothing is paid."""

import socket
from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.proposers import Journal, Limits, make_proposer
from tests.proposers import chat_server as chat
from tests.proposers.chat_server import ChatServer
from tests.proposers.requests import request


def _ask(url: str, journal: Journal) -> None:
    make_proposer("openai:m", journal, base_url=url, sleep=lambda seconds: None).propose(request(1))


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ALL_PROXY", "socks5://me:canary-secret@localhost:1080", "socksio"),
        ("ALL_PROXY", "ftp://localhost:1080", "ALL_PROXY"),
        ("HTTPS_PROXY", "http://me:canary-secret@[::1", "HTTPS_PROXY"),
        ("HTTP_PROXY", "http://localhost:99999", "the proxy"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE"),
    ],
)
def test_settings_of_the_machine_that_cannot_be(
    variable: str, value: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-secret")
    monkeypatch.setenv(variable, value)
    with Journal(tmp_path / "j") as journal:
        with pytest.raises((EnvironmentProblem, UserError), match=words) as caught:
            _ask("http://models.invalid/v1", journal)
        assert journal.spending.total.tokens == 0
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_dead_proxy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-secret")
    monkeypatch.setenv("HTTP_PROXY", f"http://me:canary-secret@127.0.0.1:{port}")
    with Journal(tmp_path / "j") as journal:
        proposer = make_proposer(
            "openai:m", journal, base_url="http://models.invalid/v1", sleep=lambda seconds: None
        )
        with pytest.raises(EnvironmentProblem, match=rf"through the proxy http://me:\*\*\*@127.0.0.1:{port}"):
            proposer.propose(request(1))
        assert journal.spending.total.tokens == 0


def test_a_proxy_that_refuses_is_no_answer_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-secret")
    with ChatServer() as proxy, Journal(tmp_path / "j") as journal:  # it does not know CONNECT: 501
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.removesuffix("/v1"))
        proposer = make_proposer("openai:m", journal, base_url="https://models.invalid/v1")
        with pytest.raises(EnvironmentProblem, match=r"the proxy http://127.0.0.1:\d+ refuses.*NO_PROXY"):
            proposer.propose(request(1))


def test_https_where_http_is_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-secret")
    with ChatServer() as server, Journal(tmp_path / "j") as journal:
        url = server.url.replace("http://", "https://")
        proposer = make_proposer("openai:m", journal, base_url=url)
        with pytest.raises(EnvironmentProblem, match=r"no secure connection.*http or https"):
            proposer.propose(request(1))


def test_an_address_without_its_version(tmp_path: Path) -> None:
    with ChatServer(then=chat.refused(404, "Not Found")) as server, Journal(tmp_path / "j") as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url.removesuffix("/v1"))
        with pytest.raises(EnvironmentProblem, match=r"HTTP 404: Not Found.*usually ends in /v1"):
            proposer.propose(request(1))


def test_what_is_asked_can_be_read_in_the_journal(tmp_path: Path) -> None:
    with ChatServer([chat.unknown_parameter("temperature")]) as server, Journal(tmp_path / "j") as journal:
        limits = Limits(max_completion_tokens=200)
        make_proposer("openai:m", journal, limits=limits, base_url=server.url).propose(request(1))
        first, failed, second, _ = journal.entries(request().key)
        assert first["kind"] == second["kind"] == "request"
        assert first["options"] == {"temperature": 1.0, "max_completion_tokens": 200}
        assert second["options"] == {"max_completion_tokens": 200}
        assert failed["kind"] == "failure"
        proposer = make_proposer("openai:m", journal, base_url=server.url)
        proposer.propose(request(1, iteration=1, temperature=None))
        assert "temperature" not in server.requests[-1]


def test_an_empty_message_is_never_sent(tmp_path: Path) -> None:
    talk = [
        {"role": "user", "content": "Write."},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "Again."},
    ]
    with ChatServer() as server, Journal(tmp_path / "j") as journal:
        make_proposer("openai:m", journal, base_url=server.url).propose(request(1, messages=talk))
        assert [message["content"] for message in server.requests[0]["messages"]] == [
            "Write.",
            "(no text)",
            "Again.",
        ]
        assert len(journal.answers(request(messages=talk).key)) == 1
