"""Answers of a language model, over the chat-completions protocol that OpenAI defined and others speak."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from harness.errors import EnvironmentProblem
from harness.proposers.advice import advice
from harness.proposers.completion import Completion, parse, read_completion
from harness.proposers.contract import Answer, Request
from harness.proposers.diagnosis import Trouble, diagnose
from harness.proposers.dialect import Dialect, Options
from harness.proposers.interruption import Interrupted, Interruption
from harness.proposers.journal import Journal
from harness.proposers.limits import Limits
from harness.proposers.patience import Patience
from harness.proposers.prices import Price, check_money_limit
from harness.proposers.recorded import Recorded
from harness.proposers.server import Server
from harness.proposers.slots import Slots
from harness.proposers.tokens import count
from harness.proposers.transport import connect, exchange
from harness.proposers.words import line
from harness.proposers.worst_case import WorstCases

log = logging.getLogger(__name__)


class OpenAIProposer(Recorded):
    """One model on one server. Asks for all samples at once where the server can, else for as many as it can."""

    def __init__(
        self,
        model: str,
        journal: Journal,
        limits: Limits,
        server: Server,
        *,
        price: Price | None,
        timeout_s: float = 600.0,
        concurrency: int = 4,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        """UserError for a money limit without a price, or a journal of another proposer."""
        check_money_limit(model, limits, price)
        super().__init__(f"openai:{model}", journal)
        self._model = model
        self._limits = limits
        self._server = server
        self._timeout_s = timeout_s
        self._client = connect(server, timeout_s)
        self._interruption = Interruption(sleep)
        self._slots = Slots(concurrency, timeout_s, self._interruption)
        self._concurrency = concurrency
        self._where = f"the model server {server.shown}"
        self._dialect = Dialect(self._where, limits)
        self._worst = WorstCases(journal, limits, price)
        self._jitter = random.Random(0)
        self._answered = 0
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def stop(self, now: bool = False) -> None:
        """Send nothing more; `now` gives up the requests under way, else their answers are still journaled."""
        if self._slots.used and not now:
            log.warning(
                "%s: %d request(s) are under way and paid: waiting for the answers (Ctrl-C again drops them)",
                self._where,
                self._slots.used,
            )
        self._interruption.stop(now)

    def ask(self, request: Request, known: int) -> None:
        """As few requests as the server allows, side by side where several are needed.

        Under a limit the first one asks for a single answer: a server that ignores how long it may be shows that
        at the cost of one.
        """
        while (missing := request.samples - len(self.journal.answers(request.key))) > 0:
            if not self._worst.proven:
                self._exchange(request, 1)
                continue
            most = self._dialect.batch(missing)
            sizes = [min(most, missing - start) for start in range(0, missing, most)]
            if len(sizes) == 1:
                self._exchange(request, missing)
                continue
            pool = ThreadPoolExecutor(min(len(sizes), self._concurrency))
            try:
                parts = [pool.submit(self._exchange, request, size) for size in sizes]
                wait(parts, return_when=FIRST_EXCEPTION)
            finally:
                pool.shutdown(cancel_futures=True)
            for part in parts:
                if not part.cancelled():
                    part.result()

    def _exchange(self, request: Request, samples: int) -> None:
        """Bring at most `samples` answers into the journal, trying again where that can help.

        Leaves without any if the server does not give so many at once. LimitReached before a request that could
        pass a limit, Interrupted before one that the user does not want, EnvironmentProblem if the server does
        not answer.
        """
        patience = Patience(self._jitter, self._answered)
        part: int | None = None
        while True:
            with self._closing(request, part):
                slots = self._slots.enter()
            started = time.monotonic()
            try:
                options = self._dialect.options(samples, request.temperature)
                messages = self._dialect.messages(request.messages)
                if part is None:
                    worst = self._worst.of(messages, samples)
                    part = self.journal.request(request.key, samples, messages, worst, self._limits, options)
                trouble = self._attempt(request, part, samples, messages, options)
                if trouble is None:
                    self._slots.answered(time.monotonic() - started, slots)
                elif trouble.timed_out and self._slots.timed_out():
                    log.warning("%s: one request at a time from now on (%s)", self._where, trouble.reason)
            finally:  # when it was dropped, it stays open in the journal and counts with its worst case
                self._slots.leave()
            if trouble is None:
                return
            system = messages[0]["role"] == "system"
            other_form = self._dialect.learn(trouble, options, samples, system)
            wait_s = patience.after(trouble, time.monotonic() - started, self._answered)
            if other_form or trouble.charged or wait_s is None:
                self.journal.failure(request.key, part, trouble.reason, trouble.charged)
                part = None
            if other_form and samples > self._dialect.batch(samples):
                return
            if other_form:
                continue
            if wait_s is None:
                raise self._given_up(trouble, patience, request)
            self._say_waiting(trouble)
            with self._closing(request, part):
                self._interruption.wait(wait_s)

    @contextmanager
    def _closing(self, request: Request, part: int | None) -> Iterator[None]:
        """While a request waits to be sent (again): an interruption costs nothing."""
        try:
            yield
        except Interrupted:
            if part is not None:
                self.journal.failure(request.key, part, "interrupted", charged=False)
            raise

    def _attempt(
        self, request: Request, part: int, samples: int, messages: list[dict[str, str]], options: Options
    ) -> Trouble | None:
        """Send once. The answers go into the journal; else what the trouble is."""

        def send() -> Any:
            raw: Any = self._client.chat.completions.with_raw_response
            return raw.create(model=self._model, messages=messages, **options)

        sent = [*options, *(["system"] if messages[0]["role"] == "system" else [])]
        try:
            body, _ = exchange(send, self._timeout_s, lambda: self._interruption.dropping)
            completion = read_completion(parse(body), self._limits.max_completion_tokens)
        except Interrupted:
            raise
        except Exception as error:  # whatever a client, a proxy or a server comes up with
            return diagnose(error, sent, self._timeout_s, self._server.secrets)
        self._take(request, part, samples, messages, options, completion)
        return None

    def _take(
        self,
        request: Request,
        part: int,
        samples: int,
        messages: list[dict[str, str]],
        options: Options,
        completion: Completion,
    ) -> None:
        """Count and journal what came, and say what is odd about it."""
        allowed = self._limits.max_completion_tokens
        usage = count(completion.usage, messages, completion.texts, completion.cut_off, allowed)
        answers = [self._discreet(answer) for answer in completion.answers[:samples]]
        model = line(self._server.secrets.hidden(completion.model), 200) or self._model
        cost = self._worst.cost(usage["prompt_tokens"], usage["completion_tokens"])
        longest = self._worst.learn(usage, len(completion.answers))
        self.journal.response(request.key, part, answers, usage, cost, model)
        self._answered += 1
        self._dialect.fewer_came(samples, len(answers))
        self._dialect.length_ignored(options, longest)
        for answer in answers:
            if answer.note:
                log.warning("%s: an answer: %s", request.where, answer.note)
        for warning in self._worst.warnings(completion.usage, messages, self.journal.spending):
            self._say_once(warning)

    def _discreet(self, answer: Answer) -> Answer:
        """Without the key, should the server repeat it."""
        hidden = self._server.secrets.hidden
        reason = hidden(answer.finish_reason)
        return replace(answer, text=hidden(answer.text), finish_reason=reason, note=hidden(answer.note))

    def _say_waiting(self, trouble: Trouble) -> None:
        self._say_once(f"{trouble.reason}; it is asked again until it answers")

    def _say_once(self, what: str) -> None:
        with self._lock:
            new = what not in self._said
            self._said.add(what)
        if new:
            log.warning("%s: %s", self._where, what)

    def _given_up(self, trouble: Trouble, patience: Patience, request: Request) -> EnvironmentProblem:
        why = trouble.reason
        if patience.asked_too_long is not None:
            return EnvironmentProblem(
                f"{self._where} asks to wait {patience.asked_too_long:.0f} s ({why}): run again later"
            )
        if trouble.retry:
            hint = f"raise --timeout (it is {self._timeout_s:g} s), or " if trouble.timed_out else ""
            if trouble.charged and not trouble.timed_out and not self._answered:
                ending = "" if self._server.versioned else " (it usually ends in /v1)"
                hint = f"check OPENAI_BASE_URL{ending}, then "
            if trouble.unreachable and not self._answered:
                proxy = ", the proxy's setting" if "through the proxy" in why else ""
                hint = f"check OPENAI_BASE_URL{proxy} and that the server runs, then "
            return EnvironmentProblem(
                f"{self._where} gave no answer {patience}, at last: {why}; {hint}run again to resume"
            )
        allowed = self._limits.max_completion_tokens
        hint = advice(trouble, self._server, request.messages, allowed)
        return EnvironmentProblem(f"{self._where} refuses {self.name}: {why}; {hint}")
