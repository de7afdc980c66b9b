#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pairs.py PORT [KEY]: each front of or-serve on each wire, whole and streamed: text, tools and their results, image, reasoning, error.

PORT: of an or-serve whose providers u-WIRE are those of tests/providers. What comes back is read by tests/readers, not by our code. Speaks TAP.
"""
import concurrent.futures
import json
import sys

import gateway
from providers.script import ARGS, COMPLETION, PROMPT, TEXT, THOUGHT

KINDS = ("text", "tools", "result", "image", "reasoning", "error")
MODEL = {"result": "tools"}
port, key = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None


def arguments(call):
    return json.loads(call["args"]) if isinstance(call["args"], str) else call["args"]


def expect(front, kind, answer):
    """What is wrong with it: pairs (what, got)."""
    choice = answer.choice()
    want = {"text": TEXT, "result": f"It said: {gateway.RESULT}", "image": "A single pixel.", "reasoning": "It is 42.", "tools": ""}
    # In Google's format a result is an object, which is a text elsewhere.
    if choice.text != want[kind] and not (kind == "result" and front == "gemini" and f'"{gateway.RESULT}"' in choice.text):
        yield "text", choice.text
    if kind == "reasoning" and choice.reasoning != THOUGHT:
        yield "reasoning", choice.reasoning
    if kind == "tools" and [(c["name"], arguments(c)) for c in choice.calls] != [("get_weather", json.loads(ARGS))]:
        yield "calls", choice.calls
    if choice.finish != ("tool_calls" if kind == "tools" and front != "gemini" else choice.finish if kind == "tools" else "stop"):
        yield "finish", choice.finish
    if (answer.usage.get("prompt"), answer.usage.get("completion")) != (PROMPT, COMPLETION):
        yield "usage", answer.usage
    if answer.cut or answer.error:
        yield "cut", (answer.cut, answer.error)


def tried(front, wire, stream, kind):
    """(name, what is wrong with it)"""
    name = f"{front} to {wire}, {'streamed' if stream else 'whole'}: {kind}"
    try:
        status, headers, body = gateway.ask(port, front, f"u-{wire}:{MODEL.get(kind, kind)}", stream, kind, key)
        if kind == "error":
            answer = gateway.read(front, status, body)
            good = status == 429 and answer.error and "slow down, please" in answer.error["message"]
            return name, [] if good else [("error", (status, body[:300]))]
        if status != 200:
            return name, [("status", (status, body[:300]))]
        wrong = list(expect(front, kind, gateway.read(front, status, body)))
        if not headers.get("x-generation-id", "").startswith("gen-"):
            wrong.append(("x-generation-id", headers))
        return name, wrong
    except Exception as e:  # pylint: disable=broad-except
        return name, [(type(e).__name__, str(e)[:300])]


def main():
    cases = [(f, w, s, k) for f in gateway.FRONTS for w in gateway.WIRES for s in (False, True) for k in KINDS]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for n, (name, wrong) in enumerate(pool.map(lambda c: tried(*c), cases), 1):
            failed += bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {n} - {name}")
            for what, got in wrong:
                print(f"# {what}: {got}")
    print(f"1..{len(cases)}")
    sys.exit(1 if failed else 0)


main()
