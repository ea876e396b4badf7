"""A recorded journal answers again: the same answers, the same entries, and nothing where it does not fit."""

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.proposers import Answer, Journal, display_name, make_proposer
from harness.proposers.entries import Usage
from harness.proposers.limits import Cost
from tests.proposers.requests import MESSAGES, request

USAGE: Usage = {"prompt_tokens": 10, "completion_tokens": 5}


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A run folder; its first iteration has an interrupted request, a failure and two parts."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    with Journal(folder / "journal.jsonl") as journal:
        journal.begin("openai:m")
        first, second = request().key, request(iteration=1).key
        journal.request(first, 3, MESSAGES, Cost(500, 0.5))
        failed = journal.request(first, 3, MESSAGES, Cost(500, 0.5))
        journal.failure(first, failed, "no answer within 120 s", charged=True)
        for texts in (("one", "two"), ("three",)):
            part = journal.request(first, len(texts), MESSAGES, Cost(500, 0.5))
            journal.response(first, part, [Answer(text, "stop") for text in texts], USAGE, 0.01, "m-1")
        part = journal.request(second, 1, MESSAGES, Cost(500, 0.5))
        journal.response(second, part, [Answer("four", "length")], USAGE, 0.01, "m-1")
    return folder


def test_a_replay_gives_the_same_answers_and_writes_the_same_journal(recorded: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "new.jsonl") as journal:
        proposer = make_proposer(f"replay:{recorded}", journal)
        assert proposer.name == display_name(f"replay:{recorded}") == "openai:m"
        assert [answer.text for answer in proposer.propose(request(3))] == ["one", "two", "three"]
        assert proposer.propose(request(1, iteration=1)) == [Answer("four", "length")]
        assert journal.spending.reported == Cost(45, 0.03)
    assert (tmp_path / "new.jsonl").read_bytes() == (recorded / "journal.jsonl").read_bytes()


def test_an_interrupted_replay_goes_on_where_it_was(recorded: Path, tmp_path: Path) -> None:
    whole = (recorded / "journal.jsonl").read_bytes()
    for cut in (whole.index(b"\n") + 1, len(whole) // 2, len(whole) - 3):
        path = tmp_path / f"{cut}.jsonl"
        path.write_bytes(whole[:cut])
        with Journal(path) as journal:
            proposer = make_proposer(f"replay:{recorded / 'journal.jsonl'}", journal)
            proposer.propose(request(3))
            proposer.propose(request(1, iteration=1))
        assert path.read_bytes() == whole


def test_other_prompts_are_an_error_that_says_where(recorded: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "new.jsonl") as journal:
        proposer = make_proposer(f"replay:{recorded}", journal)
        changed = request(1, iteration=1, messages=[{"role": "user", "content": "Something else."}])
        with pytest.raises(
            UserError, match=r"other prompts at task cartpole, method eureka, search 0, iteration 1,"
        ):
            proposer.propose(changed)


def test_what_was_not_recorded_is_an_error(recorded: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "new.jsonl") as journal:
        proposer = make_proposer(f"replay:{recorded}", journal)
        with pytest.raises(UserError, match=r"has nothing at .*iteration 2.*recorded with fewer"):
            proposer.propose(request(1, iteration=2))
        with pytest.raises(UserError, match=r"holds 3 answers at .* and 4 are asked"):
            proposer.propose(request(4))
        assert len(proposer.propose(request(2))) == 2


def test_a_run_does_not_mix_two_recordings(recorded: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "new.jsonl") as journal:
        journal.begin("openai:m")
        part = journal.request(request().key, 1, MESSAGES)
        journal.response(request().key, part, [Answer("other", "stop")], USAGE, 0.0, "m")
        proposer = make_proposer(f"replay:{recorded}", journal)
        with pytest.raises(UserError, match=r"new.jsonl holds another exchange at task cartpole.*--out"):
            proposer.propose(request(3))


def test_a_recording_that_is_damaged_or_missing_is_an_error(recorded: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "new.jsonl") as journal:
        with pytest.raises(UserError, match=r"no file .*nowhere"):
            make_proposer(f"replay:{tmp_path / 'nowhere'}", journal)
        (tmp_path / "poem.txt").write_text("roses are red\nviolets are blue\n")
        with pytest.raises(UserError, match=r"poem.txt line 1"):
            make_proposer(f"replay:{tmp_path / 'poem.txt'}", journal)
        (tmp_path / "empty.jsonl").touch()
        with pytest.raises(UserError, match=r"empty.jsonl line 1 is not a journal's header"):
            display_name(f"replay:{tmp_path / 'empty.jsonl'}")
        lines = (recorded / "journal.jsonl").read_text().splitlines()
        (recorded / "journal.jsonl").write_text("\n".join([*lines[:4], "{", *lines[5:]]) + "\n")
        with pytest.raises(UserError, match=r"journal.jsonl line 5 is damaged"):
            make_proposer(f"replay:{recorded}", journal)
    assert (tmp_path / "new.jsonl").read_bytes() == b""


def test_a_recording_of_a_killed_run_is_not_touched(recorded: Path, tmp_path: Path) -> None:
    file = recorded / "journal.jsonl"
    file.write_bytes(file.read_bytes() + b'{"kind": "requ')
    before = file.read_bytes()
    with Journal(tmp_path / "new.jsonl") as journal:
        assert len(make_proposer(f"replay:{recorded}", journal).propose(request(3))) == 3
    assert file.read_bytes() == before
