# SPDX-License-Identifier: ISC
"""What a request in OpenAI's format asks for, laid out so that two of them can be compared field by field.

A difference is (field, what): the field by the name that the table of losses has for it. What has no effect (n: 1) or two spellings
(max_tokens, max_completion_tokens) is made one. Fields that neither OpenAI nor OpenRouter documents travel to no other format.
"""
from . import load
from .compare import parsed

KNOWN = set("""temperature top_p top_k min_p top_a frequency_penalty presence_penalty repetition_penalty max_tokens stop seed logit_bias
    logprobs top_logprobs n response_format tools tool_choice parallel_tool_calls reasoning user metadata service_tier modalities audio
    prediction verbosity prompt_cache_key safety_identifier provider models route plugins transforms web_search_options cache_control
    session_id store""".split())
NOTHING = {"n": (1,), "store": (False,), "tool_choice": ("auto",), "logprobs": (False,), "tools": ([],), "parallel_tool_calls": (True,),
           "response_format": ({"type": "text"},), "modalities": (["text"],), "stop": ([],), "frequency_penalty": (0,),
           "presence_penalty": (0,), "top_logprobs": (0,)}
SHARES = {"xhigh": 95, "high": 80, "medium": 50, "low": 20, "minimal": 10}


def budget(effort, limit):
    """Tokens that an effort stands for; by OpenRouter's shares."""
    return max(min((limit or 32000) * SHARES[effort] // 100, 128000), 1024)


def reasoning(r):
    """An effort, which a budget is as well; whether there is any at all."""
    asked = r.get("reasoning") if isinstance(r.get("reasoning"), dict) else {}
    effort, limit = asked.get("effort") or r.get("reasoning_effort"), r.get("max_completion_tokens") or r.get("max_tokens")
    tokens = asked.get("max_tokens")
    if not effort and tokens:
        effort = min(SHARES, key=lambda e: abs(budget(e, limit) - tokens))
    if not effort and asked.get("enabled"):
        effort = "medium"
    if effort == "none" or tokens == 0 or asked.get("enabled") is False:
        return "none"
    return effort


class Effort:
    """Reasoning by either measure: two are the same where their words are, or their tokens."""

    def __init__(self, word, limit):
        self.word, self.tokens = word, None if word == "none" else budget(word, limit)

    def __eq__(self, other):
        return isinstance(other, Effort) and (self.word == other.word or self.tokens == other.tokens)

    def __repr__(self):
        return f"{self.word} ({self.tokens})"


def tool(f):
    empty = {"type": "object", "properties": {}}
    return {"name": f.get("name"), "description": f.get("description") or None, "parameters": f.get("parameters") or empty}


def parameters(r):
    """The fields, in one spelling each."""
    found = {k: v for k, v in r.items() if k in KNOWN and v is not None}
    if r.get("max_completion_tokens"):
        found["max_tokens"] = r["max_completion_tokens"]
    if "functions" in r:
        found["tools"] = [{"type": "function", "function": f} for f in r["functions"]]
    if isinstance(r.get("function_call"), dict):
        found["tool_choice"] = {"type": "function", "function": {"name": r["function_call"]["name"]}}
    elif r.get("function_call"):
        found["tool_choice"] = r["function_call"]
    choice = found.get("tool_choice")
    if isinstance(choice, dict):
        found["tool_choice"] = (choice.get("function") or {}).get("name")
    elif choice == "any":  # Mistral
        found["tool_choice"] = "required"
    if isinstance(found.get("stop"), str):
        found["stop"] = [found["stop"]]
    found.pop("reasoning", None)
    if reasoning(r):
        found["reasoning"] = Effort(reasoning(r), found.get("max_tokens"))
    split(found)
    if found.get("tool_choice") == "required" and len(found.get("tools") or []) == 1:
        found["tool_choice"] = found["tools"][0]["name"]  # the only one
    return {k: v for k, v in found.items() if v is not None and v not in NOTHING.get(k, ())}


def split(found):
    """The parts of schemas and tools that go ways of their own."""
    given = found.get("response_format")
    schema = (given or {}).get("json_schema")
    if isinstance(schema, dict):
        found["response_format"] = {"type": "json_schema", "schema": schema.get("schema")}
        found["response_format.json_schema.name"], found["response_format.json_schema.strict"] = schema.get("name"), schema.get("strict") or None
        found["response_format.json_schema.description"] = schema.get("description") or None
    if isinstance(found.get("audio"), dict):
        found["audio.format"] = found["audio"].get("format")
        found["audio"] = found["audio"].get("voice")
    tools = found.get("tools") or []
    found["tools.function.strict"] = [t["function"].get("strict") or None for t in tools if isinstance(t.get("function"), dict)]
    found["tools.cache_control"] = [t.get("cache_control") for t in tools]
    for key in ("tools.function.strict", "tools.cache_control"):
        found[key] = found[key] if any(found[key]) else None
    found["tools"] = [tool(t["function"]) for t in tools if isinstance(t.get("function"), dict)]
    own = [t for t in tools if not isinstance(t.get("function"), dict)]
    found["tools.custom"] = own or None


def part(p):
    """(kind, what) of a content part: whether a thing is there in data, by URL or by an id makes a difference."""
    kind = p.get("type", "text")
    if kind in ("text", "input_text", "output_text"):
        yield "text", p.get("text") or ""
        return
    what = p.get(kind)
    if not isinstance(what, dict):  # a refusal; what only one provider has, as Mistral's sound
        yield from [(kind, what)] if kind == "refusal" else []
        return
    where = what.get("url") or what.get("file_data") or ""
    if what.get("file_id"):
        yield kind + ".file_id", what["file_id"]
    elif where.startswith("data:"):
        mime, data = where[5:].split(",", 1)
        yield kind, data
        yield kind + ".type", mime.removesuffix(";base64")
    elif where:
        yield kind + ".url", where
    else:
        yield kind, what


def content(value):
    if isinstance(value, str):
        return [("text", value)]
    return [found for p in value or [] for found in part(p)]


def items(messages):
    """System text; and the conversation as (role, kind, what), in order, neighbouring texts of a role joined."""
    system, found, names = [], [], {}
    for m in messages or []:
        role = m.get("role")
        if role in ("system", "developer"):
            system += [what for kind, what in content(m.get("content"))]
            continue
        calls = [c["function"] for c in m.get("tool_calls") or [] if "function" in c]
        names.update((c.get("id"), c["function"]["name"]) for c in m.get("tool_calls") or [] if "function" in c)
        calls += [m["function_call"]] if m.get("function_call") else []
        found += [(role, "messages.reasoning", thought(m))] if thought(m) else []
        if role in ("tool", "function"):
            found += result(m, names)
            continue
        found += [(role, kind, what) for kind, what in content(m.get("content")) if (kind, what) != ("text", "")]
        found += [(role, "tool_calls", {"name": c["name"], "arguments": parsed(c.get("arguments") or "{}")}) for c in calls]
    return "".join(system), found


def thought(m):
    """Past reasoning as text."""
    plain = m.get("reasoning") or m.get("reasoning_content")
    details = m.get("reasoning_details") or []
    return plain or "".join(d.get("text") or d.get("summary") or "" for d in details)


def opaque(messages):
    return [d[k] for m in messages or [] for d in m.get("reasoning_details") or [] for k in ("signature", "data") if d.get(k)]


def result(m, names):
    """What a tool gave back: its text, and what isn't text, which some formats put beside it. Without an id it is the last call's."""
    name, said = m.get("name") or names.get(m.get("tool_call_id")) or list(names.values() or [None])[-1], content(m.get("content"))
    yield "tool", "tool", (name, "".join(what for kind, what in said if kind == "text"))
    if m.get("is_error"):
        yield "tool", "is_error", True
    for kind, what in said:
        if kind != "text":
            yield "tool", "tool." + kind, what


def joined(found):
    """What stood between the texts of a role may be lost."""
    said = []
    for role, what in found:
        if said and said[-1][0] == role:
            said[-1] = role, said[-1][1] + what
        else:
            said.append((role, what))
    return said


def ids(messages):
    return [c.get("id") for m in messages or [] for c in m.get("tool_calls") or []]


def changed(field, a, b):
    if a != b:
        yield field, f"{str(a)[:300]} became {str(b)[:300]}"


def marks(messages):
    """How many parts are marked to be cached."""
    found = [p for m in messages or [] if isinstance(m.get("content"), list) for p in m["content"]] + list(messages or [])
    return sum(1 for p in found if p.get("cache_control"))


def differences(a, b):
    """How b differs from a."""
    (system_a, items_a), (system_b, items_b) = items(a.get("messages")), items(b.get("messages"))
    yield from changed("system", "".join(system_a.split()), "".join(system_b.split()))
    lost = False
    for kind in sorted({kind for _, kind, _ in items_a + items_b}):
        of_a, of_b = ([(r, w) for r, k, w in found if k == kind] for found in (items_a, items_b))
        for difference in changed(kind, joined(of_a) if kind == "text" else of_a, joined(of_b) if kind == "text" else of_b):
            lost = True
            yield difference
    if not lost:
        yield from changed("order", order(items_a), order(items_b))
    if all(ids(a.get("messages"))):
        yield from changed("tool_calls.id", ids(a.get("messages")), ids(b.get("messages")))
    yield from changed("reasoning_details", opaque(a.get("messages")), opaque(b.get("messages")))
    yield from changed("cache_control", marks(a.get("messages")), marks(b.get("messages")))
    of_a, of_b = parameters(a), parameters(b)
    if isinstance(a.get("tool_choice"), dict) and "function" not in a["tool_choice"]:  # somebody else's form
        of_a, of_b = ({k: v for k, v in of.items() if k not in ("tool_choice", "parallel_tool_calls")} for of in (of_a, of_b))
    chosen = [t for t in of_a.get("tools") or [] if t["name"] == of_a.get("tool_choice")]
    if chosen == of_b.get("tools"):  # to offer no other is as good as to name it
        of_a["tools"] = chosen
    if not ("tools" in of_a and "tools" in of_b):
        of_a, of_b = ({k: v for k, v in of.items() if k != "parallel_tool_calls"} for of in (of_a, of_b))
    if of_a.get("tool_choice") == "none" and "tools" not in of_b:  # that is one way to say it
        of_a = {k: v for k, v in of_a.items() if not k.startswith("tool")}
    for key in sorted(of_a) + ([] if set(a) - set(b) - KNOWN else sorted(set(of_b) - set(of_a))):
        yield from changed(key, of_a.get(key), of_b.get(key))


def order(found):
    """Roles and kinds, each once in a row."""
    kinds = [(role, kind) for role, kind, _ in found]
    return [k for i, k in enumerate(kinds) if not i or kinds[i - 1] != k]


UNSAID = {  # what goes without a word, since it changes no answer, or goes with what is named
    "reasoning_details", "messages.reasoning",  # thinking that only its author has a use for
    "response_format.json_schema.name", "response_format.json_schema.description", "response_format.json_schema.strict",
    "tool_calls.id", "cache_control",
}
ALIASES = {"reasoning": "reasoning_effort", "file.url": "file.file_data", "tools": "functions"}


def unsaid(found, names):
    """Those differences that are losses, and not among the names that the tool told."""
    for field, what in found:
        gone = what.endswith((" became None", " became []")) and field not in UNSAID and not field.endswith(".type")
        gone = gone and not what.startswith("none ")  # no reasoning is what there is without a word
        told = {field, ALIASES.get(field), field.split(".")[-1]}
        parents = {".".join(field.split(".")[:i]) for i in range(1, field.count(".") + 2)}
        if gone and not any(n in told | parents or n.startswith(field + ".") or (field == "tools.custom" and ":" in n) for n in names):
            yield field, what


def malformed(r):
    """Does it lack what most formats insist on: whose result a tool's is, or sound as an object?"""
    parts = [p for m in r.get("messages") or [] if isinstance(m.get("content"), list) for p in m["content"]]
    return any(m.get("role") == "tool" and not m.get("tool_call_id") for m in r.get("messages") or []) or \
        any(p.get("type") == "input_audio" and not isinstance(p.get("input_audio"), dict) for p in parts)


def read(out):
    return load(out.decode())
