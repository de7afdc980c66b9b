#!/bin/sh
# SPDX-License-Identifier: ISC
# -x and -X: the first fenced block of the answer, or of a language.
. "$(dirname "$0")/lib.sh"
OR_MODEL=mock/echo
export OR_MODEL

# x NAME MARKDOWN(printf) WANT(printf) [option...]: what is extracted.
x()
{
	x_name=$1 x_in=$2 x_want=$3
	shift 3
	t "$x_name" -f "$x_in" -p "$x_want" -- or-chat "${@:--x}"
}
none()
{
	n_name=$1 n_in=$2
	shift 2
	t "$n_name" -s 1 -f "$n_in" -e 'or-chat: *' -- or-chat "${@:--x}"
}
x 'a block' 'Here:\n```\ncode\n```\nDone.\n' 'code\n'
x 'with a language' '```c\nint x;\n```\n' 'int x;\n'
x 'c++ is a language' '```c++\nint x;\n```\n' 'int x;\n' -X c++
x 'objective-c is one' '```objective-c\nid x;\n```\n' 'id x;\n' -x
x 'the first of two' '```\none\n```\nand\n```\ntwo\n```\n' 'one\n'
x 'tildes' '~~~\ncode\n~~~\n' 'code\n'
x 'backticks inside tildes' '~~~\n```\ncode\n```\n~~~\n' '```\ncode\n```\n'
x 'a longer fence holds a shorter' '````\n```\ncode\n```\n````\n' '```\ncode\n```\n'
x 'a closing fence may be longer' '```\ncode\n`````\n' 'code\n'
x 'an inner line with an info string closes nothing' '```\na\n```c\nb\n```\n' 'a\n```c\nb\n'
x 'an empty block' '```\n```\n' ''
x 'indents and blank lines stay' '```\n  a\n\n\tb \n```\n' '  a\n\n\tb \n'
x 'a block that ends with the text' '```\ncode\n```' 'code\n'
x 'CRLF' '```\r\ncode\r\n```\r\n' 'code\r\n'
x 'inline code is no block' 'use ```x``` here\n```\ncode\n```\n' 'code\n'
x 'an indented fence' '   ```\n   a\n     b\n   ```\n' 'a\n  b\n'
x '-X: the first of that language' '```sh\nls\n```\n```python\nprint()\n```\n```python\nno\n```\n' 'print()\n' -X python
x '-X: case does not count' '```Python\nprint()\n```\n' 'print()\n' --extract-lang=python
x '-X: the first word of the info string' '```python title=x\nprint()\n```\n' 'print()\n' -X python
x '--extract' '```\ncode\n```\n' 'code\n' --extract
none 'no block' 'no code here\n'
none 'a block that is not closed' '```\ncode\n'
none 'two backticks' '``\ncode\n``\n'
none 'closed by another kind' '```\ncode\n~~~\n'
none '-X: none of that language' '```sh\nls\n```\n' -X python
none '-X: a language is not its beginning' '```python3\nls\n```\n' -X python
t '-v shows the answer that has none' -s 1 -f 'no code' -E -- or-chat -v -x
ok 'on stderr' grep -q 'no code' err

# Only what is known to fit goes out
upstream <<'EOT'
status 200
stream
text ```\\ncode\\n```\\n
text and then
close
-- two
status 200
stream
text ```\\ncode\\n```\\n
finish length
done
-- three
status 200
stream
text ```\\ncode\\n```\\n
finish content_filter
done
EOT
unset OR_MODEL
t 'a cut after the block' -s 75 -e 'or-chat: *' -- or-chat -r 0 -m x/y -x hi
t 'length after the block' -s 3 -e 'or-chat: *length*' -- or-chat -r 0 -m x/y -x hi
t 'a filter after the block' -s 4 -e 'or-chat: *' -- or-chat -r 0 -m x/y -x hi
OR_MODEL=mock/echo
export OR_MODEL
printf old >file
t 'no block: -o is as it was' -s 1 -e 'or-chat: *' -- or-chat -x -o file none
is 'old' "$(cat file)" old
t 'a block goes into -o' -f '```\ncode\n```\n' -- or-chat -x -o file
is 'code' "$(cat file)" code
finish
