#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: Google's SDK for JavaScript, unchanged.
. "$(dirname "$0")/clients.sh"
clients js genai.mjs
