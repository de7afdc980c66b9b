#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: Ollama's client for Python, unchanged.
. "$(dirname "$0")/clients.sh"
clients py ollama_sdk.py
