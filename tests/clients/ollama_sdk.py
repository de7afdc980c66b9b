# SPDX-License-Identifier: ISC
"""Ollama's Python client, with nothing changed but host and OLLAMA_API_KEY."""
import os

import httpx
import ollama
from pydantic import BaseModel

from tap import BASE, KEY, PIXEL, TEXT, check, done, each_wire, model, raises, same, seen

os.environ["OLLAMA_API_KEY"] = KEY
client = ollama.Client(host=BASE, timeout=20)
HI = [{"role": "user", "content": "hi"}]


class Person(BaseModel):
    name: str
    age: int


def get_weather(city: str, days: int = 1) -> str:
    """The weather"""
    return f"sunny in {city} for {days}"


def chat(wire):
    r = client.chat(model=model(wire, "text"), messages=HI)
    same((r.message.content, r.message.role, r.done, r.done_reason, r.prompt_eval_count, r.eval_count), (TEXT, "assistant", True, "stop", 11, 7))


def stream(wire):
    parts = list(client.chat(model=model(wire, "text"), messages=HI, stream=True))
    same(("".join(p.message.content or "" for p in parts), [p.done for p in parts].count(True)), (TEXT, 1))
    assert len(parts) > 2, parts


def tools(wire):
    """A function itself is the tool; its result goes back with its name."""
    r = client.chat(model=model(wire, "tools"), messages=HI, tools=[get_weather])
    call = r.message.tool_calls[0].function
    same((call.name, dict(call.arguments)), ("get_weather", {"city": "Paris", "days": 2}))
    result = {"role": "tool", "tool_name": call.name, "content": get_weather(**call.arguments)}
    r = client.chat(model=model(wire, "tools"), messages=HI + [r.message, result], tools=[get_weather])
    same(r.message.content, "It said: sunny in Paris for 2")


def thinking(wire):
    r = client.chat(model=model(wire, "reasoning"), messages=HI, think=True)
    same((r.message.thinking, r.message.content), ("Let me think.", "It is 42."))


def image(wire):
    r = client.chat(model=model(wire, "image"), messages=[{"role": "user", "content": "see", "images": [PIXEL]}])
    same(r.message.content, "A single pixel.")


def schema(wire):
    r = client.chat(model=model(wire, "json"), messages=HI, format=Person.model_json_schema())
    same(Person.model_validate_json(r.message.content), Person(name="Ada", age=36))


def generate(wire):
    same(client.generate(model=model(wire, "text"), prompt="hi", options={"temperature": 0, "num_predict": 50}).response, TEXT)
    same("".join(p.response for p in client.generate(model=model(wire, "text"), prompt="hi", stream=True)), TEXT)


def limited(wire):
    e = raises(ollama.ResponseError, lambda: client.chat(model=model(wire, "error"), messages=HI))
    same(e.status_code, 429)
    assert "slow down, please" in e.error, e


def cut(wire):
    raises(ollama.ResponseError, lambda: list(client.chat(model=model(wire, "reset"), messages=HI, stream=True)))


def timed_out(wire):
    hasty = ollama.Client(host=BASE, timeout=0.5)
    raises(httpx.TimeoutException, lambda: hasty.chat(model=model(wire, "stuck"), messages=HI))


def embed(wire):
    same(client.embed(model=model(wire, "embed"), input=["a", "bbb"]).embeddings, [[1.0, 0.5, -1.25], [3.0, 0.5, -1.25]])


def loaded():
    """A model is loaded without a call."""
    before = len(seen("text"))
    same([client.generate(model=model("openai", "text")).done_reason, client.generate(model=model("openai", "text"), keep_alive=0).done_reason,
          client.chat(model=model("openai", "text"), messages=[]).done_reason], ["load", "unload", "load"])
    same(len(seen("text")), before)
    same(list(client.ps().models), [])


def listed():
    names = [m.model for m in client.list().models]
    assert "u-openai:text" in names and "google/gemini-pro" in names, names
    assert "completion" in client.show("google/gemini-pro").capabilities
    same(raises(ollama.ResponseError, lambda: client.show("nobody/nothing")).status_code, 404)


def unauthorized():
    os.environ["OLLAMA_API_KEY"] = "sk-or-nobody"
    same(raises(ollama.ResponseError, lambda: ollama.Client(host=BASE).chat(model="mock/echo", messages=HI)).status_code, 401)


each_wire("chat", chat)
each_wire("stream", stream)
each_wire("tools", tools)
each_wire("thinking", thinking)
each_wire("image", image)
each_wire("schema", schema)
each_wire("generate", generate)
each_wire("429", limited)
each_wire("a cut stream is an error", cut)
each_wire("timeout", timed_out)
for name in ("openai", "gemini", "ollama", "cohere"):
    check(f"embed, {name}", embed, name)
check("a model is loaded", loaded)
check("models", listed)
check("a key that nobody has", unauthorized)
done()
