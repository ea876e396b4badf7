"""Hard limits hold against servers that count wrongly, and against figures that are none."""

import logging
from pathlib import Path
from typing import Any

import pytest

from harness.config import RunConfig
from harness.errors import UserError
from harness.proposers import Journal, Limits, Proposer, make_proposer
from harness.proposers.limits import LimitReached
from harness.proposers.prices import load_prices
from harness.proposers.tokens import count, estimated, number
from tests.proposers import chat_server as chat
from tests.proposers.chat_server import ChatServer, Reply
from tests.proposers.requests import MESSAGES, request

TEXT = "upright = torch.exp(-angle) " * 30
TRUTH = (estimated("".join(m["content"] for m in MESSAGES)), estimated(TEXT))

LIES: dict[str, Any] = {
    "nothing": "null",
    "zero": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "negative": {"prompt_tokens": -10_000, "completion_tokens": -10_000, "total_tokens": -20_000},
    "negative answers": {"prompt_tokens": 7, "completion_tokens": -9_999},
    "one": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    "texts": {"prompt_tokens": "0", "completion_tokens": "-7"},
    "1e400": '{"prompt_tokens": 1e400, "completion_tokens": -1e400}',
    "NaN": '{"prompt_tokens": NaN, "completion_tokens": NaN, "total_tokens": NaN}',
    "huge": {"prompt_tokens": 10**30, "completion_tokens": 10**30},
    "true": {"prompt_tokens": True, "completion_tokens": True},
    "lists": {"prompt_tokens": [1], "completion_tokens": {"a": 1}},
    "a third of the prompt": {"prompt_tokens": TRUTH[0] // 3, "completion_tokens": TRUTH[1]},
    "half of the answer": {"prompt_tokens": TRUTH[0], "completion_tokens": TRUTH[1] // 2},
    "details that are none": {"completion_tokens_details": "x", "prompt_tokens": None},
}


def _ask_for_ever(proposer: Proposer, samples: int) -> None:
    for iteration in range(200):
        proposer.propose(request(samples, iteration=iteration))


@pytest.mark.parametrize("lie", LIES, ids=list(LIES))
@pytest.mark.parametrize("samples", [1, 4])
def test_no_lie_passes_the_limit_by_more_than_one_answer(lie: str, samples: int, tmp_path: Path) -> None:
    limits = Limits(max_tokens=5000, max_completion_tokens=300)
    reply = chat.one_only(Reply(texts=(TEXT,), usage=LIES[lie], tokens=TRUTH))
    with ChatServer(then=reply) as server, Journal(tmp_path / "j") as journal:
        proposer = make_proposer("openai:m", journal, limits=limits, base_url=server.url)
        with pytest.raises(LimitReached, match="raise --max-tokens"):
            _ask_for_ever(proposer, samples)
        assert 1000 < server.bill <= 5000
        assert journal.spending.reported.tokens == server.bill


@pytest.mark.parametrize("extra", [0, 1000])
def test_a_server_that_ignores_the_limit_passes_it_once_and_it_is_said(
    extra: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(max_tokens=100_000 + extra, max_completion_tokens=4096)
    usage = {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 61_900}
    reply = Reply(texts=(TEXT,), usage=usage, tokens=(900, 61_000))
    with ChatServer(then=reply) as server, Journal(tmp_path / "j") as journal:
        proposer = make_proposer("openai:m", journal, limits=limits, base_url=server.url)
        proposer.propose(request(1))
        with pytest.raises(LimitReached, match="may need 610"):
            proposer.propose(request(1, iteration=1))
        assert len(server.requests) == 1
        again = make_proposer("openai:m", journal, limits=limits, base_url=server.url)  # as after a restart
        with pytest.raises(LimitReached):
            again.propose(request(1, iteration=1))
    assert caplog.text.count("ignores max_completion_tokens") == 1


def test_under_a_limit_a_server_shows_with_one_answer_that_it_ignores_its_length(tmp_path: Path) -> None:
    limits = Limits(max_tokens=50_000, max_completion_tokens=4096)
    with ChatServer(then=Reply(tokens=(100, 61_000))) as server, Journal(tmp_path / "j") as journal:
        proposer = make_proposer("openai:m", journal, limits=limits, base_url=server.url)
        with pytest.raises(LimitReached):
            proposer.propose(request(8))
        assert [body.get("n") for body in server.requests] == [None]
        assert server.bill - 50_000 < 61_000


def test_a_limit_that_was_passed_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits(max_tokens=5000, max_completion_tokens=200)
    with ChatServer(then=Reply(tokens=(100, 61_000))) as server, Journal(tmp_path / "j") as journal:
        make_proposer("openai:m", journal, limits=limits, base_url=server.url).propose(request(1))
    assert "passed --max-tokens: 61100 of 5000 tokens are spent" in caplog.text


def test_both_names_of_the_limit_are_tried(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reply = chat.picky(lambda body: None if "max_tokens" in body else Reply(tokens=(100, 9000)))
    with ChatServer(then=reply) as server, Journal(tmp_path / "j") as journal:
        limits = Limits(max_completion_tokens=200)
        proposer = make_proposer("openai:m", journal, limits=limits, base_url=server.url)
        for iteration in range(3):
            proposer.propose(request(1, iteration=iteration))
        assert [body.get("max_tokens") for body in server.requests] == [None, 200, 200]
    assert caplog.text.count("asking with max_tokens from now on") == 1


def test_a_prompt_that_the_server_cut_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    long = [{"role": "user", "content": "Write a reward for this task. " * 800}]
    reply = chat.reported({"prompt_tokens": 2048, "completion_tokens": 100})
    with ChatServer(then=reply) as server, Journal(tmp_path / "j") as journal:
        make_proposer("openai:m", journal, base_url=server.url).propose(request(1, messages=long))
        assert journal.spending.reported.tokens == 6000 + 100  # a lie would look the same
    assert "counted 2048 tokens of a prompt of about 6000" in caplog.text


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        (5, 5), (5.0, 5), (4.2, 5), ("12", 12), (0, 0), (-1, None), (True, None), (None, None), ("x", None),
        ("1e400", None), (float("inf"), None), (float("nan"), None), (10**9, None), ([1], None), ("9" * 30, None),
        ("-3", None), ("٣", None),
    ],
)  # fmt: skip
def test_what_can_be_a_number_of_tokens(value: Any, tokens: int | None) -> None:
    assert number(value) == tokens


def test_characters_beyond_ascii_are_a_token_each() -> None:
    assert estimated("abcd" * 3) == 3
    assert estimated("小车" * 3) == 6
    assert count(None, MESSAGES, ["小车"], 0, 100)["completion_tokens"] == 2


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-1", "1e400", "1e12", '"x"', "null", "[]"])
def test_a_price_that_is_none_is_an_error(price: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(f'{{"m": {{"prompt": 1, "completion": {price}}}}}')
    with pytest.raises(UserError, match=r"m\.completion") as caught:
        load_prices(file)
    assert "\n" not in str(caught.value)


def test_prices_that_are_nested_too_deeply_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text("[" * 100_000)
    with pytest.raises(UserError, match="nested too deeply"):
        load_prices(tmp_path / "prices.json")


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e400"])
@pytest.mark.parametrize("name", ["max_usd", "temperature", "timeout"])
def test_figures_that_are_none_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        RunConfig.model_validate({name: value})


def test_defaults_of_what_is_asked_of_a_server() -> None:
    config = RunConfig()
    assert (config.timeout, config.concurrency, config.no_temperature) == (600.0, 4, False)
