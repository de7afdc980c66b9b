#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: the Vercel AI SDK, unchanged.
. "$(dirname "$0")/clients.sh"
clients js ai.mjs
