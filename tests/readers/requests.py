# SPDX-License-Identifier: ISC
"""What a request in a provider's own format asks for, read from the formats' documents: texts, data, calls, tools and parameters.

missing() holds that against the same request in OpenAI's format, as one of our fronts made it; written() the other way round, against
what one of our backs made of it.
"""
from . import asked, load

# The provider's name of a parameter -> OpenAI's.
PLAIN = {"temperature": "temperature", "seed": "seed", "max_tokens": "max_tokens", "frequency_penalty": "frequency_penalty",
         "presence_penalty": "presence_penalty"}
ANTHROPIC = {"temperature": "temperature", "max_tokens": "max_tokens", "top_p": "top_p", "top_k": "top_k", "stop_sequences": "stop"}
GEMINI = {"temperature": "temperature", "topP": "top_p", "topK": "top_k", "maxOutputTokens": "max_tokens", "stopSequences": "stop", "seed": "seed",
          "candidateCount": "n", "presencePenalty": "presence_penalty", "frequencyPenalty": "frequency_penalty"}
RESPONSES = {"temperature": "temperature", "top_p": "top_p", "max_output_tokens": "max_tokens", "top_logprobs": "top_logprobs"}
OLLAMA = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "seed": "seed", "num_predict": "max_tokens", "min_p": "min_p",
          "repeat_penalty": "repetition_penalty"}
COHERE = {**PLAIN, "p": "top_p", "k": "top_k", "stop_sequences": "stop"}
BEDROCK = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p", "stopSequences": "stop"}


class Wanted:
    def __init__(self):
        self.texts, self.data, self.calls, self.tools, self.parameters = [], [], [], [], {}

    def take(self, values, names):
        self.parameters.update({names[k]: v for k, v in (values or {}).items() if k in names and v is not None})

    def text(self, value):
        """A string, or a list of parts with text in them."""
        for p in [value] if isinstance(value, (str, dict)) else value or []:
            self.texts += [p if isinstance(p, str) else p.get("text") or ""]


def anthropic(r, w):
    w.take(r, ANTHROPIC)
    w.text(r.get("system"))
    w.tools = [t["name"] for t in r.get("tools") or [] if "input_schema" in t]
    for m in r["messages"]:
        for b in [{"type": "text", "text": m["content"]}] if isinstance(m["content"], str) else m["content"]:
            if b["type"] == "text":
                w.text(b)
            elif b["type"] == "tool_use":
                w.calls.append((b["name"], b["input"]))
            elif b["type"] == "tool_result":
                inner = b.get("content") or []
                w.text(inner if isinstance(inner, str) else [p for p in inner if p["type"] == "text"])
            elif b["type"] == "image" and b["source"]["type"] == "base64":
                w.data.append(b["source"]["data"])


def camel(v):
    """Google takes both spellings of its names; what is ours stays: arguments and schemas."""
    if isinstance(v, list):
        return [camel(x) for x in v]
    if not isinstance(v, dict):
        return v
    spelt = {k.split("_")[0] + "".join(x.title() for x in k.split("_")[1:]): k for k in v}
    return {new: v[old] if new in ("args", "parameters") else camel(v[old]) for new, old in spelt.items()}


def gemini(r, w):
    r = camel(r)
    w.take(r.get("generationConfig"), GEMINI)
    w.text((r.get("systemInstruction") or {}).get("parts"))
    w.tools = [f["name"] for t in r.get("tools") or [] for f in t.get("functionDeclarations") or []]
    contents = r["contents"]
    for p in (p for c in (contents if isinstance(contents, list) else [contents]) for p in c.get("parts") or []):
        if p.get("text") and not p.get("thought"):
            w.text(p)
        elif "functionCall" in p:
            w.calls.append((p["functionCall"]["name"], p["functionCall"].get("args") or {}))
        elif "inlineData" in p:
            w.data.append(p["inlineData"]["data"].replace("-", "+").replace("_", "/"))


def responses(r, w):
    w.take(r, RESPONSES)
    w.text(r.get("instructions"))
    w.tools = [t["name"] for t in r.get("tools") or [] if t["type"] == "function"]
    for it in [r["input"]] if isinstance(r["input"], str) else r["input"]:
        kind = "message" if isinstance(it, str) else it.get("type", "message")
        if isinstance(it, str):
            w.text(it)
        elif kind == "message":
            w.text(it["content"])
        elif kind == "function_call":
            w.calls.append((it["name"], asked.parsed(it["arguments"] or "{}")))
        elif kind == "function_call_output":
            w.text(it["output"])


def ollama(r, w):
    w.take(r.get("options"), OLLAMA)
    w.text(r.get("prompt"))
    w.text(r.get("system"))
    chat(r, w)


def cohere(r, w):
    w.take(r, COHERE)
    chat(r, w)


def chat(r, w):
    """Messages much as OpenAI has them."""
    w.tools = [t["function"]["name"] for t in r.get("tools") or []]
    for m in r.get("messages") or []:
        w.text([p for p in m.get("content") or [] if "text" in p] if isinstance(m.get("content"), list) else m.get("content"))
        w.calls += [(c["function"]["name"], asked.parsed(c["function"]["arguments"] or "{}")) for c in m.get("tool_calls") or []]
        w.data += m.get("images") or []


def bedrock(r, w):
    w.take(r.get("inferenceConfig"), BEDROCK)
    w.text([b for b in r.get("system") or [] if "text" in b])
    w.tools = [t["toolSpec"]["name"] for t in (r.get("toolConfig") or {}).get("tools") or [] if "toolSpec" in t]
    for b in (b for m in r["messages"] for b in m["content"]):
        use, given = b.get("toolUse"), b.get("toolResult") or {}
        w.text([p for p in [b] + given.get("content", []) if "text" in p])
        w.calls += [(use["name"], use["input"])] if use else []
        source = (b.get("image") or {}).get("source") or {}
        w.data += [source["bytes"]] if "bytes" in source else []


READERS = {"anthropic": anthropic, "gemini": gemini, "responses": responses, "ollama": ollama, "cohere": cohere, "bedrock": bedrock}
NAMES = {"anthropic": ANTHROPIC, "gemini": GEMINI, "responses": RESPONSES, "ollama": OLLAMA, "cohere": COHERE, "bedrock": BEDROCK}


def read(name, body):
    w = Wanted()
    READERS[name](load(body.decode()), w)
    return w


def written(name, body, source):
    """(field, what) of a request in OpenAI's format that isn't in what our back wrote for a provider."""
    if name not in READERS:
        return
    w = read(name, body)
    system, found = asked.items(source.get("messages"))
    parameters, texts = asked.parameters(source), "".join("".join(w.texts).split())
    for field, what in [("system", system)] + [(kind, what) for _, kind, what in found if kind == "text"]:
        if "".join(what.split()) not in texts:
            yield field, f"{what[:80]!r} isn't there"
    yield from asked.changed("tool_calls", [(what["name"], what["arguments"]) for _, kind, what in found if kind == "tool_calls"], w.calls)
    if parameters.get("tool_choice") in (None, "required"):  # else those that can't be called may be left out
        yield from asked.changed("tools", [t["name"] for t in parameters.get("tools") or []], w.tools)
    for key in parameters.keys() & NAMES[name].values():
        yield from asked.changed(key, parameters[key], w.parameters.get(key))


def missing(name, body, made):
    """What of the request isn't in the one that was made of it."""
    if name not in READERS:
        return
    w = read(name, body)
    system, found = asked.items(made.get("messages"))
    texts = system + "".join(what if kind == "text" else what[1] for _, kind, what in found if kind in ("text", "tool"))
    data = [what for _, kind, what in found if kind in ("image_url", "file", "tool.image_url", "input_audio", "video_url")]
    yield from (f"text {t[:80]!r}" for t in w.texts if t not in texts)
    yield from (f"data {d[:40]!r}" for d in w.data if not any(d in (x.get("data") if isinstance(x, dict) else x) for x in data))
    calls = [(what["name"], what["arguments"]) for _, kind, what in found if kind == "tool_calls"]
    if calls != w.calls:
        yield f"calls {w.calls}: {calls}"
    parameters = asked.parameters(made)
    tools = [t["name"] for t in parameters.get("tools") or []]
    if tools != w.tools:
        yield f"tools {w.tools}: {tools}"
    for key, value in w.parameters.items():
        if parameters.get(key) != value and value not in asked.NOTHING.get(key, ()):
            yield f"{key} {value}: {parameters.get(key)}"
