#!/bin/sh
# SPDX-License-Identifier: ISC
# or-serve: Amazon's SDK for Python, for Bedrock, unchanged.
. "$(dirname "$0")/clients.sh"
[ "${OR_CLIENTS:-}" = need ] || skip_unless openssl
clients py boto3_sdk.py
