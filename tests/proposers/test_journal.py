"""The journal survives anything that ends a process, and says what is wrong with a damaged file."""

import json
import logging
import resource
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import EnvironmentProblem, UserError
from harness.proposers import Answer, Journal
from harness.proposers.entries import Usage, parse
from harness.proposers.limits import Cost, LimitReached, Limits
from harness.seal import chain
from tests.proposers.requests import MESSAGES, request

KEY = request().key
USAGE: Usage = {"prompt_tokens": 10, "completion_tokens": 5}


def exchange(journal: Journal, key: dict[str, Any], *texts: str, usd: float | None = None) -> None:
    part = journal.request(key, len(texts), MESSAGES, Cost(1000, 1.0))
    journal.response(key, part, [Answer(text, "stop") for text in texts], USAGE, usd, "m")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_answer_is_found_again_by_its_key(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("grammar")
        exchange(journal, KEY, "one", "two")
        exchange(journal, request(iteration=1).key, "other")
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert journal.proposer == "grammar"
        assert journal.answers(KEY) == [Answer("one", "stop"), Answer("two", "stop")]
        assert journal.answers(request(search=1).key) == []


def test_a_key_depends_on_the_messages_but_not_on_their_number(tmp_path: Path) -> None:
    assert request(messages=[{"role": "user", "content": "x"}]).key != KEY
    assert request(samples=7, seed=9).key == KEY
    assert set(KEY) == {"task", "method", "search", "iteration", "attempt", "response", "messages"}


def test_the_file_holds_the_lines_that_were_agreed_and_no_times(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with Journal(tmp_path / name) as journal:
            journal.begin("openai:m")
            exchange(journal, KEY, "text with é and \n", usd=0.25)
            part = journal.request(KEY, 1, MESSAGES, Cost(7, 0.5))
            journal.failure(KEY, part, "no answer", charged=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    every = lines(tmp_path / "a")
    link = ""
    for line in every:
        link = chain(link, line)
        assert line.pop("chain") == link
    header, asked, answered, asked_again, failed = every
    assert header == {"kind": "header", "schema": 2, "proposer": "openai:m"}
    assert asked == {
        "kind": "request",
        "key": KEY,
        "part": 0,
        "samples": 1,
        "messages": MESSAGES,
        "worst_case": {"tokens": 1000, "usd": 1.0},
    }
    assert answered["choices"] == [{"text": "text with é and \n", "finish_reason": "stop"}]
    assert (answered["usage"], answered["usd"], answered["model"]) == (USAGE, 0.25, "m")
    assert asked_again["part"] == failed["part"] == 1
    assert failed["reason"] == "no answer"


def test_another_proposer_is_turned_away(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("openai:m")
        journal.begin("grammar")  # nothing was asked yet
        journal.begin("grammar")
        exchange(journal, KEY, "one")
        with pytest.raises(UserError, match=r"begun by the proposer 'grammar', not 'openai:m'.*--out"):
            journal.begin("openai:m")
    assert len(lines(tmp_path / "journal.jsonl")) == 3
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert journal.proposer == "grammar"


@pytest.mark.parametrize("edit", ["change", "remove", "swap", "insert", "take the link off"])
def test_a_line_that_was_changed_by_hand_is_named(tmp_path: Path, edit: str) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.begin("grammar")
        exchange(journal, KEY, "one")
        exchange(journal, request(iteration=1).key, "two")
    every = path.read_text().splitlines(keepends=True)
    if edit == "change":
        every[2] = every[2].replace("one", "better")
    elif edit == "remove":
        del every[2]
    elif edit == "swap":
        every[2:4] = every[3], every[2]
    elif edit == "insert":
        every.insert(2, every[2])
    else:
        every[2] = json.dumps({k: v for k, v in json.loads(every[2]).items() if k != "chain"}) + "\n"
    path.write_text("".join(every))
    with pytest.raises(UserError, match=r"line [34] does not follow from the line before"):
        Journal(path)


def test_a_journal_without_links_is_for_replaying_only(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "header", "schema": 1, "proposer": "grammar"}\n')
    assert parse(path.read_bytes(), path).header is not None
    with pytest.raises(UserError, match="another version: replay it"):
        Journal(path)


def test_spending_counts_answers_and_reserves_what_is_open(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("openai:m")
        exchange(journal, KEY, "one", usd=0.01)
        assert journal.spending.total == Cost(15, 0.01)
        refused = journal.request(KEY, 1, MESSAGES, Cost(1000, 1.0))
        assert journal.spending.reserved == Cost(1000, 1.0)
        journal.failure(KEY, refused, "HTTP 500", charged=False)
        assert journal.spending.reserved == Cost()
        timed_out = journal.request(KEY, 1, MESSAGES, Cost(400, 0.5))
        journal.failure(KEY, timed_out, "no answer within 1 s", charged=True)
        journal.request(KEY, 1, MESSAGES, Cost(30, 0.25))
    with Journal(tmp_path / "journal.jsonl") as journal:  # the last one was killed in flight
        assert journal.spending.reported == Cost(15, 0.01)
        assert journal.spending.reserved == Cost(430, 0.75)


def test_nothing_is_noted_beyond_a_limit(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("openai:m")
        limits = Limits(max_tokens=1500)
        journal.request(KEY, 1, MESSAGES, Cost(1000), limits)
        with pytest.raises(LimitReached, match=r"1000 of 1500 tokens .* may need 501; raise --max-tokens"):
            journal.request(KEY, 1, MESSAGES, Cost(501), limits)
        journal.request(KEY, 1, MESSAGES, Cost(500), limits)
    assert len(lines(tmp_path / "journal.jsonl")) == 3


def test_threads_cannot_pass_a_limit_together(tmp_path: Path) -> None:
    refused: list[int] = []

    def search(number: int) -> None:
        try:
            journal.request(request(search=number).key, 1, MESSAGES, Cost(300), Limits(max_tokens=1000))
        except LimitReached:
            refused.append(number)

    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("openai:m")
        threads = [threading.Thread(target=search, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert journal.spending.total.tokens == 900
    assert len(refused) == 5
    assert len(lines(tmp_path / "journal.jsonl")) == 4


def test_threads_do_not_mix_their_lines(tmp_path: Path) -> None:
    def search(number: int) -> None:
        for iteration in range(5):
            exchange(journal, request(search=number, iteration=iteration).key, f"{number}-{iteration}" * 300)

    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("openai:m")
        threads = [threading.Thread(target=search, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with Journal(tmp_path / "journal.jsonl") as journal:
        for number in range(4):
            for iteration in range(5):
                (answer,) = journal.answers(request(search=number, iteration=iteration).key)
                assert answer.text == f"{number}-{iteration}" * 300


def test_a_torn_last_line_is_cut_and_the_rest_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.begin("grammar")
        exchange(journal, KEY, "one")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"kind": "request", "key": {"ta')
    with caplog.at_level(logging.WARNING), Journal(path) as journal:
        assert journal.answers(KEY) == [Answer("one", "stop")]
        assert path.read_bytes() == whole
        exchange(journal, request(iteration=1).key, "two")
    assert "cut short" in caplog.text
    assert len(lines(path)) == 5


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("{not json", "line 3 is damaged: no JSON"),
        ("\0\0\0", "line 3 is damaged: no JSON"),
        ("", "line 3 is damaged: no JSON"),
        ("[]", "line 3 is not a journal entry"),
        ('{"kind": "gossip"}', "line 3 is not a journal entry"),
        ('{"kind": "header", "schema": 1, "proposer": "x"}', "line 3 is not a journal entry"),
        (
            '{"kind": "failure", "key": {}, "part": 0, "reason": "x"}',
            "line 3 is not a journal entry: failure.charged",
        ),
    ],
)
def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path, damage: str, message: str) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.begin("grammar")
        exchange(journal, KEY, "one")
    good = path.read_text().splitlines()
    path.write_text("\n".join([*good[:2], damage, *good[2:]]) + "\n")
    before = path.read_bytes()
    with pytest.raises(UserError, match=message):
        Journal(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_journal_is_turned_away(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "request"}\n')
    with pytest.raises(UserError, match="line 1 is not the journal's header"):
        Journal(path)


TEXTS = st.lists(st.text(max_size=20), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(TEXTS, max_size=4), data=st.data())
def test_any_cut_of_the_file_opens_to_a_prefix_of_its_entries(
    tmp_path: Path, answers: list[list[str]], data: st.DataObject
) -> None:
    path = tmp_path / "whole.jsonl"
    path.unlink(missing_ok=True)
    with Journal(path) as journal:
        journal.begin("grammar")
        for iteration, texts in enumerate(answers):
            exchange(journal, request(iteration=iteration).key, *texts)
    whole = path.read_bytes()
    everything = parse(whole, path).entries
    kept = data.draw(st.integers(0, len(whole)))
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(whole[:kept])
    with Journal(cut) as journal:
        journal.begin("grammar")
        exchange(journal, request(iteration=99).key, "later")
    parsed = parse(cut.read_bytes(), cut)
    entries = parsed.entries
    assert parsed.header is not None
    assert parsed.end == cut.stat().st_size
    assert entries[:-2] == everything[: len(entries) - 2]
    assert len(entries) - 2 >= whole[:kept].count(b"\n") - 1


def test_a_full_disk_is_an_environment_problem_and_leaves_no_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(path) as journal:
        journal.begin("grammar")
        exchange(journal, KEY, "one")
        size = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, hard))
        try:
            with pytest.raises(EnvironmentProblem, match="cannot write the journal"):
                exchange(journal, request(iteration=1).key, "two")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.stat().st_size == size
        exchange(journal, request(iteration=1).key, "two")
    with Journal(path) as journal:
        assert journal.answers(request(iteration=1).key) == [Answer("two", "stop")]


def test_a_folder_that_cannot_be_written_is_an_environment_problem(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot write the journal"):
        Journal(tmp_path / "missing" / "journal.jsonl")


@pytest.mark.parametrize("text", ["my diary of the trip", '{"my": "notes"}\n', "\n"])
def test_a_file_that_is_no_journal_is_left_as_it_was(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text)
    with pytest.raises(UserError, match="journal"):
        Journal(path)
    assert path.read_text() == text


def test_a_proposer_that_never_answered_settles_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin("openai:typo")
        part = journal.request(KEY, 1, MESSAGES, Cost(7, 0.5))
        journal.failure(KEY, part, "no such model", charged=False)
        journal.begin("openai:right")
        exchange(journal, KEY, "one")
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert journal.proposer == "openai:right"
        assert len(journal.responses()) == 1
