# SPDX-License-Identifier: ISC
"""tap: checks of a client as TAP lines. BASE: the gateway's address; KEY: a key of it; model(): which models stand for each wire."""
import json
import os
import sys
import traceback
import urllib.request

BASE, KEY = os.environ["CLIENT_BASE"], os.environ["CLIENT_KEY"]
WIRES = ("openai", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock")
TEXT = "Hello, w\u00f6rld! \u2728 One, two."
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
count = failed = 0


def model(wire, kind):
    """The model of that kind behind a provider of that wire."""
    return f"u-{wire}:{kind}"


def seen(kind, wire=None):
    """What the providers were asked so far, for models of that name."""
    with urllib.request.urlopen(os.environ["CLIENT_UP"] + "/seen") as r:
        asked = json.load(r)
    return [a for a in asked if wire in (None, a["wire"]) and (a["body"].get("model") == kind or f"/{kind}:" in a["path"] or f"/{kind}/" in a["path"])]


def check(name, fn, *args):
    """One check: fn returns, or raises."""
    global count, failed
    count += 1
    try:
        fn(*args)
        print(f"ok {count} - {name}")
    except Exception as e:  # pylint: disable=broad-except
        failed += 1
        print(f"not ok {count} - {name}")
        for line in "".join(traceback.format_exception(e)).splitlines()[-12:]:
            print("#", line)
    sys.stdout.flush()


def each_wire(name, fn):
    for wire in WIRES:
        check(f"{name}, {wire}", fn, wire)


def same(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def raises(kind, fn):
    """What fn raises."""
    try:
        fn()
    except kind as e:
        return e
    raise AssertionError(f"no {kind.__name__}")


def done():
    print(f"1..{count}")
    sys.exit(1 if failed else 0)
