#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""answers.py FORMAT DIRECTORY: writes one provider's answers in this format, a file each: what 155-formats.t has the upstream send.

stream whole       "Hello world", finish stop, 5 tokens in, 2 out       length refused tool   streams that end otherwise
cut                a stream that stops after "Hello"                    late early            an error in a stream, after "Hello" and before
e401 e402 e404 e400 e429 e500 e529   bodies of errors with that status: key, money, no such model, context length, rate, server, overload
"""
import binascii
import json
import pathlib
import struct
import sys


def dumps(v):
    return json.dumps(v, separators=(",", ":"))


def sse(*events, name=None, done=False):
    out = "".join((f"event: {e[name]}\n" if name else "") + f"data: {dumps(e)}\n\n" for e in events)
    return (out + ("data: [DONE]\n\n" if done else "")).encode()


def lines(*values):
    return "".join(dumps(v) + "\n" for v in values).encode()


def frame(kind, payload, message="event"):
    headers = b""
    word = ":exception-type" if message == "exception" else ":event-type"
    for key, value in ((word, kind), (":content-type", "application/json"), (":message-type", message)):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    body = dumps(payload).encode()
    head = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    head += struct.pack(">I", binascii.crc32(head))
    return head + headers + body + struct.pack(">I", binascii.crc32(head + headers + body))


def openai():
    def chunk(delta, finish=None, **more):
        return {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}

    hello, end = chunk({"content": "Hello"}), {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    call = [{"index": 0, "id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}]
    err = {"error": {"message": "overloaded", "code": 503}}
    yield "stream", sse(hello, chunk({"content": " world"}), chunk({}, "stop"), end, done=True)
    yield "whole", lines({"id": "c1", "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello world"},
                          "finish_reason": "stop"}], "usage": end["usage"]})
    yield "length", sse(hello, chunk({}, "length"), done=True)
    yield "refused", sse(chunk({}, "content_filter"), done=True)
    yield "tool", sse(chunk({"tool_calls": call}), chunk({}, "tool_calls"), done=True)
    yield "cut", sse(hello)
    yield "late", sse(hello, err)
    yield "early", sse(err)
    for status, kind, code in ((401, "authentication_error", "invalid_api_key"), (402, "insufficient_quota", "insufficient_quota"),
                               (404, "invalid_request_error", "model_not_found"), (400, "invalid_request_error", "context_length_exceeded"),
                               (429, "rate_limit_error", "rate_limit_exceeded"), (500, "server_error", None), (529, "overloaded", None)):
        yield f"e{status}", lines({"error": {"message": "that is why", "type": kind, "param": None, "code": code}})


def responses():
    def response(status, output, **more):
        return {"id": "r1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": output,
                "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}, **more}

    def text(t):
        return {"type": "message", "id": "i1", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": t, "annotations": []}]}

    def delta(t):
        return {"type": "response.output_text.delta", "item_id": "i1", "output_index": 0, "content_index": 0, "delta": t}

    created = {"type": "response.created", "response": response("in_progress", [])}
    item = {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "i1", "role": "assistant", "content": []}}
    call = {"type": "function_call", "id": "fc1", "call_id": "t1", "name": "f", "arguments": '{"a":1}', "status": "completed"}
    refusal = {"type": "message", "id": "i1", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    hello, begin = delta("Hello"), (created, item)
    yield "stream", sse(*begin, hello, delta(" world"), {"type": "response.output_text.done", "item_id": "i1", "output_index": 0, "content_index": 0,
                        "text": "Hello world"}, {"type": "response.completed", "response": response("completed", [text("Hello world")])}, name="type")
    yield "whole", lines(response("completed", [text("Hello world")]))
    yield "length", sse(*begin, hello, {"type": "response.incomplete", "response": response("incomplete", [text("Hello")],
                        incomplete_details={"reason": "max_output_tokens"})}, name="type")
    yield "refused", sse(*begin, {"type": "response.refusal.delta", "item_id": "i1", "output_index": 0, "content_index": 0, "delta": "No."},
                         {"type": "response.completed", "response": response("completed", [refusal])}, name="type")
    yield "tool", sse(created, {"type": "response.output_item.added", "output_index": 0, "item": {**call, "arguments": "", "status": "in_progress"}},
                      {"type": "response.function_call_arguments.delta", "item_id": "fc1", "output_index": 0, "delta": '{"a":1}'},
                      {"type": "response.function_call_arguments.done", "item_id": "fc1", "output_index": 0, "arguments": '{"a":1}'},
                      {"type": "response.output_item.done", "output_index": 0, "item": call},
                      {"type": "response.completed", "response": response("completed", [call])}, name="type")
    yield "cut", sse(*begin, hello, name="type")
    failed = {"type": "response.failed", "response": response("failed", [], error={"code": "server_error", "message": "that is why"})}
    yield "late", sse(*begin, hello, failed, name="type")
    yield "early", sse({"type": "error", "code": "rate_limit_exceeded", "message": "that is why", "param": None}, failed, name="type")
    yield from ((n, b) for n, b in openai() if n[0] == "e" and n[1:].isdigit())


def anthropic():
    start = {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
             "stop_reason": None, "usage": {"input_tokens": 5, "output_tokens": 1}}}

    def block(i, b):
        return {"type": "content_block_start", "index": i, "content_block": b}

    def delta(i, d):
        return {"type": "content_block_delta", "index": i, "delta": d}

    def stop(reason, **more):
        return ({"type": "content_block_stop", "index": 0}, {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None, **more},
                "usage": {"output_tokens": 2}}, {"type": "message_stop"})

    hello = (start, block(0, {"type": "text", "text": ""}), delta(0, {"type": "text_delta", "text": "Hello"}))
    err = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    yield "stream", sse(*hello, delta(0, {"type": "text_delta", "text": " world"}), *stop("end_turn"), name="type")
    yield "whole", lines({**start["message"], "content": [{"type": "text", "text": "Hello world"}], "stop_reason": "end_turn",
                          "usage": {"input_tokens": 5, "output_tokens": 2}})
    yield "length", sse(*hello, *stop("max_tokens"), name="type")
    yield "refused", sse(start, *stop("refusal")[1:], name="type")
    yield "tool", sse(start, block(0, {"type": "tool_use", "id": "t1", "name": "f", "input": {}}),
                      delta(0, {"type": "input_json_delta", "partial_json": '{"a":1}'}), *stop("tool_use"), name="type")
    yield "cut", sse(*hello, name="type")
    yield "late", sse(*hello, err, name="type")
    yield "early", sse(start, err, name="type")
    for status, kind, message in ((401, "authentication_error", "invalid x-api-key"), (402, "billing_error", "that is why"),
                                  (404, "not_found_error", "model: m"), (400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
                                  (429, "rate_limit_error", "that is why"), (500, "api_error", "Internal server error"), (529, "overloaded_error", "Overloaded")):
        yield f"e{status}", lines({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})


def gemini():
    def chunk(parts, finish=None, **more):
        c = {"content": {"parts": parts, "role": "model"}, "index": 0, **({"finishReason": finish} if finish else {})}
        return {"candidates": [c], "modelVersion": "m", "responseId": "g1", **more}

    usage = {"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}}
    hello = chunk([{"text": "Hello"}])
    err = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    yield "stream", sse(hello, chunk([{"text": " world"}], "STOP", **usage)).replace(b"\n", b"\r\n")
    yield "whole", lines(chunk([{"text": "Hello world"}], "STOP", **usage))
    yield "length", sse(hello, chunk([{"text": ""}], "MAX_TOKENS"))
    yield "refused", sse({"promptFeedback": {"blockReason": "SAFETY"}})
    yield "tool", sse(chunk([{"functionCall": {"name": "f", "args": {"a": 1}, "id": "t1"}}], "STOP"))
    yield "cut", sse(hello)
    yield "late", sse(hello) + json.dumps(err, indent=2).encode()
    yield "early", sse(err)
    for status, word, message in ((401, "UNAUTHENTICATED", "that is why"), (404, "NOT_FOUND", "models/m is not found"),
                                  (400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
                                  (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"), (500, "INTERNAL", "that is why"), (529, "UNAVAILABLE", "overloaded")):
        yield f"e{status}", json.dumps({"error": {"code": status, "message": message, "status": word}}, indent=2).encode()


def ollama():
    def line(message, **more):
        return {"model": "m", "created_at": "2025-01-01T00:00:00Z", "message": {"role": "assistant", **message}, "done": False, **more}

    end = {"done": True, "prompt_eval_count": 5, "eval_count": 2}
    hello = line({"content": "Hello"})
    yield "stream", lines(hello, line({"content": " world"}), line({"content": ""}, done_reason="stop", **end))
    yield "whole", lines(line({"content": "Hello world"}, done_reason="stop", **end))
    yield "length", lines(hello, line({"content": ""}, done_reason="length", **end))
    yield "tool", lines(line({"content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}),
                        line({"content": ""}, done_reason="stop", **end))
    yield "cut", lines(hello)
    yield "late", lines(hello, {"error": "that is why"})
    yield "early", lines({"error": "that is why"})
    for status, message in ((401, "unauthorized"), (404, "model 'm' not found"), (400, "the input length exceeds the context length"),
                            (429, "too many requests"), (500, "that is why"), (529, "server busy")):
        yield f"e{status}", lines({"error": message})


def cohere():
    def delta(t):
        return {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": t}}}}

    def end(reason, **more):
        return {"type": "message-end", "delta": {"finish_reason": reason, "usage": {"tokens": {"input_tokens": 5, "output_tokens": 2}}, **more}}

    begin = ({"id": "h1", "type": "message-start", "delta": {"message": {"role": "assistant", "content": [], "tool_calls": []}}},
             {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}})
    stop, hello = {"type": "content-end", "index": 0}, delta("Hello")
    call = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": ""}}
    yield "stream", sse(*begin, hello, delta(" world"), stop, end("COMPLETE"), name="type", done=False)
    yield "whole", lines({"id": "h1", "message": {"role": "assistant", "content": [{"type": "text", "text": "Hello world"}]},
                          "finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 5, "output_tokens": 2}}})
    yield "length", sse(*begin, hello, stop, end("MAX_TOKENS"), name="type")
    yield "tool", sse(begin[0], {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": call}}},
                      {"type": "tool-call-delta", "index": 0, "delta": {"message": {"tool_calls": {"function": {"arguments": '{"a":1}'}}}}},
                      {"type": "tool-call-end", "index": 0}, end("TOOL_CALL"), name="type")
    yield "cut", sse(*begin, hello, name="type")
    yield "late", sse(*begin, hello, stop, end("ERROR", error="that is why"), name="type")
    yield "early", sse(begin[0], end("ERROR", error="that is why"), name="type")
    for status, message in ((401, "invalid api token"), (402, "payment required"), (404, "model 'm' not found"),
                            (400, "too many tokens: size limit exceeded by 9 tokens"), (429, "You are past the per minute request limit"),
                            (500, "internal server error"), (529, "overloaded")):
        yield f"e{status}", lines({"id": "x", "message": message})


def bedrock():
    hello = frame("messageStart", {"role": "assistant"}) + frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello"}})
    more = frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": " world"}}) + frame("contentBlockStop", {"contentBlockIndex": 0})
    usage = {"usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 7}}

    def stop(reason):
        return frame("messageStop", {"stopReason": reason}) + frame("metadata", {**usage, "metrics": {"latencyMs": 1}})

    yield "stream", hello + more + stop("end_turn")
    yield "whole", lines({"output": {"message": {"role": "assistant", "content": [{"text": "Hello world"}]}}, "stopReason": "end_turn", **usage})
    yield "length", hello + stop("max_tokens")
    yield "refused", frame("messageStart", {"role": "assistant"}) + stop("guardrail_intervened")
    yield "tool", (frame("messageStart", {"role": "assistant"})
                   + frame("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t1", "name": "f"}}})
                   + frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": '{"a":1}'}}})
                   + frame("contentBlockStop", {"contentBlockIndex": 0}) + stop("tool_use"))
    yield "cut", hello
    yield "late", hello + frame("throttlingException", {"message": "that is why"}, "exception")
    yield "early", frame("modelStreamErrorException", {"message": "that is why"}, "exception")
    for status, message in ((401, "that is why"), (404, "that is why"), (400, "Input is too long for requested model."), (429, "Too many requests"),
                            (500, "that is why"), (529, "that is why")):
        yield f"e{status}", lines({"message": message})


def main():
    into = pathlib.Path(sys.argv[2])
    into.mkdir(parents=True, exist_ok=True)
    for name, body in globals()[sys.argv[1]]():
        (into / name).write_bytes(body)


if __name__ == "__main__":
    main()
