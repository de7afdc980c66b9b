#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: OpenAI's SDK for Python, unchanged.
. "$(dirname "$0")/clients.sh"
clients py openai_sdk.py
