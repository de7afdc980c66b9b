# SPDX-License-Identifier: ISC
"""providers: seven providers on loopback, one a wire, that answer as their formats' documents say. None of our code is used here.

    python3 -m providers PORTFILE

serves each under /WIRE (openai, responses, anthropic, gemini, ollama, cohere, bedrock), and writes its port to PORTFILE. The model's name says what
comes: text, tools, image, reasoning, json, error, status-NNN, or slow, long, silent, reset, stuck, held: see script.py; flaky-N-WORD fails its first
N requests with 503. GET /seen gives what was asked so far:
[{"wire", "path", "headers", "body", "gone"}], gone: ms after which the client left, null where it stayed to the end.
"""
