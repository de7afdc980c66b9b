#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: Anthropic's SDK for Python, unchanged.
. "$(dirname "$0")/clients.sh"
clients py anthropic_sdk.py
