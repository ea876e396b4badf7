"""What a user can do about a request that a model server refuses."""

from __future__ import annotations

import re

from harness.proposers.diagnosis import Trouble
from harness.proposers.refusals import LENGTH_PARAMETERS
from harness.proposers.server import Server
from harness.proposers.tokens import Messages, estimated, prompt_text


def advice(trouble: Trouble, server: Server, messages: Messages, allowed: int) -> str:
    """One sentence; `allowed` is the longest answer that was asked for, in tokens."""
    refusal, status = trouble.refusal, trouble.status
    prompt = estimated(prompt_text(messages))
    room = f"the prompt is about {prompt} tokens long and --max-answer-tokens is {allowed}"
    if trouble.reason.startswith("the request could not be sent"):
        return "check OPENAI_API_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_CUSTOM_HEADERS and OPENAI_BASE_URL"
    if trouble.reason.startswith("no secure connection"):
        return (
            "check http or https in OPENAI_BASE_URL, and that SSL_CERT_FILE names the certificates to trust"
        )
    if trouble.reason.startswith("the proxy"):
        return "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the server in NO_PROXY"
    if refusal.no_credit or status == 402:
        return "the account has no credit left: add some, or set the OPENAI_API_KEY of another"
    if refusal.context or trouble.too_large:
        return f"{room}: lower --max-answer-tokens, or take a model with a longer context"
    if refusal.out_of_range and set(refusal.parameters) & set(LENGTH_PARAMETERS):
        return f"lower --max-answer-tokens (it is {allowed})"
    if re.search(
        r"content (management )?(policy|filter)|content_filter|ResponsibleAI", refusal.words, re.IGNORECASE
    ):
        return "its content filter refuses the prompt: take another model or server"
    if "temperature" in refusal.parameters:
        return "choose another --temperature, or leave it to the server with --no-temperature"
    if status is not None and 300 <= status < 400:
        return "set OPENAI_BASE_URL to where it points, without /chat/completions"
    ending = "" if server.versioned else "; the base URL usually ends in /v1"
    if status in (404, 405) and not re.search(r"\b(models?|deployment)\b", refusal.words, re.IGNORECASE):
        return f"check OPENAI_BASE_URL{ending}"
    if status == 404:
        return f"check the model in --proposer openai:MODEL, and OPENAI_BASE_URL{ending}"
    if status in (401, 403):
        return "check OPENAI_API_KEY, and that it may use the model in --proposer openai:MODEL"
    if trouble.reason.startswith("the answer cannot be read"):
        return f"check OPENAI_BASE_URL{ending}"
    return f"check OPENAI_API_KEY, OPENAI_BASE_URL and the model in --proposer openai:MODEL{ending}"
