"""Every behaviour of the table: what is asked, paid, counted and said, and that no key is ever seen."""

import json
import logging
import re
from pathlib import Path

import pytest

from harness.errors import EnvironmentProblem
from harness.proposers import Answer, Journal, Limits, make_proposer
from tests.proposers.behaviours import CASES, LENGTH, Case
from tests.proposers.chat_server import ChatServer
from tests.proposers.requests import request

CANARY = "sk-canary/+0123456789=abc"


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_behaviour(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    caplog.set_level(logging.WARNING)
    options = dict(case.options)
    limits = Limits(max_tokens=options.pop("max_tokens", None), max_completion_tokens=LENGTH)
    slept: list[float] = []
    answers: list[Answer] = []
    error = ""
    path = tmp_path / "journal.jsonl"
    with ChatServer(case.script, then=case.then) as server, Journal(path) as journal:
        proposer = make_proposer(
            "openai:m", journal, limits=limits, base_url=server.url, sleep=slept.append, **options
        )
        try:
            answers = proposer.propose(request(case.samples))
        except EnvironmentProblem as problem:
            error = str(problem)
        counted, total = journal.spending.reported.tokens, journal.spending.total.tokens

    if case.says is None:
        assert error == ""
        assert len(answers) == case.samples
    else:
        assert re.search(case.says, error), error
        assert "\n" not in error
        assert error.isprintable()
    assert len(server.requests) == case.requests
    assert counted == (server.bill if case.counted is None else case.counted)
    assert total >= min(server.bill, counted + case.requests * LENGTH)
    assert case.texts is None or tuple(answer.text for answer in answers) == case.texts
    for answer, note in zip(answers, case.notes, strict=False):
        assert re.search(note, answer.note)
    assert re.search(case.warns, caplog.text), caplog.text
    assert case.slept is None or tuple(slept) == case.slept
    assert case.last(server.requests[-1])
    everything = path.read_text() + caplog.text + error
    assert CANARY not in everything
    assert CANARY[:12] not in everything
    assert all(json.loads(line) for line in path.read_text().splitlines())
