# SPDX-License-Identifier: ISC
"""wires: a class a format: ask() reads a request, whole() and stream() give a script's bytes, error() a failure's.

Sources: the API references of OpenAI (chat, responses, embeddings), Anthropic (messages), Google (generateContent), Ollama, Cohere (chat v2), Amazon (Converse,
event streams).
"""
import base64
import json
import re
import struct
import time
import urllib.parse
import zlib

from .script import COMPLETION, PROMPT, Ask, paced


def sse(value, event=None):
    name = f"event: {event}\n" if event else ""
    return (name + "data: " + (value if isinstance(value, str) else json.dumps(value)) + "\n\n").encode()


def data_url(url):
    m = re.fullmatch(r"data:image/png;base64,(.*)", url)
    return m[1] if m else "?" + url


def parts_of(content):
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def halves(text):
    """Arguments come in two pieces."""
    return text[:9], text[9:]


class OpenAI:
    type = "text/event-stream"

    def ask(self, path, body):
        a = Ask(body["model"], bool(body.get("stream")))
        for m in body["messages"]:
            for p in parts_of(m.get("content")):
                if p["type"] == "image_url":
                    a.images.append(data_url(p["image_url"]["url"]))
                elif p["type"] == "text" and m["role"] == "tool":
                    a.results.append(p["text"])
                elif p["type"] == "text" and m["role"] == "user":
                    a.text = p["text"]
        a.tools = [t["function"]["name"] for t in body.get("tools", [])]
        a.schema = body.get("response_format", {}).get("type") == "json_schema"
        return a

    usage = {"prompt_tokens": PROMPT, "completion_tokens": COMPLETION, "total_tokens": PROMPT + COMPLETION}

    def whole(self, a, s):
        message = {"role": "assistant", "content": "".join(paced(s)) or None}
        if s.thought:
            message["reasoning_content"] = s.thought
        if s.calls:
            message["tool_calls"] = [{"id": i, "type": "function", "function": {"name": n, "arguments": g}} for i, n, g in s.calls]
        return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1790000000, "model": a.model, "usage": self.usage,
                "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if s.calls else "stop"}]}

    def stream(self, a, s):
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1790000000, "model": a.model}

        def chunk(delta, reason=None):
            return sse(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
        yield chunk({"role": "assistant", "content": ""})
        if s.thought:
            yield chunk({"reasoning_content": s.thought})
        for piece in paced(s):
            yield chunk({"content": piece})
        for n, (call_id, name, args) in enumerate(s.calls):
            yield chunk({"tool_calls": [{"index": n, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}]})
            for half in halves(args):
                yield chunk({"tool_calls": [{"index": n, "function": {"arguments": half}}]})
        yield chunk({}, "tool_calls" if s.calls else "stop")
        yield sse(head | {"choices": [], "usage": self.usage})
        yield sse("[DONE]")

    def error(self, s):
        return {"error": {"message": s.message, "type": "some_error", "code": None}}

    def embed(self, path, body):
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        vectors = [[float(len(t)), 0.5, -1.25] for t in texts]
        if body.get("encoding_format") == "base64":
            vectors = [base64.b64encode(struct.pack("<3f", *v)).decode() for v in vectors]
        return {"object": "list", "model": body["model"], "usage": {"prompt_tokens": PROMPT, "total_tokens": PROMPT},
                "data": [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(vectors)]}


class Responses:
    type = "text/event-stream"

    def ask(self, path, body):
        a = Ask(body["model"], bool(body.get("stream")))
        items = body["input"] if isinstance(body["input"], list) else [{"role": "user", "content": body["input"]}]
        for item in items:
            if item.get("type") == "function_call_output":
                a.results.append(item["output"] if isinstance(item["output"], str) else item["output"][0]["text"])
            for p in parts_of(item.get("content")):
                if p["type"] == "input_image":
                    a.images.append(data_url(p["image_url"]))
                elif p["type"] in ("input_text", "text") and item.get("role") == "user":
                    a.text = p["text"]
        a.tools = [t["name"] for t in body.get("tools", [])]
        a.schema = body.get("text", {}).get("format", {}).get("type") == "json_schema"
        return a

    usage = {"input_tokens": PROMPT, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": COMPLETION,
             "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": PROMPT + COMPLETION}

    def items(self, s, text):
        out = []
        if s.thought:
            out.append({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": s.thought}]})
        if text:
            out.append({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                        "content": [{"type": "output_text", "text": text, "annotations": []}]})
        for call_id, name, args in s.calls:
            out.append({"type": "function_call", "id": "fc_1", "call_id": call_id, "name": name, "arguments": args, "status": "completed"})
        return out

    def body(self, a, status, output, usage):
        return {"id": "resp_1", "object": "response", "created_at": 1790000000, "status": status, "background": False,
                "completed_at": 1790000001 if usage else None, "error": None, "frequency_penalty": 0.0, "incomplete_details": None,
                "instructions": None, "max_output_tokens": None, "max_tool_calls": None, "model": a.model, "output": output,
                "parallel_tool_calls": True, "presence_penalty": 0.0, "previous_response_id": None, "prompt_cache_key": None,
                "reasoning": {"effort": None, "summary": None}, "safety_identifier": None, "service_tier": "default", "store": False,
                "temperature": 1.0, "text": {"format": {"type": "text"}, "verbosity": "medium"}, "tool_choice": "auto", "tools": [],
                "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled", "usage": usage, "user": None, "metadata": {}}

    def whole(self, a, s):
        return self.body(a, "completed", self.items(s, "".join(paced(s))), self.usage)

    def stream(self, a, s):
        n = 0

        def event(kind, **more):
            nonlocal n
            n += 1
            return sse({"type": kind, "sequence_number": n} | more, kind)
        yield event("response.created", response=self.body(a, "in_progress", [], None))
        text, index = "", 0
        if s.thought:
            item = self.items(s, "")[0]
            yield event("response.output_item.added", output_index=index, item=item | {"summary": []})
            yield event("response.reasoning_summary_part.added", item_id="rs_1", output_index=index, summary_index=0,
                        part={"type": "summary_text", "text": ""})
            yield event("response.reasoning_summary_text.delta", item_id="rs_1", output_index=index, summary_index=0, delta=s.thought)
            yield event("response.reasoning_summary_text.done", item_id="rs_1", output_index=index, summary_index=0, text=s.thought)
            yield event("response.output_item.done", output_index=index, item=item)
            index += 1
        if s.pieces:
            empty = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
            part = {"type": "output_text", "text": "", "annotations": []}
            yield event("response.output_item.added", output_index=index, item=empty)
            yield event("response.content_part.added", item_id="msg_1", output_index=index, content_index=0, part=part)
            for piece in paced(s):
                text += piece
                yield event("response.output_text.delta", item_id="msg_1", output_index=index, content_index=0, delta=piece, logprobs=[])
            yield event("response.output_text.done", item_id="msg_1", output_index=index, content_index=0, text=text, logprobs=[])
            done = empty | {"status": "completed", "content": [part | {"text": text}]}
            yield event("response.content_part.done", item_id="msg_1", output_index=index, content_index=0, part=part | {"text": text})
            yield event("response.output_item.done", output_index=index, item=done)
            index += 1
        for call_id, name, args in s.calls:
            item = {"type": "function_call", "id": "fc_1", "call_id": call_id, "name": name, "arguments": "", "status": "in_progress"}
            yield event("response.output_item.added", output_index=index, item=item)
            for half in halves(args):
                yield event("response.function_call_arguments.delta", item_id="fc_1", output_index=index, delta=half)
            yield event("response.function_call_arguments.done", item_id="fc_1", output_index=index, arguments=args)
            yield event("response.output_item.done", output_index=index, item=item | {"arguments": args, "status": "completed"})
            index += 1
        yield event("response.completed", response=self.body(a, "completed", self.items(s, text), self.usage))

    error = OpenAI.error


class Anthropic:
    type = "text/event-stream"

    def ask(self, path, body):
        a = Ask(body["model"], bool(body.get("stream")))
        for m in body["messages"]:
            for p in parts_of(m["content"]):
                if p["type"] == "image":
                    a.images.append(p["source"].get("data"))
                elif p["type"] == "tool_result":
                    a.results += [q["text"] for q in parts_of(p["content"])]
                elif p["type"] == "text" and m["role"] == "user":
                    a.text = p["text"]
        a.tools = [t["name"] for t in body.get("tools", [])]
        a.schema = "schema" in json.dumps(body.get("output_config", {})) or "output_format" in body or bool(a.tools)
        return a

    def blocks(self, s, text):
        out = []
        if s.thought:
            out.append({"type": "thinking", "thinking": s.thought, "signature": "c2ln"})
        if text:
            out.append({"type": "text", "text": text})
        out += [{"type": "tool_use", "id": i, "name": n, "input": json.loads(g)} for i, n, g in s.calls]
        return out

    def head(self, a, content, reason, usage):
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": a.model, "content": content, "stop_reason": reason,
                "stop_sequence": None, "usage": usage}

    def whole(self, a, s):
        return self.head(a, self.blocks(s, "".join(paced(s))), "tool_use" if s.calls else "end_turn",
                         {"input_tokens": PROMPT, "output_tokens": COMPLETION})

    def stream(self, a, s):
        def event(kind, **more):
            return sse({"type": kind} | more, kind)
        yield event("message_start", message=self.head(a, [], None, {"input_tokens": PROMPT, "output_tokens": 1}))
        yield event("ping")
        index = 0
        if s.thought:
            yield event("content_block_start", index=index, content_block={"type": "thinking", "thinking": "", "signature": ""})
            yield event("content_block_delta", index=index, delta={"type": "thinking_delta", "thinking": s.thought})
            yield event("content_block_delta", index=index, delta={"type": "signature_delta", "signature": "c2ln"})
            yield event("content_block_stop", index=index)
            index += 1
        if s.pieces:
            yield event("content_block_start", index=index, content_block={"type": "text", "text": ""})
            for piece in paced(s):
                yield event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece})
            yield event("content_block_stop", index=index)
            index += 1
        for call_id, name, args in s.calls:
            yield event("content_block_start", index=index, content_block={"type": "tool_use", "id": call_id, "name": name, "input": {}})
            for half in halves(args):
                yield event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": half})
            yield event("content_block_stop", index=index)
            index += 1
        yield event("message_delta", delta={"stop_reason": "tool_use" if s.calls else "end_turn", "stop_sequence": None},
                    usage={"output_tokens": COMPLETION})
        yield event("message_stop")

    def error(self, s):
        kind = {429: "rate_limit_error", 400: "invalid_request_error"}.get(s.status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": s.message}, "request_id": "req_1"}


class Gemini:
    type = "text/event-stream"

    def ask(self, path, body):
        model, _, verb = urllib.parse.unquote(path.rsplit("models/", 1)[1]).partition(":")
        a = Ask(model, verb.partition("?")[0] == "streamGenerateContent")
        for content in body["contents"]:
            for p in content["parts"]:
                inline = p.get("inlineData") or p.get("inline_data")
                answer = p.get("functionResponse") or p.get("function_response")
                if inline:
                    a.images.append(inline["data"])
                elif answer:
                    said = answer["response"]
                    a.results.append(str(next(iter(said.values()))) if len(said) == 1 else json.dumps(said))
                elif "text" in p and content.get("role", "user") == "user":
                    a.text = p["text"]
        a.tools = [f["name"] for t in body.get("tools", []) for f in t.get("functionDeclarations") or t.get("function_declarations") or []]
        config = body.get("generationConfig", {})
        a.schema = "responseSchema" in config or "responseJsonSchema" in config
        return a

    def chunk(self, a, parts, reason=None):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        if reason:
            candidate["finishReason"] = reason
        return {"candidates": [candidate], "modelVersion": a.model, "responseId": "resp-1",
                "usageMetadata": {"promptTokenCount": PROMPT, "candidatesTokenCount": COMPLETION, "totalTokenCount": PROMPT + COMPLETION}}

    def parts(self, s, text):
        out = [{"text": s.thought, "thought": True}] if s.thought else []
        out += [{"text": text}] if text else []
        return out + [{"functionCall": {"name": n, "args": json.loads(g)}} for _, n, g in s.calls]

    def whole(self, a, s):
        return self.chunk(a, self.parts(s, "".join(paced(s))), "STOP")

    def stream(self, a, s):
        if s.thought:
            yield sse(self.chunk(a, [{"text": s.thought, "thought": True}]))
        for piece in paced(s):
            yield sse(self.chunk(a, [{"text": piece}]))
        for _, name, args in s.calls:
            yield sse(self.chunk(a, [{"functionCall": {"name": name, "args": json.loads(args)}}]))
        yield sse(self.chunk(a, [], "STOP"))

    def error(self, s):
        return {"error": {"code": s.status, "message": s.message, "status": "RESOURCE_EXHAUSTED" if s.status == 429 else "INVALID_ARGUMENT"}}

    def embed(self, path, body):
        asked = body["requests"] if "requests" in body else [body]
        vectors = [{"values": [float(len(r["content"]["parts"][0]["text"])), 0.5, -1.25]} for r in asked]
        return {"embeddings": vectors} if "requests" in body else {"embedding": vectors[0]}


class Ollama:
    type = "application/x-ndjson"

    def ask(self, path, body):
        a = Ask(body["model"], body.get("stream", True))
        for m in body["messages"]:
            a.images += m.get("images") or []
            if m["role"] == "tool":
                a.results.append(m["content"])
            elif m["role"] == "user":
                a.text = m["content"]
        a.tools = [t["function"]["name"] for t in body.get("tools") or []]
        a.schema = isinstance(body.get("format"), dict)
        return a

    def line(self, a, message, done=False, **more):
        out = {"model": a.model, "created_at": "2026-09-21T14:13:20Z", "message": {"role": "assistant", "content": ""} | message, "done": done}
        if done:
            out |= {"done_reason": "stop", "prompt_eval_count": PROMPT, "eval_count": COMPLETION, "total_duration": 1000}
        return out | more

    def calls(self, s):
        return [{"id": i, "function": {"name": n, "arguments": json.loads(g)}} for i, n, g in s.calls]

    def whole(self, a, s):
        message = {"content": "".join(paced(s))}
        if s.thought:
            message["thinking"] = s.thought
        if s.calls:
            message["tool_calls"] = self.calls(s)
        return self.line(a, message, True)

    def stream(self, a, s):
        def line(*args):
            return json.dumps(self.line(a, *args)).encode() + b"\n"
        if s.thought:
            yield line({"thinking": s.thought})
        for piece in paced(s):
            yield line({"content": piece})
        if s.calls:
            yield line({"tool_calls": self.calls(s)})
        yield line({}, True)

    def error(self, s):
        return {"error": s.message}

    def embed(self, path, body):
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        return {"model": body["model"], "embeddings": [[float(len(t)), 0.5, -1.25] for t in texts], "prompt_eval_count": PROMPT}


class Cohere:
    type = "text/event-stream"

    def ask(self, path, body):
        a = Ask(body["model"], bool(body.get("stream")))
        for m in body["messages"]:
            for p in parts_of(m.get("content")):
                if p["type"] == "image_url":
                    a.images.append(data_url(p["image_url"]["url"]))
                elif m["role"] == "tool":
                    a.results.append(p["text"] if p["type"] == "text" else str(p["document"]["data"].get("text", p["document"]["data"])))
                elif p["type"] == "text" and m["role"] == "user":
                    a.text = p["text"]
        a.tools = [t["function"]["name"] for t in body.get("tools", [])]
        a.schema = "json_schema" in json.dumps(body.get("response_format", {})) or "schema" in body.get("response_format", {})
        return a

    usage = {"billed_units": {"input_tokens": PROMPT, "output_tokens": COMPLETION}, "tokens": {"input_tokens": PROMPT, "output_tokens": COMPLETION}}

    def whole(self, a, s):
        text = "".join(paced(s))
        message = {"role": "assistant"}
        content = [{"type": "thinking", "thinking": s.thought}] if s.thought else []
        if text:
            content.append({"type": "text", "text": text})
        if content:
            message["content"] = content
        if s.calls:
            message["tool_calls"] = [{"id": i, "type": "function", "function": {"name": n, "arguments": g}} for i, n, g in s.calls]
        return {"id": "co-1", "finish_reason": "TOOL_CALL" if s.calls else "COMPLETE", "message": message, "usage": self.usage}

    def stream(self, a, s):
        def event(kind, **more):
            return sse({"type": kind} | more, kind)
        yield event("message-start", id="co-1", delta={"message": {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}})
        index = 0
        if s.thought:
            yield event("content-start", index=index, delta={"message": {"content": {"type": "thinking", "thinking": ""}}})
            yield event("content-delta", index=index, delta={"message": {"content": {"thinking": s.thought}}})
            yield event("content-end", index=index)
            index += 1
        if s.pieces:
            yield event("content-start", index=index, delta={"message": {"content": {"type": "text", "text": ""}}})
            for piece in paced(s):
                yield event("content-delta", index=index, delta={"message": {"content": {"text": piece}}})
            yield event("content-end", index=index)
        for n, (call_id, name, args) in enumerate(s.calls):
            call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
            yield event("tool-call-start", index=n, delta={"message": {"tool_calls": call}})
            for half in halves(args):
                yield event("tool-call-delta", index=n, delta={"message": {"tool_calls": {"function": {"arguments": half}}}})
            yield event("tool-call-end", index=n)
        yield event("message-end", delta={"finish_reason": "TOOL_CALL" if s.calls else "COMPLETE", "usage": self.usage})

    def error(self, s):
        return {"id": "co-1", "message": s.message}

    def embed(self, path, body):
        vectors = [[float(len(t)), 0.5, -1.25] for t in body["texts"]]
        kind = (body.get("embedding_types") or ["float"])[0]
        if kind == "base64":
            vectors = [base64.b64encode(struct.pack("<3f", *v)).decode() for v in vectors]
        return {"id": "co-1", "embeddings": {kind: vectors}, "texts": body["texts"],
                "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": PROMPT}}}


def frame(kind, value, exception=False):
    """One message of Amazon's event stream."""
    headers = b""
    names = ((":exception-type", kind), (":message-type", "exception")) if exception else ((":event-type", kind), (":message-type", "event"))
    for name, v in (*names, (":content-type", "application/json")):
        headers += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(v)) + v.encode()
    payload = json.dumps(value).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return head + struct.pack(">I", zlib.crc32(head))


class Bedrock:
    type = "application/vnd.amazon.eventstream"

    def ask(self, path, body):
        model, _, verb = path.split("/model/", 1)[1].rpartition("/")
        a = Ask(urllib.parse.unquote(model), verb == "converse-stream")
        for m in body["messages"]:
            for p in m["content"]:
                if "image" in p:
                    a.images.append(p["image"]["source"]["bytes"])
                elif "toolResult" in p:
                    a.results += [q["text"] for q in p["toolResult"]["content"] if "text" in q]
                elif "text" in p and m["role"] == "user":
                    a.text = p["text"]
        a.tools = [t["toolSpec"]["name"] for t in body.get("toolConfig", {}).get("tools", []) if "toolSpec" in t]
        a.schema = "schema" in json.dumps(body.get("outputConfig", {})) or bool(a.tools)
        return a

    usage = {"inputTokens": PROMPT, "outputTokens": COMPLETION, "totalTokens": PROMPT + COMPLETION}

    def blocks(self, s, text):
        out = [{"reasoningContent": {"reasoningText": {"text": s.thought, "signature": "c2ln"}}}] if s.thought else []
        out += [{"text": text}] if text else []
        return out + [{"toolUse": {"toolUseId": i, "name": n, "input": json.loads(g)}} for i, n, g in s.calls]

    def whole(self, a, s):
        return {"output": {"message": {"role": "assistant", "content": self.blocks(s, "".join(paced(s)))}},
                "stopReason": "tool_use" if s.calls else "end_turn", "usage": self.usage, "metrics": {"latencyMs": 5}}

    def stream(self, a, s):
        yield frame("messageStart", {"role": "assistant"})
        index = 0
        if s.thought:
            yield frame("contentBlockDelta", {"contentBlockIndex": index, "delta": {"reasoningContent": {"text": s.thought}}})
            yield frame("contentBlockDelta", {"contentBlockIndex": index, "delta": {"reasoningContent": {"signature": "c2ln"}}})
            yield frame("contentBlockStop", {"contentBlockIndex": index})
            index += 1
        if s.pieces:
            for piece in paced(s):
                yield frame("contentBlockDelta", {"contentBlockIndex": index, "delta": {"text": piece}})
            yield frame("contentBlockStop", {"contentBlockIndex": index})
            index += 1
        for call_id, name, args in s.calls:
            yield frame("contentBlockStart", {"contentBlockIndex": index, "start": {"toolUse": {"toolUseId": call_id, "name": name}}})
            for half in halves(args):
                yield frame("contentBlockDelta", {"contentBlockIndex": index, "delta": {"toolUse": {"input": half}}})
            yield frame("contentBlockStop", {"contentBlockIndex": index})
            index += 1
        yield frame("messageStop", {"stopReason": "tool_use" if s.calls else "end_turn"})
        yield frame("metadata", {"usage": self.usage, "metrics": {"latencyMs": 5}})

    def error(self, s):
        return {"message": s.message}


WIRES = {"openai": OpenAI(), "responses": Responses(), "anthropic": Anthropic(), "gemini": Gemini(), "ollama": Ollama(), "cohere": Cohere(),
         "bedrock": Bedrock()}


def list_of(wire):
    """A list of models in the format's form."""
    names = ("text", "tools", "image", "reasoning", "json", "error", "broken", "slow", "long", "silent", "reset", "stuck", "echo", "embed")
    if wire == "gemini":
        return {"models": [{"name": "models/" + n, "displayName": n} for n in names]}
    if wire == "ollama":
        return {"models": [{"name": n, "model": n} for n in names]}
    if wire == "cohere":
        return {"models": [{"name": n, "endpoints": ["chat"]} for n in names]}
    if wire == "bedrock":
        return {"modelSummaries": [{"modelId": n} for n in names]}
    return {"object": "list", "data": [{"id": n, "object": "model", "created": int(time.time()), "owned_by": wire} for n in names]}
