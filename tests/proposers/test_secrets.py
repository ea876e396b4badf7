"""A key or a password is never shown or written down, whatever form it comes back in."""

import base64
import html
import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EnvironmentProblem, UserError
from harness.proposers import Journal, Limits, make_proposer
from harness.proposers.secrets import Secrets
from harness.proposers.server import find_server
from tests.proposers import chat_server as chat
from tests.proposers.chat_server import ChatServer, Reply
from tests.proposers.requests import request

CANARY = 'sk-Canary/+"0123456789=&xyz'

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "capitals": str.upper,
    "URL": lambda key: quote(key, safe=""),
    "URL with slashes": quote,
    "form": quote_plus,
    "JSON": lambda key: json.dumps(key),
    "JSON in JSON": lambda key: json.dumps(json.dumps(key)),
    "HTML": html.escape,
    "repr": repr,
    "repr of bytes": lambda key: repr(key.encode()),
    "hexadecimal": lambda key: key.encode().hex(),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of Bearer": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "base64 of a password": lambda key: base64.b64encode(f":{key}".encode()).decode(),
    "base64 of a header": lambda key: base64.urlsafe_b64encode(f"Authorization: {key}\r\n".encode()).decode(),
    "its beginning": lambda key: key[:16],
    "its end": lambda key: key[-13:],
    "from its middle": lambda key: key[6:-3],
    "in two lines": lambda key: f"{key[:14]}\n{key[14:]}",
    "with spaces": " ".join,
    "with what cannot be seen": lambda key: f"{key[:13]}\u200b{key[13:]}",
    "URL in URL": lambda key: quote(quote(key, safe=""), safe=""),
    "escapes of JavaScript": lambda key: (
        key.replace("/", "\\u002F")
        .replace("+", "\\u002B")
        .replace('"', "\\u0022")
        .replace("=", "\\u003D")
        .replace("&", "\\u0026")
    ),
    "numbers of HTML": lambda key: (
        key.replace("&", "&#38;")
        .replace("/", "&#47;")
        .replace("+", "&#43;")
        .replace('"', "&#34;")
        .replace("=", "&#61;")
    ),
}


@pytest.mark.parametrize("form", FORMS, ids=list(FORMS))
def test_every_form_is_hidden(form: str) -> None:
    shown = Secrets([CANARY]).hidden(f"before {FORMS[form](CANARY)} after")
    assert "before" in shown
    assert "after" in shown
    assert "***" in shown
    for trace in ("canary", "0123456789", quote(CANARY, safe="")[:14], CANARY.encode().hex()[:20]):
        assert trace.lower() not in shown.lower()
    whole = base64.b64encode(f":{CANARY}".encode()).decode()
    assert whole[4:20] not in shown


@given(
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60),
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
)
def test_base64_is_hidden_wherever_the_key_stands(key: str, before: bytes, after: bytes) -> None:
    packed = base64.b64encode(before + key.encode() + after).decode()
    shown = Secrets([key]).hidden(packed)
    assert "***" in shown
    assert len(shown.replace("***", "")) <= math.ceil((len(before) + len(after) + 2) * 4 / 3) + 4


def test_short_words_are_no_secrets() -> None:
    assert Secrets(["k", "none", ""]).hidden("k none of these") == "k none of these"


ECHOES: dict[str, Callable[[str], Reply]] = {
    "in an error": lambda key: chat.refused(401, f"wrong key {key}"),
    "in a long error": lambda key: chat.refused(401, "x" * 290 + key),
    "in its headers, repeated": lambda key: chat.echo(),
    "in a page": lambda key: chat.says(403, f"<p>{html.escape(key)}</p>", "text/html"),
    "in a redirect": lambda key: chat.says(302, "", Location=f"https://x.example/?k={quote(key, safe='')}"),
    "in an answer": lambda key: chat.good(f"your key is {key}, {key!r} and {json.dumps(key)}"),
    "in a refusal": lambda key: chat.message(content=None, refusal=f"no: {key}"),
    "as the model": lambda key: Reply(model=f"m-{key}"),
    "as the finish reason": lambda key: Reply(finish_reason=key),
    "in an error with status 200": lambda key: chat.says(200, {"error": {"message": key, "code": 400}}),
    "in a body that is no JSON": lambda key: Reply(body=key.encode()),
    "in a body without choices": lambda key: Reply(body=json.dumps({"said": key}).encode()),
    "as a number's place": lambda key: chat.reported({"prompt_tokens": key}),
}


@pytest.mark.parametrize("where", ECHOES, ids=list(ECHOES))
def test_a_server_that_repeats_the_key(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    caplog.set_level(logging.DEBUG)
    path, said = tmp_path / "journal.jsonl", ""
    with ChatServer(then=ECHOES[where](CANARY)) as server, Journal(path) as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url, sleep=lambda seconds: None)
        try:
            said = str(proposer.propose(request(1)))
        except EnvironmentProblem as problem:
            said = str(problem)
        assert server.headers[0]["authorization"] == f"Bearer {CANARY}"
    everything = (
        said + path.read_text() + "".join(r.getMessage() for r in caplog.records if "harness" in r.name)
    )
    assert "Canary" not in everything
    assert "0123456789" not in everything


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sk-can\nary-secret", "line end"),
        ("sk-can\rary-secret", "control character"),
        ("sk-can\x00ary-secret".replace("\x00", "\x01"), "control character"),
        ("Bearer sk-canary-secret", "leave `Bearer` out"),
        ("sk-can ary-secret", "a space"),
        ("sk-canary-sécret", "outside ASCII"),
        ("sk-canary-\u200bsecret", "outside ASCII"),
        ("sk-canary\tsecret", "control character"),
    ],
)
@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"])
def test_an_unusable_key_is_refused_unseen_and_nothing_is_sent(
    key: str, words: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-well-formed")
    monkeypatch.setenv(name, key)
    with ChatServer() as server, Journal(tmp_path / "journal.jsonl") as journal:
        with pytest.raises(EnvironmentProblem) as caught:
            make_proposer("openai:m", journal, base_url=server.url)
        assert server.requests == []
    said = str(caught.value)
    assert said.startswith(name)
    assert words in said
    assert "\n" not in said
    assert "secret" not in said
    assert "sk-" not in said
    assert (tmp_path / "journal.jsonl").read_bytes() == b""


@pytest.mark.parametrize("around", ["{}\n", " {}\r\n", "\t{} ", "\ufeff{}\n"])
def test_white_space_around_the_key_and_the_address_is_no_part_of_them(
    around: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", around.format("sk-canary-secret"))
    with ChatServer() as server, Journal(tmp_path / "journal.jsonl") as journal:
        monkeypatch.setenv("OPENAI_BASE_URL", around.format(server.url))
        make_proposer("openai:m", journal).propose(request(1))
        assert server.headers[0]["authorization"] == "Bearer sk-canary-secret"


ADDRESSES = [
    "https://user:canary-secret@host:99999/v1",
    "https://user:canary-secret@host:port/v1",
    "https://user:canary-secret@[::1/v1",
    "https://user:canary-secret@",
    "ftp://user:canary-secret@host/v1",
    "user:canary-secret@host/v1",
    "https://host\x07name/v1?key=canary-secret",
    "https://host name/v1?key=canary-secret",
    "https://host:0/v1?api-key=canary-secret",
    "https://[::zz]/v1?key=canary-secret",
    "https://user:canary/secret@host:x/v1",
    "http://",
    "http://:8000/v1",
    "localhost:8000",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_wrong_address_is_one_line_without_what_is_secret_in_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(UserError) as caught:
        find_server("m")
    said = str(caught.value)
    assert said.startswith("OPENAI_BASE_URL ")
    assert "expected for example http://localhost:8000/v1" in said
    assert "secret" not in said
    assert said.isprintable()


def test_secrets_in_the_address_and_the_proxy_are_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:proxy-secret@127.0.0.1:9")
    with ChatServer(then=chat.refused(403, "user-secret query-secret proxy-secret dXNlci1z")) as server:
        place = server.url.removeprefix("http://")
        url = f"http://me:user-secret@{place}?api-version=2024-10-21&api-key=query-secret"
        shown = find_server("m", url).shown
        with Journal(tmp_path / "journal.jsonl") as journal:
            proposer = make_proposer("openai:m", journal, base_url=url)
            with pytest.raises(EnvironmentProblem, match="403") as caught:
                proposer.propose(request(1))
        assert server.headers[0]["authorization"].startswith("Basic ")
    assert shown == server.url
    everything = str(caught.value) + caplog.text + (tmp_path / "journal.jsonl").read_text() + shown
    assert "-secret" not in everything


def test_the_other_name_of_the_address_and_an_endpoint_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_BASE", "https://models.example.org/v1/chat/completions")
    assert find_server("m").url == "https://models.example.org/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "https://first.example.org/v1")
    assert find_server("m").url == "https://first.example.org/v1"
    assert find_server("m", "http://localhost:1/v1").url == "http://localhost:1/v1"
    assert Limits().max_tokens is None
