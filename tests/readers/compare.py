# SPDX-License-Identifier: ISC
"""What our decoder made of an answer, and where that differs from what the answer says."""
import json
from decimal import Decimal

from . import Choice, load

COUNTS = ("prompt", "completion", "reasoning", "cached", "cache_write", "cost")


class Got:
    """The events of tests/decode."""

    def __init__(self, lines):
        self.choices, self.usage, self.error, self.order, self.start, self.end = {}, {}, None, [], {}, {}
        for e in lines:
            self.order.append(e["type"])
            getattr(self, "on_" + e["type"])(e, self.choices.setdefault(e.get("choice", 0), Choice()))

    def on_start(self, e, c): self.start = e
    def on_tool_begin(self, e, c): c.calls.append({"id": e.get("id"), "name": e.get("name"), "args": "", "ended": False})
    def on_tool_args(self, e, c): c.calls[e["index"]]["args"] += e["s"]
    def on_tool_end(self, e, c): c.calls[e["index"]]["ended"] = True
    def on_annotation(self, e, c): c.annotations.append(e["raw"])
    def on_logprobs(self, e, c): c.logprobs += e["raw"].get("content") or []
    def on_usage(self, e, c): self.usage = e
    def on_error(self, e, c): self.error = e
    def on_end(self, e, c): self.end = e

    def on_text(self, e, c):
        c.text += e.get("s", "")
        c.refusal += e.get("refusal", "")

    def on_reasoning(self, e, c):
        c.reasoning += e.get("s", "")
        if "raw" in e:
            c.opaque.append(e["raw"])

    def on_media(self, e, c):
        if e["name"] == "image":
            c.images.append(e["raw"])
        else:
            c.audio += (e["raw"].get("transcript") or "") + (e["raw"].get("data") or "")

    def on_finish(self, e, c):
        assert c.finish is None, "two finish events"
        c.finish, c.native = e["s"], e.get("native")


def check(what, want, got):
    if want != got:
        yield f"{what}: got {got!r}, want {want!r}"


def parsed(args):
    """A value for arguments: what their text says, where it says something."""
    try:
        return load(args) if isinstance(args, str) else args
    except ValueError:
        return args


def calls(i, want, got):
    """Arguments as JSON. An id that the format doesn't have is ours, and not the same for two."""
    pairs = [(w["id"], w["name"], parsed(w["args"])) for w in want]
    found = [(g["id"] if w and w["id"] else None, g["name"], parsed(g["args"])) for g, w in zip(got, want + [None] * len(got))]
    yield from check(f"choice {i} calls", pairs, found)
    ids = [g["id"] for g in got]
    if len(set(ids)) != len(ids) or not all(ids):
        yield f"choice {i}: ids of calls: {ids}"


def strings(raw):
    """Each string of a JSON value, and what those of one key are in all."""
    if isinstance(raw, dict):
        for v in raw.values():
            yield from strings(v)
    elif isinstance(raw, list):
        for v in raw:
            yield from strings(v)
    elif isinstance(raw, str):
        yield raw


def url(raw):
    return (raw.get("url_citation") or {}).get("url") or raw.get("url")


def close(i, w, g):
    """Where the format isn't OpenAI's."""
    yield from calls(i, w.calls, g.calls)
    # A place that is cited again and again may be told once.
    yield from check(f"choice {i} annotations", list(dict.fromkeys(n["url"] for n in w.annotations)),
                     list(dict.fromkeys(url(n) for n in g.annotations)))
    yield from check(f"choice {i} images", len(w.images), len(g.images))
    for image, raw in zip(w.images, g.images):
        if image not in json.dumps(raw):
            yield f"choice {i}: another image"
    if (g.native or None) not in (w.native or (None,)):
        yield f"choice {i} native: got {g.native!r}, want one of {w.native!r}"


def exact(i, w, g):
    yield from check(f"choice {i} calls", [(c["id"], c["name"], c["args"]) for c in w.calls], [(c["id"], c["name"], c["args"]) for c in g.calls])
    yield from check(f"choice {i} annotations", w.annotations, g.annotations)
    yield from check(f"choice {i} images", w.images, g.images)
    yield from check(f"choice {i} native", (w.native or (None,))[0], g.native or None)


def choice(i, w, g, is_exact):
    for field in ("text", "refusal", "reasoning", "audio", "logprobs", "finish"):
        if field != "refusal" or w.refusal or g.refusal != w.explained:
            yield from check(f"choice {i} {field}", getattr(w, field), getattr(g, field))
    yield from (exact if is_exact else close)(i, w, g)
    yield from check(f"choice {i} calls ended", [], [c for c in g.calls if not c["ended"]])
    kept = list(strings(g.opaque))
    for forms in w.opaque:
        if not any(form in kept or form in "".join(kept) for form in forms):
            yield f"choice {i}: {forms[0][:40]!r} of the reasoning is gone"


def verdict(want, got):
    """The end: as it should be, cut off, or an error."""
    end, failed = got.end, want.error
    if want.cut:
        if end["kind"] not in ("truncated", "temporary"):
            yield f"end: got {end['kind']!r}, though it was cut"
    elif not failed and any(c.finish == "error" for c in want.choices.values()):
        if end["kind"] == "ok":
            yield "end: the model's failure was not seen"
    elif not failed:
        yield from check("end", "ok", end["kind"])
        yield from check("error", None, got.error)
    if not failed:
        return
    if end["kind"] == "ok":
        yield "the error was not seen"
        return
    status = want.status if want.status >= 400 else failed["code"]
    if status:
        yield from check("status", status, end.get("http"))
    if failed["kind"] and want.status >= 400:
        yield from check("kind", failed["kind"], end["kind"])
    said = " ".join(failed["message"].split())[:150]
    if said not in " ".join(end.get("message", "").split()):
        yield f"message: got {end.get('message')!r}, want {said!r}"


def differences(want, got):
    """What is wrong, a line each."""
    if want.status < 400 and (got.start or not want.error):
        yield from check("id", want.id or None, got.start.get("id"))
        yield from check("model", want.model or None, got.start.get("name"))
    for i in sorted(set(want.choices) | set(got.choices)):
        w, g = want.choices.get(i, Choice()), got.choices.get(i, Choice())
        if want.error and not g.finish:
            w.end(None)  # the error says how it ended
        yield from choice(i, w, g, want.exact)
    for field in COUNTS:
        value = got.usage.get(field)
        value = Decimal(value) if field == "cost" and value else value
        yield from check(f"usage {field}", want.usage.get(field), value)
    yield from verdict(want, got)
