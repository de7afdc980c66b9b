# SPDX-License-Identifier: ISC
"""Cohere's v2 chat. The plan that comes before tool calls is thinking."""
from . import Answer, kind_of, values

REASONS = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls",
           "ERROR": "error", "TIMEOUT": "error",
           "ERROR_TOXIC": "content_filter"}  # of its first version; the second has no word for it


def cite(c):
    """A citation points to tools and documents; one with a URL names it in the document."""
    found = [(s.get("document") or {}).get("url") for s in c.get("sources") or []]
    return {"url": next((u for u in found if u), None)}


def finish(answer, word, usage, said):
    choice, counted = answer.choice(), usage.get("tokens") or {}
    if word:
        choice.end(REASONS[word], word)
    if counted:
        answer.usage = {"prompt": counted.get("input_tokens"), "completion": counted.get("output_tokens"),
                        "cached": usage.get("cached_tokens"), "reasoning": counted.get("reasoning_tokens")}
    if word in ("ERROR", "TIMEOUT"):
        answer.fail(said or "", None, None)


def whole(answer, v):
    choice, m = answer.choice(), v["message"]
    choice.reasoning += m.get("tool_plan") or ""
    for part in m.get("content") or []:
        choice.text += part.get("text") or ""
        choice.reasoning += part.get("thinking") or ""
    for c in m.get("tool_calls") or []:
        choice.call(c["id"], c["function"]["name"], c["function"]["arguments"])
    choice.annotations += [cite(c) for c in m.get("citations") or []]
    finish(answer, v.get("finish_reason"), v.get("usage") or {}, v.get("error"))


def piece(answer, v):
    """One event of a stream; calls are kept by their index until the end."""
    choice, kind, delta = answer.choice(), v["type"], v.get("delta") or {}
    m = delta.get("message") or {}
    if kind == "tool-plan-delta":
        choice.reasoning += m["tool_plan"]
    elif kind in ("content-start", "content-delta"):
        choice.text += m["content"].get("text") or ""
        choice.reasoning += m["content"].get("thinking") or ""
    elif kind == "tool-call-start":
        choice.call(m["tool_calls"]["id"], m["tool_calls"]["function"]["name"], m["tool_calls"]["function"].get("arguments") or "")
    elif kind == "tool-call-delta":
        choice.calls[v["index"]]["args"] += m["tool_calls"]["function"]["arguments"]
    elif kind == "citation-start":
        choice.annotations.append(cite(m["citations"]))
    elif kind == "message-end":
        finish(answer, delta.get("finish_reason"), delta.get("usage") or {}, delta.get("error"))


def read(status, body):
    answer = Answer(status)
    if status >= 400:
        v = values(body)[0]
        answer.fail(v.get("message") or "", None, kind_of(status, v.get("message") or ""))
        return answer
    found = values(body)
    for v in found:
        answer.id = answer.id or v.get("id")
        (piece if "type" in v else whole)(answer, v)
    for c in answer.choice().calls:
        c["args"] = "{}" if c["args"] in ("", "null") else c["args"]
    answer.cut = not answer.error and not answer.choice().finish
    return answer
