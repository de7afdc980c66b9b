# SPDX-License-Identifier: ISC
"""Google's genai SDK for Python, with nothing changed but base_url and api_key."""
import base64

import httpx2
from google import genai
from google.genai import errors, types

from tap import BASE, KEY, PIXEL, TEXT, check, done, each_wire, model, raises, same, seen

client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=BASE, timeout=20000))
TOOL = types.Tool(function_declarations=[types.FunctionDeclaration(name="get_weather", description="The weather", parameters=types.Schema(
    type="OBJECT", properties={"city": types.Schema(type="STRING"), "days": types.Schema(type="INTEGER")}))])


def generate(wire):
    r = client.models.generate_content(model=model(wire, "text"), contents="hi")
    same(r.text, TEXT)
    same(r.candidates[0].finish_reason.name, "STOP")
    same(r.usage_metadata.prompt_token_count, 11)


def stream(wire):
    same("".join(c.text or "" for c in client.models.generate_content_stream(model=model(wire, "text"), contents="hi")), TEXT)


def tools(wire):
    config = types.GenerateContentConfig(tools=[TOOL], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
    r = client.models.generate_content(model=model(wire, "tools"), contents="hi", config=config)
    call = r.function_calls[0]
    same((call.name, dict(call.args)), ("get_weather", {"city": "Paris", "days": 2}))
    r = client.models.generate_content(model=model(wire, "tools"), config=config, contents=[
        types.Content(role="user", parts=[types.Part(text="hi")]), r.candidates[0].content,
        types.Content(role="user", parts=[types.Part.from_function_response(name="get_weather", response={"result": "sunny"})])])
    assert "sunny" in r.text, r.text


def image(wire):
    r = client.models.generate_content(model=model(wire, "image"), contents=[
        types.Part.from_bytes(data=base64.b64decode(PIXEL), mime_type="image/png"), "see"])
    same(r.text, "A single pixel.")


def schema(wire):
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema={
        "type": "OBJECT", "properties": {"name": {"type": "STRING"}, "age": {"type": "INTEGER"}}})
    r = client.models.generate_content(model=model(wire, "json"), contents="hi", config=config)
    same(r.parsed, {"name": "Ada", "age": 36})


def limited(wire):
    e = raises(errors.ClientError, lambda: client.models.generate_content(model=model(wire, "error"), contents="hi"))
    same((e.code, e.status), (429, "RESOURCE_EXHAUSTED"))


def embed(name):
    r = client.models.embed_content(model=name, contents=["a", "bbb"])
    same([e.values for e in r.embeddings], [[1.0, 0.5, -1.25], [3.0, 0.5, -1.25]])


def embed_as_one():
    """The SDK makes one content of all parts for a model that has gemini in its name."""
    r = client.models.embed_content(model=model("gemini", "embed"), contents=["a", "bbb"])
    same([e.values for e in r.embeddings], [[4.0, 0.5, -1.25]])


def thoughts(wire):
    config = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024))
    r = client.models.generate_content(model=model(wire, "reasoning"), contents="hi", config=config)
    same(["".join(p.text for p in r.candidates[0].content.parts if bool(p.thought) == t) for t in (True, False)], ["Let me think.", "It is 42."])


def tools_streamed(wire):
    config = types.GenerateContentConfig(tools=[TOOL], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
    calls = []
    for c in client.models.generate_content_stream(model=model(wire, "tools"), contents="hi", config=config):
        calls += c.function_calls or []
    same([(c.name, dict(c.args)) for c in calls], [("get_weather", {"city": "Paris", "days": 2})])


def retried(wire):
    retry = types.HttpRetryOptions(attempts=3, initial_delay=0.1, max_delay=0.5)
    patient = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=BASE, timeout=20000, retry_options=retry))
    r = patient.models.generate_content(model=model(wire, "flaky-2-genai"), contents="hi")
    same((r.text, len(seen("flaky-2-genai", wire))), (TEXT, 3))


def timed_out(wire):
    hasty = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=BASE, timeout=500))
    raises(httpx2.TimeoutException, lambda: hasty.models.generate_content(model=model(wire, "stuck"), contents="hi"))


def listed():
    names = [m.name for m in client.models.list(config={"page_size": 3})]
    assert "models/u-openai:text" in names and "models/google/gemini-pro" in names, names
    same(len(set(names)), len(names))
    same(client.models.get(model="google/gemini-pro").name, "models/google/gemini-pro")
    same(raises(errors.ClientError, lambda: client.models.get(model="nobody/nothing")).code, 404)


def mock():
    same(client.models.generate_content(model="mock/echo", contents="one two").text, "one two")


def counted():
    assert client.models.count_tokens(model="mock/echo", contents="one two three").total_tokens > 0


check("mock", mock)
each_wire("generate", generate)
each_wire("stream", stream)
each_wire("tools", tools)
each_wire("image", image)
each_wire("schema", schema)
each_wire("429", limited)
each_wire("tools, streamed", tools_streamed)
each_wire("thoughts", thoughts)
each_wire("retries", retried)
each_wire("timeout", timed_out)
for name in ("u-openai:embed", "for-google:embed", "u-ollama:embed", "u-cohere:embed"):
    check(f"embed, {name}", embed, name)
check("embed, as one", embed_as_one)
check("models", listed)
check("count_tokens", counted)
done()
