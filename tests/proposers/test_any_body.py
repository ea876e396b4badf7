"""Whatever JSON a server sends, it is an answer, a refusal or one line: never anything else."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.proposers.completion import ServerError, parse, read_completion
from harness.proposers.refusals import error_status, read_refusal
from harness.proposers.tokens import ABSURD, count
from harness.proposers.words import line
from tests.proposers.requests import MESSAGES

NAMES = st.sampled_from(
    [
        *("choices", "message", "content", "text", "type", "usage", "prompt_tokens", "completion_tokens"),
        *("total_tokens", "completion_tokens_details", "reasoning_tokens", "finish_reason", "index", "error"),
        *(
            "detail",
            "loc",
            "msg",
            "param",
            "code",
            "status",
            "refusal",
            "tool_calls",
            "reasoning_content",
            "model",
        ),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | NAMES
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


@given(choice=VALUES, usage=VALUES, rest=VALUES)
def test_any_completion(choice: Any, usage: Any, rest: Any) -> None:
    said: list[str] = []
    for body in ({"choices": [choice], "usage": usage, "error": rest}, {"choices": choice}, rest):
        try:
            found = read_completion(parse(json.dumps(body).encode()), 100)
        except ServerError:
            continue
        except ValueError as error:
            said.append(str(error))
            continue
        counted = count(found.usage, MESSAGES, found.texts, found.cut_off, 100)
        assert 0 < counted["prompt_tokens"] <= ABSURD
        assert 0 <= counted["completion_tokens"] <= 2 * ABSURD
        for answer in found.answers:
            assert isinstance(answer.text, str)
            assert line(answer.note) == answer.note
            assert line(answer.finish_reason) == answer.finish_reason
    assert all(words.isprintable() for words in said)


@given(body=VALUES)
def test_any_refusal(body: Any) -> None:
    sent = {"n", "temperature", "max_completion_tokens"}
    refusal = read_refusal(json.dumps(body), sent)
    assert set(refusal.parameters) <= sent
    assert line(refusal.words).isprintable()
    assert error_status(body) is None or 400 <= (error_status(body) or 0) < 600


@given(data=st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    with suppress(ValueError):
        parse(data)
    read_refusal(data.decode("utf-8", "replace"), {"n"})
