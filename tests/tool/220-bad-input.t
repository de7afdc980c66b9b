#!/bin/sh
# SPDX-License-Identifier: ISC
# Bad input of every kind gets a clear error, in one line, and nothing is lost. (Prompts: 100; -i: 210; schemas: 190; Retry-After: 160.)
. "$(dirname "$0")/lib.sh"
conf=$XDG_CONFIG_HOME/orutils
mkdir "$conf"
t_opts='-r 0'

# bad STATUS NAME DIRECTIVE...: nothing comes out.   torn STATUS NAME DIRECTIVE...: "Hello" does.
bad()
{
	b_want=$1 b_name=$2
	shift 2
	upstream '-- forever' "$@"
	# shellcheck disable=SC2086 # several options
	t "$b_name" -s "$b_want" -e 'or-chat: ?*' -- or-chat $t_opts -m x/y hi
}
torn()
{
	b_want=$1 b_name=$2
	shift 2
	upstream '-- forever' "$@"
	# shellcheck disable=SC2086 # several options
	t "$b_name" -s "$b_want" -o Hello -e 'or-chat: ?*' -- or-chat $t_opts -m x/y hi
}
good()
{
	b_name=$1
	shift
	upstream '-- forever' "$@"
	# shellcheck disable=SC2086 # several options
	t "$b_name" -o Hello -- or-chat $t_opts -m x/y hi
}

# Keys, models, options
t 'no key' -s 78 -e 'or-chat: *OPENROUTER_API_KEY*' -- or-chat -m x/y hi
bad 77 'a rejected key' 'status 401' 'body {"error":{"message":"User not found.","code":401}}'
bad 69 'an unknown model' 'status 400' 'body {"error":{"message":"acme/fake-1.0 is not a valid model ID","code":400}}'
t 'an unknown option' -s 64 -e 'or-chat: *' -- or-chat --frobnicate hi

# Files and descriptors
OR_MODEL=mock/echo
export OR_MODEL
t 'a missing file' -s 66 -e 'or-chat: nosuch: *' -- or-chat -f nosuch hi
t 'a directory as a file' -s 66 -e 'or-chat: *home*' -- or-chat -f home hi
t 'a file that cannot be read' -s 74 -e 'or-chat: */proc/self/mem*' -- or-chat -f /proc/self/mem hi
printf secret >closed
chmod 000 closed
chmod 755 "$dir"
as_nobody=
if [ "$(id -u)" -ne 0 ]; then
	as_nobody='env --'
elif command -v setpriv >/dev/null && setpriv --reuid 65534 --regid 65534 --clear-groups or-chat -V >/dev/null 2>&1; then
	as_nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'
fi
if [ -n "$as_nobody" ]; then
	# shellcheck disable=SC2086 # several words
	t 'a file we may not open' -s 66 -e 'or-chat: closed: *' -- $as_nobody or-chat -f closed hi
	mkdir locked
	chmod 555 locked
	# shellcheck disable=SC2086 # several words
	t 'a directory we may not write' -s 73 -e 'or-chat: *locked/file*' -- $as_nobody or-chat -o locked/file hi
else
	skip 'a file we may not open' 'we may open all'
fi
t 'a full disk' -s 74 -e 'or-chat: *' -- sh -c 'exec or-chat hi >/dev/full'
t 'a full disk in every format' -p '74\n74\n74\n74\n74\n' -E -- sh -c 'for f in raw json ndjson sse tsv; do or-chat -F $f hi >/dev/full; echo $?; done'
t 'closed stdout' -s 74 -e 'or-chat: *' -- sh -c 'exec or-chat hi >&-'
t 'closed stdin' -o hi -- sh -c 'exec or-chat hi <&-'
t 'closed stderr' -o hi -- sh -c 'exec or-chat hi 2>&-'
t 'closed stderr does not let a message into a file of ours' -s 65 -E -- sh -c 'exec or-chat -8 -o file "$(printf "\377")" 2>&-'
t 'all three are closed' -s 74 -- sh -c 'exec or-chat hi <&- >&- 2>&-'
is 'nothing was made' "$(cat file 2>/dev/null)" ''
t 'a directory on stdin' -s 66 -e 'or-chat: *' -- sh -c 'exec or-chat <home'
unset OR_MODEL

# Hosts
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'p openai http://nosuch.invalid/v1 none\nq openai http://127.0.0.1:1/v1 none\nr openai http://[::1]:1/v1 none\n' >"$conf/providers"
t 'DNS fails' -s 69 -e 'or-chat: p: *nosuch.invalid*' -w 20 -- or-chat -r 0 -m p:m hi
t 'a refused connection' -s 69 -e 'or-chat: q: *' -- or-chat -r 0 -m q:m hi
t 'over IPv6' -s 69 -e 'or-chat: r: *' -- or-chat -r 0 -m r:m hi
if command -v ip >/dev/null 2>&1 || [ -e /proc/net/route ]; then
	printf 'p openai http://192.0.2.1/v1 none\n' >"$conf/providers"
	then=$(now_ms)
	or-chat -r 0 --connect-timeout 500ms -m p:m hi >out 2>err </dev/null
	is 'a host that is silent: status' $? 69
	ok 'within --connect-timeout' test $(($(now_ms) - then)) -lt 2000
fi
rm "$conf/providers"

# Bodies
bad 75 'a body shorter than its Content-Length, before any text' 'status 200' 'header Content-Length: 500' 'line ' 'send {"choices":[{"index":0,"mess' close
torn 3 'a stream shorter than its Content-Length' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Length: 500' 'line ' 'text Hello' close
torn 3 'a Content-Length that cuts the stream' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Length: 66' 'line ' 'text Hello' 'finish stop' done
bad 76 'a Content-Length that is no number' 'status 200' 'header Content-Length: many' 'line ' 'text Hello' 'finish stop' done
bad 76 'a bad chunk size' 'status 200' 'header Content-Type: text/event-stream' 'header Transfer-Encoding: chunked' 'line ' 'send zz\r\nhello\r\n'
torn 3 'a bad chunk size after text' 'status 200' 'header Content-Type: text/event-stream' 'header Transfer-Encoding: chunked' 'line ' \
    'line 3d' 'text Hello' 'send \r\nzz\r\n'
printf '%s' 'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

' | gzip -n >body.gz
bad 76 'a content encoding that nobody knows' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Encoding: magic' 'line ' 'text Hello' 'finish stop' done
good 'a gzip body' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Encoding: gzip' 'line ' "file $dir/body.gz"
head -c 40 body.gz >torn.gz
bad 75 'a gzip body that is cut' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Encoding: gzip' 'line ' "file $dir/torn.gz"
bad 76 'a gzip body that is none' 'status 200' 'header Content-Type: text/event-stream' 'header Content-Encoding: gzip' 'line ' 'send this is not gzip at all'
bad 76 'an HTML page with 200' 'status 200' 'header Content-Type: text/html' 'body <html>\n<body>Maintenance</body></html>'
bad 76 'a JSON array' 'status 200' 'header Content-Type: application/json' 'body [{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}]'
bad 76 'a JSON string' 'status 200' 'header Content-Type: application/json' 'body "Hello"'
bad 76 'choices that are no array' 'status 200' 'body {"choices":{"message":{"content":"Hello"}}}'
bad 76 'JSON nested 100 deep' 'status 200' "body {\"choices\":$(printf '%0100d' 0 | tr 0 '[')$(printf '%0100d' 0 | tr 0 ']')}"
torn 3 'SSE without an end' 'status 200' stream 'text Hello'
torn 3 'SSE with an error event' 'status 200' stream 'text Hello' 'sse {"error":{"message":"boom","code":500}}'
torn 3 'SSE with invalid JSON' 'status 200' stream 'text Hello' 'sse {"choices":[{]}' 'finish stop' done
torn 3 'SSE with a raw JSON error block (Google)' 'status 200' stream 'text Hello' 'send {\n  "error": {\n    "code": 503,\n    "message": "overloaded"\n  }\n}\n'
torn 3 'SSE with a line of 17 MB' 'status 200' stream 'text Hello' 'send data: {"choices":[{"index":0,"delta":{"content":"' 'repeat 17825792 x' 'send "}}]}\n\n' 'finish stop' done
bad 76 'SSE with nothing but a line of 17 MB' 'status 200' stream 'send data: {"choices":[{"index":0,"delta":{"content":"' 'repeat 17825792 x' 'send "}}]}\n\n' 'finish stop' done
bad 76 'SSE with a line that never ends' 'status 200' stream 'send data: ' 'repeat 1000000000 x'
bad 76 'SSE with an event of data lines that never ends' 'status 200' stream 'repeat 100000000 data: x\n'
upstream 'status 200' stream 'send data: {"choices":[{"index":0,"delta":{"content":"' 'repeat 15000000 x' 'send "}}]}\n\n' 'finish stop' done
or-chat -m x/y hi >out 2>err </dev/null
is 'SSE with a line of 15 MB: status' $? 0
is 'it comes whole' "$(tr -d x <out | wc -c) $(wc -c <out)" '1 15000001'
then=$(now_ms)
bad 75 'an endless error body' 'status 500' 'line ' 'repeat 40000000000 x'
bad 76 'an endless whole body' 'status 200' 'header Content-Type: application/json' 'line ' 'send {"choices":"' 'repeat 40000000000 x'
ok 'they are not read to their end' test $(($(now_ms) - then)) -lt 5000
bad 76 'never-ending headers' 'status 200' 'repeat 100000000 X-Filler: yes\r\n'
bad 76 'a header line that never ends' 'status 200' 'send X-Filler: ' 'repeat 1000000000 x'
bad 76 'a status line that is none' 'send HELLO THERE\r\n\r\n'
bad 76 'HTTP/2 frames' 'send \x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' 'delay 200'
bad 75 'an interim answer and no more' 'send HTTP/1.1 103 Early Hints\r\n\r\n' close
good 'a status line without a reason' 'send HTTP/1.1 200\r\n' stream 'text Hello' 'finish stop' done
good 'HTTP/1.0' 'send HTTP/1.0 200 OK\r\n' stream 'text Hello' 'finish stop' done
good 'chunks with extensions and trailers' 'status 200' 'header Content-Type: text/event-stream' 'header Transfer-Encoding: chunked' 'line ' \
    'line 3d;name=value' 'text Hello' 'line ' 'line e' 'send data: [DONE]\n\n' 'line ' 'send 0\r\nX-Trailer: yes\r\n\r\n'
good 'an interim answer before the answer' 'send HTTP/1.1 100 Continue\r\n\r\n' 'answer Hello'
upstream '-- forever' 'answer elsewhere'
elsewhere=$PORT
upstream_keep elsewhere
bad 69 'a redirect to another host' 'status 307' "header Location: http://localhost:$elsewhere/api/v1/chat/completions" 'body '
is 'which gets nothing' "$(grep -c ' accepted ' .elsewhere/log)" 0
t_opts='-r 0 -W 300ms'
bad 75 'silence' hang
bad 75 'silence after the head' 'status 200' stream hang
bad 75 'silence in the head' 'send HTTP/1.1 200 OK\r\nX-A: b\r\n' hang
torn 3 'silence after text' 'status 200' stream 'text Hello' hang
t_opts='-r 1'
upstream 'status 503' 'header Retry-After: 0' 'body {}' '-- two' 'answer Hello'
t '503, then success' -o Hello -- or-chat -m x/y hi

# TLS
if command -v python3 >/dev/null && command -v openssl >/dev/null; then
	cat >terminator.py <<'EOT'
import socket, ssl, sys, threading
cert, key, target, port_file, alpn = sys.argv[1:]
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.load_cert_chain(cert, key)
ctx.set_alpn_protocols(alpn.split(","))
listener = socket.create_server(("127.0.0.1", 0))
with open(port_file + ".new", "w") as f:
    f.write(str(listener.getsockname()[1]))
import os
os.rename(port_file + ".new", port_file)

def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass

def serve(conn):
    try:
        conn = ctx.wrap_socket(conn, server_side=True)
    except (ssl.SSLError, OSError):
        return
    back = socket.create_connection(("127.0.0.1", int(target)))
    threading.Thread(target=pump, args=(conn, back), daemon=True).start()
    pump(back, conn)

while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
EOT
	{
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test CA' -keyout ca.key -out ca.pem
		for host in IP:127.0.0.1 DNS:other.example; do
			name=${host%%:*}
			openssl req -newkey rsa:2048 -nodes -subj "/CN=${host#*:}" -keyout "$name.key" -out "$name.csr"
			printf 'subjectAltName=%s\n' "$host" >"$name.ext"
			openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$name.ext" -out "$name.pem"
		done
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout self.key -out self.pem
	} >/dev/null 2>&1
	mkdir cas
	cp ca.pem cas/ca.pem
	openssl rehash cas >/dev/null 2>&1 || c_rehash cas >/dev/null 2>&1
	upstream '-- forever' 'answer Hello'
	# tls CERT ALPN: a provider behind TLS with that certificate.
	tls()
	{
		rm -f tls.port
		python3 terminator.py "$1.pem" "$1.key" "$PORT" tls.port "$2" &
		lib_kept="$lib_kept $!"
		while [ ! -s tls.port ]; do sleep 0.02; done
		OPENROUTER_BASE_URL=https://127.0.0.1:$(cat tls.port)/api/v1
	}
	tls IP http/1.1
	t 'TLS, the authority in SSL_CERT_FILE' -o Hello -- env SSL_CERT_FILE="$dir/ca.pem" or-chat -m x/y hi
	t 'TLS, the authority in SSL_CERT_DIR' -o Hello -- env SSL_CERT_DIR="$dir/cas" or-chat -m x/y hi
	n=$(n_sent)
	t 'TLS of an unknown authority' -s 69 -e 'or-chat: openrouter: *' -- or-chat -r 0 -m x/y hi
	t 'is not tried again' -s 69 -e 'or-chat: openrouter: *' -- or-chat -m x/y hi
	tls DNS http/1.1
	t 'TLS of the wrong host' -s 69 -e 'or-chat: openrouter: *' -- env SSL_CERT_FILE="$dir/ca.pem" or-chat -r 0 -m x/y hi
	tls self http/1.1
	t 'TLS, self-signed' -s 69 -e 'or-chat: openrouter: *' -- env SSL_CERT_FILE="$dir/ca.pem" or-chat -r 0 -m x/y hi
	is 'nothing was sent' "$(n_sent)" "$n"
	tls IP h2,http/1.1
	t 'TLS that would rather speak HTTP/2' -o Hello -- env SSL_CERT_FILE="$dir/ca.pem" or-chat -m x/y hi
	OPENROUTER_BASE_URL=https://127.0.0.1:$PORT/api/v1
	t 'https where there is none' -s 69 -e 'or-chat: openrouter: *' -- or-chat --connect-timeout 500ms -r 0 -m x/y hi
else
	skip 'TLS' 'no python3 or no openssl'
fi

# HOME, caches, tables
OR_MODEL=mock/echo
export OR_MODEL
no_xdg='env -u XDG_CONFIG_HOME -u XDG_CACHE_HOME -u XDG_STATE_HOME'
for home in "$dir/nosuch" /proc ''; do
	# shellcheck disable=SC2086 # several words
	t "HOME=$home" -o hi -- $no_xdg HOME="$home" or-chat hi
done
# shellcheck disable=SC2086 # several words
t 'no HOME' -o hi -- $no_xdg -u HOME or-chat hi
unset OR_MODEL
upstream '-- forever' 'match GET /v1/models' 'status 200' 'body {"data":[{"id":"tiny"}]}' '-- forever' 'match POST /v1/chat/completions' 'answer Hello'
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
printf 'p openai http://127.0.0.1:%s/v1 none\n' "$PORT" >"$conf/providers"
t 'a cache that cannot be written: one warning, and the call goes on' -o Hello -e 'or-chat: *' -- env XDG_CACHE_HOME=/proc/nowhere or-chat -m tiny hi
t '-q: without the warning' -o Hello -- env XDG_CACHE_HOME=/proc/nowhere or-chat -q -m tiny hi
t 'a list is fetched' -o Hello -- or-chat -m tiny hi
n=$(grep -lc '^GET' .upstream/req.* | wc -l)
t 'and kept' -o Hello -- or-chat -m tiny hi
is 'for the next call' "$(grep -lc '^GET' .upstream/req.* | wc -l)" "$n"
is 'its directory is 0700' "$(stat -c %a "$XDG_CACHE_HOME/orutils")" 700
is 'its files are 0600' "$(find "$XDG_CACHE_HOME/orutils" -type f ! -perm 600)" ''
for damage in '' garbage '{"url":"' '{}'; do
	find "$XDG_CACHE_HOME/orutils" -type f >files
	ok 'there is a cache' test -s files
	while read -r f; do printf '%s' "$damage" >"$f"; done <files
	t "a corrupt cache: $damage" -o Hello -- or-chat -m tiny hi
done
while read -r f; do head -c 60 "$f" >half; cat half >"$f"; done <files
t 'a cache that is cut' -o Hello -- or-chat -m tiny hi
rm -r "$XDG_CACHE_HOME/orutils"
pids=
for i in 1 2 3 4 5 6; do
	or-chat -m tiny hi >"many.$i" 2>&1 </dev/null &
	pids="$pids $!"
done
for pid in $pids; do wait "$pid" || echo "status $?" >>many.1; done
is 'six runs at once on one cache' "$(cat many.*)" "$(printf 'Hello\nHello\nHello\nHello\nHello\nHello')"
is 'leave one whole list' "$(find "$XDG_CACHE_HOME/orutils" -type f | wc -l)" "$(wc -l <files)"
printf 'p openai http://127.0.0.1:%s/v1 none\r\n# x\r\n\r\n' "$PORT" >"$conf/providers"
t 'a table with CRLF' -o Hello -- or-chat -m p:tiny hi
printf 'p openai http://127.0.0.1:%s/v1 none' "$PORT" >"$conf/providers"
t 'a table without a newline at its end' -o Hello -- or-chat -m p:tiny hi
rm "$conf/providers"
mkdir "$conf/providers"
t 'a table that is a directory' -s 78 -e 'or-chat: *providers*' -- or-chat -m mock/echo hi
finish
