#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""recordings.py DECODE DIRECTORY: every recorded answer, ours against an independent reader (readers/). TAP.

DECODE is tests/decode; DIRECTORY holds PROVIDER/CASE/{meta.json,response.body,response.status}. What is wanted is read from the
formats' documents: no part of our decoder is used, and none of its rules is looked up. A recording is compared, or listed with why not.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from readers import anthropic, bedrock, cohere, gemini, load, ollama, openai, responses  # noqa: E402
from readers.compare import Got, differences  # noqa: E402

READERS = {"openai": openai, "completions": openai, "responses": responses, "anthropic": anthropic, "gemini": gemini, "ollama": ollama,
           "cohere": cohere, "bedrock": bedrock}
FORMATS = [  # what is in a URL without its query -> the format of its answers; the first counts
    (r"/responses(/resp_\w+)?$", "responses"),
    (r"/publishers/anthropic/.*:(streamR|r)awPredict$|/messages$", "anthropic"),
    (r":(generateContent|streamGenerateContent)$", "gemini"),
    (r"/api/(chat|generate)$", "ollama"),
    (r"cohere\.\w+/v2/chat$", "cohere"),
    (r"/(converse|converse-stream|invoke-with-response-stream)$", "bedrock"),
    (r"/model/[\w.]*anthropic\.[^/]*/invoke$", "anthropic"),
    (r"/chat/completions$|api\.writer\.com/v1/chat$", "openai"),
    (r"/completions$", "completions"),
]
OTHER = [  # why an answer is not compared
    (r"/model/[^/]*/invoke$", "a model's own format under InvokeModel, which has no name"),
    (r"cohere\.\w+/v1/(chat|generate)$", "Cohere's first API, which v2 took the place of"),
    (r"/interactions$", "Gemini's Interactions, a format that is not read"),
    (r"/(embeddings|embed)$|:(batchEmbedContents|embedContent)$", "vectors"),
    (r"/rerank$", "a ranking"),
    (r"/(speech|tts)$", "sound"),
    (r"/transcriptions$", "a transcript"),
    (r"/(images/generations|image/generate)$", "images"),
    (r"/moderations$", "a moderation"),
    (r"/(count_tokens|input_tokens|tokenize)$|:countTokens$", "a count"),
    (r"/models$", "a list of models"),
    (r"/models/", "a model"),
]
OPENAI_ERRORS = re.compile(r"anthropic|bedrock|cohere|gemini.*|vertexai|ollama|voyage|.*-responses|chatgpt")


def spoken(url):
    """The format of what goes to this URL and comes from there; None: none of ours."""
    path = url.split("?")[0]
    return next((name for pattern, name in FORMATS if re.search(pattern, path)), None)


def scope(provider, url, status, body):
    """The format, and None; or None, and why the answer isn't compared."""
    path = url.split("?")[0]
    if b'"chat.completion' in body[:2000]:
        return "openai", None  # whatever was asked for
    if b'"object": "interaction"' in body:
        return None, "Gemini's Interactions, a format that is not read"
    if "/organization/" in path:
        return None, "an account"
    if status < 400 and re.match(rb'\s*data: *{"value"', body):
        return None, "Writer's own format of text completions"
    if spoken(url):
        return spoken(url), None
    if status >= 400 and not OPENAI_ERRORS.fullmatch(provider):
        return "openai", None  # its errors look the same whatever was asked for
    return None, next((why for pattern, why in OTHER if re.search(pattern, path)), "unknown: " + path)


def compare(decode, name, status, body):
    """What is wrong, a line each."""
    try:
        want = READERS[name].read(status, body)
    except (ValueError, KeyError, AssertionError) as e:
        return [f"unreadable here: {e!r}"]
    command = [decode, "-w", name, "-s", str(status)] + (["-S"] if len(body) < 3000 else ["-c", "7"])
    run = subprocess.run(command, input=body, capture_output=True)
    if run.returncode:
        return [f"decode: {run.returncode} {run.stderr.decode()}"]
    try:
        return list(differences(want, Got(load(line) for line in run.stdout.decode().splitlines())))
    except (AssertionError, KeyError, IndexError) as e:
        return [f"events that make no sense: {e!r}"]


def cases(top):
    """(directory, provider/case, URL, status, body) of each recording."""
    for case in sorted(d for d in top.glob("*/*") if d.is_dir()):
        meta = case / "meta.json"
        url = json.loads(meta.read_text())["url"] if meta.exists() else "no meta.json"
        status = int((case / "response.status").read_text().strip() or 200)
        body = (case / "response.body").read_bytes()
        yield case, f"{case.parent.name}/{case.name}", url, status, bedrock.binary(body) if "/converse-stream" in url else body


def main():
    decode, top = sys.argv[1], pathlib.Path(sys.argv[2])
    only = re.compile(os.environ.get("ONLY", ""))
    jobs, skipped, unknown, n, failed = [], {}, 0, 0, 0
    listed = {"/".join(line.split("\t")[:2]) for line in (top / "INDEX.tsv").read_text().splitlines()[1:]}
    with ThreadPoolExecutor(2) as pool:
        for case, name, url, status, body in cases(top):
            kind, why = scope(case.parent.name, url, status, body)
            listed.discard(name)
            if why:
                unknown += why.startswith("unknown")
                skipped.setdefault(why, []).append(name)
            elif only.search(f"{kind} {name}"):
                jobs.append((f"{name} ({kind})", pool.submit(compare, decode, kind, status, body)))
        for name, job in jobs:
            n, wrong = n + 1, job.result()
            failed += bool(wrong)
            print("not ok" if wrong else "ok", n, "-", name)
            for line in wrong:
                print("#  ", line[:1500].replace("\n", "\n#   "))
    for why, names in sorted(skipped.items()):
        print(f"# {len(names)} not compared ({why}):")
        for name in names:
            print(f"#   {name}")
    for name in sorted(listed):
        print(f"# {name} is in INDEX.tsv, but nowhere else")
    n, unknown = n + 1, unknown + len(listed)
    print("not ok" if unknown else "ok", n, "- every recording is compared, or is listed with its reason")
    print(f"1..{n}")
    return 1 if failed or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
