# SPDX-License-Identifier: ISC
"""Gemini's generateContent, of AI Studio, Vertex AI and Firebase: one object, an array of them, or server-sent events."""
import re

from . import Answer, kind_of, total, values

# finishReason's words in the order of their numbers, and what they mean.
WORDS = ["FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
         "MALFORMED_FUNCTION_CALL"]
REASONS = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "RECITATION": "content_filter", "BLOCKLIST": "content_filter",
           "PROHIBITED_CONTENT": "content_filter", "SPII": "content_filter", "MALFORMED_FUNCTION_CALL": "error", "UNEXPECTED_TOOL_CALL": "error"}

SERVER = {"toolCall", "toolResponse", "executableCode", "codeExecutionResult"}  # what Google's own tools did


def place(args, path, value):
    """Puts a streamed argument where its path says ($.a[0].b), after what is there already if both are text."""
    keys = [int(k[1:-1]) if k[0] == "[" else k for k in re.findall(r"\[\d+\]|[^.\[\]$]+", path)]
    node = args
    for key, following in zip(keys, keys[1:] + [None]):
        if isinstance(key, int):
            node += [None] * (key + 1 - len(node))
        old = node[key] if isinstance(key, int) else node.get(key)
        if following is not None:
            new = old if old is not None else [] if isinstance(following, int) else {}
        else:
            new = old + value if isinstance(old, str) and isinstance(value, str) else value
        node[key] = new
        node = new


def call(choice, f):
    if "name" in f:
        choice.call(f.get("id"), f["name"], dict(f.get("args") or {}))
    for piece in f.get("partialArgs") or []:
        value = next((piece[k] for k in ("stringValue", "numberValue", "boolValue") if k in piece), None)
        place(choice.calls[-1]["args"], piece["jsonPath"], value)


def part(choice, p):
    if p.get("thoughtSignature"):
        choice.opaque.append((p["thoughtSignature"],))
    if "functionCall" in p:
        call(choice, p["functionCall"])
    elif "inlineData" in p:
        data, mime = p["inlineData"]["data"], p["inlineData"]["mimeType"]
        if mime.startswith("image/"):
            choice.images.append(data)
        else:
            choice.audio += data
    elif p.get("thought"):
        choice.reasoning += p.get("text") or ""
    else:
        choice.text += p.get("text") or ""


def candidate(answer, c):
    choice = answer.choice(c.get("index", 0))
    for p in (c.get("content") or {}).get("parts") or []:
        if not SERVER.intersection(p):
            part(choice, p)
    grounds = (c.get("groundingMetadata") or {}).get("groundingChunks") or []
    choice.annotations += [{"url": (g.get("web") or g.get("retrievedContext") or {}).get("uri")} for g in grounds]
    choice.annotations += [{"url": s.get("uri")} for s in (c.get("citationMetadata") or {}).get("citationSources") or []]
    word = c.get("finishReason")
    if word is not None:
        name = WORDS[word] if isinstance(word, int) else word
        choice.end("tool_calls" if choice.calls and name == "STOP" else REASONS[name], name, str(word))


def error(answer, e):
    status = answer.status if answer.status >= 400 else e.get("code")
    answer.fail(e.get("message") or "", e.get("code"), kind_of(status, e.get("message") or ""))


def tokens(u):
    """Thoughts are beside the candidates' tokens, what built-in tools fed back beside the prompt's. A count that is 0 is left out."""
    return {"prompt": total(u.get("promptTokenCount"), u.get("toolUsePromptTokenCount")),
            "completion": total(u.get("candidatesTokenCount"), u.get("thoughtsTokenCount")),
            "cached": u.get("cachedContentTokenCount"), "reasoning": u.get("thoughtsTokenCount")}


def read(status, body):
    answer, u, found = Answer(status), {}, values(body)
    for v in found:
        if "error" in v:
            error(answer, v["error"])
        answer.id, answer.model = answer.id or v.get("responseId"), answer.model or v.get("modelVersion")
        u.update(v.get("usageMetadata") or {})
        for c in v.get("candidates") or []:
            candidate(answer, c)
        why = (v.get("promptFeedback") or {}).get("blockReason")
        if why:
            answer.choice().end("content_filter", why)
    answer.usage = tokens(u) if any(k.endswith("TokenCount") for k in u) else {}
    ended = answer.choices and all(c.finish for c in answer.choices.values())
    answer.cut = status < 400 and not answer.error and not ended
    return answer
