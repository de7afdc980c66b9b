#!/bin/sh
# SPDX-License-Identifier: ISC
# Signals, and a reader that goes: upstream is closed, the partial answer is kept, the signal is raised again.
. "$(dirname "$0")/lib.sh"
OR_MODEL=x/y
export OR_MODEL

# gone N SECONDS command...: runs it, reads N bytes of its output (none: waits so long), goes, and writes when (ms) and how it ended.
cat >gone.pl <<'EOT'
use Time::HiRes qw(time sleep);
my ($n, $wait) = splice @ARGV, 0, 2;
pipe(my $r, my $w) or die;
my $pid = fork // die;
if (!$pid) {
	open STDOUT, ">&", $w or die;
	close $_ for $r, $w;
	$SIG{PIPE} = "IGNORE" if $ENV{IGNORE_PIPE};
	exec @ARGV;
}
close $w;
$SIG{ALRM} = sub { kill 9, $pid };
alarm 15;
my $got = "";
while (length $got < $n && sysread $r, $got, $n - length $got, length $got) {}
sleep $wait if $wait;
my $when = time * 1000;
close $r;
waitpid $pid, 0;
printf "%d %s\n", $when, $? & 127 ? "signal " . ($? & 127) : "exit " . ($? >> 8);
EOT
# reader_goes NAME N SECONDS WANT DIRECTIVE... -- command...: upstream must be closed within 50 ms. The best of three: it is the
# program that is measured, not the machine's other work.
reader_goes()
{
	g_name=$1 g_n=$2 g_wait=$3 g_want=$4 g_best=99999 g_ends=
	shift 4
	: >case
	while [ "$1" != -- ]; do
		printf '%s\n' "$1" >>case
		shift
	done
	shift
	for g_i in 1 2 3; do
		upstream <case
		perl gone.pl "$g_n" "$g_wait" "$@" >gone 2>err </dev/null
		g_when=$(cut -d ' ' -f 1 gone)
		g_ends="$g_ends$(cut -d ' ' -f 2- gone), "
		sleep 0.1
		g_closed=$(upstream_at closed)
		g_ms=$((${g_closed:-$g_when + 99999} - g_when))
		[ "$g_ms" -ge "$g_best" ] || g_best=$g_ms
		[ "$g_best" -gt 50 ] || break
	done
	ok "$g_name: upstream closed after $g_best ms" test "$g_best" -le 50
	case $g_ends in *"$g_want, ") g_ok=$g_want ;; *) g_ok=$g_ends ;; esac
	is "$g_name: how it ends" "$g_ok" "$g_want"
}
reader_goes 'the reader goes between two deltas, upstream silent' 5 0 'signal 13' 'status 200' stream 'text Hello' hang -- or-chat -F raw hi
reader_goes 'the reader goes while text comes' 5 0 'signal 13' 'status 200' stream 'repeat 100000000 data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n' -- or-chat hi
reader_goes 'the reader goes while the model thinks' 0 0.4 'signal 13' hang -- or-chat hi
reader_goes 'the reader goes while comments come' 0 0.4 'signal 13' 'status 200' stream 'split 10 20' 'repeat 1000 : OPENROUTER PROCESSING\n\n' hang -- or-chat hi
reader_goes 'the reader of json goes' 0 0.4 'signal 13' 'status 200' stream 'text Hello' hang -- or-chat -F json hi
reader_goes 'the reader goes, -x holds the answer' 0 0.4 'signal 13' 'status 200' stream 'text Hello' hang -- or-chat -x hi
IGNORE_PIPE=yes
export IGNORE_PIPE
reader_goes 'SIGPIPE is ignored: 74' 5 0 'exit 74' 'status 200' stream 'text Hello' hang -- or-chat -F raw hi
unset IGNORE_PIPE
upstream '-- forever' 'status 200' stream 'repeat 100000 data: {"choices":[{"index":0,"delta":{"content":"line\\n"}}]}\n\n' 'finish stop' done
t 'or-chat | head -n 2' -p 'line\nline\n' -E -- sh -c 'or-chat hi | head -n 2'

# A reader that does not read: the write waits, signals and the deadline do not.
cat >stuck.pl <<'EOT'
use Time::HiRes qw(time sleep);
my ($sig, $limit) = splice @ARGV, 0, 2;
pipe(my $r, my $w) or die;
my $pid = fork // die;
if (!$pid) {
	open STDOUT, ">&", $w or die;
	close $_ for $r, $w;
	exec @ARGV;
}
close $w;
sleep 0.5;
kill $sig, $pid if $sig ne "none";
$SIG{ALRM} = sub { print "stuck "; kill 9, $pid };
alarm $limit;
waitpid $pid, 0;
print $? & 127 ? "signal " . ($? & 127) : "exit " . ($? >> 8), "\n";
EOT
upstream '-- forever' 'status 200' stream 'repeat 100000000 data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'
is 'a reader that does not read: SIGINT' "$(perl stuck.pl INT 3 or-chat hi 2>err)" 'signal 2'
is 'a reader that does not read: the deadline' "$(perl stuck.pl none 4 or-chat -w 1s hi 2>err)" 'exit 3'
like 'one line says so' "$(cat err)" 'or-chat: *'

# signal SIG FILE REGEX command...: runs it, waits until the file matches, sends the signal; `how` then holds when (ms) and how it ended,
# s.out and s.err what it said. $ignore: signals that are ignored from the start.
cat >signal.pl <<'EOT'
use Time::HiRes qw(time sleep);
my ($sig, $file, $re) = splice @ARGV, 0, 3;
my $pid = fork // die;
if (!$pid) {
	$SIG{$_} = "DEFAULT" for qw(INT HUP TERM PIPE);
	$SIG{$_} = "IGNORE" for split / /, $ENV{ignore} // "";
	open STDOUT, ">", "s.out" or die;
	open STDERR, ">", "s.err" or die;
	exec @ARGV;
}
for (1 .. 250) {
	local ($/, $f);
	last if open($f, "<", $file) && <$f> =~ /$re/;
	sleep 0.02;
}
sleep 0.05;
my $when = time * 1000;
kill $sig, $pid;
if ($ENV{go}) {
	sleep 0.2;
	open my $f, ">", $ENV{go};
}
$SIG{ALRM} = sub { kill 9, $pid };
alarm 10;
waitpid $pid, 0;
printf "%d %s\n", $when, $? & 127 ? "signal " . ($? & 127) : "exit " . ($? >> 8);
EOT
signal()
{
	rm -f s.out s.err
	perl signal.pl "$@" >how </dev/null
	how=$(cut -d ' ' -f 2- how)
	sleep 0.1
}
after() { echo $(($(upstream_at closed) - $(cut -d ' ' -f 1 how))); }
number() { case $1 in HUP) echo 1 ;; INT) echo 2 ;; TERM) echo 15 ;; esac }

for sig in INT TERM HUP; do
	upstream 'status 200' stream 'text Hello' hang
	signal "$sig" s.out Hello or-chat -M meta hi
	is "SIG$sig mid-stream: it dies of it" "$how" "signal $(number "$sig")"
	is "SIG$sig mid-stream: what came is on stdout" "$(cat s.out)" Hello
	ok "SIG$sig mid-stream: upstream is closed at once" test "$(after)" -le 150
	tail -n 1 meta >last
	is "SIG$sig mid-stream: the metadata's status" "$(json last status)" $((128 + $(number "$sig")))
	is "SIG$sig mid-stream: nothing is tried again" "$(n_sent)" 1
done

upstream '-- forever' 'status 200' stream 'text Hello' 'log sent' hang
printf old >file
signal INT .upstream/log ' sent ' or-chat -o file hi
is 'SIGINT and -o: it dies of it' "$how" 'signal 2'
is 'the file is as it was' "$(cat file)" old
is 'what came is file.partial' "$(cat file.partial)" Hello
like 'and the line says so' "$(cat s.err)" 'or-chat: *file.partial*'
is 'nothing else is left' "$(ls -A | grep -c '^\.*file')" 2
upstream '-- forever' hang
signal TERM .upstream/log ' request ' or-chat -o fresh hi
is 'SIGTERM before any text, and -o' "$how" 'signal 15'
is 'leaves nothing' "$(ls -A | grep -c '^\.*fresh')" 0
signal INT .upstream/log ' request ' or-chat -c talk hi
is 'SIGINT and -c' "$how" 'signal 2'
ok 'nothing is appended' test ! -s talk
upstream 'status 503' 'header Retry-After: 30' 'body {}'
signal INT .upstream/log answered or-chat hi
is 'SIGINT while it waits for the next round' "$how" 'signal 2'
mkfifo silent
sleep 2 >silent &
signal INT .upstream/log . sh -c 'exec or-chat -m mock/echo <silent'
is 'SIGINT while it reads stdin' "$how" 'signal 2'
signal INT .upstream/log . or-chat -m mock/echo -O mock.delay_ms=5000 hi
is 'SIGINT and the mock' "$how" 'signal 2'

# What was ignored at the start stays so
for sig in INT HUP; do
	upstream 'status 200' stream 'text Hello' "wait $dir/go.$sig" 'text  there' 'finish stop' done
	ignore=$sig go=$dir/go.$sig
	export ignore go
	signal "$sig" s.out Hello or-chat hi
	unset ignore go
	is "SIG$sig ignored: the answer is whole" "$(cat s.out)" 'Hello there'
	is "SIG$sig ignored: status" "$how" 'exit 0'
done
finish
