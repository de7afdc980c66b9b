#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""conformance.py DOCUMENT BASE KEY MANAGEMENT_KEY: or-serve's answers against OpenRouter's OpenAPI document (3.1, whose schemas are JSON Schema 2020-12).

Each served path is asked, whole and streamed, well and badly; what comes back must be valid by the schema of its path, method and status. Without a
document ("") what errors say and openrouter_metadata is looked at, by no schema. Speaks TAP.
"""
import http.client
import json
import sys
import urllib.error
import urllib.request

document, BASE, KEY, MANAGER = sys.argv[1:5]
DOC = {}
if document:
    import jsonschema
    import yaml
    with open(document, encoding="utf-8") as f:
        DOC = yaml.load(f, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for name in ("BaseContentPartAddedEvent", "BaseContentPartDoneEvent"):  # forbid the part that is added to them later
        del DOC["components"]["schemas"][name]["properties"]["part"]
HI = [{"role": "user", "content": "hi"}]
WIRES = ("openai", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock")
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
CLAUDE_TOOL = {"name": "get_weather", "input_schema": PARAMETERS}
FLAT_TOOL = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": False}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
count = failed = 0


def resolve(v):
    while isinstance(v, dict) and "$ref" in v:
        at = DOC
        for part in v["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        v = at
    return v


def schema_of(path, method, status, kind):
    if not DOC:
        return {}
    responses = resolve(DOC["paths"][path][method])["responses"]
    response = resolve(responses.get(str(status)) or responses.get(status) or {})
    return (response.get("content") or {}).get(kind, {}).get("schema")


def is_tag(error):
    """Does it say that this branch is for another kind of thing?"""
    return error.validator in ("enum", "const", "type") and (not error.relative_path or error.relative_path[-1] in ("type", "object", "role"))


def nearest(error):
    """Of a choice of schemas the one that fits best: it names the value's own kind, then the fewest errors, the deepest first."""
    while error.context:
        branches = {}
        for e in error.context:
            branches.setdefault(e.schema_path[0], []).append(e)
        best = min(branches.values(), key=lambda b: (sum(map(is_tag, b)), len(b)))
        error = max(best, key=lambda e: len(e.absolute_path))
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def validate(value, schema):
    """Messages. The schema's references are into the document."""
    if not DOC:
        return []
    whole = schema | {"components": DOC["components"]}
    return [nearest(e) for e in jsonschema.Draft202012Validator(whole).iter_errors(value)]


def ask(method, url, body=None, key=KEY, told=False):
    headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"} | ({"X-OpenRouter-Metadata": "Enabled"} if told else {})
    r = urllib.request.Request(BASE + url, method=method.upper(), data=None if body is None else json.dumps(body).encode(), headers=headers)
    try:
        with urllib.request.urlopen(r, timeout=20) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers.get_content_type(), e.read()


def result(name, wrong):
    global count, failed
    count += 1
    failed += bool(wrong)
    print(f"{'not ok' if wrong else 'ok'} {count} - {name}")
    for line in wrong[:5]:
        print("#", line)
    sys.stdout.flush()


def whole(name, path, method, url, status, body=None, key=KEY, told=False):
    """One answer in JSON, which is returned."""
    got, kind, text = ask(method, "/api/v1" + url, body, key, told)
    if got != status:
        result(name, [f"status {got}, wanted {status}: {text[:300]}"])
        return None
    schema = schema_of(path, method, status, "application/json")
    value = json.loads(text)
    result(name, ["no schema for that status"] if schema is None else validate(value, schema) + ([] if kind == "application/json" else [kind]))
    return value


def streamed(name, path, url, body, told=False):
    """Each event of a stream; they are returned."""
    got, kind, text = ask("post", "/api/v1" + url, body | {"stream": True}, told=told)
    events = []
    if got != 200 or kind != "text/event-stream":
        result(name, [f"{got} {kind}: {text[:300]}"])
        return events
    schema, wrong, n = resolve(schema_of(path, "post", 200, "text/event-stream")), [], 0
    if "properties" in schema and set(schema["properties"]) <= {"data", "event", "id", "retry"} and "data" in schema["properties"]:
        schema = schema["properties"]["data"]
    for block in text.decode().split("\n\n"):
        data = [line[6:] for line in block.split("\n") if line.startswith("data: ")]
        if data and data != ["[DONE]"]:
            events.append(json.loads(data[0]))
            wrong += [f"{data[0][:200]}: {w}" for w in validate(events[-1], schema)]
    result(name, wrong or ([] if events else ["no events"]))
    return events


# What a provider says: the status and the word that a client is told, and Anthropic's word.
ERRORS = {400: (400, "invalid_request", "invalid_request_error"), 402: (402, "payment_required", "billing_error"),
          403: (502, "provider_unavailable", "api_error"), 404: (404, "not_found", "not_found_error"), 408: (408, "timeout", "timeout_error"),
          413: (413, "payload_too_large", "invalid_request_error"), 422: (422, "unprocessable", "invalid_request_error"),
          429: (429, "rate_limit_exceeded", "rate_limit_error"), 500: (500, "server", "api_error"), 502: (502, "provider_unavailable", "api_error"),
          503: (503, "provider_overloaded", "overloaded_error"), 504: (504, "timeout", "timeout_error"), 529: (529, "provider_overloaded", "overloaded_error")}
FORMATS = {"/chat/completions": {"messages": HI}, "/messages": {"messages": HI, "max_tokens": 9}, "/responses": {"input": "hi"}}


def words_of(path, e):
    """Status, OpenRouter's word, Anthropic's."""
    if path == "/messages":
        return e["error"]["error_type"], e["error"]["type"]
    return e["error"]["metadata"]["error_type"], e["error"]["code"]


def error(path, said):
    """A provider's status in one format. Bodies without a schema of their status have that of 400."""
    status, word, theirs = ERRORS[said]
    got, kind, text = ask("post", "/api/v1" + path, FORMATS[path] | {"model": f"u-openai:status-{said}"}, told=True)
    e = json.loads(text)
    schema = schema_of(path, "post", status, "application/json") or schema_of(path, "post", 400, "application/json")
    wrong = validate(e, schema) + ([] if got == status else [f"status {got}, wanted {status}"]) + ([] if kind == "application/json" else [kind])
    want = (word, theirs if path == "/messages" else status)
    wrong += [] if wrong or words_of(path, e) == want else [f"{words_of(path, e)}, wanted {want}"]
    if (status == 500) != ("openrouter_metadata" not in e):
        wrong.append("openrouter_metadata: of all errors but a 500")
    result(f"{path}: the provider says {said}", wrong)


def too_long(path):
    """A body that nobody waits for."""
    c = http.client.HTTPConnection(BASE.removeprefix("http://"), timeout=20)
    c.putrequest("POST", "/api/v1" + path)
    c.putheader("Content-Length", str(1 << 40))
    c.endheaders()
    r = c.getresponse()
    e = json.loads(r.read())
    c.close()
    wrong = validate(e, schema_of(path, "post", 413, "application/json") or schema_of(path, "post", 400, "application/json"))
    want = (413, "payload_too_large")
    result(f"{path}: 413", wrong or ([] if (r.status, words_of(path, e)[0]) == want else [str(e)]))


def own(path):
    """What the gateway itself refuses."""
    for name, status, body, key, word, is_routers in (
            ("no key", 401, {}, "sk-or-nobody", "authentication", False), ("a key that may make none", 403, {}, MANAGER, "permission_denied", False),
            ("a wrong type", 400, {"temperature": "hot"}, KEY, "invalid_request", False), ("nobody may serve it", 404, {"provider": {"ignore": ["u-openai"]}}, KEY, "not_found", True),
            ("nobody knows it", 404 if path == "/messages" else 400, {"model": "nowhere:nothing"}, KEY, None, True)):
        got, _, text = ask("post", "/api/v1" + path, FORMATS[path] | {"model": "u-openai:text"} | body, key, told=True)
        e = json.loads(text)
        wrong = validate(e, schema_of(path, "post", status, "application/json"))
        if got != status or (word and words_of(path, e)[0] != word):
            wrong.append(f"{got}: {e}")
        seen = e.get("openrouter_metadata")
        if bool(seen) != is_routers or (seen and (seen["attempt"], seen["attempts"], seen["endpoints"]["available"]) != (0, [], [])):
            wrong.append(f"openrouter_metadata: of what the router says, without an attempt: {seen}")
        wrong += validate(seen, DOC and DOC["components"]["schemas"]["OpenRouterMetadata"]) if seen else []
        result(f"{path}: {name}", wrong)


def metadata(path):
    """openrouter_metadata where it is asked for, in a whole answer and in the last event of a stream."""
    body = FORMATS[path] | {"model": "u-openai:text"}
    seen = whole(f"{path}: metadata", path, "post", path, 200, body, told=True) or {}
    result(f"{path}: metadata is there", [] if seen.get("openrouter_metadata", {}).get("requested") == "u-openai:text" else [str(seen)[:300]])
    events = streamed(f"{path}: metadata streamed", path, path, body, told=True) or [{}]
    last = events[-1].get("response", events[-1])
    n = sum("openrouter_metadata" in json.dumps(e) for e in events)
    result(f"{path}: it is in the last event", [] if "openrouter_metadata" in last and n == 1 else [f"{n} of {len(events)}: {last}"])
    seen = whole(f"{path}: no metadata", path, "post", path, 200, body) or {}
    result(f"{path}: it isn't where nobody asked", ["it is"] if "openrouter_metadata" in seen else [])


def cut(path):
    """An error after the first words: a part of the stream."""
    events = streamed(f"{path}: an error in a stream", path, path, FORMATS[path] | {"model": "u-openai:reset"}, told=True) or [{}]
    last = events[-1].get("response", events[-1])
    result(f"{path}: it says so", [] if "error" in last and "openrouter_metadata" in last else [str(events[-1])[:300]])


def told():
    """What is said beside answers, and in place of them."""
    for path in FORMATS:
        for said in ERRORS:
            error(path, said)
        own(path)
        too_long(path)
        metadata(path)
        cut(path)


def published():
    for wire in WIRES:
        for kind, more in (("text", {}), ("tools", {"tools": [TOOL]}), ("reasoning", {})):
            body = {"model": f"u-{wire}:{kind}", "messages": HI} | more
            whole(f"chat, {wire}, {kind}", "/chat/completions", "post", "/chat/completions", 200, body)
            streamed(f"chat streamed, {wire}, {kind}", "/chat/completions", "/chat/completions", body)
        for kind, more, other in (("text", {}, {}), ("tools", {"tools": [CLAUDE_TOOL]}, {"tools": [FLAT_TOOL]}), ("reasoning", {}, {})):
            body = {"model": f"u-{wire}:{kind}", "messages": HI, "max_tokens": 100} | more
            if wire != "anthropic":  # whose answers are passed on, and lack what is OpenRouter's alone
                whole(f"messages, {wire}, {kind}", "/messages", "post", "/messages", 200, body)
                streamed(f"messages streamed, {wire}, {kind}", "/messages", "/messages", body)
            body = {"model": f"u-{wire}:{kind}", "input": "hi"} | other
            whole(f"responses, {wire}, {kind}", "/responses", "post", "/responses", 200, body)
            if wire != "responses":  # OpenAI's own events, passed on, have no usage in the first
                streamed(f"responses streamed, {wire}, {kind}", "/responses", "/responses", body)
        whole(f"429, {wire}", "/chat/completions", "post", "/chat/completions", 429, {"model": f"u-{wire}:error", "messages": HI})
    for wire in ("openai", "gemini", "ollama", "cohere"):
        whole(f"embeddings, {wire}", "/embeddings", "post", "/embeddings", 200, {"model": f"u-{wire}:embed", "input": ["a", "b"]})
    whole("400", "/chat/completions", "post", "/chat/completions", 400, {"model": "mock/echo", "messages": "hi"})
    whole("401", "/chat/completions", "post", "/chat/completions", 401, {"model": "mock/echo", "messages": HI}, "sk-or-nobody")
    whole("404", "/chat/completions", "post", "/chat/completions", 404, {"model": "mock/nothing", "messages": HI})
    whole("messages, 400", "/messages", "post", "/messages", 400, {"model": "mock/echo", "max_tokens": 9, "messages": "hi"})
    whole("messages, 401", "/messages", "post", "/messages", 401, {"model": "mock/echo", "max_tokens": 9, "messages": HI}, "sk-or-nobody")
    whole("responses, 400", "/responses", "post", "/responses", 400, {"model": "mock/echo", "input": 7})
    whole("responses, 401", "/responses", "post", "/responses", 401, {"model": "mock/echo", "input": "hi"}, "sk-or-nobody")
    whole("403", "/chat/completions", "post", "/chat/completions", 403, {"model": "mock/echo", "messages": HI}, MANAGER)
    whole("models", "/models", "get", "/models", 200)
    whole("models/count", "/models/count", "get", "/models/count", 200)
    DOC["components"]["schemas"]["ProviderName"].pop("enum")  # ours have names of their own
    seen = whole("endpoints of our own", "/models/{author}/{slug}/endpoints", "get", "/models/u-openai:text/endpoints", 200) or {"data": {"endpoints": []}}
    result("there is one", [] if [e["tag"] for e in seen["data"]["endpoints"]] == ["u-openai"] else [str(seen)])
    whole("endpoints/zdr", "/endpoints/zdr", "get", "/endpoints/zdr", 200)
    whole("providers", "/providers", "get", "/providers", 200)
    whole("key", "/key", "get", "/key", 200)
    whole("credits", "/credits", "get", "/credits", 200, key=MANAGER)
    whole("activity", "/activity", "get", "/activity", 200, key=MANAGER)
    made = whole("a call", "/chat/completions", "post", "/chat/completions", 200, {"model": "u-anthropic:text", "messages": HI})
    whole("generation", "/generation", "get", "/generation?id=" + (made or {}).get("id", ""), 200)
    whole("generation, 404", "/generation", "get", "/generation?id=gen-1-nothing", 404)
    made = whole("keys, made", "/keys", "post", "/keys", 201, {"name": "conformance", "limit": 5, "limit_reset": "monthly"}, MANAGER)
    one = "/keys/" + ((made or {}).get("data") or {}).get("hash", "")
    whole("keys", "/keys", "get", "/keys", 200, key=MANAGER)
    whole("a key", "/keys/{hash}", "get", one, 200, key=MANAGER)
    whole("a key, changed", "/keys/{hash}", "patch", one, 200, {"name": "conformed", "limit": None}, MANAGER)
    whole("a key, deleted", "/keys/{hash}", "delete", one, 200, key=MANAGER)
    whole("a key, gone", "/keys/{hash}", "get", one, 404, key=MANAGER)


def main():
    told()
    if DOC:
        published()
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


main()
