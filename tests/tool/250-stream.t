#!/bin/sh
# SPDX-License-Identifier: ISC
# Streams: flushed with each read, whole characters only, and every way that SSE can be written and split.
. "$(dirname "$0")/lib.sh"
OR_MODEL=x/y
export OR_MODEL

# The first delta is out before the second is sent
visible()
{
	upstream 'status 200' stream 'text first ' "wait $dir/go" 'text second' 'finish stop' done
	rm -f go shown
	v_name=$1
	shift
	"$@" >shown 2>err </dev/null &
	v_pid=$! v_n=0
	until grep -q first shown 2>/dev/null; do
		sleep 0.02
		v_n=$((v_n + 1))
		[ "$v_n" -lt 150 ] || break
	done
	ok "$v_name: the first delta is out before the second is sent" grep -q first shown
	ok "$v_name: the second is not there yet" sh -c '! grep -q second shown'
	: >go
	wait "$v_pid"
	ok "$v_name: then it is" grep -q second shown
}
visible 'into a file' or-chat hi
visible 'into a pipe' sh -c 'or-chat hi | cat -u'
for f in raw ndjson sse; do
	visible "-F $f" or-chat -F "$f" hi
done
mkfifo pipe
visible '-o into a FIFO' sh -c 'or-chat -o pipe hi & cat -u pipe; wait $!'

# Whole characters, in every write
upstream 'status 200' 'header Content-Type: text/event-stream' 'split 1' 'line ' 'text ä€' 'text 😀' 'text \\u00e4\\ud83d\\ude00z' 'finish stop' done
or-chat -F raw hi </dev/null | perl -e '
	while (sysread STDIN, my $b, 65536) { $all .= $b; $bad++ unless utf8::decode(my $c = $b) }
	print "$all ", $bad || "whole", "\n"' >out
is 'a byte at a time: no character is split' "$(cat out)" 'ä€😀ä😀z whole'
for n in 1 2 3 5 7 11 64; do
	upstream 'status 200' chunked "split $n" 'text Hel' 'send : a comment\n\n' 'text lo ü' 'finish stop' 'usage {"prompt_tokens":4,"completion_tokens":2}' done end
	t "the answer in pieces of $n bytes" -o 'Hello ü' -- or-chat -M meta hi
done
is 'usage is whole too' "$(tail -n 1 meta | json - usage prompt)" 4

# Ways to write SSE
sse()
{
	s_name=$1
	shift
	upstream 'status 200' stream "$@"
	t "$s_name" -o 'Hello' -- or-chat hi
}
d='{"choices":[{"index":0,"delta":{"content":"Hello"}}]}' f='{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
sse 'LF' "send data: $d\\n\\ndata: $f\\n\\ndata: [DONE]\\n\\n"
sse 'CRLF' "send data: $d\\r\\n\\r\\ndata: $f\\r\\n\\r\\ndata: [DONE]\\r\\n\\r\\n"
sse 'CR' "send data: $d\\r\\rdata: $f\\r\\rdata: [DONE]\\r\\r"
sse 'CRLF, cut between CR and LF' 'split 1' "send data: $d\\r\\n\\r\\ndata: $f\\r\\n\\r\\ndata: [DONE]\\r\\n\\r\\n"
sse 'a byte order mark' "send \\xef\\xbb\\xbfdata: $d\\n\\ndata: $f\\n\\ndata: [DONE]\\n\\n"
sse 'no blank after the colon' "send data:$d\\n\\ndata:$f\\n\\ndata:[DONE]\\n\\n"
sse 'comments before, between and after' "send : OPENROUTER PROCESSING\\n\\n:\\n\\ndata: $d\\n\\n: x\\ndata: $f\\n: y\\n\\ndata: [DONE]\\n\\n: bye\\n\\n"
sse 'event, id, retry and unknown fields' "send event: message\\nid: 1\\nretry: 10\\nfoo: bar\\ndata: $d\\n\\ndata: $f\\n\\ndata: [DONE]\\n\\n"
sse 'one event over several data lines' 'send data: {"choices":[{"index":0,\ndata: "delta":{"content":"Hello"}}]}\n\n' "send data: $f\\n\\ndata: [DONE]\\n\\n"
sse 'many empty lines' "send \\n\\n\\ndata: $d\\n\\n\\n\\ndata: $f\\n\\n\\n"
sse 'no empty line at the end' "send data: $d\\n\\ndata: $f"
sse 'blanks inside the JSON' 'sse { "choices" : [ { "index" : 0 , "delta" : { "content" : "Hello" } } ] }  ' "sse $f" done
sse 'after [DONE] nothing counts' "sse $d" "sse $f" done "sse $d" 'send garbage\n\n'

# Ways to write the deltas
sse 'the first delta has a role only' 'sse {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}' "sse $d" "sse $f" done
sse 'content is null' 'sse {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}' "sse $d" "sse $f" done
sse 'an empty delta' 'sse {"choices":[{"index":0,"delta":{}}]}' "sse $d" "sse $f" done
sse 'no delta' 'sse {"choices":[{"index":0}]}' "sse $d" "sse $f" done
sse 'choices are empty (Azure)' 'sse {"id":"","model":"","created":0,"choices":[],"prompt_filter_results":[{"prompt_index":0}]}' "sse $d" "sse $f" done
sse 'no choices' 'sse {"x_groq":{"id":"req_1"}}' "sse $d" "sse $f" done
sse 'usage is null in each chunk' 'sse {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"usage":null}' "sse $f" done
sse 'finish comes twice' "sse $d" "sse $f" 'sse {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}' done
sse 'finish in the chunk of the last text' 'sse {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}' done
sse 'text after the finish reason' "sse {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":\"stop\"}]}" 'text lo' done
sse 'reasoning is not text' 'sse {"choices":[{"index":0,"delta":{"reasoning":"Hm"}}]}' 'sse {"choices":[{"index":0,"delta":{"reasoning_content":"Hm","content":null}}]}' "sse $d" "sse $f" done
sse 'content in parts (Mistral)' 'sse {"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]},{"type":"text","text":"Hel"}]}}]}' 'text lo' "sse $f" done
sse 'fields that nobody knows' 'sse {"choices":[{"index":0,"delta":{"content":"Hello","x":[{"y":[1,[]]}]},"z":null}],"obfuscation":"abc","p":1e-300}' "sse $f" done
sse 'escapes' 'sse {"choi\\u0063es":[{"index":0,"delta":{"content":"\\u0048\\u0065llo"}}]}' "sse $f" done
upstream 'status 200' stream 'text a\\u0000b' 'finish stop' done
t 'a NUL in the answer goes through a pipe' -p 'a\000b\n' -- or-chat hi
upstream 'status 200' stream 'text a\\u001b[31mb\\ud800c' 'finish stop' done
t 'control bytes go through a pipe; half a surrogate is U+FFFD' -p 'a\033[31mb\357\277\275c\n' -E -- or-chat hi
if command -v script >/dev/null; then
	upstream 'status 200' stream 'text a\\u001b[31mb\\u0007\\u009b\\tc' 'finish stop' done
	t 'on a terminal they are dropped' -E -- sh -c 'script -qec "or-chat hi" /dev/null </dev/null >tty.out'
	is 'the text is there' "$(tr -d '\r\004\b^D' <tty.out)" "$(printf 'a[31mb\tc')"
else
	skip 'on a terminal they are dropped' 'no script(1)'
fi

# White space as a keep-alive before a whole answer
for n in 1 100 20000; do
	upstream 'status 200' 'header Content-Type: application/json' 'line ' "repeat $n \\n         " 'delay 20' "repeat $n \\n\\r\\t " \
	    'send {"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}\n'
	t "white space before a whole answer, $n times" -o Hello -- or-chat -O stream=false hi
done
upstream 'status 200' 'header Content-Type: application/json' 'line ' 'send {"choices":[{"index":0,"message":{"role":"assis' 'delay 30' \
    'send tant","content":"Hello"},"finish_reason":"stop"}]}'
t 'a whole answer in two pieces' -o Hello -- or-chat -O stream=false hi
upstream 'status 200' 'line ' 'send data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
t 'a stream without a Content-Type' -o Hello -- or-chat hi
upstream 'status 200' 'header Content-Type: application/json' 'line ' 'send data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
t 'a stream that is called JSON' -o Hello -- or-chat hi
upstream 'status 200' 'header Content-Type: text/event-stream' 'line ' 'send {"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}'
t 'a whole answer that is called a stream' -o Hello -- or-chat hi

# A long answer
upstream 'status 200' stream 'repeat 400000 data: {"id":"gen-1234567890","provider":"Acme","model":"acme/model","object":"chat.completion.chunk","created":1700000000,"choices":[{"index":0,"delta":{"role":"assistant","content":"twelve bytes"},"finish_reason":null,"native_finish_reason":null}]}\n\n' 'finish stop' done
case $lib_bin in
*asan*) limit=unlimited ;;
*) limit=250000 ;;
esac
sh -c 'ulimit -v "$1" && exec or-chat -F raw hi' sh "$limit" </dev/null 2>err | cksum >sum
is '100 MB of stream, in 250 MB of address space' "$(cat sum)" "$(perl -e 'print "twelve bytes" x 400000' | cksum)"
is 'without a word' "$(cat err)" ''

finish
