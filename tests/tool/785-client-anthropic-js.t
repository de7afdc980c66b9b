#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: Anthropic's SDK for JavaScript, unchanged.
. "$(dirname "$0")/clients.sh"
clients js anthropic.mjs
