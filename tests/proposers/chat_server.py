"""A chat-completions server on loopback that does as it is told.

    with ChatServer([limited(retry_after="2"), broken(500)], then=good()) as server:
        make_proposer("openai:some-model", journal, base_url=server.url)   # or OPENAI_BASE_URL=server.url
        ...
    server.requests     # the JSON bodies that arrived, in order
    server.headers      # their headers, names in lower case
    server.bill         # tokens that a provider would charge for: of every answer made, also undelivered ones
    server.most_at_once # requests that it worked on at the same time

The script is a list of replies, one for each request in order of arrival; `then` answers after its end.

    good(text, ...)      as many choices as asked for; the texts in turn (default: a reward for cartpole)
    fewer(k)             at most k choices, whatever was asked for
    one_only()           400 for n > 1 that names `n` (or another status and message), else good
    unknown_parameter(p) 400 that names parameter `p` if the request has it, else good
    empty()              choices without content
    nothing()            200 with no choices at all
    truncated()          a program that stops in the middle, finish_reason `length`
    slow(seconds)        good, after a while
    limited(after)       429 with that Retry-After header (seconds or HTTP date; None for no header)
    broken(status)       a server error
    refused(status, ..)  a client error: 401, 403, 404, ...
    uncounted()          good, without usage
    malformed()          200 with a body that is no JSON
    hung_up()            the connection is closed without an answer
    says(status, body)   that body (text, or a value to be written as JSON), with these headers
    choices(*choices)    200 with these choices, whatever was asked for
    message(**fields)    200 with one choice whose message has these fields (finish_reason=...)
    reported(usage)      good, with this `usage` (a value, or JSON text as it is: `NaN`)
    dripping(seconds)    good, one byte at a time with so many seconds between
    packed(size)         a body that unpacks to `size` bytes
    echo(status)         an error that repeats the request's headers
    picky(check)         what check(request body) returns, or good where it returns None

`good(answer=f)` calls f(request body, number of the choice in this server's life) for each text, which lets a
script depend on what was asked. Token counts: 100 for each prompt, 50 for each choice (or `tokens=(p, c)`).
"""

from __future__ import annotations

import itertools
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

REWARD = """The pole should stay upright.

```python
def compute_reward(dof_pos: Tensor, dof_vel: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    upright = torch.exp(-dof_pos[:, 1].abs() / 0.5)
    calm = -0.01 * dof_vel.abs().sum(dim=-1)
    return upright + calm, {"upright": upright, "calm": calm}
```
"""
UNSUPPORTED = "Unsupported parameter: '{}' is not supported with this model."


@dataclass(frozen=True)
class Reply:
    """How to answer one request. Made by the functions below."""

    texts: tuple[str, ...] = (REWARD,)
    answer: Callable[[dict[str, Any], int], str] | None = None
    finish_reason: str = "stop"
    most: int | None = None
    rejects: str | None = None
    refusal: tuple[int, str] = (400, "")
    counted: bool = True
    tokens: tuple[int, int] = (100, 50)
    status: int = 200
    message: str = ""
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    turn: Any = None
    body: bytes | None = None
    hang_up: bool = False
    choices: tuple[Any, ...] | None = None
    usage: Any = None
    model: Any = None
    drip_s: float = 0.0
    made: Callable[[dict[str, Any], dict[str, str]], bytes] | None = None
    check: Callable[[dict[str, Any]], Reply | None] | None = None


def good(*texts: str, answer: Callable[[dict[str, Any], int], str] | None = None, **changes: Any) -> Reply:
    return Reply(texts=texts or (REWARD,), answer=answer, **changes)


def fewer(choices: int) -> Reply:
    return Reply(most=choices)


def one_only(reply: Reply = Reply(), status: int = 400, message: str = UNSUPPORTED.format("n")) -> Reply:
    return replace(reply, rejects="n", refusal=(status, message))


def unknown_parameter(name: str) -> Reply:
    return Reply(rejects=name, refusal=(400, UNSUPPORTED.format(name)))


def empty() -> Reply:
    return Reply(texts=("",))


def nothing() -> Reply:
    return Reply(most=0)


def truncated() -> Reply:
    return Reply(texts=(REWARD[: len(REWARD) // 2],), finish_reason="length")


def slow(seconds: float) -> Reply:
    return Reply(delay_s=seconds)


def limited(after: str | None = None) -> Reply:
    headers = {} if after is None else {"Retry-After": after}
    return Reply(status=429, message="Rate limit reached", code="rate_limit_exceeded", headers=headers)


def broken(status: int = 500) -> Reply:
    return Reply(status=status, message="The server had an error")


def refused(status: int, message: str, code: str | None = None) -> Reply:
    return Reply(status=status, message=message, code=code)


def uncounted() -> Reply:
    return Reply(counted=False)


def malformed() -> Reply:
    return Reply(body=b'{"id": "chatcmpl-1", "choices": [{"ind')


def hung_up() -> Reply:
    return Reply(hang_up=True)


def says(status: int, body: Any, content_type: str = "application/json", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body=data, headers={"Content-Type": content_type, **named})


def choices(*choices: Any, **changes: Any) -> Reply:
    return Reply(choices=choices, **changes)


def message(finish_reason: Any = "stop", tokens: tuple[int, int] = (100, 50), **fields: Any) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", **fields}, "finish_reason": finish_reason}
    return Reply(choices=(choice,), tokens=tokens)


def reported(
    usage: Any, text: str = "x" * 400, tokens: tuple[int, int] = (100, 100), **changes: Any
) -> Reply:
    return Reply(texts=(text,), usage=usage, tokens=tokens, **changes)


def dripping(seconds: float) -> Reply:
    return Reply(drip_s=seconds)


def packed(size: int, status: int = 200) -> Reply:
    packer = zlib.compressobj(wbits=31)
    body = b"".join(packer.compress(b" " * 2**20) for _ in range(size // 2**20)) + packer.flush()
    return Reply(status=status, body=body, headers={"Content-Encoding": "gzip"})


def echo(status: int = 401, before: str = "x" * 280) -> Reply:
    def made(request: dict[str, Any], headers: dict[str, str]) -> bytes:
        return json.dumps({"error": {"message": f"{before} {headers}"}}).encode()

    return Reply(status=status, made=made)


def picky(check: Callable[[dict[str, Any]], Reply | None], reply: Reply = Reply()) -> Reply:
    return replace(reply, check=check)


class ChatServer:
    """Serves on a free port of 127.0.0.1 while it is entered."""

    def __init__(self, script: Iterable[Reply] = (), then: Reply = Reply()) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bill = 0
        self.most_at_once = 0
        self._at_once = 0
        self._script = itertools.chain(script, itertools.repeat(then))
        self._choices = itertools.count()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """For `base_url` or OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, request: dict[str, Any], headers: dict[str, str]) -> tuple[Reply, bytes]:
        """Note a request; the reply that is due, and its body."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.requests.append(request)
            self.headers.append(headers)
            reply = next(self._script)
            asked = request.get("n") or 1
            reply = (reply.check and reply.check(request)) or reply
            if reply.rejects in request and not (reply.rejects == "n" and asked == 1):
                reply = refused(*reply.refusal)
            if reply.status != 200:
                made = reply.made(request, headers) if reply.made else reply.body
                return reply, _error(reply) if made is None else made
            count = (
                len(reply.choices)
                if reply.choices is not None
                else asked
                if reply.most is None
                else min(asked, reply.most)
            )
            if reply.body is not None and b'"error"' in reply.body:
                return reply, reply.body
            self.bill += reply.tokens[0] + count * reply.tokens[1]
            if reply.body is not None:
                return reply, reply.body
            if reply.made is not None:
                return reply, reply.made(request, headers)
            return reply, _completion(request, reply, count, self._choices)

    def done(self) -> None:
        """Note that a reply is about to be sent."""
        with self._lock:
            self._at_once -= 1


class _Handler(BaseHTTPRequestHandler):
    owner: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        reply, body = self.owner.take(
            json.loads(content), {name.lower(): value for name, value in self.headers.items()}
        )
        with reply.turn or nullcontext():  # a lock: one request at a time
            time.sleep(reply.delay_s)
        self.owner.done()
        if reply.hang_up:
            self.close_connection = True
            return
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for start in range(0, len(body) if reply.drip_s else 0):
                self.wfile.write(body[start : start + 1])
                time.sleep(reply.drip_s)
            self.wfile.write(b"" if reply.drip_s else body)
        except OSError:  # the client has gone
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _completion(request: dict[str, Any], reply: Reply, count: int, numbers: Iterable[int]) -> bytes:
    choices = list(reply.choices or ())
    for index, number in zip(range(0 if choices else count), numbers, strict=False):
        text = reply.answer(request, number) if reply.answer else reply.texts[index % len(reply.texts)]
        message = {"role": "assistant", "content": text or None}
        choices.append({"index": index, "message": message, "finish_reason": reply.finish_reason})
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"] if reply.model is None else reply.model,
        "choices": choices,
    }
    if isinstance(reply.usage, str):
        return json.dumps(body | {"usage": "HERE"}).replace('"HERE"', reply.usage).encode()
    if reply.usage is not None:
        body["usage"] = reply.usage
    elif reply.counted:
        prompt, completion = reply.tokens[0], reply.tokens[1] * count
        body["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
    return json.dumps(body).encode()


def _error(reply: Reply) -> bytes:
    return json.dumps({"error": {"message": reply.message, "type": "error", "code": reply.code}}).encode()
