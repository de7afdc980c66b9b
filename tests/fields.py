#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""fields.py BASE UP KEY: what or-serve does with each field of a chat request that OpenRouter publishes. Speaks TAP.

SENT: a provider of OpenAI's format gets it as it came. KEPT: it is for the gateway, or means nothing to such a provider: accepted, not sent. What only
OpenRouter does is refused by name, and so is a value of a wrong type. Nothing that is refused is sent.
"""
import json
import sys
import urllib.error
import urllib.request

BASE, UP, KEY = sys.argv[1:4]
SENT, KEPT, REFUSED = "sent", "kept", "refused"
MODEL = "u-openai:text"
HI = [{"role": "user", "content": "hi"}]
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "strict": True, "schema": {"type": "object"}}}

# field, value, what becomes of it; for SENT, where not as it came: (name, value)
TABLE = [
    ("temperature", 0.5, SENT), ("top_p", 0.9, SENT), ("top_k", 40, SENT), ("min_p", 0.05, SENT), ("top_a", 0.1, SENT),
    ("frequency_penalty", 0.5, SENT), ("presence_penalty", -0.5, SENT), ("repetition_penalty", 1.1, SENT), ("seed", 7, SENT),
    ("max_tokens", 50, SENT), ("max_completion_tokens", 50, SENT), ("stop", "END", SENT), ("stop", ["a", "b"], SENT), ("logit_bias", {"50256": -100}, SENT),
    ("logprobs", True, SENT), ("top_logprobs", 2, SENT), ("tools", [FUNCTION], SENT), ("parallel_tool_calls", False, SENT),
    ("response_format", {"type": "json_object"}, SENT), ("response_format", SCHEMA, SENT), ("stream_options", {"include_usage": True}, KEPT),
    ("prediction", {"type": "content", "content": "Hello"}, SENT), ("modalities", ["text"], SENT), ("metadata", {"a": "b"}, SENT), ("user", "u-1", SENT),
    ("verbosity", "low", SENT), ("web_search_options", {}, SENT), ("service_tier", "auto", SENT), ("n", 1, SENT), ("prompt_cache_key", "k", SENT),
    ("reasoning", {"effort": "low"}, SENT, ("reasoning_effort", "low")), ("reasoning_effort", "high", SENT), ("include_reasoning", True, KEPT),
    ("usage", {"include": True}, KEPT), ("models", [MODEL], KEPT), ("route", "fallback", KEPT), ("provider", {"allow_fallbacks": True}, KEPT),
    ("provider", {"require_parameters": True}, KEPT), ("provider", {"only": ["u-openai"]}, KEPT), ("session_id", "s-1", KEPT),
    ("cache_control", {"type": "ephemeral"}, KEPT), ("trace", {"trace_id": "t"}, KEPT), ("image_config", {"aspect_ratio": "1:1"}, KEPT),
    ("prompt_cache_options", {"mode": "explicit"}, KEPT), ("structured_outputs", True, KEPT), ("max_tool_calls", 3, KEPT),
    ("stop_server_tools_when", [{"type": "step_count_is", "step_count": 2}], KEPT), ("x_search_filter", {}, KEPT), ("transforms", [], KEPT),
    ("plugins", [{"id": "web", "enabled": False}], KEPT), ("plugins", [], KEPT), ("debug", {"echo_upstream_body": False}, KEPT),
    # what needs OpenRouter, where it isn't asked
    ("plugins", [{"id": "web"}], REFUSED), ("plugins", [{"id": "response-healing"}], REFUSED),
    ("plugins", [{"id": "file-parser", "pdf": {"engine": "native"}}], REFUSED),
    ("plugins", [{"id": "context-compression", "enabled": True}], REFUSED), ("plugins", [{"id": "auto-router"}], REFUSED),
    ("transforms", ["middle-out"], REFUSED),
    ("tools", [{"type": "openrouter:web_search"}], REFUSED), ("tools", [FUNCTION, {"type": "openrouter:datetime"}], REFUSED),
    ("model", "mock/echo:online", REFUSED), ("debug", {"echo_upstream_body": True}, REFUSED),
    # wrong
    ("messages", "hi", REFUSED), ("messages", [], REFUSED), ("messages", None, REFUSED), ("messages", [{"role": "pope", "content": "hi"}], REFUSED),
    ("messages", [{"role": "user"}], REFUSED), ("temperature", "hot", REFUSED), ("max_tokens", 1.5, REFUSED), ("stop", 3, REFUSED),
    ("stop", list("abcde"), REFUSED),
    ("tools", {}, REFUSED), ("tools", [{"type": "function", "function": {}}], REFUSED), ("tool_choice", 1, REFUSED), ("response_format", "json", REFUSED),
    ("response_format", {"type": "xml"}, REFUSED), ("stream", "yes", REFUSED), ("n", 0, REFUSED), ("seed", "x", REFUSED), ("logit_bias", [], REFUSED),
    ("reasoning", {"effort": "huge"}, REFUSED), ("metadata", {"a": 1}, REFUSED), ("provider", "openai", REFUSED), ("provider", {"sort": "cheap"}, REFUSED),
    ("provider", {"order": "openai"}, REFUSED), ("provider", {"quantizations": ["fp1"]}, REFUSED), ("provider", {"max_price": {"prompt": "x"}}, REFUSED),
    ("models", "a/b", REFUSED), ("route", "best", REFUSED), ("session_id", "x" * 257, REFUSED), ("usage", True, REFUSED), ("service_tier", "best", REFUSED),
]
# other formats: path, body, what is named
OTHERS = [
    ("/v1/messages", {"max_tokens": 9, "messages": "hi"}, "messages"), ("/v1/messages", {"max_tokens": 9, "messages": []}, "messages"),
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "temperature": "hot"}, "temperature"),
    ("/v1/responses", {"input": 7}, "input"), ("/v1/responses", {"input": "hi", "store": True}, "store"),
    ("/v1/responses", {"input": "hi", "previous_response_id": "resp_1"}, "previous_response_id"), ("/v1/responses", {"input": "hi", "top_p": "x"}, "top_p"),
    ("/v1/completions", {"prompt": {}}, "prompt"), ("/v1/completions", {"prompt": "hi", "temperature": "hot"}, "temperature"),
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "plugins": [{"id": "web"}]}, "plugins"),
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "models": "x"}, "models"),
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "fallbacks": [{"model": "mock/echo"}], "models": ["mock/echo"]}, "fallbacks"),
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "fallbacks": [{"model": "mock/echo"}] * 4}, "fallbacks"),
    ("/v1/responses", {"input": "hi", "debug": {"echo_upstream_body": True}}, "debug"),
    ("/v1/responses", {"input": "hi", "plugins": [{"id": "web"}]}, "plugins"),
    ("/v2/chat", {"messages": "hi"}, "messages"), ("/api/chat", {"messages": "hi"}, "messages"),
]
# other formats: path, body, what is sent
CARRIED = [
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "user": "u-1"}, {"user": "u-1"}),
    ("/v1/messages", {"max_tokens": 9, "messages": HI, "stop_sequences": list("abcde")}, {"stop": list("abcde")}),
    ("/v1/messages", {"model": "u-openai:status-500", "max_tokens": 9, "messages": HI, "models": [MODEL]}, {"model": "text"}),
    ("/v1/messages", {"model": "u-openai:status-500", "max_tokens": 9, "messages": HI, "fallbacks": [{"model": MODEL}]}, {"model": "text"}),
    ("/v1/responses", {"model": "u-openai:status-500", "input": "hi", "models": [MODEL]}, {"model": "text"}),
    ("/v1/responses", {"input": "hi", "modalities": ["text"]}, {"modalities": ["text"]}),
]
count = failed = 0


def call(url, body=None):
    r = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), headers={"Authorization": "Bearer " + KEY})
    try:
        with urllib.request.urlopen(r, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


def seen():
    return call(f"http://127.0.0.1:{UP}/seen")[1]


def result(name, why):
    global count, failed
    count += 1
    failed += bool(why)
    print(f"{'not ok' if why else 'ok'} {count} - {name}")
    if why:
        print("#", why)


def refused(status, answer, asked, name):
    said = json.dumps(answer)
    if status != 400:
        return f"status {status}: {said[:200]}"
    if name not in said:
        return f"{name} isn't named: {said[:200]}"
    return f"{asked} requests were sent all the same" if asked else None


def check(field, value, what, other=None):
    before = len(seen())
    status, answer = call(BASE + "/api/v1/chat/completions", {"model": MODEL, "messages": HI, field: value})
    asked = seen()[before:]
    if what == REFUSED:
        return refused(status, answer, len(asked), field)
    if status != 200 or len(asked) != 1:
        return f"status {status}, {len(asked)} sent: {answer}"
    name, want = other or (field, value)
    got = asked[0]["body"].get(name)
    if what == KEPT:
        return f"sent: {got}" if field in asked[0]["body"] else None
    return None if got == want else f"{name}: {got} was sent"


def main():
    for row in TABLE:
        result(f"{row[0]}: {json.dumps(row[1])[:60]}: {row[2]}", check(*row))
    for path, body, name in OTHERS:
        before = len(seen())
        status, answer = call(BASE + path, {"model": MODEL} | body)
        result(f"{path}: {json.dumps(body)[:60]}", refused(status, answer, len(seen()) - before, name))
    for path, body, want in CARRIED:
        status, answer = call(BASE + path, {"model": MODEL} | body)
        got = seen()[-1]["body"]
        sent = {k: got.get(k) for k in want}
        result(f"{path}: {json.dumps(body)[:80]} sends {want}", None if status == 200 and sent == want else f"{status} {sent} {answer}")
    for path in ("/v1/messages", "/v1/responses"):
        status, answer = call(BASE + path, {"model": MODEL, "max_tokens": 9, "messages": HI, "input": "hi", "provider": {"ignore": ["u-openai"]}})
        result(f"{path}: provider.ignore", None if status == 404 else f"{status} {answer}")
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


main()
