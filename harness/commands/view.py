"""`view`: the page of a run, served on this machine alone and renewed while the run goes on."""

from __future__ import annotations

import argparse
import html
import mimetypes
import sys
import threading
import time
import urllib.parse
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from harness import terminal
from harness.errors import EnvironmentProblem, UserError
from harness.importing import importing

HOST: Final = "127.0.0.1"
NAMES: Final = (HOST, "localhost")
"""What a browser may call this machine: another name is that of a site which only points here."""
EVERY_S = 5.0
"""A page is made anew at most this often."""
REST = 4.0
"""For each second that this takes, so many are left to others, the run itself among them."""
RELOAD_S: Final = 15
"""A browser asks again after this long, while something of the run is missing."""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
PLACES: Final = ("tables", "figures")
"""Folders of a report."""
WATCHED: Final = (
    "run.json",
    "journal.jsonl",
    "searches/*/search.json",
    "trials/*/done.json",
    "trials/*/rollout.webp",
)
PROBLEM: Final = '<p style="border: 2px solid; padding: .6rem 1rem; max-width: none"><b>{}</b></p>'
EMPTY: Final = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Reward design</title></head>\n'
    '<body style="font-family: sans-serif; margin: 2rem"><main>\n</main></body></html>\n'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `view`."""
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder, of a run that may be going on")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def execute(options: argparse.Namespace, console: Console) -> int:
    """Serve until Ctrl-C."""
    pages = Pages(options.run)
    with serving(pages, options.port) as address, suppress(KeyboardInterrupt):
        console.print(f"{address} (Ctrl-C ends it)", soft_wrap=True, highlight=False, markup=False)
        if options.open:
            webbrowser.open(address)
        pages.make_when_asked()
    return 0


class Pages:
    """The report of a run folder, made anew when somebody asks and the run has changed.

    Made by the thread that calls `make_when_asked`, so that Ctrl-C ends it in the middle and leaves nothing behind.
    """

    def __init__(self, run: Path) -> None:
        """UserError if `run` is no folder of a run, or its report is elsewhere."""
        if not (run / "run.json").is_file():
            raise UserError(
                f"{run} is not a run folder: it has no run.json; give the folder that `run` wrote"
            )
        self.run = run
        self.report = run / "report"
        for place in (self.report, *(self.report / name for name in PLACES)):
            if place.is_symlink():
                raise UserError(
                    f"{place} is a link: `view` writes and serves inside the run's report only; remove it"
                )
        self.problem = ""
        """Why the page is not of the present state."""
        self.goes_on = True
        """Whether something of the run is missing, as far as is known."""
        self._asked = threading.Event()
        self._made = threading.Condition()
        self._round = 0
        self._state: object = None
        self._next = 0.0

    def page(self) -> bytes:
        """The page as it is now, with a line above if it could not be renewed."""
        with self._made:
            seen = self._round
            self._asked.set()
            self._made.wait_for(lambda: self._round > seen)
        file = self.report / "index.html"
        page = file.read_text(encoding="utf-8") if file.is_file() and not file.is_symlink() else EMPTY
        if self.problem:
            page = page.replace("<main>", f"<main>{PROBLEM.format(html.escape(self.problem))}", 1)
        return page.encode()

    def make_when_asked(self) -> None:
        """Renew the page whenever one is asked for, for ever."""
        while True:
            terminal.wait(self._asked.wait)
            self._asked.clear()
            self.renew()
            with self._made:
                self._round += 1
                self._made.notify_all()

    def renew(self) -> None:
        """Make the report anew if the run has changed since, and it is not too soon."""
        began = time.monotonic()
        state = self.state()
        if state == self._state or began < self._next:
            return
        try:
            self.goes_on = make(self.run, self.report)
            self.problem = ""
        except UserError as error:
            self.goes_on, self.problem = True, " ".join(str(error).split("\n"))
        except OSError as error:  # a file went while it was read
            self.goes_on, self.problem = True, f"cannot read the run ({error.strerror or error})"
        self._state = None if self.problem else state
        self._next = time.monotonic() + max(EVERY_S, REST * (time.monotonic() - began))

    def state(self) -> object:
        """Something that differs when files of the run have come, gone or changed."""
        found = []
        for pattern in WATCHED:
            for file in self.run.glob(pattern):
                try:
                    about = file.stat()
                except OSError:
                    continue
                found.append((str(file), about.st_mtime_ns, about.st_size))
        return sorted(found)


def make(run: Path, report: Path) -> bool:
    """Write the report; whether something that was asked for has not been done."""
    with importing():  # the plotting libraries take seconds
        from harness.scoring.merge import read_runs
        from harness.scoring.scores import tally
        from reports.content import make_content
        from reports.write import write_content

    made = make_content(read_runs([run]))
    write_content(made, report)
    data = made.analysis.run
    tallies = [tally(data, task, method) for task in data.tasks for method in data.methods]
    return any(found.missing or found.missing_searches for found in tallies)


class Server(ThreadingHTTPServer):
    """One that does not mind a browser that has gone."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless it is only that nobody listens any more."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


@contextmanager
def serving(pages: Pages, port: int) -> Iterator[str]:
    """Serve these pages from threads; gives their address. EnvironmentProblem if the port cannot be had."""
    if not 0 <= port <= 65535:
        raise UserError(f"--port: expected a number from 0 to 65535, found {port}")
    try:
        server = Server((HOST, port), handler(pages))
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot listen on {HOST}:{port} ({error.strerror}): choose another --port, or leave it out"
        ) from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    """What answers a request: the page, or another file of the report."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "eureka-harness", ""
        timeout = 60

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a terminal is no log."""

        def _answer(self, *, body: bool) -> None:
            if self.headers.get("Host", "").partition(":")[0] not in NAMES:
                self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "this server is for its own machine alone")
                return
            place = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
            if place in ("/", "/index.html"):
                data, kind = pages.page(), "text/html; charset=utf-8"
            else:
                found = content(pages.report, place)
                if found is None:
                    self.send_error(HTTPStatus.NOT_FOUND)
                    return
                data, kind = found, mimetypes.guess_type(place)[0] or "application/octet-stream"
            self.send_response(HTTPStatus.OK)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            if kind.startswith("text/html") and pages.goes_on:
                self.send_header("Refresh", str(RELOAD_S))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data)

    return Handler


def content(folder: Path, place: str) -> bytes | None:
    """The file of a folder at a path that a stranger asks for; None if there is none, or if a link leads elsewhere."""
    try:
        root = folder.resolve()
        file = (root / place.lstrip("/")).resolve()
        return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError, RuntimeError):  # gone, too long, a null byte, a loop of links
        return None
