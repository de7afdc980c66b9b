#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""recordings.py DECODE DIRECTORY: every recorded answer in OpenAI's chat format, ours against an independent reader. TAP.

DECODE is tests/decode; DIRECTORY holds PROVIDER/CASE/{meta.json,response.body,response.status}. What is wanted is read here from
the formats' documents with Python's json: no part of our decoder is used, and none of its rules is looked up.
"""
import json
import pathlib
import re
import subprocess
import sys
from decimal import Decimal

CHAT = re.compile(r"/(chat/completions|completions)$|api\.writer\.com/v1/chat$")
OTHER = {  # the end of the path -> why this answer isn't looked at
    "embeddings": "vectors", "models": "a list of models", "responses": "another format", "messages": "another format",
    "rerank": "a ranking", "speech": "sound", "transcriptions": "a transcript", "generations": "images", "generate": "images",
    "moderations": "a moderation", "chat": "another format", "converse": "another format", "converse-stream": "another format",
    "invoke": "another format", "invoke-with-response-stream": "another format", "interactions": "another format",
    "count_tokens": "a count", "input_tokens": "a count", "tokenize": "a count", "embed": "vectors",
}
# Formats whose error bodies are not OpenAI's, by the directory's name.
FOREIGN = re.compile(r"anthropic|bedrock|cohere|gemini$|gemini-interactions|vertexai|ollama$|voyage|.*-responses|chatgpt")
REASONS = {
    "stop": "stop", "length": "length", "tool_calls": "tool_calls", "function_call": "tool_calls", "content_filter": "content_filter",
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls", "eos": "stop", "error": "error",
}


def values(body):
    """The JSON values of an answer: one, or those of its events, up to the end marker."""
    text = body.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip()[:1] in ("{", "["):
        whole = json.loads(text, parse_float=str)
        return whole if isinstance(whole, list) else [whole]
    found = []
    for block in text.split("\n\n"):
        data = [line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:")]
        if data and data != ["[DONE]"]:
            found.append(json.loads("\n".join(data), parse_float=str))
    return found


def parts(content):
    """(kind, text) of a content value: a string, or a list of typed parts."""
    if isinstance(content, str):
        yield "text", content
    for part in content if isinstance(content, list) else []:
        if part.get("type") == "thinking":
            inner = part["thinking"]
            yield "reasoning", inner if isinstance(inner, str) else "".join(p.get("text", "") for p in inner)
        elif part.get("type") == "reasoning":
            yield "reasoning", "".join(p.get("text", "") for p in part.get("summary", []))
        elif part.get("type") in ("text", "output_text", None):
            yield "text", part.get("text", "")


class Choice:
    def __init__(self):
        self.text, self.refusal, self.reasoning = "", "", ""
        self.calls, self.annotations, self.images, self.logprobs, self.audio = [], [], [], [], ""
        self.finish = self.native = None
        self.plain = False  # reasoning comes as plain text: the same in reasoning_details is for playing it back

    def reason(self, m):
        details = m.get("reasoning_details") or []
        plain = m.get("reasoning") or m.get("reasoning_content") or ""
        self.plain = self.plain or bool(plain)
        self.reasoning += plain if self.plain else "".join(d.get("text") or d.get("summary") or "" for d in details)

    def call(self, c):
        f = c.get("function") or c
        name, args, known = f.get("name"), f.get("arguments"), None
        for old in self.calls:
            same_id = bool(c.get("id")) and c["id"] == old["id"]
            same_place = c.get("index") is not None and c["index"] == old["place"] and not (c.get("id") and old["id"])
            if same_id or same_place:
                known = old
        if known is None and not name and not c.get("id") and self.calls:
            known = self.calls[-1]
        if known is None:
            known = {"id": c.get("id") or None, "name": name, "args": "", "place": c.get("index")}
            self.calls.append(known)
        if isinstance(args, str):
            known["args"] += args
        elif args is not None:
            known["args"] += json.dumps(args)

    def message(self, m):
        self.reason(m)
        for kind, text in parts(m.get("content")):
            setattr(self, kind, getattr(self, kind) + text)
        self.refusal += m.get("refusal") or ""
        for c in m.get("tool_calls") or []:
            self.call(c)
        legacy = m.get("function_call")
        if isinstance(legacy, dict) and legacy.get("name"):
            self.call(legacy)
        self.annotations += m.get("annotations") or []
        self.images += m.get("images") or []
        audio = m.get("audio")
        if isinstance(audio, dict):
            self.audio += (audio.get("transcript") or "") + (audio.get("data") or "")


class Wanted:
    def __init__(self, status, found):
        self.choices, self.usage, self.error, self.id, self.model, self.citations = {}, None, None, None, None, []
        for v in found:
            if status >= 400 or self.is_error(v):
                self.error = self.error or self.read_error(v)
            if isinstance(v, dict) and status < 400:
                self.take(v)

    @staticmethod
    def is_error(v):
        if not isinstance(v, dict) or v.get("choices"):
            return isinstance(v, dict) and isinstance(v.get("error"), dict) and bool(v["error"])
        return bool(v.get("error")) or v.get("object") == "error" or "detail" in v

    @staticmethod
    def read_error(v):
        v = v.get("error") if isinstance(v, dict) and isinstance(v.get("error"), dict) else v
        message = v.get("message") or v.get("error") or v.get("detail") or ""
        code = next((c for c in (v.get("code"), v.get("status_code")) if re.fullmatch("[345]..", str(c))), None)
        return {"message": message if isinstance(message, str) else json.dumps(message), "code": code and int(code),
                "metadata": (v.get("metadata") or {}).get("raw")}

    def take(self, v):
        self.id, self.model = self.id or v.get("id"), self.model or v.get("model")
        usage = v.get("usage") or (v.get("x_groq") or {}).get("usage")
        self.usage = usage or self.usage
        self.citations = v.get("citations") or self.citations
        for c in v.get("choices") or []:
            choice = self.choices.setdefault(c.get("index", 0), Choice())
            m = c.get("delta") or c.get("message")
            if m:
                choice.message(m)
            elif not isinstance(c.get("delta"), dict):
                choice.text += c.get("text") or ""
            choice.logprobs += (c.get("logprobs") or {}).get("content") or []
            if c.get("finish_reason") and not choice.finish:
                choice.finish = REASONS[c["finish_reason"]]
                choice.native = c.get("native_finish_reason") or c["finish_reason"]
            if c.get("finish_reason") == "" and "message" in c:  # Snowflake: whole, but it doesn't say why it ended
                choice.finish = "tool_calls" if choice.calls else "stop"

    def tokens(self):
        u = self.usage
        if not u:
            return None
        pd, cd = u.get("prompt_tokens_details") or {}, u.get("completion_tokens_details") or {}
        first = lambda *vs: next((v for v in vs if v is not None), None)
        reasoning = first(cd.get("reasoning_tokens"), u.get("reasoning_tokens"))
        prompt, completion = u.get("prompt_tokens"), u.get("completion_tokens")
        rest = (u.get("total_tokens") or 0) - (prompt or 0) - (completion or 0)
        if rest > 0 and rest == reasoning:  # xAI
            completion += rest
        elif rest > 0 and rest == pd.get("audio_tokens"):  # Mistral
            prompt += rest
        elif rest > 0 and reasoning is None and not pd and not cd:  # Google's compatible endpoint
            completion, reasoning = completion + rest, rest
        cost = u.get("cost")
        cost = cost.get("total_cost") if isinstance(cost, dict) else cost
        if cost is None and "cost_in_usd_ticks" in u:
            cost = Decimal(u["cost_in_usd_ticks"]) / 10**10
        return {
            "prompt": prompt, "completion": completion, "reasoning": reasoning, "cost": None if cost is None else Decimal(str(cost)),
            "cached": first(pd.get("cached_tokens"), u.get("prompt_cache_hit_tokens"), u.get("cached_tokens"), u.get("num_cached_tokens"), u.get("cache_read_input_tokens")),
        }


class Got:
    def __init__(self, lines):
        self.choices, self.usage, self.error, self.order, self.start, self.end = {}, None, None, [], {}, {}
        for e in lines:
            self.order.append(e["type"])
            choice = self.choices.setdefault(e.get("choice", 0), Choice())
            getattr(self, "on_" + e["type"])(e, choice)

    def on_start(self, e, c): self.start = e
    def on_reasoning(self, e, c): c.reasoning += e.get("s", "")
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

    def on_media(self, e, c):
        if e["name"] == "image":
            c.images.append(e["raw"])
        else:
            c.audio += (e["raw"].get("transcript") or "") + (e["raw"].get("data") or "")

    def on_finish(self, e, c):
        assert c.finish is None, "two finish events"
        c.finish, c.native = e["s"], e.get("native")


def differences(status, want, got):
    """What is wrong, a line each."""
    def check(what, a, b):
        if a != b:
            yield f"{what}: got {b!r}, want {a!r}"
    if status < 400:
        yield from check("id", want.id or None, got.start.get("id"))
        yield from check("model", want.model or None, got.start.get("name"))
    for i in sorted(set(want.choices) | set(got.choices)):
        w, g = want.choices.get(i, Choice()), got.choices.get(i, Choice())
        for field in ("text", "refusal", "reasoning", "images", "audio", "logprobs"):
            yield from check(f"choice {i} {field}", getattr(w, field), getattr(g, field))
        notes = w.annotations or [{"type": "url_citation", "url_citation": {"url": u}} for u in want.citations]
        yield from check(f"choice {i} annotations", notes, g.annotations)
        yield from check(f"choice {i} calls", [(c["id"], c["name"], c["args"]) for c in w.calls], [(c["id"], c["name"], c["args"]) for c in g.calls])
        yield from check(f"choice {i} calls ended", [], [c for c in g.calls if not c["ended"]])
        yield from check(f"choice {i} finish", (w.finish, w.native), (g.finish, g.native))
    usage, tokens = got.usage or {}, want.tokens() or {}
    for field in ("prompt", "completion", "reasoning", "cached", "cost"):
        value = usage.get(field)
        yield from check(f"usage {field}", tokens.get(field), Decimal(value) if field == "cost" and value else value)
    if not want.error:
        yield from check("end", "ok", got.end["kind"])
        yield from check("error", None, got.error)
        return
    if got.end["kind"] == "ok":
        yield "the error was not seen"
        return
    wanted_status = status if status >= 400 else want.error["code"]
    if wanted_status:
        yield from check("status", wanted_status, got.end.get("http"))
    said = " ".join(want.error["message"].split())[:150]
    if said not in " ".join(got.end["message"].split()):
        yield f"message: got {got.end['message']!r}, want {said!r}"


def scope(case, url, body, status):
    """None: compared. Else the reason why not."""
    provider, path = case.parent.name, url.split("?")[0]
    if "/organization/" in path:
        return "an account"
    if status < 400 and b'"choices"' not in body and re.match(rb'\s*data: *{"value"', body):
        return "Writer's own format of text completions"
    if CHAT.search(path) and not FOREIGN.fullmatch(provider):
        return None
    if FOREIGN.fullmatch(provider):
        return None if b'"chat.completion' in body[:2000] else "another format"
    if status >= 400:
        return None  # errors look the same whatever was asked for
    for end, why in OTHER.items():
        if re.search(rf"/{end}(/|$)", path):
            return why
    return "unknown: " + path


def main():
    decode, top = sys.argv[1], pathlib.Path(sys.argv[2])
    n = failed = 0
    skipped = {}
    for meta in sorted(top.glob("*/*/meta.json")):
        case = meta.parent
        body = (case / "response.body").read_bytes()
        status = int((case / "response.status").read_text().strip() or 200)
        why = scope(case, json.loads(meta.read_text())["url"], body, status)
        if why:
            skipped.setdefault(why, []).append(f"{case.parent.name}/{case.name}")
            continue
        n += 1
        command = [decode, "-s", str(status)] + (["-S"] if len(body) < 3000 else ["-c", "7"])
        run = subprocess.run(command, input=body, capture_output=True)
        wrong = [run.stderr.decode()] if run.returncode else []
        try:
            want = Wanted(status, values(body))
        except ValueError as e:
            if status < 400:
                wrong.append(f"unreadable here: {e}")
            want = Wanted(status, [{"message": ""}])
        if not wrong:
            wrong = list(differences(status, want, Got(json.loads(l, parse_float=str) for l in run.stdout.decode().splitlines())))
        failed += bool(wrong)
        print("not ok" if wrong else "ok", n, "-", f"{case.parent.name}/{case.name}")
        for line in wrong:
            print("#  ", line[:1500].replace("\n", "\n#   "))
    for why, cases in sorted(skipped.items()):
        print(f"# {len(cases)} not compared ({why}):")
        for case in cases:
            print(f"#   {case}")
    unknown = [w for w in skipped if w.startswith("unknown")]
    n += 1
    print("not ok" if unknown else "ok", n, "- every recording is compared, or is listed with its reason")
    print(f"1..{n}")
    return 1 if failed or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
