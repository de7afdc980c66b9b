# SPDX-License-Identifier: ISC
"""Amazon's Python SDK for Bedrock, with nothing changed but endpoint_url and the bearer token.

It sends such a token over TLS alone, which another server does in front of or-serve: here a relay of a few lines. Without keys it signs, and nobody
looks at the signature.
"""
import base64
import os
import socket
import ssl
import subprocess
import threading
import urllib.parse

import boto3
import botocore.config
import botocore.exceptions

from tap import BASE, KEY, PIXEL, TEXT, check, done, each_wire, model, raises, same, seen

CERTIFICATE, CERTIFICATE_KEY = "relay.pem", "relay.key"


def copy(source, to):
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        for s in (source, to):
            s.close()


def relay(listener, context, to):
    while True:
        plain = listener.accept()[0]
        try:
            client_side = context.wrap_socket(plain, server_side=True)
            server_side = socket.create_connection(to)
        except OSError:
            plain.close()
            continue
        for pair in ((client_side, server_side), (server_side, client_side)):
            threading.Thread(target=copy, args=pair, daemon=True).start()


def with_tls(base):
    """An https address that leads to base."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", CERTIFICATE_KEY, "-out", CERTIFICATE], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, CERTIFICATE_KEY)
    listener = socket.create_server(("127.0.0.1", 0))
    at = urllib.parse.urlsplit(base)
    threading.Thread(target=relay, args=(listener, context, (at.hostname, at.port)), daemon=True).start()
    return f"https://localhost:{listener.getsockname()[1]}"


def client_of(base=None, **more):
    config = botocore.config.Config(**{"retries": {"total_max_attempts": 1}, "read_timeout": 20, "proxies": {}} | more)
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=base or SECURE, verify=CERTIFICATE, config=config)


os.environ |= {"AWS_BEARER_TOKEN_BEDROCK": KEY, "AWS_EC2_METADATA_DISABLED": "true"}
SECURE = with_tls(BASE)
client = client_of()
HI = [{"role": "user", "content": [{"text": "hi"}]}]
TOOLS = {"tools": [{"toolSpec": {"name": "get_weather", "description": "The weather", "inputSchema": {"json": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}}}}]}


def text_of(r):
    return "".join(b.get("text", "") for b in r["output"]["message"]["content"])


def converse(wire):
    r = client.converse(modelId=model(wire, "text"), messages=HI)
    same((text_of(r), r["stopReason"], r["usage"]["inputTokens"], r["usage"]["outputTokens"]), (TEXT, "end_turn", 11, 7))


def stream(wire):
    text, stop, usage = "", None, None
    for event in client.converse_stream(modelId=model(wire, "text"), messages=HI)["stream"]:
        text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
        stop = event.get("messageStop", {}).get("stopReason", stop)
        usage = event.get("metadata", {}).get("usage", usage)
    same((text, stop, usage["totalTokens"]), (TEXT, "end_turn", 18))


def tools(wire):
    r = client.converse(modelId=model(wire, "tools"), messages=HI, toolConfig=TOOLS)
    said = r["output"]["message"]
    call = next(b["toolUse"] for b in said["content"] if "toolUse" in b)
    same((r["stopReason"], call["name"], call["input"]), ("tool_use", "get_weather", {"city": "Paris", "days": 2}))
    result = {"role": "user", "content": [{"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": "sunny"}]}}]}
    r = client.converse(modelId=model(wire, "tools"), messages=HI + [said, result], toolConfig=TOOLS)
    same(text_of(r), "It said: sunny")


def tools_streamed(wire):
    args = ""
    for event in client.converse_stream(modelId=model(wire, "tools"), messages=HI, toolConfig=TOOLS)["stream"]:
        args += event.get("contentBlockDelta", {}).get("delta", {}).get("toolUse", {}).get("input", "")
    same(args.replace(" ", ""), '{"city":"Paris","days":2}')


def reasoning(wire):
    r = client.converse(modelId=model(wire, "reasoning"), messages=HI)
    thoughts = [b["reasoningContent"]["reasoningText"]["text"] for b in r["output"]["message"]["content"] if "reasoningContent" in b]
    same((thoughts, text_of(r)), (["Let me think."], "It is 42."))


def image(wire):
    content = [{"image": {"format": "png", "source": {"bytes": base64.b64decode(PIXEL)}}}, {"text": "see"}]
    same(text_of(client.converse(modelId=model(wire, "image"), messages=[{"role": "user", "content": content}])), "A single pixel.")


def limited(wire):
    e = raises(client.exceptions.ThrottlingException, lambda: client.converse(modelId=model(wire, "error"), messages=HI))
    assert "slow down, please" in str(e), e


def cut(wire):
    def read():
        for _ in client.converse_stream(modelId=model(wire, "reset"), messages=HI)["stream"]:
            pass
    raises(botocore.exceptions.EventStreamError, read)


def retried(wire):
    patient = client_of(retries={"total_max_attempts": 3, "mode": "standard"})
    r = patient.converse(modelId=model(wire, "flaky-2-boto"), messages=HI)
    same((text_of(r), len(seen("flaky-2-boto", wire))), (TEXT, 3))


def timed_out(wire):
    hasty = client_of(read_timeout=0.5)
    raises(botocore.exceptions.ReadTimeoutError, lambda: hasty.converse(modelId=model(wire, "stuck"), messages=HI))


def mock():
    same(text_of(client.converse(modelId="mock/echo", messages=[{"role": "user", "content": [{"text": "one two"}]}])), "one two")


def unauthorized():
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = "sk-or-nobody"
    e = raises(botocore.exceptions.ClientError, lambda: client_of().converse(modelId="mock/echo", messages=HI))
    same(e.response["ResponseMetadata"]["HTTPStatusCode"], 401)


def sign():
    del os.environ["AWS_BEARER_TOKEN_BEDROCK"]
    os.environ |= {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": KEY}


def signed():
    """A signature is no key: whoever signs isn't let in."""
    sign()
    e = raises(botocore.exceptions.ClientError, lambda: client_of(BASE).converse(modelId="mock/echo", messages=HI))
    same(e.response["ResponseMetadata"]["HTTPStatusCode"], 401)


def signed_without_keys():
    with subprocess.Popen(["or-serve", "-q", "-l", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True, env=os.environ | {"OR_LEDGER": "none"}) as gateway:
        try:
            base = gateway.stdout.readline().strip()
            same(text_of(client_of(base).converse(modelId=model("openai", "text"), messages=HI)), TEXT)
        finally:
            gateway.terminate()


check("mock", mock)
each_wire("converse", converse)
each_wire("stream", stream)
each_wire("tools", tools)
each_wire("tools, streamed", tools_streamed)
each_wire("reasoning", reasoning)
each_wire("image", image)
each_wire("429", limited)
each_wire("a cut stream is an error", cut)
each_wire("retries", retried)
each_wire("timeout", timed_out)
check("a key that nobody has", unauthorized)
check("a signature in place of a key", signed)
check("a signature where no key is needed", signed_without_keys)
done()
