"""Answers of a language model, over the chat-completions protocol that OpenAI defined and others speak."""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any

import openai

from harness.errors import EnvironmentProblem, UserError
from harness.proposers.contract import Answer, Request
from harness.proposers.entries import Usage
from harness.proposers.journal import Journal
from harness.proposers.limits import Cost, Limits
from harness.proposers.prices import Price
from harness.proposers.recorded import Recorded
from harness.proposers.retry import ATTEMPTS, LONGEST_WAIT_S, Trouble, backoff, diagnose

CHARACTERS_PER_TOKEN = 4
"""Of English and code, on average: for servers that do not count."""
BYTES_PER_TOKEN_AT_WORST = 2
TOKENS_PER_MESSAGE = 16
"""More than any chat format adds to a message."""


class OpenAIProposer(Recorded):
    """One model on one server. Asks for all samples at once where the server can, else one by one."""

    def __init__(
        self,
        model: str,
        journal: Journal,
        limits: Limits,
        *,
        api_key: str,
        base_url: str,
        price: Price | None,
        temperature: float = 1.0,
        timeout_s: float = 120.0,
        concurrency: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """UserError for a money limit without a price, or a journal of another proposer."""
        if limits.max_usd is not None and price is None:
            raise UserError(
                f"--max-usd needs the price of {model!r}, which is unknown: put "
                f'{{"{model}": {{"prompt": USD, "completion": USD}}}} per million tokens into a file '
                "and give it as --prices FILE"
            )
        super().__init__(f"openai:{model}", journal)
        self._model = model
        self._limits = limits
        self._price = price
        self._temperature = temperature
        self._timeout_s = timeout_s
        self._url = re.sub(r"//[^/@]*@", "//", base_url)  # without a password
        self._key = api_key
        self._client = openai.OpenAI(api_key=api_key, base_url=base_url, timeout=timeout_s, max_retries=0)
        self._sleep = sleep
        self._jitter = random.Random(0)
        self._concurrency = concurrency
        self._slots = threading.BoundedSemaphore(concurrency)
        self._one_by_one = False
        self._length_parameter = "max_completion_tokens"

    def ask(self, request: Request, known: int) -> None:
        """One request for all that is missing, then single ones for what the server left out."""
        missing = request.samples - known
        if missing > 1 and not self._one_by_one:
            self._exchange(request, missing)
            missing = request.samples - len(self.journal.answers(request.key))
        if missing <= 0:
            return
        pool = ThreadPoolExecutor(min(missing, self._concurrency))
        try:
            singles = [pool.submit(self._exchange, request, 1) for _ in range(missing)]
            wait(singles, return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(cancel_futures=True)
        for single in singles:
            if not single.cancelled():
                single.result()

    def _exchange(self, request: Request, samples: int) -> None:
        """Bring at most `samples` answers into the journal, trying again where that can help.

        Leaves without any if the server cannot answer several times at once. LimitReached before a request
        that could pass a limit; EnvironmentProblem if the server does not answer.
        """
        key, part = request.key, None
        for attempt in range(ATTEMPTS):
            if part is None:
                worst = self._worst_case(request.messages, samples)
                part = self.journal.request(key, samples, request.messages, worst, self._limits)
            length_parameter = self._length_parameter
            try:
                completion = self._complete(request.messages, samples, length_parameter)
                answers = _answers(completion)[:samples]
            except (openai.OpenAIError, ValueError) as error:
                trouble = self._discreet(diagnose(error, self._timeout_s))
            else:
                usage = _usage(completion, request.messages, answers)
                cost = self._cost(usage["prompt_tokens"], usage["completion_tokens"])
                model = str(getattr(completion, "model", None) or self._model)
                self.journal.response(key, part, answers, usage, cost, model)
                self._one_by_one |= len(answers) < samples
                return
            if trouble.rejects == "n" and samples > 1:
                self.journal.failure(key, part, trouble.reason, charged=False)
                self._one_by_one = True
                return
            if trouble.rejects == length_parameter == "max_completion_tokens":
                self._length_parameter = "max_tokens"
                continue
            wait_s = backoff(attempt, self._jitter) if trouble.wait_s is None else trouble.wait_s
            final = not trouble.retry or attempt == ATTEMPTS - 1 or wait_s > LONGEST_WAIT_S
            if final or trouble.charged:
                self.journal.failure(key, part, trouble.reason, trouble.charged)
                part = None
            if final:
                raise self._given_up(trouble, attempt + 1, wait_s)
            self._sleep(wait_s)

    def _complete(self, messages: list[dict[str, str]], samples: int, length_parameter: str) -> Any:
        """The raw exchange; ValueError for a body that is no JSON object."""
        options: dict[str, Any] = {length_parameter: self._limits.max_completion_tokens}
        if samples > 1:
            options["n"] = samples
        with self._slots:
            completion: Any = self._client.chat.completions.create(
                model=self._model,
                messages=messages,  # type: ignore[arg-type]
                temperature=self._temperature,
                **options,
            )
        if isinstance(completion, str) or completion is None:
            raise ValueError(f"found {completion!r}")
        return completion

    def _worst_case(self, messages: list[dict[str, str]], samples: int) -> Cost:
        size = sum(len(message["content"].encode()) for message in messages)
        prompt = math.ceil(size / BYTES_PER_TOKEN_AT_WORST) + TOKENS_PER_MESSAGE * len(messages)
        completion = samples * self._limits.max_completion_tokens
        return Cost(prompt + completion, self._cost(prompt, completion) or 0.0)

    def _cost(self, prompt: int, completion: int) -> float | None:
        return None if self._price is None else self._price.cost(prompt, completion)

    def _discreet(self, trouble: Trouble) -> Trouble:
        """Without the key, should the server repeat it."""
        return Trouble(**{**vars(trouble), "reason": trouble.reason.replace(self._key, "***")})

    def _given_up(self, trouble: Trouble, attempts: int, wait_s: float) -> EnvironmentProblem:
        where, why = f"the model server {self._url}", trouble.reason
        if trouble.retry and wait_s > LONGEST_WAIT_S:
            return EnvironmentProblem(f"{where} asks to wait {wait_s:.0f} s ({why}): run again later")
        if trouble.retry:
            return EnvironmentProblem(
                f"{where} gave no answer in {attempts} attempts, at last: {why}; run again to resume"
            )
        return EnvironmentProblem(
            f"{where} refuses {self.name}: {why}; "
            "check OPENAI_API_KEY, OPENAI_BASE_URL and the model in --proposer openai:MODEL"
        )


def _answers(completion: Any) -> list[Answer]:
    """The choices by index, empty and cut-off ones included. ValueError if there are none."""
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise ValueError(f"no choices: {getattr(completion, 'error', None) or 'nothing else said'}")
    answers = []
    for choice in sorted(choices, key=lambda choice: getattr(choice, "index", None) or 0):
        message = getattr(choice, "message", None)
        text = getattr(message, "content", None) or getattr(message, "refusal", None) or ""
        answers.append(Answer(str(text), str(getattr(choice, "finish_reason", None) or "unknown")))
    return answers


def _usage(completion: Any, messages: list[dict[str, str]], answers: list[Answer]) -> Usage:
    """The tokens that the server counted, or an estimate."""
    reported = getattr(completion, "usage", None)
    prompt, answered = getattr(reported, "prompt_tokens", None), getattr(reported, "completion_tokens", None)
    if isinstance(prompt, int) and isinstance(answered, int):
        return {"prompt_tokens": prompt, "completion_tokens": answered}
    asked = sum(len(message["content"]) for message in messages)
    written = sum(len(answer.text) for answer in answers)
    return {
        "prompt_tokens": math.ceil(asked / CHARACTERS_PER_TOKEN),
        "completion_tokens": math.ceil(written / CHARACTERS_PER_TOKEN),
        "estimated": True,
    }
