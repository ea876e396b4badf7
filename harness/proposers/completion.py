"""A chat completion as it comes over the wire, whatever its types, as answers with what is odd about them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.proposers.contract import Answer
from harness.proposers.transport import Unreadable
from harness.proposers.words import line

CUT_OFF = (
    "length",
    "max_tokens",
    "max_output_tokens",
    "max_completion_tokens",
    "token_limit",
    "model_length",
)
"""What servers call the end of an answer that was cut off; the first is OpenAI's word."""
FILTERED = ("content_filter", "content-filter", "safety", "prohibited_content", "blocklist", "recitation")
HIDDEN_PARTS = ("thinking", "reasoning", "thought", "redacted_thinking", "reasoning_text", "summary_text")
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Where servers put a model's thoughts beside its answer."""
NOTE_LENGTH = 200
LONGEST_WORD = 60


@dataclass(frozen=True)
class Completion:
    """What came back."""

    answers: list[Answer]
    texts: list[str]
    """All that each answer's tokens were spent on, thoughts included."""
    usage: Any
    """As it came."""
    model: str
    """"" if it does not say."""

    @property
    def cut_off(self) -> int:
        """How many answers ended at the limit."""
        return sum(answer.finish_reason == CUT_OFF[0] for answer in self.answers)


class ServerError(ValueError):
    """The body is an error, whatever the status said."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body


def parse(content: bytes) -> Any:
    """The JSON value of a body. ValueError if it is none, Unreadable if it is another kind of answer."""
    text = content.decode("utf-8-sig", errors="replace")
    if text.lstrip().startswith(("data:", "event:")):
        raise Unreadable("it is a stream of events, which was not asked for")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        shown = line(text, 80)
        raise ValueError(f"it is no JSON: {shown!r}" if shown else "it is empty") from None


def read_completion(body: Any, allowed: int) -> Completion:
    """Answers by index, empty and cut-off ones included; `allowed` tokens were allowed for each.

    ServerError if the body is an error, ValueError if it holds no answer.
    """
    if not isinstance(body, Mapping):
        raise ValueError(f"expected an object with `choices`, found {line(json.dumps(body), 80)}")
    choices = body.get("choices")
    found = [c for c in choices if isinstance(c, Mapping)] if isinstance(choices, list) else []
    if body.get("error") and not any(_written(choice)[0] for choice in found):
        raise ServerError(body)
    if not found:
        said = body.get("detail") or body.get("message")
        if isinstance(said, str | list | dict) and not (isinstance(said, dict) and "content" in said):
            raise ServerError(body)
        raise ValueError(f"expected `choices`, found {line(json.dumps(body), 120)}")
    if all(isinstance(choice.get("index"), int) for choice in found):
        found = sorted(found, key=lambda choice: int(choice["index"]))
    model = body.get("model")
    pairs = [_answer(choice, body.get("usage"), allowed) for choice in found]
    return Completion(
        answers=[answer for answer, _ in pairs],
        texts=[spent for _, spent in pairs],
        usage=body.get("usage"),
        model=model.strip() if isinstance(model, str) else "",
    )


def _answer(choice: Mapping[str, Any], usage: Any, allowed: int) -> tuple[Answer, str]:
    """An answer, and all that its tokens were spent on."""
    text, refusal, thoughts = _written(choice)
    reason = _finish_reason(choice.get("finish_reason"))
    note = ""
    message = _message(choice)
    calls = message.get("tool_calls") or message.get("function_call")
    if refusal:
        note = line(f"refused: {refusal}", NOTE_LENGTH)
    elif reason == "content_filter":
        note = "content filter"
    elif reason == CUT_OFF[0] and not text.strip():
        thinking = (
            "its hidden thoughts used up" if thoughts or _thinks(usage) else "nothing was written within"
        )
        note = f"{thinking} the {allowed} tokens of --max-answer-tokens"
    elif reason == CUT_OFF[0]:
        note = f"cut off at the {allowed} tokens of --max-answer-tokens"
    elif calls and not text.strip():
        note = "tool calls instead of text"
    elif choice.get("error"):
        note = line(f"error: {_words(choice['error'])}", NOTE_LENGTH)
    elif not text.strip():
        note = "thoughts but no answer" if thoughts else "empty"
    spent = text + thoughts + (json.dumps(calls) if calls else "")
    return Answer(text or refusal, reason, note), spent + ("" if text else refusal)


def _written(choice: Mapping[str, Any]) -> tuple[str, str, str]:
    """Text, refusal and thoughts of a choice."""
    message = _message(choice)
    content = message.get("content")
    parts = list(_parts(content if isinstance(content, list) else [content]))
    text = "".join(words for kind, words in parts if kind == "text")
    refusal = message.get("refusal")
    said = refusal if isinstance(refusal, str) else ""
    said = said or "".join(words for kind, words in parts if kind == "refusal")
    beside = next((message[name] for name in THOUGHTS if isinstance(message.get(name), str)), "")
    thoughts = beside + "".join(words for kind, words in parts if kind == "thought")
    return text, said, thoughts


def _message(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    message = choice.get("message")
    if isinstance(message, Mapping):
        return message
    return {"content": message if isinstance(message, str) else choice.get("text")}


def _parts(content: list[Any]) -> Iterator[tuple[str, str]]:
    """(text, refusal or thought; words) of each part of a message's content."""
    for part in content:
        if isinstance(part, str):
            yield "text", part
        elif isinstance(part, Mapping):
            kind = part.get("type")
            if kind in HIDDEN_PARTS or part.get("thought") is True:
                yield "thought", _words({name: value for name, value in part.items() if name != "type"})
            elif kind == "refusal":
                yield "refusal", _words(part.get("refusal"))
            elif kind in (None, "text", "output_text"):
                yield "text", _words(part.get("text"))


def _words(value: Any) -> str:
    """All text in a value, however it is nested."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "".join(_words(v) for v in value.values())
    return "".join(_words(v) for v in value) if isinstance(value, list) else ""


def _finish_reason(value: Any) -> str:
    word = line(value, LONGEST_WORD) if isinstance(value, str) else ""
    if word.lower() in CUT_OFF:
        return CUT_OFF[0]
    return FILTERED[0] if word.lower() in FILTERED else word or "unknown"


def _thinks(usage: Any) -> bool:
    details = usage.get("completion_tokens_details") if isinstance(usage, Mapping) else None
    return isinstance(details, Mapping) and bool(details.get("reasoning_tokens"))
