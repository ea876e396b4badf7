"""Which model server is meant, and with which key: read from the environment and checked before use."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit
from urllib.request import getproxies

from harness.errors import EnvironmentProblem, UserError
from harness.proposers.secrets import Secrets

OFFICIAL_URL = "https://api.openai.com/v1"
URL_VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_BASE")
NO_KEY = "none"
"""What a server that asks for no key is given."""
ENDPOINT = re.compile(r"/chat/completions/*$")
SECRET_PARAMETER = re.compile(r"key|token|secret|sig|pass|auth|credential|code", re.IGNORECASE)


@dataclass(frozen=True)
class Server:
    """An address and what is needed to speak to it."""

    url: str
    """Without a query."""
    query: tuple[tuple[str, str], ...]
    key: str
    organization: str | None
    project: str | None
    secrets: Secrets

    @property
    def shown(self) -> str:
        """The address for people: without a user, a password or a query."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    @property
    def lacks_key(self) -> bool:
        """Whether there is no key, and the server is not on this machine."""
        return self.key == NO_KEY and not _is_loopback(urlsplit(self.url).hostname or "")

    @property
    def versioned(self) -> bool:
        """Whether the address ends in a version, as nearly all do (`/v1`)."""
        return re.search(r"/v\d[^/]*(/openai)?/*$", urlsplit(self.url).path) is not None


def setting(name: str) -> str | None:
    """An environment variable without the white space around it (a file's line end); None if nothing is left."""
    return os.environ.get(name, "").strip().strip("\ufeff").strip() or None


def find_server(model: str, base_url: str | None = None, *, key_needed: bool = True) -> Server:
    """The server of `openai:MODEL`: `base_url`, else OPENAI_BASE_URL or OPENAI_API_BASE, else OpenAI's.

    UserError for an address that is none, EnvironmentProblem for a key that is unusable, or missing (a server
    on this machine can do without one).
    """
    name = next((variable for variable in URL_VARIABLES if setting(variable)), URL_VARIABLES[0])
    parts = _address((base_url or "").strip() or setting(name) or OFFICIAL_URL, name)
    key = _header("OPENAI_API_KEY")
    if key is None and key_needed and not _is_loopback(parts.hostname or ""):
        raise EnvironmentProblem(
            f"openai:{model} needs a key: set OPENAI_API_KEY (for another server also OPENAI_BASE_URL), "
            "or use --proposer grammar"
        )
    return Server(
        url=urlunsplit(parts._replace(path=ENDPOINT.sub("", parts.path), query="", fragment="")),
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        key=key or NO_KEY,
        organization=_header("OPENAI_ORG_ID"),
        project=_header("OPENAI_PROJECT_ID"),
        secrets=Secrets([key or "", *_in_address(parts), *_in_proxies(), *_in_headers()]),
    )


def _address(text: str, name: str) -> SplitResult:
    """An address in its parts. UserError for one that cannot be used, without what could be secret in it."""
    shown = re.sub(r"//[^/]*@", "//", re.sub(r"[?#].*", "", text, flags=re.DOTALL), flags=re.DOTALL)
    if "@" in shown:
        shown = "(it holds a password)"
    why = "is no address"
    try:
        parts = urlsplit(text)
        if any(c.isspace() or not c.isprintable() for c in text) or "\\" in text:
            why = "holds white space or control characters"
        elif parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0):
            _ = [ipaddress.ip_address(parts.hostname.partition("%")[0])] if "[" in parts.netloc else []
            parts.hostname.encode("idna")
            return parts
    except (ValueError, UnicodeError):
        why = "is no address: its host or its port cannot be"
    raise UserError(f"{name} {shown!r} {why}: expected for example http://localhost:8000/v1")


def _header(name: str) -> str | None:
    """A setting that travels in a header. EnvironmentProblem, which does not show it, if it cannot."""
    value = setting(name)
    if value is None or (value.isascii() and value.isprintable() and " " not in value):
        return value
    if not value.isascii():
        why = "a character outside ASCII"
    elif value.isprintable():
        why = "a space" + (" (leave `Bearer` out)" if value.lower().startswith("bearer ") else "")
    else:
        why = "a line end or another control character"
    raise EnvironmentProblem(
        f"{name} is not usable: expected letters, digits and signs in one piece, found {why} within its "
        f"{len(value)} characters; set it again"
    )


def _in_address(parts: SplitResult) -> Iterator[str]:
    user, password = parts.username or "", parts.password or ""
    yield from (user, unquote(user), password, unquote(password))
    if password:
        yield f"{unquote(user)}:{unquote(password)}"
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if SECRET_PARAMETER.search(name) and not SECRET_PARAMETER.fullmatch(value):
            yield value


def _in_proxies() -> Iterator[str]:
    for address in getproxies().values():
        found = re.search(r"//([^/@:]*):?([^/]*)@", address)
        if found:
            yield from (found[2], unquote(found[2]))


def _in_headers() -> Iterator[str]:
    """The client sends what OPENAI_CUSTOM_HEADERS holds, one `Name: value` a line."""
    for text in os.environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines():
        name, _, value = text.partition(":")
        if SECRET_PARAMETER.search(name):
            yield from (value.strip(), value.strip().rpartition(" ")[2])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
