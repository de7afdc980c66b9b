#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: OpenRouter's SDK, unchanged.
. "$(dirname "$0")/clients.sh"
clients js openrouter.mjs
