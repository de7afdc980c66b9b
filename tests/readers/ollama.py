# SPDX-License-Identifier: ISC
"""Ollama's own /api/chat and /api/generate: lines of JSON, or one object."""
from . import Answer, kind_of, load

REASONS = {"stop": "stop", "length": "length", "content_filter": "content_filter"}  # the last is our own: it has no word for it


def take(answer, v):
    choice, m = answer.choice(), v.get("message") or {}
    answer.model = answer.model or v.get("model")
    choice.text += m.get("content") or v.get("response") or ""
    choice.reasoning += m.get("thinking") or v.get("thinking") or ""
    for c in m.get("tool_calls") or []:
        choice.call(c.get("id"), c["function"]["name"], c["function"].get("arguments") or {})
    if v.get("done"):
        word = v.get("done_reason") or "stop"
        choice.end("tool_calls" if choice.calls else REASONS[word], word)
        # A prompt that was in its cache isn't counted.
        answer.usage = {"prompt": v.get("prompt_eval_count"), "completion": v.get("eval_count")}


def read(status, body):
    answer = Answer(status)
    lines = [load(line) for line in body.decode("utf-8").splitlines() if line.strip()]
    for v in lines:
        if "error" in v:
            answer.fail(v["error"], None, kind_of(status, v["error"]) if status >= 400 else None)
        elif status < 400:
            take(answer, v)
    answer.cut = status < 400 and not answer.error and not answer.choice().finish
    return answer
