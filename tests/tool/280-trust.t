#!/bin/sh
# SPDX-License-Identifier: ISC
# Which certificates are read: one of the hashed directory, never the whole bundle, which costs 20 ms of every connection.
. "$(dirname "$0")/lib.sh"
skip_unless strace
ls /etc/ssl/certs/????????.0 >/dev/null 2>&1 || {
	echo '1..0 # SKIP /etc/ssl/certs is not hashed'
	exit 0
}
# strace and a leak checker can't both trace a process
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS
mkdir "$XDG_CONFIG_HOME/orutils"
upstream '-- forever' close
printf 'tls openai https://127.0.0.1:%s/v1 none\n' "$PORT" >"$XDG_CONFIG_HOME/orutils/providers"
t 'a server that speaks no TLS' -s 69 -e 'or-chat: tls: *' -- strace -f -qq -e trace=openat,open -o trace or-chat -r 0 -m tls:x hi
is 'the bundle is not opened' "$(grep -c 'ca-certificates.crt\|ca-bundle' trace)" 0
ok 'one certificate of the hashed directory is' grep -q '/etc/ssl/certs/[0-9a-f]*\.0"' trace
t 'SSL_CERT_FILE' -s 69 -e 'or-chat: tls: *' -- env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt strace -f -qq -e trace=openat,open -o trace or-chat -r 0 -m tls:x hi
ok 'is what is opened' grep -q 'ca-certificates.crt' trace
finish
