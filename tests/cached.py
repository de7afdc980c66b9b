#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""cached.py PORT UPSTREAM_PORT: or-serve's cache of answers in each front, whole and streamed. Speaks TAP.

PORT: of an or-serve whose providers u-WIRE are those of tests/providers, at UPSTREAM_PORT, and which may keep 512 MiB. What comes back is read by
tests/readers.
"""
import http.client
import json
import sys
import urllib.request

import gateway

port, upstream = int(sys.argv[1]), int(sys.argv[2])
ON = {"X-OpenRouter-Cache": "true"}
done, failed = 0, 0


def ok(good, name, *got):
    global done, failed
    done += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {done} - {name}")
    if not good:
        print("#", *(str(g)[:600] for g in got))


def n_asked():
    with urllib.request.urlopen(f"http://127.0.0.1:{upstream}/seen", timeout=20) as r:
        return len(json.load(r))


def said(front, answer):
    """What an answer says beside its id, its time and what it used."""
    status, _, body = answer
    read = gateway.read(front, status, body)
    choice = read.choice()
    return choice.text, choice.reasoning, [(c["name"], c["args"]) for c in choice.calls], choice.finish, read.cut, read.error


def pieces(front, body):
    """How many its content came in."""
    marks = {"anthropic": b'_delta"', "responses": b'.delta"', "ollama": b"\n", "bedrock": b"contentBlockDelta", "cohere": b'-delta"'}
    return body.count(marks.get(front, b"data: "))


def try_pair(front, wire, stream, kind):
    name = f"{front}, {'streamed' if stream else 'whole'}: {kind}"
    model = f"u-{wire}:{kind}"
    before = n_asked()
    miss, hit = (gateway.ask(port, front, model, stream, kind, fields=ON) for _ in range(2))
    fields = miss[1], hit[1]
    ok([f.get("x-openrouter-cache-status") for f in fields] == ["MISS", "HIT"], name + ": once kept, once given", fields)
    ok(fields[1].get("x-openrouter-cache-source-id") == fields[0].get("x-generation-id"), name + ": whose answer it was", fields)
    ok(fields[1].get("x-generation-id", "").startswith("gen-") and len({f["x-generation-id"] for f in fields}) == 2, name + ": a new id", fields)
    ok(n_asked() == before + 1, name + ": the provider was asked once")
    ok(miss[0] == hit[0] == 200 and said(front, miss) == said(front, hit), name + ": it says the same", miss, hit)
    ok(not stream or pieces(front, miss[2]) == pieces(front, hit[2]), name + ": in as many pieces", miss, hit)
    usage = gateway.read(front, 200, hit[2]).usage
    ok(not usage.get("prompt") and not usage.get("completion"), name + ": nothing is used", usage)


def post(body):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"} | ON)
    r = c.getresponse()
    answer = r.status, dict(r.getheaders()), r.read()
    c.close()
    return answer


def try_slow():
    """An answer that is larger than what is held for a client: it takes it in pieces, and some leave."""
    body = json.dumps({"model": "u-openai:echo", "stream": True, "messages": [{"role": "user", "content": ("x" * 4000 + " ") * 2000}]})
    first = post(body)
    gone = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    gone.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"} | ON)
    gone.getresponse().read(100)
    gone.close()
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"} | ON)
    r = c.getresponse()
    start = r.read(1000)
    other = gateway.ask(port, "openai", "u-openai:text", False, "text", fields=ON)
    rest = start + r.read()
    c.close()
    ok(first[0] == 200 and len(first[2]) > 8000000, "a long one", first[0], len(first[2]))
    ok(r.getheader("x-openrouter-cache-status") == "HIT", "is kept", r.getheaders())
    ok(other[0] == 200, "while its client waits, others are served", other)
    ok(said("openai", (200, {}, rest)) == said("openai", first), "all of it came")


def main():
    for front in gateway.FRONTS:
        for stream in (False, True):
            try_pair(front, "openai" if front == "cohere" else front, stream, "text")
            try_pair(front, "anthropic", stream, "tools")
    for wire in ("anthropic", "responses"):
        try_pair("openai", wire, True, "reasoning")
        try_pair("openai", wire, False, "reasoning")
    try_slow()
    print(f"1..{done}")
    return failed > 0


sys.exit(main())
