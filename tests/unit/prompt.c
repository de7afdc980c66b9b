/* SPDX-License-Identifier: ISC */
/* Operands, files and standard input become one text. Each case puts something on descriptor 0. */
#include "prompt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "tap.h"

#define MAX_ARGS 8
#define BIG (1 << 20)

enum input { NOTHING, PIPE, FILE_START, FILE_READ, SOCKET, DEV_NULL };

static char dir[] = "/tmp/prompt-XXXXXX";

static int
file_with(const char *name, const char *text, size_t n)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		exit(1);
	return fd;
}

static void
put_on_stdin(enum input kind, const char *text, size_t n)
{
	int fd[2];

	switch (kind) {
	case PIPE:
		if (pipe(fd) || write(fd[1], text, n) != (ssize_t)n)
			exit(1);
		close(fd[1]);
		break;
	case SOCKET:
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) || write(fd[1], text, n) != (ssize_t)n)
			exit(1);
		close(fd[1]);
		break;
	case FILE_START:
	case FILE_READ:
		fd[0] = file_with("stdin", text, n);
		lseek(fd[0], kind == FILE_READ ? 3 : 0, SEEK_SET);
		break;
	default:
		fd[0] = open("/dev/null", O_RDONLY);
	}
	dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
}

/* "a|b|-" as operands, "f|g" as files; NULL: none. */
static size_t
split(char *copy, char **v)
{
	size_t n = 0;

	while (copy && n < MAX_ARGS) {
		v[n++] = copy;
		copy = strchr(copy, '|');
		if (copy)
			*copy++ = '\0';
	}
	return n;
}

struct
try {
	const char *operands, *files;
	enum input in;
	const char *text; /* on standard input */
	size_t n;
	int no_stdin, stdin_taken, stdin_closed, strict;
	size_t max;
};

#define IN(kind, t) .in = kind, .text = t, .n = sizeof(t) - 1

static void
is_prompt(struct try t, const char *want, size_t len, enum err_kind kind, size_t repaired, const char *name)
{
	char *o = t.operands ? strdup(t.operands) : NULL, *f = t.files ? strdup(t.files) : NULL, *ov[MAX_ARGS],
	     *fv[MAX_ARGS];
	struct prompt_spec s = {.operand = ov,
	    .file = fv,
	    .no_stdin = t.no_stdin,
	    .stdin_taken = t.stdin_taken,
	    .stdin_closed = t.stdin_closed,
	    .strict_utf8 = t.strict,
	    .max = t.max ? t.max : BIG};
	struct buf out = BUF_INIT;
	struct err e = {0};
	size_t n_repaired = 0;

	s.n_operand = split(o, ov);
	s.n_file = split(f, fv);
	put_on_stdin(t.in, t.text, t.n);
	int r = prompt_read(&s, &out, &n_repaired, &e);
	int ok = kind ? r == -1 && e.kind == kind && *e.msg
		      : r == 0 && out.len == len && memcmp(buf_str(&out), want, len) == 0 && n_repaired == repaired;
	if (!tap_ok(ok, "%s", name))
		printf("# got %d kind %d (%s), %zu repaired: %s\n", r, (int)e.kind, e.msg, n_repaired, buf_str(&out));
	buf_release(&out);
	free(o);
	free(f);
}

#define GIVES(want, name, ...) is_prompt((struct try){__VA_ARGS__}, want, sizeof(want) - 1, ERR_NONE, 0, name)
#define FAILS(kind, name, ...) is_prompt((struct try){__VA_ARGS__}, "", 0, kind, 0, name)

static void
sources(void)
{
	GIVES("hi", "stdin alone", IN(PIPE, "hi"));
	GIVES(" hi \n\n", "nothing is trimmed", IN(PIPE, " hi \n\n"));
	GIVES("\n", "one byte is a prompt", IN(PIPE, "\n"));
	GIVES("hi", "a file on stdin", IN(FILE_START, "hi"));
	GIVES("def", "alone, a file that was begun goes on", IN(FILE_READ, "abcdef"));
	GIVES("hi", "a socket", IN(SOCKET, "hi"));
	FAILS(ERR_DATA, "an empty stdin", IN(PIPE, ""));
	FAILS(ERR_DATA, "/dev/null", .in = DEV_NULL);
	FAILS(ERR_DATA, "a closed one", .stdin_closed = 1);
	FAILS(ERR_USAGE, "-N and nothing else", .no_stdin = 1, IN(PIPE, "hi"));
	GIVES("a b c", "operands are joined by one space", .operands = "a|b|c");
	GIVES("a   b  c ", "and are left as they are", .operands = "a | b| c ");
	GIVES("a", "/dev/null adds nothing", .operands = "a", .in = DEV_NULL);
	GIVES("a", "a closed stdin adds nothing", .operands = "a", .stdin_closed = 1, IN(PIPE, "x"));
	GIVES("a", "-N leaves it alone", .operands = "a", .no_stdin = 1, IN(PIPE, "x"));
	GIVES("a", "another option has it", .operands = "a", .stdin_taken = 1, IN(PIPE, "x"));
	GIVES("", "another option has it, and nothing else is there", .stdin_taken = 1, IN(PIPE, "x"));
	GIVES("a", "an empty pipe adds nothing", .operands = "a", IN(PIPE, ""));
	FAILS(
	    ERR_USAGE, "beside operands, a file that was begun is a loop's", .operands = "a", IN(FILE_READ, "abcdef"));
	GIVES("a", "unless -N says so", .operands = "a", .no_stdin = 1, IN(FILE_READ, "abcdef"));
	GIVES("a\n\ndef", "or - does", .operands = "a|-", IN(FILE_READ, "abcdef"));
	FAILS(ERR_USAGE, "the same beside files", .files = "one", IN(FILE_READ, "abcdef"));
}

static void
separators(void)
{
	GIVES("a\n\nx", "an empty line between operand and stdin", .operands = "a", IN(PIPE, "x"));
	GIVES("a\n\nx", "a LF is added where there is one", .operands = "a\n", IN(PIPE, "x"));
	GIVES("a\n\n\nx", "also where there are two", .operands = "a\n\n", IN(PIPE, "x"));
	GIVES("a\n\n\nx\n", "the next part's own stay", .operands = "a", IN(PIPE, "\nx\n"));
	GIVES("a\r\n\nx", "CRLF ends in a LF", .operands = "a\r\n", IN(PIPE, "x"));
	GIVES("one\n\ntwo", "two files: LF at the end of the first", .files = "one|two");
	GIVES("one\n\none\n\ntwo", "three", .files = "one|one|two");
	GIVES("one\n\ntwo", "an empty file adds nothing", .files = "none|one|none|two|none");
	GIVES("a b\n\none\n\ntwo\n\nx", "operands, files, stdin", .operands = "a|b", .files = "one|two", IN(PIPE, "x"));
	GIVES("two\n\nx", "files, stdin", .files = "two", IN(PIPE, "x"));
	GIVES("x", "an empty file and stdin", .files = "none", IN(PIPE, "x"));
	GIVES("a\n\nx\n\nb c", "- puts stdin there", .operands = "a|-|b|c", IN(PIPE, "x"));
	GIVES("x\n\na", "in front", .operands = "-|a", IN(PIPE, "x\n"));
	GIVES("x", "alone", .operands = "-", IN(PIPE, "x"));
	GIVES("a\n\nx\n\ntwo", "before the files", .operands = "a|-", .files = "two", IN(PIPE, "x"));
	GIVES("one\n\nx\n\ntwo", "-f - too", .files = "one|-|two", IN(PIPE, "x"));
	GIVES("a\n\nx", "then it isn't added again", .operands = "a", .files = "-", IN(PIPE, "x"));
	FAILS(ERR_DATA, "- that is empty", .operands = "a|-", IN(PIPE, ""));
	FAILS(ERR_DATA, "- alone and empty", .operands = "-", .in = DEV_NULL);
}

static void
bytes(void)
{
	struct buf big = BUF_INIT;

	FAILS(ERR_DATA, "a NUL on stdin", IN(PIPE, "ab\0c"));
	FAILS(ERR_DATA, "a NUL in a file", .files = "nul");
	is_prompt((struct try){IN(PIPE,
		      "a\xff"
		      "b")},
	    "a\xef\xbf\xbd"
	    "b",
	    5, ERR_NONE, 1, "a byte that isn't UTF-8");
	is_prompt((struct try){IN(PIPE, "\xe2\x82")}, "\xef\xbf\xbd", 3, ERR_NONE, 1, "a sequence that was cut");
	is_prompt((struct try){.operands = "\xff", IN(PIPE, "\xfe\xfe")}, "\xef\xbf\xbd\n\n\xef\xbf\xbd\xef\xbf\xbd",
	    11, ERR_NONE, 3, "in each part");
	FAILS(ERR_DATA, "refused under -8", .strict = 1, IN(PIPE, "a\xff"));
	GIVES("\xc3\xa9", "UTF-8 under -8", .strict = 1, IN(PIPE, "\xc3\xa9"));
	GIVES("\xef\xbb\xbf"
	      "a",
	    "a BOM is left as it is",
	    IN(PIPE,
		"\xef\xbb\xbf"
		"a"));
	GIVES("12345678", "as much as there may be", .max = 8, IN(PIPE, "12345678"));
	FAILS(ERR_DATA, "a byte more", .max = 8, IN(PIPE, "123456789"));
	FAILS(ERR_DATA, "an operand too long", .operands = "123456789", .max = 8);
	FAILS(ERR_DATA, "parts that are too long together", .operands = "12345", .max = 8, IN(PIPE, "6789"));
	FAILS(ERR_NOINPUT, "a missing file", .files = "missing");
	FAILS(ERR_NOINPUT, "a directory", .files = ".");
	FAILS(ERR_NOINPUT, "-f - on a closed stdin", .files = "-", .stdin_closed = 1);

	for (int i = 0; i < 60000; i++)
		buf_addc(&big, (char)('a' + i % 26));
	is_prompt((struct try){.in = PIPE, .text = big.p, .n = big.len}, big.p, big.len, ERR_NONE, 0,
	    "more than a read's worth");
	buf_release(&big);

	struct buf out = BUF_INIT;
	struct err e = {0};
	size_t n = 0;
	struct prompt_spec s = {.max = BIG};
	put_on_stdin(PIPE, "ab\0c", 4);
	prompt_read(&s, &out, &n, &e);
	tap_ok(strstr(e.msg, "offset 2") != NULL, "a NUL's offset: %s", e.msg);
	err_clear(&e);
	tap_ok(prompt_file(&s, "nul", &out, &n, &e) == -1 && strstr(e.msg, "nul") && strstr(e.msg, "offset 5"),
	    "in a file: %s", e.msg);
	buf_clear(&out);
	tap_ok(prompt_file(&s, "one", &out, &n, &e) == 0 && strcmp(buf_str(&out), "one\n") == 0, "one file");
	put_on_stdin(PIPE, "x", 1);
	tap_ok(prompt_file(&s, "-", &out, &n, &e) == 0 && strcmp(buf_str(&out), "one\nx") == 0, "and stdin behind it");
	buf_release(&out);
}

static void
claims(void)
{
	char dash[] = "-", a[] = "a";
	char *ops[] = {dash, a, dash}, *files[] = {a, dash};
	struct prompt_spec s = {.operand = ops, .n_operand = 3, .file = files, .n_file = 2};

	tap_is_int((long long)prompt_claims(&s), 3, "each - is a claim");
	s.n_operand = s.n_file = 1;
	s.operand = files;
	tap_is_int((long long)prompt_claims(&s), 0, "no claim");
}

int
main(void)
{
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	close(file_with("one", "one\n", 4));
	close(file_with("two", "two", 3));
	close(file_with("none", "", 0));
	close(file_with("nul", "12345\0", 6));
	sources();
	separators();
	bytes();
	claims();
	static const char *const names[] = {"one", "two", "none", "nul", "stdin"};
	for (size_t i = 0; i < 5; i++)
		unlink(names[i]);
	if (chdir("/") || rmdir(dir))
		return 1;
	return tap_done();
}
