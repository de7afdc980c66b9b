# SPDX-License-Identifier: ISC
"""What or-xlate tells of an answer: its events joined, so that two answers can be compared field by field.

A difference is (field, what): the field by the name that the table of losses has for it.
"""
from . import load
from .compare import parsed, strings

USAGE = ("prompt", "completion", "cached", "cache_write", "reasoning", "cost")
READ = {"text", "refusal", "reasoning", "tool_calls", "tool_calls.id", "tool_calls.custom", "finish", "choices", "id", "model", "usage.prompt",
        "usage.completion", "usage.cached", "usage.cache_write", "usage.reasoning"}


class Choice:
    def __init__(self):
        self.text = self.refusal = self.reasoning = ""
        self.details, self.calls, self.media, self.annotations, self.logprobs = [], [], [], [], []
        self.finish = self.native = None

    def opaque(self):
        """What of the reasoning only its author can read."""
        return [s for d in self.details for k in ("signature", "data") if isinstance(d, dict) for s in strings(d.get(k))]


class Told:
    """An answer by the lines of -F ndjson."""

    def __init__(self, out):
        self.choices, self.start, self.usage, self.error = {}, {}, {}, None
        for line in out.splitlines():
            e = load(line)
            if e["type"] in ("start", "usage", "error"):
                c = None
            else:
                c = self.choices.setdefault(e.get("choice", 0), Choice())
            getattr(self, "on_" + e["type"], self.other)(e, c)

    def other(self, e, c): pass
    def on_start(self, e, c): self.start = e
    def on_tool_begin(self, e, c): c.calls.append({"id": e.get("id"), "name": e.get("name"), "args": ""})
    def on_tool_args(self, e, c): c.calls[e["index"]]["args"] += e["args"]
    def on_media(self, e, c): c.media.append((e["kind"], "".join(strings(e["media"]))))
    def on_annotation(self, e, c): c.annotations.append(e["annotation"])
    def on_logprobs(self, e, c): c.logprobs += e["logprobs"].get("content") or []
    def on_finish(self, e, c): c.finish, c.native = e.get("finish"), e.get("native_finish")
    def on_usage(self, e, c): self.usage = e
    def on_error(self, e, c): self.error = e.get("kind")

    def on_text(self, e, c):
        key = "refusal" if e.get("refusal") else "text"
        setattr(c, key, getattr(c, key) + e["text"])

    def on_reasoning(self, e, c):
        c.reasoning += e.get("text", "")
        if "detail" in e:
            c.details.append(e["detail"])


def by_reader(answer):
    """The same of what an independent reader says; only what READ has."""
    found = Told("")
    found.start = {"id": answer.id, "model": answer.model}
    found.usage = {key: n for key, n in answer.usage.items() if n is not None}
    for i, c in answer.choices.items():
        there = found.choices[i] = Choice()
        there.text, there.refusal, there.reasoning, there.calls, there.finish = c.text, c.refusal, c.reasoning, c.calls, c.finish
    return found


def changed(field, a, b):
    if a != b:
        yield field, f"{str(a)[:300]} became {str(b)[:300]}"


def media(parts):
    """Kind and bytes; pieces of one kind belong together."""
    found = {}
    for kind, data in parts:
        found[kind] = found.get(kind, "") + data
    return found


def calls(a, b):
    """A custom tool's input is any text: no format but OpenAI's has a place for it."""
    yield from changed("tool_calls", [c["name"] for c in a], [c["name"] for c in b])
    for old, new in zip(a, b):
        args, after = (parsed(c["args"] or "{}") for c in (old, new))
        yield from changed("tool_calls.custom" if isinstance(args, str) else "tool_calls", args, after)
        if old["id"]:
            yield from changed("tool_calls.id", old["id"], new["id"])


def notes(a, b):
    """Annotations: how many, of which kind; and then each member."""
    kinds = [[n.get("type") for n in found] for found in (a, b)]
    yield from changed("annotations", *kinds)
    if kinds[0] == kinds[1]:
        for old, new in zip(a, b):
            of_a, of_b = (n.get(n.get("type")) or n for n in (old, new))
            for key in (k for k in of_a if of_a[k]):
                yield from changed(f"annotations.{key}", of_a[key], of_b.get(key))


def choices(a, b):
    if a.refusal and not b.refusal and b.text == a.text + a.refusal:
        yield "refusal", "is plain text"
    else:
        yield from changed("text", a.text, b.text)
        yield from changed("refusal", a.refusal, b.refusal)
    yield from changed("reasoning", a.reasoning, b.reasoning)
    yield from changed("reasoning_details", "".join(a.opaque()), "".join(b.opaque()))
    yield from calls(a.calls, b.calls)
    of_a, of_b = media(a.media), media(b.media)
    for kind in of_a:
        yield from changed(f"media.{kind}", of_a[kind], of_b.get(kind))
    yield from notes(a.annotations, b.annotations)
    yield from changed("logprobs", a.logprobs, b.logprobs)


def answers(a, b, whole=False):
    """How b differs from a. Where a failed, a whole answer is what came until then; without anything, it is the error."""
    content = any(c.text or c.reasoning or c.calls for c in a.choices.values())
    if a.error and not content and (whole or not b.start):
        yield from changed("error", a.error, b.error)
        return
    for key in ("id", "model", "provider"):
        if a.start.get(key):
            yield from changed(key, a.start.get(key), b.start.get(key))
    if len(a.choices) > len(b.choices) and not a.error:
        yield "choices", f"{len(b.choices)} of {len(a.choices)} are left"
    for i in sorted(set(a.choices) & set(b.choices)):
        yield from choices(a.choices[i], b.choices[i])
        if not a.error:
            if a.choices[i].finish or b.choices[i].finish != "error":  # that is what an end is that never came
                yield from changed("finish", a.choices[i].finish, b.choices[i].finish)
            if a.choices[i].native:
                yield from changed("native_finish", a.choices[i].native, b.choices[i].native)
    for key in USAGE:
        sensible = key != "reasoning" or a.usage[key] <= a.usage.get("completion", a.usage[key]) if key in a.usage else False
        if sensible and not a.error:
            yield from changed(f"usage.{key}", a.usage[key], b.usage.get(key))
    if not whole:
        yield from changed("error", a.error, b.error)
