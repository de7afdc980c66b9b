#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: Google's SDK for Python, unchanged.
. "$(dirname "$0")/clients.sh"
clients py genai_sdk.py
