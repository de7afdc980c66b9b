# SPDX-License-Identifier: ISC
"""readers: what a recorded answer says, read with Python's json from the formats' documents. None of our decoder is used here.

Each format's module has read(status, body) -> Answer. What all of them share is here: the answer, the framings, error kinds.
"""
import json
import re

KINDS = {400: "request", 401: "auth", 402: "money", 403: "auth", 404: "nomodel", 410: "host", 413: "request", 422: "request",
         451: "refused", 501: "host", 505: "host"}


class Raw:
    """A JSON number with a fraction or an exponent, as it is spelt; never the same as a string."""

    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return isinstance(other, Raw) and self.text == other.text

    def __hash__(self):
        return hash(self.text)

    def __repr__(self):
        return self.text


def load(text):
    return json.loads(text, parse_float=Raw)


def events(body):
    """(event, JSON value) of server-sent events, up to the end marker. A block that is no event but JSON stands for itself."""
    text = body.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    stray = ""
    for block in text.split("\n\n"):
        lines = block.split("\n")
        data = [line[5:].removeprefix(" ") for line in lines if line.startswith("data:")]
        name = [line[6:].strip() for line in lines if line.startswith("event:")]
        if data and data != ["[DONE]"]:
            yield (name or [""])[-1], load("\n".join(data))
        elif not data:
            stray += "\n".join(line for line in lines if not line.startswith((":", "event:")))
    if stray.strip():
        yield "", load(stray)


def values(body):
    """The JSON values of an answer: one, the elements of an array, or those of its events."""
    text = body.decode("utf-8").lstrip()
    if text[:1] not in ("{", "["):
        return [v for _, v in events(body)]
    whole = load(text)
    return whole if isinstance(whole, list) else [whole]


def first(*found):
    """The first that isn't None."""
    return next((v for v in found if v is not None), None)


def total(*found):
    """The sum of what is known; None: nothing is."""
    known = [v for v in found if v is not None]
    return sum(known) if known else None


class Choice:
    def __init__(self):
        self.text, self.refusal, self.reasoning, self.audio = "", "", "", ""
        self.explained = ""       # why the provider refused, in its own words: these may count as the refusal
        self.calls, self.annotations, self.images, self.logprobs = [], [], [], []
        self.opaque = []          # signatures and encrypted reasoning, each in the forms it was told in: one must come through
        self.finish = None
        self.native = ()          # the words that may stand for it; in compare.py, the one that was told
        self.plain = False        # reasoning comes as plain text: the same in reasoning_details is for playing it back

    def end(self, finish, *native):
        self.finish, self.native = finish, native

    def call(self, ident, name, args):
        """args: a JSON value, or the text of one."""
        self.calls.append({"id": ident, "name": name, "args": args})


class Answer:
    """exact: arguments, annotations and media are compared byte for byte, for they are OpenAI's already."""

    def __init__(self, status, exact=False):
        self.status, self.exact = status, exact
        self.choices, self.usage, self.error, self.id, self.model = {}, {}, None, None, None
        self.cut = False   # it ends without its end
        self.shown = True  # a start event is to be seen

    def choice(self, i=0):
        return self.choices.setdefault(i, Choice())

    def fail(self, message, code=None, kind=None):
        """The first error is the one. code: the status that it stands for, where it says one."""
        if not self.error:
            self.error = {"message": message if isinstance(message, str) else json.dumps(message), "code": code, "kind": kind}


def code_in(*found):
    """The first that is a status."""
    return next((int(c) for c in found if re.fullmatch("[345]..", str(c))), None)


def kind_of(status, message, word=""):
    """The kind of error that orutils(7) gives a status and what the body says; None: the tables don't decide it."""
    said = f"{word} {message}".lower()
    if re.search("insufficient_quota|insufficient credit|credit balance|payment", said):
        return "money"
    if re.search(r"api.?key.*(invalid|not valid|incorrect)|(invalid|incorrect).*api.?key", said):
        return "auth"
    if status == 403 and re.search("moderat|guardrail|flagged|usage guidelines|safety", said):
        return "refused"
    if status == 400 and "not a valid model" in said:
        return "nomodel"
    if status == 400 and re.search("content_filter|content policy|content management", said):
        return "refused"
    if status in (408, 409, 425, 429) or (status >= 500 and status not in (501, 505)):
        return "temporary"
    return KINDS.get(status)
