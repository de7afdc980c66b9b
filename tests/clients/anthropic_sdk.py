# SPDX-License-Identifier: ISC
"""Anthropic's Python SDK, with nothing changed but base_url and api_key."""
import anthropic

from tap import BASE, KEY, PIXEL, TEXT, check, done, each_wire, model, raises, same, seen

client = anthropic.Anthropic(base_url=BASE, api_key=KEY, max_retries=0, timeout=20)
TOOL = {"name": "get_weather", "description": "The weather", "input_schema": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}}
HI = [{"role": "user", "content": "hi"}]


def text_of(m):
    return "".join(b.text for b in m.content if b.type == "text")


def messages(wire):
    m = client.messages.create(model=model(wire, "text"), max_tokens=100, messages=HI)
    same((text_of(m), m.stop_reason, m.role, m.type), (TEXT, "end_turn", "assistant", "message"))
    same((m.usage.input_tokens, m.usage.output_tokens), (11, 7))


def stream(wire):
    with client.messages.stream(model=model(wire, "text"), max_tokens=100, messages=HI) as s:
        text = "".join(s.text_stream)
        m = s.get_final_message()
    same((text, text_of(m), m.stop_reason, m.usage.output_tokens), (TEXT, TEXT, "end_turn", 7))


def tools(wire):
    m = client.messages.create(model=model(wire, "tools"), max_tokens=100, messages=HI, tools=[TOOL])
    call = next(b for b in m.content if b.type == "tool_use")
    same((m.stop_reason, call.name, call.input), ("tool_use", "get_weather", {"city": "Paris", "days": 2}))
    m = client.messages.create(model=model(wire, "tools"), max_tokens=100, tools=[TOOL], messages=HI + [
        {"role": "assistant", "content": m.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]}])
    same(text_of(m), "It said: sunny")


def tools_streamed(wire):
    with client.messages.stream(model=model(wire, "tools"), max_tokens=100, messages=HI, tools=[TOOL]) as s:
        m = s.get_final_message()
    same([b.input for b in m.content if b.type == "tool_use"], [{"city": "Paris", "days": 2}])


def thinking(wire):
    m = client.messages.create(model=model(wire, "reasoning"), max_tokens=2000, messages=HI,
                               thinking={"type": "enabled", "budget_tokens": 1024})
    same(([b.thinking for b in m.content if b.type == "thinking"], text_of(m)), (["Let me think."], "It is 42."))


SIGNED = ("anthropic", "bedrock")  # formats whose thoughts are signed


def thinking_streamed(wire):
    with client.messages.stream(model=model(wire, "reasoning"), max_tokens=2000, messages=HI,
                                thinking={"type": "enabled", "budget_tokens": 1024}) as s:
        kinds = [e.delta.type for e in s if e.type == "content_block_delta"]
        m = s.get_final_message()
    same(([b.thinking for b in m.content if b.type == "thinking"], text_of(m)), (["Let me think."], "It is 42."))
    same("signature_delta" in kinds, wire in SIGNED)
    same([b.signature for b in m.content if b.type == "thinking"], ["c2ln" if wire in SIGNED else ""])


def thinking_back(wire):
    """Thoughts go back to whoever signed them as they were."""
    name = {"anthropic": "reasoning", "bedrock": "anthropic.reasoning"}[wire]
    ask = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000, "model": model(wire, name)}
    m = client.messages.create(messages=HI, **ask)
    before = len(seen(name, wire))
    client.messages.create(messages=HI + [{"role": "assistant", "content": m.content}, {"role": "user", "content": "and?"}], **ask)
    sent = seen(name, wire)[before:]
    same(len(sent), 1)
    want = {"anthropic": {"type": "thinking", "thinking": "Let me think.", "signature": "c2ln"},
            "bedrock": {"reasoningContent": {"reasoningText": {"text": "Let me think.", "signature": "c2ln"}}}}[wire]
    same(sent[0]["body"]["messages"][1]["content"][0], want)


def failed_tool(wire):
    """What a format has for a tool that failed is said in it; its text comes through in all."""
    before = len(seen("tools", wire))
    m = client.messages.create(model=model(wire, "tools"), max_tokens=100, tools=[TOOL], messages=HI + [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "no such city", "is_error": True}]}])
    assert "no such city" in text_of(m), m
    messages = seen("tools", wire)[before]["body"].get("messages")
    if wire == "anthropic":
        same(messages[2]["content"][0]["is_error"], True)
    if wire == "bedrock":
        same(messages[2]["content"][0]["toolResult"]["status"], "error")


def retried(wire):
    patient = client.with_options(max_retries=2)
    m = patient.messages.create(model=model(wire, "flaky-2-anthropic"), max_tokens=100, messages=HI)
    same((text_of(m), len(seen("flaky-2-anthropic", wire))), (TEXT, 3))


def timed_out(wire):
    hasty = client.with_options(timeout=0.5)
    raises(anthropic.APITimeoutError, lambda: hasty.messages.create(model=model(wire, "stuck"), max_tokens=9, messages=HI))


def models():
    ids = [m.id for m in client.models.list(limit=3)]  # in pages of three
    assert "u-openai:text" in ids and "google/gemini-pro" in ids and len(ids) > 3, ids
    same(len(set(ids)), len(ids))
    m = client.models.retrieve("google/gemini-pro")
    same((m.id, m.type, m.lifecycle), ("google/gemini-pro", "model", "active"))
    e = raises(anthropic.NotFoundError, lambda: client.models.retrieve("nobody/nothing"))
    same(e.body["error"]["type"], "not_found_error")


def image(wire):
    m = client.messages.create(model=model(wire, "image"), max_tokens=100, messages=[{"role": "user", "content": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}, {"type": "text", "text": "see"}]}])
    same(text_of(m), "A single pixel.")


def limited(wire):
    e = raises(anthropic.RateLimitError, lambda: client.messages.create(model=model(wire, "error"), max_tokens=9, messages=HI))
    same(e.body["type"], "error")
    same(e.body["error"]["type"], "rate_limit_error")


def cut(wire):
    def read():
        with client.messages.stream(model=model(wire, "reset"), max_tokens=100, messages=HI) as s:
            s.get_final_message()
    raises(anthropic.APIError, read)


def mock():
    m = client.messages.create(model="mock/echo", max_tokens=100, messages=[{"role": "user", "content": "one two"}])
    same(text_of(m), "one two")


def unauthorized():
    other = anthropic.Anthropic(base_url=BASE, api_key="sk-or-nobody", max_retries=0)
    e = raises(anthropic.AuthenticationError, lambda: other.messages.create(model="mock/echo", max_tokens=9, messages=HI))
    same(e.body["error"]["type"], "authentication_error")


def counted():
    r = client.messages.count_tokens(model="mock/echo", messages=[{"role": "user", "content": "one two three"}])
    assert 0 < r.input_tokens < 50, r


check("mock", mock)
each_wire("messages", messages)
each_wire("stream", stream)
each_wire("tools", tools)
each_wire("tools, streamed", tools_streamed)
each_wire("thinking", thinking)
each_wire("thinking, streamed", thinking_streamed)
for name in SIGNED:
    check(f"thinking goes back, {name}", thinking_back, name)
each_wire("a tool that failed", failed_tool)
each_wire("image", image)
each_wire("retries", retried)
each_wire("timeout", timed_out)
check("models", models)
each_wire("429", limited)
each_wire("a cut stream is an error", cut)
check("a key that nobody has", unauthorized)
check("count_tokens", counted)
done()
