# SPDX-License-Identifier: ISC
"""amazon.py {WHAT FILE ARGUMENT}...: what Amazon's own client library makes of our bytes. Status 1 where it disagrees."""
import datetime
import json
import re
import sys
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.eventstream
import botocore.parsers
import botocore.session
import botocore.validate

sys.dont_write_bytecode = True
MODEL = botocore.session.Session().get_service_model("bedrock-runtime")


def signature(path, secret):
    """FILE is a request as it was sent; its Authorization is what botocore writes for it."""
    head, _, body = open(path, "rb").read().partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    method, target, _ = line.split(" ")
    sent = {k.lower(): v for k, v in (x.split(": ", 1) for x in lines)}
    region = re.search(r"Credential=(\w+)/\d+/([\w-]+)/bedrock/", sent["authorization"])
    then = datetime.datetime.strptime(sent["x-amz-date"], "%Y%m%dT%H%M%SZ")
    request = botocore.awsrequest.AWSRequest(method, f"http://{sent['host']}{target}", data=body)
    key = botocore.credentials.Credentials(region[1], secret, sent.get("x-amz-security-token"))
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *a, **k: then):
        botocore.auth.SigV4Auth(key, "bedrock", region[2]).add_auth(request)
    return sent["authorization"], request.headers["Authorization"]


def answer_of(path):
    """(text, calls, finish) of a stream in OpenAI's format."""
    text, calls, finish = "", {}, None
    for line in open(path, encoding="utf-8"):
        if not line.startswith("data: {"):
            continue
        for c in json.loads(line[6:])["choices"]:
            text += c["delta"].get("content") or ""
            finish = c["finish_reason"] or finish
            for t in c["delta"].get("tool_calls") or []:
                call = calls.setdefault(t["index"], {"id": None, "name": None, "args": ""})
                call["id"] = t.get("id") or call["id"]
                call["name"] = t["function"].get("name") or call["name"]
                call["args"] += t["function"].get("arguments") or ""
    return text, [(c["id"], c["name"], json.loads(c["args"])) for _, c in sorted(calls.items())], finish


STOPS = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "tool_calls", "max_tokens": "length"}


def frames(path, wanted):
    """FILE is a stream; a client that puts one block after another together comes to the same."""
    shape = MODEL.operation_model("ConverseStream").output_shape.members["stream"]
    parser = botocore.parsers.create_parser("rest-json")
    buffer, text, calls, call, finish, usage = botocore.eventstream.EventStreamBuffer(), "", [], None, None, None
    buffer.add_data(open(path, "rb").read())
    for message in buffer:
        event = parser._event_stream_parser.parse(message.to_response_dict(), shape)
        (kind, v), = event.items()
        if kind == "contentBlockStart" and "toolUse" in v["start"]:
            call = [v["start"]["toolUse"]["toolUseId"], v["start"]["toolUse"]["name"], ""]
        elif kind == "contentBlockDelta":
            text += v["delta"].get("text", "")
            if "toolUse" in v["delta"]:
                call[2] += v["delta"]["toolUse"]["input"]
        elif kind == "contentBlockStop" and call:
            calls.append((call[0], call[1], json.loads(call[2])))
            call = None
        elif kind == "messageStop":
            finish = STOPS[v["stopReason"]]
        elif kind == "metadata":
            usage = v["usage"]["totalTokens"], v["metrics"]["latencyMs"]
    assert usage, "no metadata"
    return (text, calls, finish), answer_of(wanted)


def whole(path, wanted):
    shape = MODEL.operation_model("Converse").output_shape
    got = botocore.parsers.create_parser("rest-json").parse({"status_code": 200, "headers": {}, "body": open(path, "rb").read()}, shape)
    blocks = got["output"]["message"]["content"]
    text = "".join(b.get("text", "") + "".join(c["text"] for c in b.get("citationsContent", {}).get("content", [])) for b in blocks)
    calls = [(b["toolUse"]["toolUseId"], b["toolUse"]["name"], b["toolUse"]["input"]) for b in blocks if "toolUse" in b]
    return (text, calls, STOPS[got["stopReason"]]), answer_of(wanted)


def request(path, _):
    """FILE is a body, which is good by the service's own description: names, types, what is required, one member of a union."""
    shape = MODEL.operation_model("Converse").input_shape
    report = botocore.validate.ParamValidator().validate({"modelId": "m", **json.load(open(path, encoding="utf-8"))}, shape)
    return report.generate_report(), ""


def main():
    kinds, failed = {"signature": signature, "frames": frames, "whole": whole, "request": request}, 0
    for what, path, argument in zip(*[iter(sys.argv[1:])] * 3):
        ours, theirs = kinds[what](path, argument)
        if ours != theirs:
            failed = 1
            print(f"{what} {path}\n  ours:   {ours!r}\n  theirs: {theirs!r}")
    return failed


sys.exit(main())
