"""When a request to a model server came to nothing: what happened, and what to do about it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.request import getproxies, proxy_bypass

import openai

from harness.proposers.completion import ServerError
from harness.proposers.refusals import Refusal, error_status, read_refusal
from harness.proposers.retry import asked_to_wait
from harness.proposers.secrets import Secrets
from harness.proposers.transport import DeadlinePassed, Unreadable
from harness.proposers.words import line

CHARGED_STATUS = (502, 504, 524)
"""A gateway gave up on a server that may have finished all the same."""
REFUSAL_STATUS = (400, 404, 413, 415, 422, 500, 501)
"""How servers refuse a parameter; llama.cpp has done it with 500."""
LONGEST_ERROR = 100_000
"""Characters of an error that are read."""
PASSING_STATUS = (408, 409, 425, 429)
NO_WORDS = Refusal("")


@dataclass(frozen=True)
class Trouble:
    """Why a request came to nothing."""

    reason: str
    """One line, without secrets."""
    retry: bool = False
    """Whether the same request may succeed later."""
    charged: bool = False
    """Whether the server may have billed it."""
    wait_s: float | None = None
    """How long the server asks to wait."""
    status: int | None = None
    refusal: Refusal = NO_WORDS
    timed_out: bool = False
    unreachable: bool = False
    """Whether there was no connection at all."""

    @property
    def too_large(self) -> bool:
        """Whether the server could accept a smaller request."""
        return self.status == 413 or (self.status in (400, 422, 429) and self.refusal.too_large)


def diagnose(error: Exception, sent: Collection[str], timeout_s: float, secrets: Secrets) -> Trouble:
    """What an exception of an exchange means; `sent` are the parameters of the request."""
    if isinstance(error, DeadlinePassed | openai.APITimeoutError):
        connected = error.sent if isinstance(error, DeadlinePassed) else "ConnectTimeout" not in _names(error)
        what = f"no answer within {timeout_s:g} s" if connected else "cannot connect (no reply)"
        return Trouble(what, True, charged=connected, timed_out=connected, unreachable=not connected)
    if isinstance(error, openai.APIConnectionError):
        return _of_connection(error, secrets)
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, sent, secrets)
    if isinstance(error, ServerError):
        return _of_error_in_answer(error, sent, secrets)
    if isinstance(error, Unreadable):
        return Trouble(f"the answer cannot be read: {error}", charged=True)
    if isinstance(error, UnicodeError) or not isinstance(error, ValueError):
        return Trouble(f"the request could not be sent ({type(error).__name__})")
    said = line(secrets.hidden(str(error)))
    return Trouble(f"the answer is no chat completion: {said}", retry=True, charged=True)


def _of_connection(error: openai.APIConnectionError, secrets: Secrets) -> Trouble:
    names = _names(error)
    said = line(secrets.hidden(str(error.__cause__ or error)))
    if "LocalProtocolError" in names or "UnsupportedProtocol" in names or "InvalidURL" in names:
        return Trouble("the request could not be sent: a setting holds what HTTP does not allow")
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)) or "SSL" in said:
        return Trouble(f"no secure connection ({said})")
    if "ProxyError" in names:
        return Trouble(f"the proxy {_proxy(error, secrets)} refuses ({said})")
    if "ConnectError" in names:
        proxy = _proxy(error, secrets)
        by = f" through the proxy {proxy}" if proxy else ""
        return Trouble(f"cannot connect{by} ({said})", retry=True, unreachable=True)
    return Trouble(f"the connection broke ({said})", retry=True, charged=True)


def _of_status(error: openai.APIStatusError, sent: Collection[str], secrets: Secrets) -> Trouble:
    status, headers = error.status_code, error.response.headers
    text = secrets.hidden(error.response.text[:LONGEST_ERROR])
    refusal = read_refusal(text, sent)
    reason = f"HTTP {status}: {line(refusal.words) or _phrase(status)}"
    if 300 <= status < 400:
        return Trouble(
            f"{reason}; it points to {line(secrets.hidden(headers.get('location', 'nowhere')))}",
            status=status,
        )
    if refusal.no_credit or status == 402:
        return Trouble(reason, status=status, refusal=_only_credit(refusal))
    passing = (status in PASSING_STATUS or status >= 500) and status not in (501, 505)
    passing &= not (status == 429 and refusal.too_large)
    return Trouble(
        reason,
        retry=passing,
        charged=status in CHARGED_STATUS,
        wait_s=asked_to_wait(headers, text) if passing else None,
        status=status,
        refusal=_blaming(refusal, status),
    )


def _of_error_in_answer(error: ServerError, sent: Collection[str], secrets: Secrets) -> Trouble:
    """An error with status 200. It is not charged: nothing was answered."""
    text = secrets.hidden(json.dumps(error.body))
    refusal = read_refusal(text, sent)
    status = error_status(error.body)
    retry = status in PASSING_STATUS or (status or 0) >= 500 or (status is None and refusal.passing)
    reason = f"an error instead of an answer: {line(refusal.words) or 'no words'}"
    if refusal.no_credit or status == 402:
        return Trouble(reason, status=status, refusal=_only_credit(refusal))
    return Trouble(
        reason,
        retry=retry,
        wait_s=asked_to_wait({}, text) if retry else None,
        status=status or (503 if retry else 400),
        refusal=_blaming(refusal, status or 400),
    )


def _blaming(refusal: Refusal, status: int) -> Refusal:
    """Without parameters where these are not at fault: a server that is busy or broke down may name them too."""
    if status not in (*REFUSAL_STATUS, 429):
        return Refusal(refusal.words)
    blames = refusal.refuses if status >= 500 else status != 429
    return refusal if blames else replace(refusal, parameters=())


def _only_credit(refusal: Refusal) -> Refusal:
    return Refusal(refusal.words, no_credit=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    for _ in range(8):
        if found is None:
            return
        yield found
        found = found.__cause__ or found.__context__


def _names(error: BaseException) -> str:
    return " ".join(type(cause).__name__ for cause in _causes(error))


def _proxy(error: openai.APIConnectionError, secrets: Secrets) -> str:
    """The proxy that a request went through, "" if none."""
    url, proxies = error.request.url, getproxies()
    if proxy_bypass(url.host):
        return ""
    return line(secrets.hidden(proxies.get(url.scheme) or proxies.get("all") or ""), 120)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "no words"
