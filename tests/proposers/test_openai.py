"""A model behind a real HTTP server: every way in which an exchange can go, and what it may cost."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from harness.errors import EnvironmentProblem, UserError
from harness.proposers import Answer, Journal, Limits, Proposer, make_proposer
from harness.proposers.limits import Cost, LimitReached
from harness.proposers.retry import PATIENCE_S, STRANGER_PATIENCE_S
from tests.proposers import chat_server as chat
from tests.proposers.chat_server import ChatServer, Reply
from tests.proposers.requests import MESSAGES, request

WORST_PROMPT = 46  # of MESSAGES: half a token a byte and 16 a message
LENGTH = 200  # max_completion_tokens in these tests


class Session:
    """A proposer on a journal in a folder; opened again, it is the same run resumed."""

    def __init__(self, server: ChatServer, journal: Journal, limits: Limits, **options: Any) -> None:
        self.slept: list[float] = []
        self.journal = journal
        self.proposer: Proposer = make_proposer(
            "openai:gpt-4o", journal, limits=limits, base_url=server.url, sleep=self.slept.append, **options
        )

    def entries(self, kind: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.journal.path.read_text().splitlines()]
        return [entry for entry in found if entry["kind"] == kind]


Opener = Callable[..., Any]


@pytest.fixture
def session(tmp_path: Path) -> Opener:
    @contextmanager
    def opened(server: ChatServer, *, limits: Limits | None = None, **options: Any) -> Iterator[Session]:
        with Journal(tmp_path / "journal.jsonl") as journal:
            yield Session(server, journal, limits or Limits(max_completion_tokens=LENGTH), **options)

    return opened


def test_all_samples_come_from_one_request(session: Opener) -> None:
    with ChatServer(then=chat.good("one", "two", "three")) as server, session(server) as run:
        answers = run.proposer.propose(request(3, temperature=0.7))
        assert answers == [Answer("one", "stop"), Answer("two", "stop"), Answer("three", "stop")]
        (body,) = server.requests
        assert body == {
            "model": "gpt-4o",
            "messages": MESSAGES,
            "n": 3,
            "temperature": 0.7,
            "max_completion_tokens": LENGTH,
        }
        (answered,) = run.entries("response")
        assert answered["usage"] == {"prompt_tokens": 100, "completion_tokens": 150}
        assert answered["usd"] == pytest.approx((100 * 2.5 + 150 * 10.0) / 1e6)
        assert answered["model"] == "gpt-4o"
        (asked,) = run.entries("request")
        assert asked["worst_case"]["tokens"] == WORST_PROMPT + 3 * LENGTH
        assert run.proposer.name == "openai:gpt-4o"
        assert run.journal.proposer == "openai:gpt-4o"


def test_a_resumed_run_pays_only_for_what_is_missing(session: Opener) -> None:
    with ChatServer(then=chat.good(answer=lambda body, number: f"answer {number}")) as server:
        with session(server) as run:
            first = run.proposer.propose(request(2))
        with session(server) as run:
            assert run.proposer.propose(request(2)) == first
            assert len(server.requests) == 1
            more = run.proposer.propose(request(5))
            assert more[:2] == first
            assert [answer.text for answer in more] == [f"answer {number}" for number in range(5)]
            assert [body.get("n") for body in server.requests] == [2, 3]
            run.proposer.propose(request(2, iteration=1))
            assert len(server.requests) == 3


@pytest.mark.parametrize(
    "reply",
    [
        chat.one_only(),
        chat.one_only(status=422, message="[{'loc': ['body', 'n'], 'msg': 'Input should be 1'}]"),
        chat.one_only(status=500, message="Only one completion choice is allowed"),
        chat.fewer(1),
    ],
    ids=["rejects n", "rejects n by validation", "rejects n as an error of its own", "ignores n"],
)
def test_a_server_that_answers_one_at_a_time_is_asked_one_at_a_time(session: Opener, reply: Reply) -> None:
    with ChatServer(then=reply) as server, session(server) as run:
        assert len(run.proposer.propose(request(3))) == 3
        refused_or_first = 1 + (3 if reply.rejects else 2)
        assert len(server.requests) == refused_or_first
        assert all("n" not in body for body in server.requests[1:])
        run.proposer.propose(request(2, iteration=1))  # it is remembered
        assert len(server.requests) == refused_or_first + 2
        assert run.journal.spending.reported.tokens == server.bill
        assert run.journal.spending.reserved == Cost()


def test_a_server_that_gives_some_is_asked_for_the_rest(session: Opener) -> None:
    with ChatServer([chat.fewer(2)]) as server, session(server) as run:
        assert len(run.proposer.propose(request(4))) == 4
        assert [body.get("n") for body in server.requests] == [4, None, None]


def test_an_older_server_is_given_max_tokens(session: Opener) -> None:
    with ChatServer(then=chat.unknown_parameter("max_completion_tokens")) as server, session(server) as run:
        run.proposer.propose(request(1))
        run.proposer.propose(request(1, iteration=1))
        assert [body.get("max_tokens") for body in server.requests] == [None, LENGTH, LENGTH]
        assert run.slept == []


def test_empty_and_cut_off_answers_are_answers(session: Opener) -> None:
    with ChatServer([chat.empty(), chat.truncated()]) as server, session(server) as run:
        assert run.proposer.propose(request(1)) == [Answer("", "stop")]
        (cut,) = run.proposer.propose(request(1, iteration=1))
        assert cut.finish_reason == "length"
        assert cut.text.startswith("The pole")
        assert run.journal.spending.reported.tokens == server.bill == 300


def test_half_a_character_does_no_harm(session: Opener) -> None:
    with ChatServer([chat.good("a \ud800 b")]) as server, session(server) as run:
        (answer,) = run.proposer.propose(request(1))
        assert answer.text == "a ? b"
        run.proposer.propose(
            request(1, iteration=1, messages=[{"role": "assistant", "content": answer.text}])
        )
        assert len(server.requests) == 2


def test_without_usage_tokens_are_estimated(session: Opener) -> None:
    with ChatServer([chat.uncounted()]) as server, session(server) as run:
        run.proposer.propose(request(1))
        (answered,) = run.entries("response")
        written = sum(len(message["content"]) for message in MESSAGES)
        assert answered["usage"] == {
            "prompt_tokens": -(-written // 4),
            "completion_tokens": -(-len(chat.REWARD) // 4),
            "estimated": True,
        }


def test_busy_and_broken_servers_are_asked_again(session: Opener) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    script = [
        chat.limited("7"),
        chat.limited(in_a_minute),
        chat.limited(),
        chat.broken(500),
        chat.broken(503),
    ]
    with ChatServer(script) as server, session(server) as run:
        assert len(run.proposer.propose(request(2))) == 2
        assert len(server.requests) == 6
        seconds, date, *backoffs = run.slept
        assert seconds == 7.0
        assert 55 < date <= 60
        for attempt, slept in enumerate(backoffs, start=2):
            assert 0.5 * 2**attempt <= slept <= 2**attempt
        assert len(run.entries("request")) == len(run.entries("response")) == 1  # nothing was charged before
        assert run.journal.spending.total.tokens == server.bill == 200


def test_a_server_that_stays_broken_ends_the_run_after_a_quarter_of_an_hour(session: Opener) -> None:
    with ChatServer(then=chat.broken(500)) as server, session(server) as run:
        with pytest.raises(
            EnvironmentProblem,
            match=r"no answer in \d+ attempts and 1\d\.\d min, at last: HTTP 500.*run again to resume",
        ):
            run.proposer.propose(request(2))
        assert len(server.requests) == len(run.slept) + 1
        assert PATIENCE_S <= sum(run.slept) < PATIENCE_S + 120
        (failed,) = run.entries("failure")
        assert failed["charged"] is False
        assert run.journal.spending.total == Cost()


def test_a_server_that_asks_for_an_hour_is_not_waited_for(session: Opener) -> None:
    with ChatServer([chat.limited("3600")]) as server, session(server) as run:
        with pytest.raises(EnvironmentProblem, match="asks to wait 3600 s"):
            run.proposer.propose(request(1))
        assert run.slept == []


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            chat.refused(401, "Incorrect API key provided: secret-key."),
            r"HTTP 401: Incorrect API key provided: \*\*\*.*check OPENAI_API_KEY",
        ),
        (
            chat.refused(404, "The model does not exist", "model_not_found"),
            "HTTP 404: The model does not exist.*check the model",
        ),
        (
            chat.refused(400, "maximum context length exceeded"),
            "HTTP 400: maximum context length exceeded.*about 7 tokens.*--max-answer-tokens",
        ),
        (chat.refused(429, "You exceeded your quota", "insufficient_quota"), "no credit left"),
    ],
)
def test_a_refusal_is_one_line_and_not_repeated(
    session: Opener, monkeypatch: pytest.MonkeyPatch, reply: Reply, message: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    with ChatServer(then=reply) as server, session(server) as run:
        with pytest.raises(EnvironmentProblem, match=message) as caught:
            run.proposer.propose(request(1))
        assert "\n" not in str(caught.value)
        assert len(server.requests) == 1
        assert run.slept == []
        assert "secret-key" not in run.journal.path.read_text()
        assert server.headers[0]["authorization"] == "Bearer secret-key"


@pytest.mark.parametrize("lost", [chat.slow(1.0), chat.hung_up(), chat.malformed(), chat.nothing()])
def test_a_lost_answer_is_asked_for_again_and_counted_at_its_worst(session: Opener, lost: Reply) -> None:
    with ChatServer([lost]) as server, session(server, timeout_s=0.3) as run:
        assert len(run.proposer.propose(request(2))) == 2
        assert len(server.requests) == 2
        (failed,) = run.entries("failure")
        assert failed["charged"] is True
        assert len(run.entries("request")) == 2
        assert run.journal.spending.reserved.tokens == WORST_PROMPT + 2 * LENGTH
        assert server.bill <= run.journal.spending.total.tokens


def test_no_server_at_all_costs_nothing(tmp_path: Path) -> None:
    with ChatServer() as server:
        url = server.url
    with Journal(tmp_path / "journal.jsonl") as journal:
        slept: list[float] = []
        proposer = make_proposer("openai:m", journal, base_url=url, sleep=slept.append)
        with pytest.raises(EnvironmentProblem, match=r"at last: cannot connect.*check OPENAI_BASE_URL"):
            proposer.propose(request(1))
        assert STRANGER_PATIENCE_S <= sum(slept) < STRANGER_PATIENCE_S + 120
        assert journal.spending.total == Cost()


def test_a_limit_stops_before_the_request_that_could_pass_it(session: Opener) -> None:
    one = WORST_PROMPT + LENGTH
    limits = Limits(max_tokens=150 + one, max_completion_tokens=LENGTH)
    with ChatServer() as server, session(server, limits=limits) as run:
        run.proposer.propose(request(1))
        run.proposer.propose(request(1, iteration=1))
        with pytest.raises(
            LimitReached, match=r"300 of 396 tokens are spent .* may need 246; raise --max-tokens"
        ):
            run.proposer.propose(request(1, iteration=2))
        assert len(server.requests) == 2
        assert run.proposer.propose(request(1))  # what is recorded can still be had


def test_a_money_limit_counts_dollars(session: Opener, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text('{"gpt-4o": {"prompt": 0, "completion": 1000}}')  # 0.05 for an answer, 0.2 at worst
    limits = Limits(max_usd=0.27, max_completion_tokens=LENGTH)
    with ChatServer() as server, session(server, limits=limits, prices=prices) as run:
        run.proposer.propose(request(1))
        run.proposer.propose(request(1, iteration=1))
        with pytest.raises(LimitReached, match=r"\$0.1000 of \$0.2700 .* may cost \$0.2000; raise --max-usd"):
            run.proposer.propose(request(1, iteration=2))
        assert len(server.requests) == 2


def test_a_request_that_was_killed_in_flight_counts_after_a_restart(session: Opener) -> None:
    limits = Limits(max_tokens=2 * (WORST_PROMPT + LENGTH), max_completion_tokens=LENGTH)
    with ChatServer() as server:
        with session(server, limits=limits) as run:
            run.journal.request(
                request().key, 1, MESSAGES, Cost(WORST_PROMPT + LENGTH, 0.0)
            )  # and then: killed
        with session(server, limits=limits) as run:
            assert len(run.proposer.propose(request(1))) == 1
            with pytest.raises(LimitReached):
                run.proposer.propose(request(1, iteration=1))
            assert len(server.requests) == 1


CHILD = """
import sys
from pathlib import Path
from harness.proposers import Journal, Limits, make_proposer
from tests.proposers.requests import request
with Journal(Path(sys.argv[1])) as journal:
    limits = Limits(max_tokens=300, max_completion_tokens=200)
    make_proposer("openai:gpt-4o", journal, limits=limits, base_url=sys.argv[2]).propose(request(1))
"""


def test_a_process_that_is_killed_while_it_waits_has_noted_what_it_may_cost(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with ChatServer(then=chat.slow(30.0)) as server:
        root = Path(__file__).parents[2]
        process = subprocess.Popen([sys.executable, "-c", CHILD, str(path), server.url], cwd=root)
        deadline = time.monotonic() + 60.0
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.wait()
        assert len(server.requests) == 1
        with Journal(path) as journal:
            assert journal.spending.reserved.tokens == WORST_PROMPT + LENGTH >= server.bill
            limits = Limits(max_tokens=300, max_completion_tokens=LENGTH)
            with pytest.raises(LimitReached):
                make_proposer("openai:gpt-4o", journal, limits=limits, base_url=server.url).propose(
                    request(1)
                )
        assert len(server.requests) == 1


def test_a_lost_answer_can_use_up_the_limit(session: Opener) -> None:
    limits = Limits(max_tokens=WORST_PROMPT + LENGTH + 10, max_completion_tokens=LENGTH)
    with ChatServer([chat.hung_up()]) as server, session(server, limits=limits) as run:
        with pytest.raises(LimitReached):
            run.proposer.propose(request(1))
        assert len(server.requests) == 1


def test_searches_side_by_side_never_pass_the_limit(session: Opener) -> None:
    limits = Limits(max_tokens=3000, max_completion_tokens=LENGTH)
    stopped: list[int] = []

    def search(number: int) -> None:
        try:
            for iteration in range(20):
                run.proposer.propose(request(2, search=number, iteration=iteration))
        except LimitReached:
            stopped.append(number)

    costly = chat.good(tokens=(WORST_PROMPT, LENGTH))  # every answer as long as it may be
    with ChatServer(then=costly) as server, session(server, limits=limits) as run:
        threads = [threading.Thread(target=search, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(stopped) == [0, 1, 2, 3]
        assert 3000 - (WORST_PROMPT + 2 * LENGTH) < server.bill <= 3000
        assert run.journal.spending.total.tokens == server.bill


def test_the_limit_holds_when_answers_are_asked_for_one_by_one(session: Opener) -> None:
    limits = Limits(max_tokens=4 * (WORST_PROMPT + LENGTH) + 10, max_completion_tokens=LENGTH)
    costly = chat.one_only(chat.good(tokens=(WORST_PROMPT, LENGTH)))
    with ChatServer(then=costly) as server, session(server, limits=limits) as run:
        run.proposer.propose(request(3))
        with pytest.raises(LimitReached):
            run.proposer.propose(request(3, iteration=1))
        assert server.bill == run.journal.spending.total.tokens == 4 * (WORST_PROMPT + LENGTH)
        assert len(run.proposer.propose(request(1, iteration=1))) == 1  # what was in time is kept


def test_a_money_limit_needs_a_price(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        with pytest.raises(UserError, match=r"needs the price of 'my-model'.*--prices FILE"):
            make_proposer(
                "openai:my-model", journal, limits=Limits(max_usd=1.0), base_url="http://localhost:1/v1"
            )
        make_proposer(
            "openai:my-model", journal, limits=Limits(max_tokens=1), base_url="http://localhost:1/v1"
        )
        assert journal.proposer == "openai:my-model"


def test_requests_at_a_time_are_bounded(session: Opener) -> None:
    with ChatServer([chat.fewer(1)], then=chat.slow(0.05)) as server, session(server, concurrency=2) as run:
        run.proposer.propose(request(7))
        assert server.most_at_once == 2
