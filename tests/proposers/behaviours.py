"""How servers behave, and what has to come of it: the table of `test_behaviours.py`.

A case is run with one call of `propose` for `samples` answers, with a key that must show up nowhere, against a
server that follows `script` and then does `then`. Waiting takes no time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.proposers import chat_server as chat
from tests.proposers.chat_server import Reply

LENGTH = 200
"""--max-answer-tokens of every case."""
OK = chat.good()


@dataclass(frozen=True)
class Case:
    name: str
    script: tuple[Reply, ...] = ()
    then: Reply = OK
    samples: int = 1
    requests: int = 1
    """How many the server sees."""
    counted: int | None = None
    """Tokens in the journal; the server's own bill unless given."""
    texts: tuple[str, ...] | None = None
    """The answers' texts."""
    notes: tuple[str, ...] = ()
    """How the answers' notes read."""
    says: str | None = None
    """How the error reads, where there is one."""
    warns: str = ""
    """How something on the terminal reads."""
    slept: tuple[float, ...] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    last: Callable[[dict[str, Any]], bool] = lambda body: True
    """What the last request must be like."""


def _error(message: str, status: int = 400, **fields: Any) -> Reply:
    return chat.says(status, {"error": {"message": message, **fields}})


def _refusing(name: str, reply: Reply) -> Reply:
    """`reply` to every request that has parameter `name` (n: more than 1)."""

    def check(body: dict[str, Any]) -> Reply | None:
        return reply if (body.get("n", 1) > 1 if name == "n" else name in body) else None

    return chat.picky(check)


def _one_by_one(name: str, reply: Reply) -> Case:
    return Case(
        f"n: {name}", then=_refusing("n", reply), samples=3, requests=4, warns="one at a time",
        last=lambda body: "n" not in body,
    )  # fmt: skip


def _older(name: str, reply: Reply) -> Case:
    return Case(
        f"length: {name}", then=_refusing("max_completion_tokens", reply), requests=2, warns="max_tokens",
        last=lambda body: body.get("max_tokens") == LENGTH,
    )  # fmt: skip


def _cold(name: str, reply: Reply) -> Case:
    return Case(
        f"temperature: {name}", then=_refusing("temperature", reply), requests=2,
        warns="temperature is left out", last=lambda body: "temperature" not in body,
    )  # fmt: skip


def _merged(message: str) -> Case:
    refusal = _error(message)
    return Case(
        f"system: {message}", requests=2, warns="system message",
        then=chat.picky(lambda body: refusal if body["messages"][0]["role"] == "system" else None),
    )  # fmt: skip


def _usage(name: str, usage: Any, counted: int, bill: tuple[int, int] = (100, 100)) -> Case:
    return Case(f"usage: {name}", then=chat.reported(usage, tokens=bill), counted=counted)


def _final(name: str, reply: Reply, says: str, **more: Any) -> Case:
    return Case(f"refused: {name}", then=reply, says=says, **more)


def _waited(name: str, reply: Reply, seconds: float, **more: Any) -> Case:
    return Case(f"waits: {name}", script=(reply,), requests=2, slept=(seconds,), warns="asked again", **more)


TWO_WORDS = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
THOUGHTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
    {"type": "text", "text": "two"},
]
PROMPT = 7
"""Tokens of the prompt, estimated."""

PARAMETERS = (
    _one_by_one("array of errors", chat.says(400, [{"error": {"code": 400, "message": "Multiple candidates is not enabled for this model"}}])),
    _one_by_one("candidateCount", _error("candidateCount must be 1")),
    _one_by_one("candidate_count", _error("Only candidate_count=1 is allowed")),
    _one_by_one("FastAPI list", chat.says(422, {"detail": [{"loc": ["body", "n"], "msg": "extra fields not permitted"}]})),
    _one_by_one("FastAPI text", chat.says(422, {"detail": "n > 1 is not supported"})),
    _one_by_one("plain text", chat.says(400, "parameter n must be 1", "text/plain")),
    _one_by_one("JSON text", chat.says(400, '"only one choice per request"')),
    _one_by_one("HTML", chat.says(501, "<html><body><h1>501</h1><p>n greater than 1 is not implemented</p></body></html>", "text/html")),
    _one_by_one("error within an error", _error('{"error": {"message": "Invalid value", "param": "n"}}')),
    _one_by_one("error with status 200", chat.says(200, {"error": {"code": 400, "message": "`n` must be 1"}})),
    _one_by_one("error is a text", chat.says(400, {"error": "num_completions: only 1 is supported"})),
    _one_by_one("message in message", chat.says(400, {"message": {"error": {"message": "best_of must equal 1, multiple completions are off"}}})),
    _one_by_one("Groq", _error("'n' : number must be at most 1")),
    _one_by_one("Bedrock", chat.says(400, {"message": "Malformed input request: #: extraneous key [n] is not permitted, please reformat your input and try again."})),
    _one_by_one("LiteLLM", _error("anthropic does not support parameters: ['n'], for model=m. To drop these, set `litellm.drop_params=True`")),
    _one_by_one("responses", _error("Generating multiple responses is not supported")),
    _older("the other name is required", _error("max_tokens: Field required")),
    _older("Mistral", chat.says(422, {"object": "error", "message": {"detail": [{"loc": ["body", "max_completion_tokens"], "type": "extra_forbidden"}]}})),
    _older("pydantic repeats the request", chat.says(422, {"detail": [{"loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted", "input": {"temperature": 1, "n": 1}}]})),
    _older("text", _error("Unrecognized request argument supplied: max_completion_tokens")),
    _cold("unsupported", _error("Unsupported parameter: 'temperature' is not supported with this model", param="temperature")),
    _cold("only the default", _error("Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.")),
    _cold("500", chat.says(500, {"detail": "temperature is fixed on this server"})),
    Case(
        "two parameters in one body",
        then=chat.picky(
            lambda body: chat.says(422, {"detail": [{"loc": ["body", name], "msg": "Extra inputs are not permitted"} for name in ("n", "max_completion_tokens")]})
            if "n" in body or "max_completion_tokens" in body else None
        ),
        samples=2, requests=3, last=lambda body: "n" not in body and "max_tokens" in body,
    ),
    Case(
        "system messages are unknown", warns="system message", requests=2,
        then=chat.picky(lambda body: _error("System role not supported") if body["messages"][0]["role"] == "system" else None),
        last=lambda body: [m["role"] for m in body["messages"]] == ["user"] and "Write rewards." in body["messages"][0]["content"],
    ),
    *(
        _merged(message)
        for message in (
            "Only user and assistant roles are supported!",
            "Conversation roles must alternate user/assistant/user/assistant/...",
            "messages[0].role: unknown variant `system`, expected `user` or `assistant`",
            "body.messages.0.role: Input should be 'user' or 'assistant'",
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        )
    ),
    Case(
        "too large for the minute: halves", samples=8, requests=3, warns="4 at a time",
        then=chat.picky(
            lambda body: _error("Request too large for m on tokens per min (TPM): Limit 30000, Requested 61000", 429, code="rate_limit_exceeded")
            if body.get("n", 1) > 4 else None
        ),
    ),
    Case(
        "too large: down to single ones", samples=4, warns="one at a time", requests=7, options={"concurrency": 1},
        then=chat.picky(lambda body: chat.says(413, "Payload Too Large", "text/plain") if body.get("n", 1) > 1 else None),
    ),
)  # fmt: skip

USAGE = (
    _usage("honest", {"prompt_tokens": 100, "completion_tokens": 100, "total_tokens": 200}, 200),
    _usage("thoughts only in the total", {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 48_000}, 48_000, (900, 47_100)),
    _usage("thoughts beside the answer", {"prompt_tokens": 100, "completion_tokens": 60, "completion_tokens_details": {"reasoning_tokens": 90}}, 250, (100, 150)),
    _usage("thoughts under another name", {"prompt_tokens": 100, "completion_tokens": 100, "output_tokens_details": {"thought_tokens": 900}}, 1100, (100, 1000)),
    _usage("zero", {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, PROMPT + 100, (PROMPT, 100)),
    _usage("negative", {"prompt_tokens": -5000, "completion_tokens": -5000, "total_tokens": -10_000}, PROMPT + 100, (PROMPT, 100)),
    _usage("null", "null", PROMPT + 100, (PROMPT, 100)),
    _usage("a text", '"many"', PROMPT + 100, (PROMPT, 100)),
    _usage("a list", [1, 2], PROMPT + 100, (PROMPT, 100)),
    _usage("texts of numbers", {"prompt_tokens": "100", "completion_tokens": "100"}, 200),
    _usage("1e400", '{"prompt_tokens": 1e400, "completion_tokens": 1e400, "total_tokens": 1e400}', PROMPT + 100, (PROMPT, 100)),
    _usage("NaN", '{"prompt_tokens": NaN, "completion_tokens": NaN}', PROMPT + 100, (PROMPT, 100)),
    _usage("true", {"prompt_tokens": True, "completion_tokens": True}, PROMPT + 100, (PROMPT, 100)),
    _usage("absurd", {"prompt_tokens": 10**18, "completion_tokens": 10**18}, PROMPT + 100, (PROMPT, 100)),
    _usage("far too small", {"prompt_tokens": 1, "completion_tokens": 1}, PROMPT + 100, (PROMPT, 100)),
    _usage("prompt only", {"prompt_tokens": 100}, 200),
    Case(
        "ignores the limit", then=chat.reported({"prompt_tokens": 100, "completion_tokens": 61_000}, tokens=(100, 61_000)),
        warns="61000 tokens though 200 were allowed.*max_tokens from now on",
    ),
    Case(
        "cut off without usage counts what was allowed", counted=PROMPT + LENGTH, notes=("nothing was written",),
        then=Reply(choices=({"message": {"content": ""}, "finish_reason": "length"},), counted=False, tokens=(PROMPT, LENGTH)),
    ),
)  # fmt: skip

ANSWERS = (
    Case(
        "hidden thoughts ate the tokens", texts=("",), notes=("its hidden thoughts used up the 200 tokens of --max-answer-tokens",),
        then=chat.message("length", content=None, reasoning_content="hm " * 100, tokens=(100, 200)), counted=None, warns="hidden thoughts",
    ),
    Case("hidden thoughts in the usage", texts=("",), notes=("its hidden thoughts",), then=Reply(
        choices=({"message": {"content": ""}, "finish_reason": "length"},), tokens=(100, 200),
        usage={"prompt_tokens": 100, "completion_tokens": 200, "completion_tokens_details": {"reasoning_tokens": 200}},
    )),
    Case("parts of text", then=chat.message(content=TWO_WORDS), texts=("one two",)),
    Case("parts with thoughts", then=chat.message(content=THOUGHTS), texts=("two",)),
    Case("parts of odd types", then=chat.message(content=[None, 3, {"type": "image_url"}, "one"]), texts=("one",)),
    Case("refusal", then=chat.message(content=None, refusal="I will not."), notes=("refused: I will not.",), warns="refused"),
    Case("tool calls", then=chat.message("tool_calls", content=None, tool_calls=[{"function": {"name": "f"}}]), notes=("tool calls",), texts=("",), warns="tool calls"),
    Case("function call", then=chat.message("function_call", content=None, function_call={"name": "f"}), notes=("tool calls",), texts=("",)),
    Case("content filter", then=chat.message("content_filter", content=""), notes=("content filter",), warns="content filter"),
    Case("empty", then=chat.empty(), notes=("empty",), texts=("",), warns="empty"),
    Case("cut off", then=chat.truncated(), notes=("cut off at the 200 tokens",), warns="cut off"),
    Case("content is a number", then=chat.message(content=5), texts=("",), notes=("empty",)),
    Case("index is a text", then=chat.choices({"index": "b", "message": {"content": "1"}}, {"index": 0, "message": {"content": "2"}}), samples=2, texts=("1", "2")),
    Case("choices out of order", then=chat.choices({"index": 1, "message": {"content": "2"}}, {"index": 0, "message": {"content": "1"}}), samples=2, texts=("1", "2")),
    Case("finish_reason is a number", then=chat.message(5, content="one"), texts=("one",)),
    Case("model is a list", then=Reply(model=["m"])),
    Case("some choices are no objects", then=chat.choices(None, {"message": {"content": "1"}}), texts=("1",),),
    Case("half a character", then=chat.message(content="a \ud800 b"), texts=("a ? b",)),
)  # fmt: skip

REFUSALS = (
    _final("key", chat.refused(401, "Incorrect API key provided"), "HTTP 401: Incorrect API key.*check OPENAI_API_KEY"),
    _final("model", chat.refused(404, "The model `m` does not exist", "model_not_found"), "HTTP 404: The model.*check the model"),
    _final("404 as HTML", chat.says(404, "<html><title>404 Not Found</title><h1>Not Found</h1></html>", "text/html"), "404 Not Found"),
    _final("404 of FastAPI", chat.says(404, {"detail": "Not Found"}), "HTTP 404: Not Found"),
    _final("404 as text", chat.says(404, "404 page not found", "text/plain"), "HTTP 404: 404 page not found"),
    _final("context", _error("This model's maximum context length is 8192 tokens"), "8192 tokens.*prompt is about 7 tokens.*--max-answer-tokens"),
    _final("context of vLLM", chat.says(400, {"object": "error", "message": "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 2048 tokens", "code": 400}), "lower --max-answer-tokens"),
    _final("longest answer", _error("Invalid max_completion_tokens value, the valid range is [1, 100]"), "lower --max-answer-tokens"),
    _final("quota", chat.refused(429, "You exceeded your current quota", "insufficient_quota"), "no credit left"),
    _final("payment", chat.says(402, {"error": {"message": "Insufficient Balance"}}), "no credit left"),
    _final("credits", chat.says(403, {"error": "Your newly created team doesn't have any credits yet."}), "no credit left"),
    _final("no chat model", chat.refused(404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint"), "check the model", samples=2),
    _final("no route", chat.says(404, "Cannot POST /v1/chat/completions", "text/plain"), "check OPENAI_BASE_URL", samples=2),
    _final("longest answer under its other name", _error("max_tokens is too large: 9. This model supports at most 5 completion tokens"), "lower --max-answer-tokens", samples=2),
    _final("longest answer without a stream", _error("Requests with max_tokens > 4096 must have stream=true"), "lower --max-answer-tokens"),
    _final("range of the longest answer", _error("Range of max_tokens should be [1, 8192]"), "lower --max-answer-tokens"),
    _final("context of TGI", chat.says(422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 4096"}), "longer context"),
    _final("content filter", _error("The prompt triggered Azure OpenAI's content management policy", param="prompt"), "filter refuses the prompt"),
    _final("a provider behind it", _error("Provider returned error", metadata={"raw": '{"error": {"message": "no such widget"}}'}), "no such widget"),
    _final("stream of events", chat.says(200, 'data: {"choices": []}\n\ndata: [DONE]', "text/event-stream"), "stream of events.*OPENAI_BASE_URL", counted=0),
    _final("redirect", chat.says(301, "", Location="https://elsewhere.example/v1"), "points to https://elsewhere.example/v1.*OPENAI_BASE_URL"),
    _final("escape sequences", _error("\x1b[31mred\x1b[0m \x1b]0;title\x07 [red]markup[/] :m: \u202e \x9b2J"), r"HTTP 400: red \[red\]markup\[/\] : m: \?"),
    _final("one request is too large", chat.says(429, {"error": {"message": "Request too large: Limit 100, Requested 900"}}), "lower --max-answer-tokens"),
    _final("error with status 200", chat.says(200, {"error": {"message": "model is not allowed", "code": 403}}), "instead of an answer: model is not allowed"),
    _final("both names of the longest answer", chat.picky(
        lambda body: _error("Unsupported parameter: max_completion_tokens") if "max_completion_tokens" in body else _error("unknown field max_tokens")
    ), "unknown field max_tokens", requests=2, options={"max_tokens": 10_000}),
    _final("packed far too large", chat.packed(400 * 2**20), "larger than 8 MB", counted=0),
    _final("far too large", chat.says(200, b"[" + b" " * (9 * 2**20)), "larger than 8 MB", counted=0),
    _final("unknown packing", chat.says(200, "{}", Content_Encoding="zstd"), "packed as zstd", counted=0),
)  # fmt: skip

WAITING = (
    _waited("Retry-After", chat.limited("7"), 7.0),
    _waited("milliseconds", chat.says(429, {}, retry_after_ms="250"), 0.25),
    _waited("reset of requests", chat.says(429, {"error": {"message": "slow down"}}, x_ratelimit_reset_requests="17s"), 17.0),
    _waited("reset of tokens", chat.says(429, {}, x_ratelimit_reset_tokens="1m30s", x_ratelimit_reset_requests="9m", x_ratelimit_remaining_requests="3"), 90.0),
    _waited("text", _error("Rate limit reached. Please try again in 20s.", 429), 20.0),
    _waited("text with minutes", _error("Please try again in 1m2.5s. Visit us.", 429), 62.5),
    _waited("text with milliseconds", _error("Please try again in 340ms.", 429), 0.34),
    _waited("delay of Google", chat.says(429, [{"error": {"message": "busy", "details": [{"@type": "RetryInfo", "retryDelay": "36s"}]}}]), 36.0),
    _waited("quota per minute", chat.says(429, [{"error": {"message": "You exceeded your current quota, please check your plan and billing details. Please retry in 25.4s."}}]), 25.4),
    _waited("where to pay more", _error("Rate limit reached. Please try again in 4s. Pay at https://m.example/account/billing.", 429), 4.0),
    _waited("names a parameter in passing", _error("Rate limit on max_completion_tokens, try again in 2s", 429), 2.0, last=lambda body: "max_completion_tokens" in body),
    _waited("breaks down with a parameter's word", _error("GPU temperature too high, retry in 3s", 500), 3.0, last=lambda body: "temperature" in body),
    _waited("overloaded with status 200", chat.says(200, {"error": {"code": 529, "message": "Overloaded, retry after 3 seconds"}}), 3.0),
    Case("waits: 503 for long", script=tuple(chat.broken(503) for _ in range(9)), requests=10, warns="HTTP 503"),
    Case("waits: dead for an hour", then=chat.says(429, {}, retry_after="3600"), says="asks to wait 3600 s", slept=()),
    Case("lost: no JSON", script=(chat.malformed(),), requests=2, counted=150),
    Case("lost: no choices", script=(chat.nothing(),), requests=2, counted=150),
    Case("lost: a list", script=(chat.says(200, [1, 2]),), requests=2, counted=150),
    Case("lost: nested too deeply", script=(chat.says(200, "[" * 100_000 + "]" * 100_000),), requests=2, counted=150),
    Case("lost: a page", script=(chat.says(200, "<html>Welcome</html>", "text/html"),), requests=2, counted=150),
    Case("lost: hung up", script=(chat.hung_up(),), requests=2, counted=150),
    Case("lost: another protocol", script=(chat.says(200, {"message": {"role": "assistant", "content": "x"}}),), requests=2, counted=150),
    Case("lost: for ever", then=chat.malformed(), requests=6, says="no answer in 6 attempts.*no chat completion.*check OPENAI_BASE_URL", counted=0),
    Case("error object with status 200 is not paid", script=(chat.says(200, {"error": {"message": "Internal error"}}),), requests=2, warns="Internal error"),
    Case("one byte at a time for ever", script=(chat.dripping(0.05),), requests=2, options={"timeout_s": 0.5}, counted=150),
)  # fmt: skip

CASES = (*PARAMETERS, *USAGE, *ANSWERS, *REFUSALS, *WAITING)
