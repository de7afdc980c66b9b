# SPDX-License-Identifier: ISC
"""Anthropic's Messages, whole and streamed, also as Vertex AI and Bedrock's InvokeModel pass them on."""
import base64
from decimal import Decimal

from . import Answer, kind_of, load, total, values

STOPS = {"end_turn": "stop", "stop_sequence": "stop", "pause_turn": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
         "tool_use": "tool_calls", "refusal": "content_filter"}
ERRORS = {"invalid_request_error": 400, "authentication_error": 401, "permission_error": 403, "not_found_error": 404,
          "request_too_large": 413, "rate_limit_error": 429, "api_error": 500, "overloaded_error": 529, "billing_error": 402}


def block(answer, b):
    """A content block as a whole answer has it."""
    choice, kind = answer.choice(), b["type"]
    if kind == "text":
        choice.text += b["text"]
        choice.annotations += [{"url": c.get("url") or c.get("source")} for c in b.get("citations") or []]
    elif kind == "thinking":
        choice.reasoning += b["thinking"]
        choice.opaque += [(b["signature"],)] if b.get("signature") else []
    elif kind == "redacted_thinking":
        choice.opaque.append((b["data"],))
    elif kind == "tool_use":
        choice.call(b["id"], b["name"], b["input"])


def assemble(found):
    """The message that a stream is told in pieces."""
    message, blocks = None, {}
    for v in found:
        kind = v.get("type")
        if kind == "message_start" and message is None:
            message = v["message"]
            message["usage"] = {k: u for k, u in (message.get("usage") or {}).items() if u is not None}
        elif kind == "content_block_start":
            blocks[v["index"]] = dict(v["content_block"], json="")
        elif kind == "content_block_delta":
            delta, b = v["delta"], blocks[v["index"]]
            for key in ("text", "thinking", "signature"):
                if key in delta:
                    b[key] = (b.get(key) or "") + delta[key]
            b["json"] += delta.get("partial_json", "")
            if "citation" in delta:
                b["citations"] = (b.get("citations") or []) + [delta["citation"]]
        elif kind == "message_delta":
            message["stop_reason"] = v["delta"].get("stop_reason") or message.get("stop_reason")
            message["stop_details"] = v["delta"].get("stop_details")
            message["usage"].update({k: u for k, u in (v.get("usage") or {}).items() if u is not None})
    for b in blocks.values():
        if b["type"] == "tool_use" and b["json"]:
            b["input"] = b["json"]
    if message:
        message["content"] = [b for _, b in sorted(blocks.items())]
    return message


def tokens(u):
    written, cached = u.get("cache_creation_input_tokens"), u.get("cache_read_input_tokens")
    return {"prompt": total(u.get("input_tokens"), written, cached), "completion": u.get("output_tokens"), "cached": cached,
            "cache_write": written, "reasoning": (u.get("output_tokens_details") or {}).get("thinking_tokens"),
            "cost": None if u.get("cost") is None else Decimal(str(u["cost"]))}


def error(answer, v):
    e = v.get("error") or v
    code = ERRORS.get(e.get("type"))
    status = answer.status if answer.status >= 400 else code
    said = e.get("message") or ""
    answer.fail(said, code, kind_of(status, said) if status else None)


def told(status, found):
    """The answer that these values are."""
    answer = Answer(status)
    for v in found:
        if status >= 400 or v.get("type") == "error":
            error(answer, v)
    if status >= 400:
        return answer
    message = found[0] if found[0].get("type") == "message" else assemble(found)
    if not message:
        answer.cut = not answer.error
        return answer
    for b in message["content"]:
        block(answer, b)
    answer.id, answer.model = message.get("id"), message.get("model")
    answer.usage = tokens(message.get("usage") or {})
    word = message.get("stop_reason")
    if word:
        answer.choice().end(STOPS[word], word)
    answer.cut = not word and not answer.error
    if word == "refusal":
        answer.choice().explained = (message.get("stop_details") or {}).get("explanation") or ""
    return answer


def read(status, body):
    return told(status, values(body))


def read_chunks(status, frames):
    """InvokeModelWithResponseStream: each frame holds an event of Anthropic's in base64."""
    return told(status, [load(base64.b64decode(v["bytes"])) for kind, v in frames if kind == "chunk"])
