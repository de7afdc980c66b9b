# SPDX-License-Identifier: ISC
"""script: what a provider says: the same in each format."""
import dataclasses
import time

TEXT = "Hello, w\u00f6rld! \u2728 One, two."
PROMPT, COMPLETION = 11, 7  # tokens
ARGS = '{"city":"Paris","days":2}'
CALL_ID = "call_a1"
THOUGHT = "Let me think."
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


@dataclasses.dataclass
class Ask:
    """A request, as far as a script looks at it."""
    model: str
    stream: bool
    images: list = dataclasses.field(default_factory=list)  # base64
    results: list = dataclasses.field(default_factory=list)  # texts of tool results
    tools: list = dataclasses.field(default_factory=list)  # names
    schema: bool = False
    text: str = ""


@dataclasses.dataclass
class Script:
    """What is answered."""
    thought: str = ""
    pieces: tuple = ()
    calls: tuple = ()  # (id, name, arguments)
    status: int = 200
    message: str = ""
    gap_s: float = 0  # in front of each piece
    end: str = "end"  # or reset, silent: behind the first piece; stuck: before anything; held: until /release is asked for


def pieces(text):
    """A word at a time, with the blank behind it."""
    words = text.split(" ")
    return tuple(w + " " for w in words[:-1]) + (words[-1],)


def script(ask, nth=1):
    """nth: which of the requests to that model this is, from 1."""
    kind = ask.model.rsplit("/", 1)[-1].split(":")[0].removeprefix("anthropic.")  # Amazon's models have their makers' names in front
    if kind.startswith("flaky-"):
        return Script(status=503, message="not yet") if nth <= int(kind.split("-")[1]) else Script(pieces=pieces(TEXT))
    if kind == "tools" and not ask.results:
        if not ask.tools:
            return Script(status=400, message="no tools were sent")
        return Script(calls=((CALL_ID, ask.tools[0], ARGS),))
    if kind == "tools":
        return Script(pieces=pieces("It said: " + " ".join(ask.results)))
    if kind == "image":
        if ask.images != [PIXEL]:
            return Script(status=400, message="not the image that was sent")
        return Script(pieces=pieces("A single pixel."))
    if kind == "reasoning":
        return Script(thought=THOUGHT, pieces=pieces("It is 42."))
    if kind == "json":
        if not ask.schema:
            return Script(status=400, message="no schema was sent")
        return Script(pieces=pieces('{"name": "Ada", "age": 36}'))
    if kind == "error":
        return Script(status=429, message="slow down, please")
    if kind == "broken":
        return Script(status=500, message="it broke")
    if kind.startswith("status-"):
        return Script(status=int(kind[7:]), message="it is so")
    if kind == "slow":
        return Script(pieces=pieces(TEXT), gap_s=0.3)
    if kind == "long":
        return Script(pieces=("x" * 1000 + " ",) * 20000)
    if kind in ("reset", "silent", "stuck", "held"):
        return Script(pieces=pieces(TEXT), end=kind)
    if kind == "echo":
        return Script(pieces=pieces(ask.text))
    return Script(pieces=pieces(TEXT))


def paced(s):
    """The pieces, each at its time."""
    for piece in s.pieces:
        if s.gap_s:
            time.sleep(s.gap_s)
        yield piece
