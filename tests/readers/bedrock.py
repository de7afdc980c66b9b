# SPDX-License-Identifier: ISC
"""Bedrock's Converse, whole and as ConverseStream's binary frames, and the frames of InvokeModelWithResponseStream."""
import base64
import re
import struct
import zlib

from . import Answer, anthropic, kind_of, load, total

STOPS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
         "tool_use": "tool_calls", "guardrail_intervened": "content_filter", "content_filtered": "content_filter"}


def headers(data):
    """Those of a frame: a name, type 7 (a string), its value."""
    found = {}
    while data:
        n = data[0]
        name, kind = data[1:1 + n].decode(), data[1 + n]
        assert kind == 7, "a header that is no string"
        size = struct.unpack(">H", data[2 + n:4 + n])[0]
        found[name], data = data[4 + n:4 + n + size].decode(), data[4 + n + size:]
    return found


def binary(body):
    """Frames that a recording kept as base64 text, as they were."""
    return base64.b64decode(body) if re.fullmatch(rb"[A-Za-z0-9+/=\s]+", body) else body


def frames(body):
    """(event type, JSON value) of each frame; both of its checksums must be right."""
    while body:
        size, n, check = struct.unpack(">III", body[:12])
        assert zlib.crc32(body[:8]) == check, "the prelude's checksum"
        assert zlib.crc32(body[:size - 4]) == struct.unpack(">I", body[size - 4:size])[0], "a frame's checksum"
        h = headers(body[12:12 + n])
        yield h.get(":event-type") or h.get(":exception-type"), load(body[12 + n:size - 4])
        body = body[size:]


def block(answer, b):
    choice = answer.choice()
    choice.text += b.get("text") or ""
    cited = b.get("citationsContent") or {}
    choice.text += "".join(p.get("text") or "" for p in cited.get("content") or [])
    for c in cited.get("citations") or []:
        choice.annotations.append({"url": ((c.get("location") or {}).get("web") or {}).get("url")})
    thought = b.get("reasoningContent") or {}
    text = thought.get("reasoningText") or {}
    choice.reasoning += text.get("text") or ""
    choice.opaque += [(text["signature"],)] if text.get("signature") else []
    if thought.get("redactedContent"):  # a blob; what is in it is Anthropic's data, which is base64 as well
        choice.opaque.append((thought["redactedContent"], base64.b64decode(thought["redactedContent"]).decode("utf-8", "replace")))
    use = b.get("toolUse")
    if use and use.get("type") != "server_tool_use":
        choice.call(use["toolUseId"], use["name"], use.get("input") or {})


def assemble(found):
    """The blocks of a stream, as Converse has them; and the rest."""
    blocks, rest = {}, {}
    for kind, v in found:
        b = blocks.setdefault(v["contentBlockIndex"], {}) if "contentBlockIndex" in v else None
        if kind == "contentBlockStart":
            b.update(v["start"])
        elif kind == "contentBlockDelta":
            grow(b, v["delta"])
        else:
            rest.update(v)
    return [b for _, b in sorted(blocks.items())], rest


def grow(b, delta):
    if "text" in delta:
        b["text"] = b.get("text", "") + delta["text"]
    if "citation" in delta:
        b.setdefault("citationsContent", {}).setdefault("citations", []).append(delta["citation"])
    if "toolUse" in delta:
        b["toolUse"]["input"] = b["toolUse"].get("input", "") + delta["toolUse"]["input"]
    thought = delta.get("reasoningContent") or {}
    for key in ("text", "signature"):
        if key in thought:
            text = b.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
            text[key] = text.get(key, "") + thought[key]
    if "redactedContent" in thought:
        b.setdefault("reasoningContent", {})["redactedContent"] = thought["redactedContent"]


def tokens(u):
    cached, written = u.get("cacheReadInputTokens"), u.get("cacheWriteInputTokens")
    return {"prompt": total(u.get("inputTokens"), cached, written), "completion": u.get("outputTokens"), "cached": cached,
            "cache_write": written}


def read(status, body):
    answer = Answer(status)
    if status >= 400:
        said = load(body).get("message") or ""
        answer.fail(said, None, kind_of(status, said))
        return answer
    if body[:1] == b"{":
        v = load(body)
        blocks, rest = v["output"]["message"]["content"], v
    else:
        found = list(frames(body))
        if any(kind == "chunk" for kind, _ in found):
            return anthropic.read_chunks(status, found)
        blocks, rest = assemble(found)
    for b in blocks:
        block(answer, b)
    word = rest.get("stopReason")
    if word:
        answer.choice().end(STOPS[word], word)
    answer.cut = not word
    answer.usage = tokens(rest["usage"]) if rest.get("usage") else {}
    return answer
