"""A search's requests against six kinds of servers, and their replay."""

from pathlib import Path

import pytest

from harness.proposers import Journal, make_proposer
from tests.proposers.chat_server import REWARD, ChatServer
from tests.proposers.profiles import ONE_AT_A_TIME, PROFILES, TEMPERATURE_LEFT_OUT
from tests.proposers.requests import request


@pytest.mark.parametrize("name", PROFILES)
def test_every_server_answers_a_search_and_is_understood_once(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.jsonl"
    with ChatServer(then=PROFILES[name]) as server, Journal(path) as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url)
        for iteration in range(3):
            answers = proposer.propose(request(3, iteration=iteration, temperature=0.7))
            assert [answer.text for answer in answers] == [REWARD] * 3
            if iteration == 0:
                learning = len(server.requests)
        later = server.requests[learning:]
        assert len(later) == (6 if name in ONE_AT_A_TIME else 2)
        assert all(("temperature" in body) == (name not in TEMPERATURE_LEFT_OUT) for body in later)
        assert learning <= 3 + 2
        kinds = [entry["kind"] for entry in journal.entries(request(iteration=2).key)]
        assert "failure" not in kinds  # what was refused once is not asked again
        if name != "ollama":
            assert journal.spending.reported.tokens == server.bill
    assert caplog.text.count("one at a time from now on") == (name in ONE_AT_A_TIME)
    assert caplog.text.count("temperature is left out") == (name in TEMPERATURE_LEFT_OUT)

    with Journal(tmp_path / "again.jsonl") as journal:
        proposer = make_proposer(f"replay:{path}", journal)
        for iteration in range(3):
            assert [a.text for a in proposer.propose(request(3, iteration=iteration))] == [REWARD] * 3
    assert sorted((tmp_path / "again.jsonl").read_bytes().splitlines()) == sorted(
        path.read_bytes().splitlines()
    )
