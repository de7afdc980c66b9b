# SPDX-License-Identifier: ISC
# The completions as the shells run them: keys typed at bash and zsh on a terminal of their own, fish asked for its candidates.
. "$(dirname "$0")/lib.sh"

# Stands in for the cache: `or-models` is asked for nothing but the cached ids.
mkdir bin
cat >bin/or-models <<'EOT'
#!/bin/sh
echo "$*" >>asked
printf '%s\n' acme/big:free acme/big-two '@preset/mine' 'evil/$(touch${IFS}pwned)'
EOT
chmod +x bin/or-models
export PATH="$dir/bin:$PATH"
completions=$lib_top/completions

# type.py START SHELL...: a shell on a terminal of its own. Each line of stdin is typed, with a tab; then the line is made an operand of
# printf, and what printf says of it is printed.
cat >type.py <<'EOT'
import os, pty, re, select, sys, time

keys = sys.stdin.read().splitlines()
pid, tty = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

said = b""

def until(mark, seconds=10):
    global said
    end = time.monotonic() + seconds
    while mark not in said and time.monotonic() < end:
        if select.select([tty], [], [], 0.1)[0]:
            try:
                said += os.read(tty, 65536)
            except OSError:
                break
    found = mark in said
    before, _, said = said.partition(mark)
    return before.decode(errors="replace") if found else None

os.write(tty, (sys.argv[1] + "\nprintf 'rea%s\\n' dy\n").encode())
until(b"ready\r\n", 30)
for line in keys:
    # Ctrl-A, Ctrl-E: the completed line becomes what printf prints.
    os.write(tty, line.encode() + b"\t")
    time.sleep(0.3)
    os.write(tty, b"\x01printf 'l%s<%s>\\n' ine '\x05'\n")
    got = until(b">\r\n")
    print(re.sub(r"(?s).*line<", "", got) if got is not None else "nothing")
os.write(tty, b"\x04exit\n")
os.close(tty)
EOT

with_bash()
{
	shell='bash --norc --noprofile -i'
	start="PS1='\$ '; bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous off'; . $completions/or-chat.bash; . $completions/or-models.bash; . $completions/or-key.bash; . $completions/or-route.bash"
	check_typed bash
}

with_zsh()
{
	shell='zsh -f -i'
	start="PS1='$ '; unsetopt ZLE_BRACKETED_PASTE 2>/dev/null; bindkey -e; zle_bracketed_paste=(); fpath=($completions \$fpath); autoload -U compinit; compinit -u -D"
	check_typed zsh
}

# What is typed, a tab at the end, and a pattern of what then stands there.
cat >keys <<'EOT'
or-chat --sys|or-chat --system*
or-chat -m acme/big:|or-chat -m acme/big:free*
or-chat -qm acme/big-|or-chat -qm acme/big-two*
or-chat --model=acme/big:f|or-chat --model=acme/big:free*
or-chat -m mock/echo,acme/big-|or-chat -m mock/echo,acme/big-two*
or-chat -F nd|or-chat -F ndjson*
or-chat -b openro|or-chat -b openrouter*
or-chat -m evil/|or-chat -m evil/*
or-chat -f some-f|or-chat -f some-file*
or-models acme/big-|or-models acme/big-two*
or-models --form|or-models --format*
or-key ch|or-key check*
or-key set openro|or-key set openrouter*
or-key check -F nd|or-key check -F ndjson*
or-route --sort th|or-route --sort throughput*
or-route -lm acme/big-|or-route -lm acme/big-two*
or-route -l some-f|or-route -l some-file*
EOT
echo text >some-file

check_typed()
{
	# shellcheck disable=SC2086 # a command and its options
	cut -d '|' -f 1 keys | timeout 60 python3 type.py "$start" $shell >lines 2>err.py
	n=0
	while IFS='|' read -r typed wanted; do
		n=$((n + 1))
		like "$1: $typed" "$(sed -n "${n}p" lines)" "$wanted"
	done <keys
}

with_fish()
{
	for tool in or-chat or-models or-key or-route; do
		echo "source $completions/$tool.fish"
	done >load.fish
	check_fish 'or-chat --sys' --system
	check_fish 'or-chat -m acme/big:' acme/big:free
	check_fish 'or-chat --model=acme/big-' --model=acme/big-two
	check_fish 'or-chat -m mock/echo,acme/big-' mock/echo,acme/big-two
	check_fish 'or-chat -F nd' ndjson
	check_fish 'or-chat -b openro' openrouter
	check_fish 'or-models acme/big-' acme/big-two
	check_fish 'or-key ch' check
	check_fish 'or-key set openro' openrouter
	check_fish 'or-chat -f some-f' some-file
	check_fish 'or-route --sort th' throughput
	check_fish 'or-route -lm acme/big-' acme/big-two
	check_fish 'or-route some-f' some-file
}

check_fish()
{
	fish --no-config -c "source load.fish; complete -C '$1'" 2>&1 | cut -f 1 >got
	ok "fish: $1" grep -qx -e "$2" got
}

for sh in bash zsh fish; do
	if ! command -v $sh >/dev/null; then
		skip "completions of $sh" "no $sh"
	elif [ $sh != fish ] && ! command -v python3 >/dev/null; then
		skip "completions of $sh" 'no python3'
	else
		with_$sh
	fi
done
ok 'a name from a catalog is never run' test ! -e pwned
is 'names come from the cache alone' "$(sort -u asked)" '-1 --cached'
finish
