"""Model servers as people meet them: what each accepts, refuses and returns."""

from __future__ import annotations

from typing import Any

from tests.proposers import chat_server as chat
from tests.proposers.chat_server import REWARD, Reply

Body = dict[str, Any]


def _error(status: int, body: Any) -> Reply:
    return chat.says(status, body)


def _reasoning_model(body: Body) -> Reply | None:
    """OpenAI's: a fixed temperature, the new name of the longest answer only."""
    for name in ("max_tokens", "temperature"):
        if name in body and body[name] != 1.0:
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            return _error(
                400, {"error": {"message": message, "param": name, "code": "unsupported_parameter"}}
            )
    return None


def _vllm(body: Body) -> Reply | None:
    if body.get("max_completion_tokens", 0) > 8192:
        message = "This model's maximum context length is 8192 tokens. However, you requested too many."
        return _error(400, {"object": "error", "message": message, "type": "BadRequestError", "code": 400})
    return None


def _gemini(body: Body) -> Reply | None:
    if body.get("n", 1) > 1:
        message = "Multiple candidates is not enabled for this model"
        return _error(400, [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}])
    if "seed" in body:
        return _error(400, [{"error": {"code": 400, "message": 'Unknown name "seed": Cannot find field.'}}])
    return None


def _mistral(body: Body) -> Reply | None:
    known = {"model", "messages", "temperature", "max_tokens", "random_seed", "stop"}
    extra = sorted(body.keys() - known)
    if not extra:
        return None
    found = [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": body[name]} for name in extra]  # fmt: skip
    return _error(422, {"object": "error", "message": {"detail": found}, "type": "invalid_request_error"})


def _deepseek(body: Body) -> Reply | None:
    if body.get("n", 1) > 1:
        return _error(400, {"error": {"message": "Invalid n value (currently only n = 1 is supported)"}})
    return None


_THOUGHTFUL = {"content": REWARD, "reasoning_content": "Let me think. " * 20}

PROFILES: dict[str, Reply] = {
    "openai": chat.picky(_reasoning_model, Reply(model="gpt-5.4-mini-2026-03-05")),
    "vllm": chat.picky(_vllm),
    "ollama": Reply(most=1, counted=False),  # ignores n, counts nothing
    "gemini": chat.picky(_gemini, Reply(tokens=(100, 900), usage={"prompt_tokens": 100, "completion_tokens": 60, "total_tokens": 1000})),
    "mistral": chat.picky(
        _mistral,
        chat.message(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": REWARD}], tokens=(100, 80)),
    ),
    "deepseek": chat.picky(_deepseek, chat.message(**_THOUGHTFUL, tokens=(100, 150))),
}  # fmt: skip
"""Server → how it answers. All texts are a reward for cartpole."""

TEMPERATURE_LEFT_OUT = {"openai"}
ONE_AT_A_TIME = {"ollama", "gemini", "mistral", "deepseek"}
