#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: two programs written for OpenRouter, unchanged.
. "$(dirname "$0")/clients.sh"
clients py examples.py
