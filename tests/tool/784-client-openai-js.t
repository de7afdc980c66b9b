#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: OpenAI's SDK for JavaScript, unchanged.
. "$(dirname "$0")/clients.sh"
clients js openai.mjs
