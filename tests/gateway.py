# SPDX-License-Identifier: ISC
"""gateway: what tests of or-serve share: requests in each front's format, sent over a socket of their own, and answers read by tests/readers."""
import http.client
import importlib
import json
import urllib.parse

from providers.script import ARGS, CALL_ID, PIXEL

FRONTS = ("openai", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock")
WIRES = FRONTS
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
ASKED = "What is it?"
RESULT = "sunny"


def path_of(front, model, stream):
    name = urllib.parse.quote(model, safe="")
    return {"openai": "/api/v1/chat/completions", "responses": "/v1/responses", "anthropic": "/v1/messages",
            "gemini": f"/v1beta/models/{name}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent"),
            "ollama": "/api/chat", "cohere": "/v2/chat", "bedrock": f"/model/{name}/" + ("converse-stream" if stream else "converse")}[front]


def body_of(front, model, stream, kind):
    """A request of that kind (text, tools, result, image, reasoning) in a front's format."""
    return globals()["body_" + front](model, stream, kind)


def body_openai(model, stream, kind):
    image = [{"type": "text", "text": ASKED}, {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PIXEL}}]
    body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": image if kind == "image" else ASKED}]}
    if kind in ("tools", "result"):
        body["tools"] = [{"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": SCHEMA}}]
    if kind == "result":
        call = {"id": CALL_ID, "type": "function", "function": {"name": "get_weather", "arguments": ARGS}}
        body["messages"] += [{"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": CALL_ID, "content": RESULT}]
    if kind == "reasoning":
        body["reasoning"] = {"effort": "low"}
    return body


def body_responses(model, stream, kind):
    parts = [{"type": "input_text", "text": ASKED}]
    if kind == "image":
        parts.append({"type": "input_image", "image_url": "data:image/png;base64," + PIXEL, "detail": "auto"})
    body = {"model": model, "stream": stream, "store": False, "input": [{"role": "user", "content": parts}]}
    if kind in ("tools", "result"):
        body["tools"] = [{"type": "function", "name": "get_weather", "description": "The weather", "parameters": SCHEMA, "strict": False}]
    if kind == "result":
        body["input"] += [{"type": "function_call", "call_id": CALL_ID, "name": "get_weather", "arguments": ARGS},
                          {"type": "function_call_output", "call_id": CALL_ID, "output": RESULT}]
    if kind == "reasoning":
        body["reasoning"] = {"effort": "low", "summary": "auto"}
    return body


def body_anthropic(model, stream, kind):
    parts = [{"type": "text", "text": ASKED}]
    if kind == "image":
        parts.append({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}})
    body = {"model": model, "stream": stream, "max_tokens": 4000, "messages": [{"role": "user", "content": parts}]}
    if kind in ("tools", "result"):
        body["tools"] = [{"name": "get_weather", "description": "The weather", "input_schema": SCHEMA}]
    if kind == "result":
        body["messages"] += [{"role": "assistant", "content": [{"type": "tool_use", "id": CALL_ID, "name": "get_weather", "input": json.loads(ARGS)}]},
                             {"role": "user", "content": [{"type": "tool_result", "tool_use_id": CALL_ID, "content": RESULT}]}]
    if kind == "reasoning":
        body["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    return body


def body_gemini(model, stream, kind):
    parts = [{"text": ASKED}]
    if kind == "image":
        parts.append({"inlineData": {"mimeType": "image/png", "data": PIXEL}})
    body = {"contents": [{"role": "user", "parts": parts}]}
    if kind in ("tools", "result"):
        body["tools"] = [{"functionDeclarations": [{"name": "get_weather", "description": "The weather", "parameters": SCHEMA}]}]
    if kind == "result":
        body["contents"] += [{"role": "model", "parts": [{"functionCall": {"name": "get_weather", "args": json.loads(ARGS)}}]},
                             {"role": "user", "parts": [{"functionResponse": {"name": "get_weather", "response": {"result": RESULT}}}]}]
    if kind == "reasoning":
        body["generationConfig"] = {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": 1024}}
    return body


def body_ollama(model, stream, kind):
    message = {"role": "user", "content": ASKED}
    if kind == "image":
        message["images"] = [PIXEL]
    body = {"model": model, "stream": stream, "messages": [message]}
    if kind in ("tools", "result"):
        body["tools"] = [{"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": SCHEMA}}]
    if kind == "result":
        body["messages"] += [{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "get_weather", "arguments": json.loads(ARGS)}}]},
                             {"role": "tool", "tool_name": "get_weather", "content": RESULT}]
    if kind == "reasoning":
        body["think"] = True
    return body


def body_cohere(model, stream, kind):
    body = body_openai(model, stream, kind)
    if body.pop("reasoning", None):
        body["thinking"] = {"type": "enabled", "token_budget": 1024}
    for m in body["messages"]:
        if m["content"] is None:
            del m["content"]
    return body


def body_bedrock(model, stream, kind):
    parts = [{"text": ASKED}]
    if kind == "image":
        parts.append({"image": {"format": "png", "source": {"bytes": PIXEL}}})
    body = {"messages": [{"role": "user", "content": parts}]}
    if kind in ("tools", "result"):
        spec = {"name": "get_weather", "description": "The weather", "inputSchema": {"json": SCHEMA}}
        body["toolConfig"] = {"tools": [{"toolSpec": spec}]}
    if kind == "result":
        body["messages"] += [{"role": "assistant", "content": [{"toolUse": {"toolUseId": CALL_ID, "name": "get_weather", "input": json.loads(ARGS)}}]},
                             {"role": "user", "content": [{"toolResult": {"toolUseId": CALL_ID, "content": [{"text": RESULT}]}}]}]
    return body


def key_header(front, key):
    return {"anthropic": {"x-api-key": key}, "gemini": {"x-goog-api-key": key}}.get(front, {"Authorization": "Bearer " + key}) if key else {}


def ask(port, front, model, stream, kind, key=None, timeout=20, fields=None):
    """Status, headers (names in lower case), body. fields: more of them in the request's head."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        body = json.dumps(body_of(front, model, stream, kind))
        c.request("POST", path_of(front, model, stream), body, {"Content-Type": "application/json"} | key_header(front, key) | (fields or {}))
        r = c.getresponse()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
    finally:
        c.close()


def read(front, status, body):
    """What an answer says, by an independent reader."""
    return importlib.import_module("readers." + front).read(status, body)
