# SPDX-License-Identifier: ISC
"""OpenAI's Python SDK, with nothing changed but base_url and api_key."""
import json

import openai
from pydantic import BaseModel

from tap import BASE, KEY, PIXEL, TEXT, check, done, each_wire, model, raises, same, seen

client = openai.OpenAI(base_url=BASE + "/api/v1", api_key=KEY, max_retries=0, timeout=20)
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}}}
HI = [{"role": "user", "content": "hi"}]


class Person(BaseModel):
    name: str
    age: int


def chat(wire):
    r = client.chat.completions.create(model=model(wire, "text"), messages=HI)
    same(r.choices[0].message.content, TEXT)
    same(r.choices[0].finish_reason, "stop")
    same((r.usage.prompt_tokens, r.usage.completion_tokens), (11, 7))
    same(r.object, "chat.completion")
    assert r.id.startswith("gen-"), r.id
    assert abs(r.usage.cost - 25e-6) < 1e-12, r.usage


def stream(wire):
    text, reasons, usage = "", [], None
    for chunk in client.chat.completions.create(model=model(wire, "text"), messages=HI, stream=True):
        for c in chunk.choices:
            text += c.delta.content or ""
            reasons += [c.finish_reason] if c.finish_reason else []
        usage = chunk.usage or usage
    same(text, TEXT)
    same(set(reasons), {"stop"})
    same(usage.total_tokens, 18)


def tools(wire):
    r = client.chat.completions.create(model=model(wire, "tools"), messages=HI, tools=[TOOL])
    call = r.choices[0].message.tool_calls[0]
    same((r.choices[0].finish_reason, call.function.name), ("tool_calls", "get_weather"))
    same(json.loads(call.function.arguments), {"city": "Paris", "days": 2})
    r = client.chat.completions.create(model=model(wire, "tools"), tools=[TOOL], messages=HI + [
        r.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}])
    same(r.choices[0].message.content, "It said: sunny")


def tools_streamed(wire):
    with client.chat.completions.stream(model=model(wire, "tools"), messages=HI, tools=[TOOL]) as s:
        s.until_done()
        m = s.get_final_completion().choices[0].message
    same(json.loads(m.tool_calls[0].function.arguments), {"city": "Paris", "days": 2})


def image(wire):
    r = client.chat.completions.create(model=model(wire, "image"), messages=[{"role": "user", "content": [
        {"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PIXEL}}]}])
    same(r.choices[0].message.content, "A single pixel.")


def parsed(wire):
    r = client.chat.completions.parse(model=model(wire, "json"), messages=HI, response_format=Person)
    same(r.choices[0].message.parsed, Person(name="Ada", age=36))


def responses(wire):
    r = client.responses.create(model=model(wire, "text"), input="hi", store=False)
    same(r.output_text, TEXT)
    same(r.status, "completed")
    same(r.usage.total_tokens, 18)


def responses_streamed(wire):
    text, kinds = "", []
    for event in client.responses.create(model=model(wire, "text"), input="hi", stream=True, store=False):
        kinds.append(event.type)
        if event.type == "response.output_text.delta":
            text += event.delta
    same(text, TEXT)
    same((kinds[0], kinds[-1]), ("response.created", "response.completed"))


def responses_parsed(wire):
    r = client.responses.parse(model=model(wire, "json"), input="hi", text_format=Person, store=False)
    same(r.output_parsed, Person(name="Ada", age=36))


def responses_tools(wire):
    tool = {"type": "function", **TOOL["function"], "strict": False}
    r = client.responses.create(model=model(wire, "tools"), input="hi", tools=[tool], store=False)
    call = next(item for item in r.output if item.type == "function_call")
    same(json.loads(call.arguments), {"city": "Paris", "days": 2})
    r = client.responses.create(model=model(wire, "tools"), tools=[tool], store=False, input=[
        {"role": "user", "content": "hi"}, call.model_dump(exclude_none=True, exclude={"status"}),
        {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}])
    same(r.output_text, "It said: sunny")


def limited(wire):
    e = raises(openai.RateLimitError, lambda: client.chat.completions.create(model=model(wire, "error"), messages=HI))
    assert "slow down, please" in str(e), e
    same(e.body["code"], 429)


def limited_stream(wire):
    raises(openai.RateLimitError, lambda: client.chat.completions.create(model=model(wire, "error"), messages=HI, stream=True))


def cut(wire):
    def read():
        for _ in client.chat.completions.create(model=model(wire, "reset"), messages=HI, stream=True):
            pass
    raises(openai.APIError, read)


def embeddings(wire):
    r = client.embeddings.create(model=model(wire, "embed"), input=["a", "bbb"])
    same([d.embedding for d in r.data], [[1.0, 0.5, -1.25], [3.0, 0.5, -1.25]])
    r = client.embeddings.create(model=model(wire, "embed"), input="a", encoding_format="float")
    same(r.data[0].embedding, [1.0, 0.5, -1.25])


def mock():
    r = client.chat.completions.create(model="mock/echo", messages=[{"role": "user", "content": "one two"}])
    same(r.choices[0].message.content, "one two")
    text = "".join(c.choices[0].delta.content or "" for c in client.chat.completions.create(
        model="mock/echo", messages=[{"role": "user", "content": "one two"}], stream=True) if c.choices)
    same(text, "one two")


def completions():
    r = client.completions.create(model="mock/echo", prompt="one two")
    same(r.choices[0].text, "one two")


def unauthorized():
    other = openai.OpenAI(base_url=BASE + "/v1", api_key="sk-or-nobody", max_retries=0)
    raises(openai.AuthenticationError, lambda: other.chat.completions.create(model="mock/echo", messages=HI))


def unknown():
    raises(openai.APIStatusError, lambda: client.chat.completions.create(model="nobody/nothing", messages=HI))


def invalid():
    raises(openai.BadRequestError, lambda: client.chat.completions.create(model="mock/echo", messages="hi"))


def retried(wire):
    """The provider fails twice; or-serve, told so, doesn't try again: the SDK does."""
    patient = client.with_options(max_retries=2)
    r = patient.chat.completions.create(model=model(wire, "flaky-2-openai"), messages=HI)
    same((r.choices[0].message.content, len(seen("flaky-2-openai", wire))), (TEXT, 3))


def retried_stream():
    patient = client.with_options(max_retries=2)
    s = patient.chat.completions.create(model=model("openai", "flaky-2-streamed"), messages=HI, stream=True)
    same("".join(c.choices[0].delta.content or "" for c in s if c.choices), TEXT)
    same(len(seen("flaky-2-streamed")), 3)


def given_up():
    patient = client.with_options(max_retries=1)
    raises(openai.InternalServerError, lambda: patient.chat.completions.create(model=model("openai", "flaky-2-left"), messages=HI))
    same(len(seen("flaky-2-left")), 2)


def timed_out(wire):
    hasty = client.with_options(timeout=0.5)
    raises(openai.APITimeoutError, lambda: hasty.chat.completions.create(model=model(wire, "stuck"), messages=HI))


def models():
    ids = [m.id for m in client.models.list()]
    assert "u-openai:text" in ids and "google/gemini-pro" in ids, ids
    same(client.models.retrieve("google/gemini-pro").id, "google/gemini-pro")
    raises(openai.NotFoundError, lambda: client.models.retrieve("nobody/nothing"))


check("mock", mock)
check("completions", completions)
each_wire("chat", chat)
each_wire("stream", stream)
each_wire("tools", tools)
each_wire("tools, streamed", tools_streamed)
each_wire("image", image)
each_wire("parsed output", parsed)
each_wire("responses", responses)
each_wire("responses, streamed", responses_streamed)
each_wire("responses, parsed", responses_parsed)
each_wire("responses, tools", responses_tools)
each_wire("429", limited)
each_wire("429 of a stream", limited_stream)
each_wire("a cut stream is an error", cut)
for name in ("openai", "gemini", "ollama", "cohere"):
    check(f"embeddings, {name}", embeddings, name)
check("a key that nobody has", unauthorized)
check("a model that nobody has", unknown)
check("a bad request", invalid)
each_wire("retries", retried)
check("retries, streamed", retried_stream)
check("retries given up", given_up)
each_wire("timeout", timed_out)
check("models", models)
done()
