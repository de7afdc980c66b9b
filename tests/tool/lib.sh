# SPDX-License-Identifier: ISC
# lib.sh: a small library for the tests of the tools. A test file sources it first and calls `finish` last; it speaks TAP.
#
#	t NAME [-s status] [-i line | -f format | -I file] [-o line | -p format | -O file] [-e pattern | -E] [-w seconds] -- command...
#
# runs the command and compares status, stdout and stderr; what isn't said is wanted to be 0, nothing and nothing.
#	-s status    wanted: a number, or the name of the signal that ends it (INT): a status of 130 by exit() isn't that
#	-i line      stdin: a pipe with this line and a newline          -o line     wanted stdout: this and a newline
#	-f format    stdin: a pipe with what printf makes of it          -p format   wanted stdout: what printf makes of it
#	-I file      stdin: that file (default: /dev/null)               -O file     wanted stdout: that file's bytes
#	-e pattern   wanted stderr: one line that fits this case pattern; several, where the pattern holds a newline
#	-E           whatever stderr says is right
#	-w seconds   the command is killed after so long, and the check fails (20)
# What came lies in ./out and ./err (bytes), and $status.
#
#	fill LEDGER                       puts calls into a ledger: lines on stdin, as fill.c has them
#	upstream LINE...                  starts tests/upstream with these lines as its case file (stdin, where there are none; never in a
#	                                  pipeline, whose subshell would keep $PORT and $OPENROUTER_BASE_URL to itself); the one
#	                                  before is ended. Its directives are explained in upstream.c
#	upstream_stop                     ends it; n_sent: how many requests came; sent N, sent_head N, sent_body N: request N's bytes
#	upstream_at EVENT [N]             when (ms since 1970) its N-th EVENT happened; nothing where it didn't
#	upstream_keep WORD                leaves it running beside the next one; its files are in ./.WORD
#	ok NAME command...                one check: the command succeeds       is NAME got want       like NAME got pattern
#	is_sent NAME N JSON               request N's body is this object, as JSON; "stream":true is added to it, unless it has a stream;
#	                                  stream_options and usage, with which usage is asked for, are taken out of the body
#	json FILE [path...]               a value from JSON, as JSON in one form (keys sorted, no blanks); path: keys and indices;
#	                                  FILE - is stdin; nothing, and status 1, where it isn't there
#	skip_unless tool...               ends the file with `# SKIP` where one is missing
#	now_ms                            ms since 1970       $cases: the directory of case files that are used more than once
#
# Each file runs in an empty directory of its own, with HOME and the XDG directories inside it, the tools in front of PATH, and no
# variable that the tools know set, but OR_LEDGER=none and, from `upstream` on, OPENROUTER_BASE_URL and OPENROUTER_API_KEY=sk-test.

lib_top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
lib_bin=${OR_BIN:-$lib_top/build/bin}
lib_upstream=${OR_UPSTREAM:-$lib_top/build/tests/upstream}
case $lib_bin in /*) ;; *) lib_bin=$PWD/$lib_bin ;; esac
case $lib_upstream in /*) ;; *) lib_upstream=$PWD/$lib_upstream ;; esac
cases=$lib_top/tests/tool/cases
lib_n=0 lib_failed=0 lib_pid='' lib_kept=''
lib_nl='
'

for lib_v in $(env | sed -n 's/^\(OR_[A-Z_]*\|AWS_[A-Z_]*\|AZURE_OPENAI_[A-Z_]*\|GOOGLE_CLOUD_[A-Z_]*\|[A-Z0-9_]*_API_KEY\|[A-Z0-9_]*_BASE_URL\|[A-Za-z]*_[Pp][Rr][Oo][Xx][Yy]\)=.*/\1/p'); do
	case $lib_v in OR_FAULT_BIN | OR_RECORDINGS | OR_CLIENTS | OR_CLIENTS_DIR) ;; *) unset "$lib_v" ;; esac
done
unset NO_COLOR SSL_CERT_FILE SSL_CERT_DIR CURL_HOME
dir=$(mktemp -d "${TMPDIR:-/tmp}/or-test.XXXXXX") || exit 1
cd "$dir" || exit 1
HOME=$dir/home XDG_CONFIG_HOME=$dir/config XDG_CACHE_HOME=$dir/cache XDG_STATE_HOME=$dir/state
PATH=$lib_bin:$PATH LC_ALL=C TERM=dumb OR_LEDGER=none
export HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME PATH LC_ALL TERM OR_LEDGER
mkdir "$HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
umask 022

lib_clean()
{
	upstream_stop
	# shellcheck disable=SC2086 # several
	[ -z "$lib_kept" ] || kill $lib_kept 2>/dev/null
	cd / && chmod -R u+rwX "$dir" && rm -rf "$dir"
}
trap lib_clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

finish()
{
	echo "1..$lib_n"
	[ "$lib_failed" -eq 0 ]
	exit
}

skip_unless()
{
	for lib_tool; do
		command -v "$lib_tool" >/dev/null 2>&1 || {
			echo "1..0 # SKIP no $lib_tool"
			exit 0
		}
	done
}

# lib_report RESULT NAME: one TAP line.
lib_report()
{
	lib_n=$((lib_n + 1))
	if [ "$1" = 0 ]; then
		printf 'ok %d - %s\n' "$lib_n" "$2"
	else
		lib_failed=$((lib_failed + 1))
		printf 'not ok %d - %s\n' "$lib_n" "$2"
	fi
	return "$1"
}

# Shows text or a file as TAP comments.
lib_show()
{
	printf '#   %s:\n' "$1"
	head -c 2000 "$2" | LC_ALL=C sed 's/^/#     /' | cat -v
	[ ! -s "$2" ] || [ -z "$(tail -c 1 "$2" | tr -d '\n')" ] || echo ' (no newline)'
}

skip()
{
	lib_n=$((lib_n + 1))
	printf 'ok %d - %s # SKIP %s\n' "$lib_n" "$1" "$2"
}

ok()
{
	lib_name=$1
	shift
	"$@" >"$dir/.ok" 2>&1
	lib_report $? "$lib_name" || { echo "#   failed: $*"; lib_show 'it said' "$dir/.ok"; }
}

is()
{
	[ "$2" = "$3" ]
	lib_report $? "$1" || printf '%s\n' "got:  $2" "want: $3" | sed 's/^/#   /'
}

like()
{
	# shellcheck disable=SC2254 # a pattern is what it is
	case $2 in
	$3) lib_report 0 "$1" ;;
	*) lib_report 1 "$1" || printf '%s\n' "got:  $2" "want: $3" | sed 's/^/#   /' ;;
	esac
}

# Runs a command in a process group of its own, at most so many seconds, and writes how it ended: "exit 3", "signal INT", "late".
# shellcheck disable=SC2016 # the dollars are Perl's
lib_runner='
	my ($limit, $to) = splice @ARGV, 0, 2;
	my %name = (1 => "HUP", 2 => "INT", 3 => "QUIT", 6 => "ABRT", 9 => "KILL", 11 => "SEGV", 13 => "PIPE", 15 => "TERM");
	my $late = 0;
	defined(my $pid = fork) or die "fork: $!";
	if (!$pid) {
		setpgrp;
		exec { $ARGV[0] } @ARGV;
		print STDERR "exec $ARGV[0]: $!\n";
		exit 127;
	}
	local $SIG{ALRM} = sub { $late = 1; kill 9, -$pid };
	local $SIG{TERM} = local $SIG{INT} = local $SIG{HUP} = sub { kill 9, -$pid; exit 1 };
	alarm $limit;
	1 while waitpid($pid, 0) != $pid;
	my $n = $? & 127;
	open my $f, ">", $to or die "$to: $!";
	print $f $late ? "late" : $n ? "signal " . ($name{$n} || $n) : "exit " . ($? >> 8), "\n";'

# lib_run KIND INPUT LIMIT command...
lib_run()
{
	lib_kind=$1 lib_input=$2 lib_limit=$3
	shift 3
	set -- perl -e "$lib_runner" "$lib_limit" "$dir/.status" "$@"
	# shellcheck disable=SC2059 # the format is the test's
	case $lib_kind in
	file) "$@" <"$lib_input" ;;
	line) printf '%s\n' "$lib_input" | "$@" ;;
	format) printf "$lib_input" | "$@" ;;
	esac
}

t()
{
	lib_name=$1 lib_want=0 lib_in_kind=file lib_in=/dev/null lib_err='' lib_err_any='' lib_max=20
	: >"$dir/.want"
	shift
	while getopts s:i:f:I:o:p:O:e:Ew: lib_o; do
		# shellcheck disable=SC2059 # the format is the test's
		case $lib_o in
		s) lib_want=$OPTARG ;;
		i) lib_in_kind=line lib_in=$OPTARG ;;
		f) lib_in_kind=format lib_in=$OPTARG ;;
		I) lib_in_kind=file lib_in=$OPTARG ;;
		o) printf '%s\n' "$OPTARG" >"$dir/.want" ;;
		p) printf "$OPTARG" >"$dir/.want" ;;
		O) cat "$OPTARG" >"$dir/.want" ;;
		e) lib_err=$OPTARG ;;
		E) lib_err_any=yes ;;
		w) lib_max=$OPTARG ;;
		*) echo "Bail out! t: bad option in: $lib_name"; exit 1 ;;
		esac
	done
	shift $((OPTIND - 1))
	OPTIND=1
	case $lib_want in [0-9]*) lib_want="exit $lib_want" ;; *) lib_want="signal $lib_want" ;; esac
	rm -f "$dir/.status"
	lib_run "$lib_in_kind" "$lib_in" "$lib_max" "$@" >"$dir/out" 2>"$dir/err"
	status=$(cat "$dir/.status" 2>/dev/null || echo 'not run')
	lib_judge "$@"
	status=${status#exit }
}

# A pattern without a newline stands for one line; none for no byte at all.
lib_stderr_fits()
{
	if [ -z "$lib_err" ]; then
		[ ! -s "$dir/err" ]
		return
	fi
	lib_text=$(cat "$dir/err")
	case $lib_err in
	*"$lib_nl"*) ;;
	*) [ "$(wc -l <"$dir/err")" -eq 1 ] || return 1 ;;
	esac
	# shellcheck disable=SC2254 # a pattern is what it is
	case $lib_text in $lib_err) return 0 ;; esac
	return 1
}

lib_judge()
{
	lib_bad=
	[ "$status" = "$lib_want" ] || lib_bad="$lib_bad status"
	cmp -s "$dir/out" "$dir/.want" || lib_bad="$lib_bad stdout"
	[ -n "$lib_err_any" ] || lib_stderr_fits || lib_bad="$lib_bad stderr"
	lib_report "$([ -z "$lib_bad" ]; echo $?)" "$lib_name" && return
	printf '#   command: %s\n#   wrong:%s\n' "$(printf '%s ' "$@" | tr '\n' ' ' | cut -c 1-500)" "$lib_bad"
	printf '#   status: %s, wanted: %s\n' "$status" "$lib_want"
	case $lib_bad in *stdout*) lib_show stdout "$dir/out"; lib_show 'wanted' "$dir/.want" ;; esac
	lib_show stderr "$dir/err"
	case $lib_bad in *stderr*) printf '%s\n' "$lib_err" | sed 's/^/#   wanted: /' ;; esac
}

fill() { "${lib_upstream%/*}/fill" "$@"; }

upstream()
{
	upstream_stop
	rm -rf "$dir/.upstream"
	mkdir "$dir/.upstream"
	if [ "$#" -gt 0 ]; then
		printf '%s\n' "$@" >"$dir/.upstream/case"
	else
		cat >"$dir/.upstream/case"
	fi
	"$lib_upstream" "$dir/.upstream" "$dir/.upstream/case" &
	lib_pid=$!
	while [ ! -s "$dir/.upstream/port" ]; do
		kill -0 "$lib_pid" 2>/dev/null || {
			echo 'Bail out! upstream does not start'
			exit 1
		}
		sleep 0.01
	done
	PORT=$(cat "$dir/.upstream/port")
	OPENROUTER_BASE_URL=http://127.0.0.1:$PORT/api/v1 OPENROUTER_API_KEY=sk-test
	export PORT OPENROUTER_BASE_URL OPENROUTER_API_KEY
}

upstream_stop()
{
	[ -z "$lib_pid" ] || {
		kill "$lib_pid" 2>/dev/null
		wait "$lib_pid" 2>/dev/null
	}
	lib_pid=
}

upstream_keep()
{
	mv "$dir/.upstream" "$dir/.$1"
	lib_kept="$lib_kept $lib_pid"
	lib_pid=
}

n_sent() { grep -c ' request ' "$dir/.upstream/log"; }
sent() { cat "$dir/.upstream/req.$1"; }
sent_head() { sed '/^\r$/q' "$dir/.upstream/req.$1" | tr -d '\r'; }
sent_body() { perl -0777 -ne 's/^.*?\r\n\r\n//s; print' "$dir/.upstream/req.$1"; }
upstream_at() { sed -n "s/^\\([0-9]*\\) $1 .*/\\1/p" "$dir/.upstream/log" | sed -n "${2:-1}p"; }
now_ms() { date +%s%3N; }

# shellcheck disable=SC2016 # the dollars are Perl's
json()
{
	lib_file=$1
	shift
	cat -- "$lib_file" | perl -MJSON::PP -e '
		local $/;
		my $v = eval { JSON::PP->new->utf8->allow_nonref->decode(<STDIN>) };
		print(STDERR $@), exit 1 if $@;
		for (@ARGV) {
			exit 1 unless ref $v eq "HASH" ? exists $v->{$_} : ref $v eq "ARRAY" ? exists $v->[$_] : 0;
			$v = ref $v eq "HASH" ? $v->{$_} : $v->[$_];
		}
		print JSON::PP->new->utf8->allow_nonref->canonical->encode($v), "\n";' -- "$@"
}

is_sent()
{
	sent_body "$2" >"$dir/.body"
	printf '%s' "$3" | perl -MJSON::PP -e '
		local $/;
		my $j = JSON::PP->new->utf8->canonical;
		open my $f, "<", $ARGV[0] or die;
		my ($want, $got) = ($j->decode(<STDIN>), eval { $j->decode(<$f>) } || {});
		$want->{stream} = JSON::PP::true unless exists $want->{stream};
		delete @$got{qw(stream_options usage)};
		my ($g, $w) = ($j->encode($got), $j->encode($want));
		print "got:  $g\nwant: $w\n" and exit 1 if $g ne $w' "$dir/.body" >"$dir/.ok" 2>&1
	lib_report $? "$1" || sed 's/^/#   /' "$dir/.ok"
}
