"""Ctrl-C is heard while a proposer waits: nothing new is paid, and what is paid is kept."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.proposers import Journal, Limits, Proposer, make_proposer
from harness.proposers.interruption import Interrupted, Interruption
from harness.proposers.slots import Slots
from tests.proposers import chat_server as chat
from tests.proposers.chat_server import ChatServer
from tests.proposers.requests import request

SOON_S = 3.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def asked(proposer: Proposer, samples: int = 1) -> tuple[threading.Thread, list[Any]]:
    """A thread that asks, and what becomes of it."""
    outcome: list[Any] = []

    def work() -> None:
        try:
            outcome.append(proposer.propose(request(samples)))
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, outcome


def kinds(path: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in path.read_text().splitlines()]


def test_the_first_time_awaits_the_answer_under_way_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with ChatServer([chat.slow(0.5)], then=chat.slow(0.5)) as server, Journal(path) as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url)
        thread, outcome = asked(proposer)
        until(lambda: bool(server.requests))
        proposer.stop()
        thread.join(SOON_S)
        assert len(outcome[0]) == 1
        with pytest.raises(Interrupted):
            proposer.propose(request(1, iteration=1))
        assert len(server.requests) == 1
    assert kinds(path) == ["header", "request", "response"]


def test_the_second_time_drops_it_and_counts_it_at_its_worst(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    limits = Limits(max_completion_tokens=200)
    with ChatServer(then=chat.slow(30.0)) as server, Journal(path) as journal:
        proposer = make_proposer("openai:m", journal, limits=limits, base_url=server.url)
        thread, outcome = asked(proposer)
        until(lambda: bool(server.requests))
        proposer.stop()
        proposer.stop(now=True)
        thread.join(SOON_S)
        assert isinstance(outcome[0], Interrupted)
        assert journal.spending.reserved.tokens > 200
    assert kinds(path) == ["header", "request"]


@pytest.mark.parametrize("reply", [chat.broken(503), chat.limited("500"), chat.hung_up()])
def test_waiting_ends_at_once_and_nothing_more_is_sent(reply: chat.Reply, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with ChatServer([reply] * 2, then=chat.good()) as server, Journal(path) as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url)
        thread, outcome = asked(proposer)
        until(lambda: bool(server.requests))
        time.sleep(0.2)
        proposer.stop()
        thread.join(SOON_S)
        assert isinstance(outcome[0], Interrupted)
        assert len(server.requests) == 1
    assert kinds(path) == ["header", "request", "failure"]


def test_answers_that_are_asked_one_by_one_stop_after_those_under_way(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    script = [chat.one_only(), chat.good()]
    with ChatServer(script, then=chat.slow(0.5)) as server, Journal(path) as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url, concurrency=2)
        thread, outcome = asked(proposer, samples=8)
        until(lambda: len(server.requests) == 4)
        proposer.stop()
        thread.join(SOON_S)
        assert isinstance(outcome[0], Interrupted)
        assert len(server.requests) == 4
        assert journal.spending.reserved.tokens == 0
        assert journal.spending.reported.tokens == server.bill == 450


def test_a_request_ends_in_time_whatever_the_server_does(tmp_path: Path) -> None:
    for number, reply in enumerate((chat.dripping(0.02), chat.slow(30.0))):
        with ChatServer([reply]) as server, Journal(tmp_path / f"{number}.jsonl") as journal:
            proposer = make_proposer(
                "openai:m", journal, base_url=server.url, timeout_s=0.4, sleep=lambda seconds: None
            )
            started = time.monotonic()
            proposer.propose(request(1))
            assert time.monotonic() - started < SOON_S
            assert len(server.requests) == 2


def _single(body: dict[str, Any]) -> chat.Reply | None:
    return chat.refused(400, "n must be 1") if body.get("n", 1) > 1 else None


def test_a_server_that_takes_turns_is_not_asked_more_than_it_can_answer_in_time(tmp_path: Path) -> None:
    """One request at a time, 0.4 s each, eight asked: with a time-out of 1 s none is lost."""
    reply = chat.Reply(turn=threading.Lock(), delay_s=0.4)
    with ChatServer(then=chat.picky(_single, reply)) as server, Journal(tmp_path / "j") as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url, timeout_s=1.0, concurrency=8)
        assert len(proposer.propose(request(8))) == 8
        assert len(server.requests) == 1 + 8
        assert journal.spending.reserved.tokens == 0


def test_a_server_that_works_side_by_side_is_asked_so(tmp_path: Path) -> None:
    reply = chat.picky(_single, chat.slow(0.2))
    with ChatServer(then=reply) as server, Journal(tmp_path / "j") as journal:
        proposer = make_proposer("openai:m", journal, base_url=server.url, concurrency=4)
        proposer.propose(request(12))
        assert server.most_at_once == 4


def test_requests_that_time_out_side_by_side_are_sent_one_at_a_time() -> None:
    slots = Slots(4, 10.0, Interruption())
    assert slots.enter() == 1
    slots.answered(4.0, 1)
    assert slots.number == 2  # 8 s if it takes turns
    assert slots.enter() == 2
    slots.answered(4.0, 2)
    assert slots.number == 2
    slots.answered(4.5, 2)
    assert slots.number == 4  # it does not take turns
    assert slots.timed_out()  # but it is too slow all the same
    assert not slots.timed_out()
    assert slots.number == 1
