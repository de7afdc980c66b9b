#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""roundtrip.py OR-XLATE PAGE [DIRECTORY]: the recordings through every format and back. TAP, a test for each recording.

An answer, written in another format and read again, must tell the same; so must a stream that is translated live and the same answer
collected first. A request that was in another format must ask for the same. What a format has no place for is in the table of losses
of orutils-formats(7), PAGE: anything else that is lost fails. Without recordings it is done with wire/everything.*.
"""
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
import recordings  # noqa: E402
from losses import FORMATS, Losses  # noqa: E402
from readers import asked, requests, told  # noqa: E402

TARGETS = os.environ.get("TO", "").split() or FORMATS
ENDED = (0, 1, 3, 4, 6, 65, 69, 75, 76, 77)  # an answer that ends badly is still one
NONSENSE = AssertionError, ValueError, KeyError, TypeError, AttributeError, IndexError  # of a reader


class Failed(Exception):
    pass


def run_telling(data, *args, ok=(0,)):
    """What it writes, and the names of what it says is lost."""
    done = subprocess.run([OR_XLATE, *args], input=data, capture_output=True)
    if done.returncode not in ok:
        raise Failed(f"or-xlate {' '.join(args)}: {done.returncode} {done.stderr.decode()[:300]}")
    return done.stdout, re.findall(r"lost: (\S+)", done.stderr.decode())


def run(data, *args, ok=(0,)):
    return run_telling(data, *args, ok=ok)[0]


def answer(data, *args):
    return run(data, *args, "--answer", ok=ENDED)


def tell(data, name):
    return told.Told(answer(data, "-f", name, "-F", "ndjson").decode())


def lost(name, side, differences):
    """Those that aren't listed."""
    for field, what in differences:
        if not LOSSES.allows(name, side, field):
            yield f"{name}: {field}: {what}"


def independent(target, out, first):
    """What was written, read by one who knows the format's documents, and nothing of our decoder."""
    if out and not first.error:
        read = told.by_reader(recordings.READERS[target].read(200, out))
        yield from lost(target, "answer", ((f, what) for f, what in told.answers(first, read) if f in told.READ))


def answer_via(source, target, body, first, collected):
    """Through the target's format, streamed and whole; and a stream by way of the collected answer."""
    via = "-f", source, "-t", target, "-F"
    out = answer(body, *via, "sse")
    stream = tell(out, target)
    yield from lost(target, "answer", told.answers(first, stream))
    yield from (f"read: {line}" for line in independent(target, out, first))
    out = answer(body, *via, "json")
    yield from (f"whole: {line}" for line in lost(target, "answer", told.answers(first, tell(out, target), True)))
    yield from (f"whole, read: {line}" for line in independent(target, out, first))
    if collected:
        later = tell(answer(collected, *via, "sse"), target)
        yield from (f"live and collected: {line}" for line in lost(source, "answer", told.answers(stream, later)))


def check_answer(name, body):
    first = tell(body, name)
    streamed = not re.match(rb"\s*\{", body) or name == "ollama" and body.strip().count(b"\n") > 0
    collected = answer(body, "-f", name, "-t", name, "-F", "json") if streamed and not first.error else None
    for target in TARGETS:
        try:
            yield from answer_via(name, target, body, first, collected)
        except (Failed, *NONSENSE) as e:
            yield f"{target}: {e!r}"


def check_request(name, body, status):
    """Into OpenAI's format, as an independent reader reads it; from there through all others. What the provider refused we may, too."""
    try:
        first = asked.read(run(body, "-f", name, "-t", "openai", "--request", "--lossy"))
    except Failed:
        if status < 400 and b'"previous_response_id"' not in body:  # the conversation isn't here
            raise
        return
    yield from (f"in {name}, not in openai: {what}" for what in requests.missing(name, body, first))
    if not first.get("model"):  # it is in the URL of some formats
        first["model"] = "m"
        name, body = "openai", json.dumps(first, default=lambda raw: float(raw.text)).encode()
    for target in TARGETS:
        try:
            there, names = run_telling(body, "-f", name, "-t", target, "--request", "--lossy", "-v")
            yield from (f"read: {line}" for line in lost(target, "request", requests.written(target, there, first)))
            back = asked.read(run(there, "-f", target, "-t", "openai", "--request", "--lossy"))
            found = list(asked.differences(first, back))
            yield from lost(target, "request", found)
            if target != "completions":  # which has no place for messages at all
                yield from (f"{target}: without a word: {field}: {what}" for field, what in asked.unsaid(found, names))
        except (Failed, *NONSENSE) as e:
            if not asked.malformed(first):
                yield f"{target}: {e!r}"


def guarded(check, *args):
    try:
        return list(check(*args))
    except (Failed, *NONSENSE) as e:
        return [repr(e)]


def own():
    """The table; an answer and a request that hold whatever there is to hold."""
    yield "the table of losses is in order", lambda: LOSSES.wrong or ([] if LOSSES.rows else ["it has no rows"]), ()
    wire = pathlib.Path(__file__).parent / "wire"
    yield "an answer with everything in it (openai)", check_answer, ("openai", (wire / "everything.answer.json").read_bytes())
    yield "a request with everything in it (openai)", check_request, ("openai", (wire / "everything.request.json").read_bytes(), 200)


def recorded(top):
    """(what, function, arguments) of each test; recordings without a chat answer or request of these formats have none."""
    for case, name, url, status, body in recordings.cases(top):
        kind, _ = recordings.scope(case.parent.name, url, status, body)
        if kind and status < 400:
            yield f"{name}: the answer ({kind})", check_answer, (kind, body)
        kind = "anthropic" if "/invoke-with" in url else recordings.spoken(url)
        request = (case / "request.json").read_bytes()
        if kind and request.lstrip()[:1] == b"{":
            yield f"{name}: the request ({kind})", check_request, (kind, request, status)


def main():
    global OR_XLATE, LOSSES
    OR_XLATE, LOSSES = sys.argv[1], Losses(sys.argv[2])
    only, n, failed = re.compile(os.environ.get("ONLY", "")), 0, 0
    with ThreadPoolExecutor(2) as pool:
        tests = itertools.chain(own(), recorded(pathlib.Path(sys.argv[3])) if sys.argv[3:] else ())
        todo = [(what, pool.submit(guarded, check, *args)) for what, check, args in tests if only.search(what)]
        for what, job in todo:
            n, wrong = n + 1, job.result()
            failed += bool(wrong)
            print("not ok" if wrong else "ok", n, "-", what)
            for line in wrong:
                print("#  ", line[:600].replace("\n", " "))
    for row in sorted(set(LOSSES.rows) - LOSSES.used) if sys.argv[3:] else ():
        print(f"# no recording loses this: {' '.join(row)}")
    print(f"1..{n}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
