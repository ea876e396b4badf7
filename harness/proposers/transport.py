"""One HTTP exchange of the official client: with a deadline, a cap on the answer, and a way to give it up."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import openai

from harness.errors import EnvironmentProblem
from harness.proposers.interruption import POLL_S, Interrupted
from harness.proposers.server import Server
from harness.proposers.words import line

LARGEST_BODY = 8 * 2**20
"""Bytes of an answer, packed or unpacked. The longest real ones have a few hundred thousand."""
CONNECT_S = 30.0
GRACE_S = 1.0
"""What a request may take longer than its deadline, for the client's own time-out to say it better."""
HEADERS = {"Accept-Encoding": "identity", "Connection": "close"}
"""Nothing to unpack, and no reused connection that the server has closed in the meantime."""


class DeadlinePassed(Exception):
    """The answer was not complete in time."""

    def __init__(self, sent: bool) -> None:
        super().__init__()
        self.sent = sent


class Unreadable(ValueError):
    """The answer's body cannot be taken in."""


@dataclass
class Call:
    """A request under way: what it needs to be given up from another thread."""

    abandoned: bool = False
    sockets: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def trace(self, event: str, about: Mapping[str, Any]) -> None:
        """Told by the HTTP client what it does (its `trace` extension): keeps the sockets it opens."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            found = about["return_value"].get_extra_info("socket")
            if isinstance(found, socket.socket):
                with self._lock:
                    self.sockets.append(found)
                    if self.abandoned:
                        _hang_up(found)

    def abandon(self) -> None:
        """End it: whatever waits for its socket wakes up with an error."""
        with self._lock:
            self.abandoned = True
            for opened in self.sockets:
                _hang_up(opened)


class _CappedClient(openai.DefaultHttpxClient):
    """Reads at most LARGEST_BODY bytes of an answer, before anything else sees it."""

    current = threading.local()

    def send(self, request: Any, **options: Any) -> Any:
        """As in the class above, but with the body already read."""
        call: Call | None = getattr(self.current, "call", None)
        if call is not None:
            request.extensions = {**request.extensions, "trace": call.trace}
        response = super().send(request, **{**options, "stream": True})
        try:
            body = _read(response)
        finally:
            response.close()
        dropped = ("content-encoding", "transfer-encoding", "content-length")
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in dropped]
        return type(response)(response.status_code, headers=headers, content=body, request=request)


def connect(server: Server, timeout_s: float) -> openai.OpenAI:
    """The official client. EnvironmentProblem if this machine's proxies or certificates are unusable."""
    try:
        return openai.OpenAI(
            api_key=server.key,
            organization=server.organization,
            project=server.project,
            base_url=server.url,
            default_query=dict(server.query),
            default_headers=HEADERS,
            timeout=openai.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S)),
            max_retries=0,
            http_client=_CappedClient(follow_redirects=False),
        )
    except Exception as error:  # the settings of this machine, in as many ways as there are settings
        why = line(server.secrets.hidden(f"{type(error).__name__}: {error}"))
        if isinstance(error, ImportError):
            what = "a SOCKS proxy needs the package socksio: pip install socksio, or unset ALL_PROXY"
        elif isinstance(error, OSError):
            what = "check that SSL_CERT_FILE and SSL_CERT_DIR name existing certificates, or unset them"
        else:
            what = "check OPENAI_BASE_URL and the proxies in HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY"
        raise EnvironmentProblem(f"cannot speak to {server.shown} ({why}): {what}") from None


def exchange(
    send: Callable[[], Any], timeout_s: float, dropping: Callable[[], bool] = lambda: False
) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers of a raw response that `send` brings.

    It runs in a thread of its own, so that it ends in time whatever the server does: DeadlinePassed after
    `timeout_s` seconds, Interrupted when `dropping()`. What `send` raises is raised here.
    """
    call = Call()
    outcome: list[Any] = []
    done = threading.Event()

    def work() -> None:
        _CappedClient.current.call = call
        try:
            outcome.append(send())
        except BaseException as error:
            outcome.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="request", daemon=True).start()
    deadline = time.monotonic() + timeout_s + GRACE_S
    while not done.wait(POLL_S):
        if dropping():
            call.abandon()
            raise Interrupted
        if time.monotonic() > deadline:
            call.abandon()
            raise DeadlinePassed(sent=bool(call.sockets))
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    return found.content, found.headers


def _read(response: Any) -> bytes:
    """The unpacked body. Unreadable if it is too large; of an error's, the beginning is enough."""
    data = b""
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > LARGEST_BODY:
            break
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing in ("gzip", "x-gzip", "deflate"):
        data = _unpacked(data)
    elif packing not in ("identity", ""):
        data = b"" if response.status_code >= 300 else _unreadable(f"it is packed as {line(packing, 20)}")
    if len(data) > LARGEST_BODY and response.status_code < 300:
        _unreadable(f"it is larger than {LARGEST_BODY // 2**20} MB")
    return data[:LARGEST_BODY]


def _unpacked(data: bytes) -> bytes:
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # gzip or zlib, then bare deflate
        with suppress(zlib.error):
            return zlib.decompressobj(window).decompress(data, LARGEST_BODY + 1)
    return _unreadable("it does not unpack")


def _unreadable(why: str) -> bytes:
    raise Unreadable(why)


def _hang_up(opened: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)  # not TLS's own, which would wait for the other side
