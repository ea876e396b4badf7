"""What one server understands: learned from its refusals, once for a whole run and all of its threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from harness.proposers.diagnosis import Trouble
from harness.proposers.limits import Limits
from harness.proposers.refusals import LENGTH_PARAMETERS
from harness.proposers.words import line

log = logging.getLogger(__name__)

FAR_MORE = 1.5
"""An answer so many times longer than allowed means that the server ignores the limit."""

Options = dict[str, int | float]


class Dialect:
    """Turns a request into parameters that the server accepts."""

    def __init__(self, where: str, limits: Limits) -> None:
        self._where = where
        self._limits = limits
        self._refused: set[str] = set()
        self._length: str | None = LENGTH_PARAMETERS[0]
        self._length_ignored: set[str] = set()
        self._most = 0
        """Answers of one request, at most; 0 for no bound."""
        self._slow: set[int] = set()
        """Numbers of answers that took too long once."""
        self._merged = False
        self._lock = threading.Lock()

    def batch(self, missing: int) -> int:
        """How many of `missing` answers to ask for at once."""
        return min(missing, self._most) if self._most else missing

    def options(self, samples: int, temperature: float | None) -> Options:
        """The parameters of a request, beside model and messages."""
        with self._lock:
            found: Options = {}
            if temperature is not None and "temperature" not in self._refused:
                found["temperature"] = temperature
            if self._length is not None:
                found[self._length] = self._limits.max_completion_tokens
            if samples > 1:
                found["n"] = samples
            return found

    def messages(self, messages: list[dict[str, str]]) -> list[dict[str, str]]:
        """As the server takes them: none is empty, and no system message where that is unknown."""
        filled = [{**m, "content": m["content"] if m["content"].strip() else "(no text)"} for m in messages]
        if self._merged and len(filled) > 1 and filled[0]["role"] == "system":
            joined = f"{filled[0]['content']}\n\n{filled[1]['content']}"
            return [{**filled[1], "content": joined}, *filled[2:]]
        return filled

    def learn(self, trouble: Trouble, sent: Mapping[str, int | float], samples: int, system: bool) -> bool:
        """Whether another form of the request may do better; said on the terminal the first time."""
        refusal = trouble.refusal
        with self._lock:
            slow = trouble.timed_out and samples in self._slow
            if samples > 1 and (trouble.too_large or slow):
                return self._ask_for(max(1, samples // 2), trouble.reason)
            if trouble.timed_out:
                self._slow.add(samples)
            if refusal.context or trouble.too_large:
                return False
            changed = [self._drop(name, trouble, sent, system) for name in refusal.parameters]
            return any(changed)

    def fewer_came(self, samples: int, came: int) -> None:
        """The server left some answers out: it is asked for one at a time from now on."""
        if came < samples:
            with self._lock:
                self._ask_for(1, f"it gave {came} of {samples} answers")

    def length_ignored(self, sent: Mapping[str, int | float], longest: int) -> None:
        """Notice an answer that is far longer than allowed, and try the other name of the limit."""
        allowed = self._limits.max_completion_tokens
        if longest <= FAR_MORE * allowed:
            return
        with self._lock:
            used = next((name for name in LENGTH_PARAMETERS if name in sent), None)
            if used is None or used in self._length_ignored:
                return
            self._length_ignored.add(used)
            other = LENGTH_PARAMETERS[1 - LENGTH_PARAMETERS.index(used)]
            what = f"an answer took {longest} tokens though {allowed} were allowed: the server ignores {used}"
            if other in self._length_ignored or other in self._refused:
                log.warning("%s: %s", self._where, what)
            else:
                self._length = other
                log.warning("%s: %s; asking with %s from now on", self._where, what, other)

    def _drop(self, name: str, trouble: Trouble, sent: Mapping[str, int | float], system: bool) -> bool:
        """Do without a parameter; True too if another thread has seen to it since the request was made."""
        if name == "n" and sent.get("n", 1) > 1:
            return self._ask_for(1, trouble.reason)
        if name == "system" and system:
            if not self._merged:
                self._merged = True
                self._say("the system message goes in front of the first question", trouble.reason)
            return True
        if name not in sent:
            return False
        if name in LENGTH_PARAMETERS:
            return self._other_length(name, trouble)
        if name not in self._refused:
            self._refused.add(name)
            self._say(f"{name} is left out", trouble.reason)
        return True

    def _other_length(self, name: str, trouble: Trouble) -> bool:
        if self._length != name:
            return True
        if trouble.refusal.out_of_range:
            return False
        self._refused.add(name)
        other = LENGTH_PARAMETERS[1 - LENGTH_PARAMETERS.index(name)]
        if other not in self._refused:
            self._length = other
            self._say(f"it is asked with {other}", trouble.reason)
            return True
        if self._limits.max_tokens is not None or self._limits.max_usd is not None:
            return False  # without a longest answer there is no worst case
        self._length = None
        self._say("the longest answer is left to it", trouble.reason)
        return True

    def _ask_for(self, most: int, why: str) -> bool:
        if not self._most or most < self._most:
            self._most = most
            how = "one at a time" if most == 1 else f"{most} at a time"
            self._say(f"answers are asked for {how}", why)
        return True

    def _say(self, what: str, why: str) -> None:
        log.warning("%s: %s from now on (%s)", self._where, what, line(why))
