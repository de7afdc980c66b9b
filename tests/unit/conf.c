/* SPDX-License-Identifier: ISC */
#include "conf.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "tap.h"

static char dir[] = "/tmp/orutils-conf-XXXXXX";

static void
write_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(text, 1, n, f) != n || fclose(f) != 0) {
		perror(path);
		exit(99);
	}
}

static void
is_dir(int (*fn)(struct buf *), const char *want, const char *name)
{
	struct buf b = BUF_INIT;
	int r = fn(&b);

	tap_is_int(r, want ? 0 : -1, name);
	tap_is_str(buf_str(&b), want ? want : "", name);
	buf_release(&b);
}

static void
test_dirs(void)
{
	setenv("HOME", "/home/x", 1);
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_STATE_HOME");
	is_dir(conf_cache_dir, "/home/x/.cache/orutils", "cache below HOME");
	is_dir(conf_state_dir, "/home/x/.local/state/orutils", "state below HOME");
	setenv("XDG_CACHE_HOME", "/c", 1);
	setenv("XDG_STATE_HOME", "/s", 1);
	is_dir(conf_cache_dir, "/c/orutils", "XDG_CACHE_HOME");
	is_dir(conf_state_dir, "/s/orutils", "XDG_STATE_HOME");
	setenv("XDG_CACHE_HOME", "", 1);
	is_dir(conf_cache_dir, "/home/x/.cache/orutils", "an empty variable counts as unset");
	setenv("XDG_CACHE_HOME", "relative", 1);
	is_dir(conf_cache_dir, "/home/x/.cache/orutils", "a relative one too");
	unsetenv("HOME");
	is_dir(conf_cache_dir, NULL, "no HOME");
	is_dir(conf_state_dir, "/s/orutils", "no HOME, but XDG_STATE_HOME");
	unsetenv("XDG_STATE_HOME");
	is_dir(conf_state_dir, NULL, "neither");
	tap_ok(conf_env("HOME") == NULL && conf_env("XDG_CACHE_HOME") != NULL, "conf_env");
	setenv("HOME", "", 1);
	tap_ok(conf_env("HOME") == NULL, "conf_env of an empty variable");
}

static void
test_config_dir(void)
{
	setenv("HOME", "/home/x", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("OR_CONFIG");
	is_dir(conf_config_dir, "/home/x/.config/orutils", "tables below HOME");
	setenv("XDG_CONFIG_HOME", "/g", 1);
	is_dir(conf_config_dir, "/g/orutils", "XDG_CONFIG_HOME");
	setenv("OR_CONFIG", "one:two", 1);
	is_dir(conf_config_dir, "one", "the first of OR_CONFIG");
	setenv("OR_CONFIG", "::/two", 1);
	is_dir(conf_config_dir, "/two", "which is not empty");
	setenv("OR_CONFIG", ":", 1);
	is_dir(conf_config_dir, NULL, "none");
	unsetenv("OR_CONFIG");
}

static void
test_mkdirs(void)
{
	struct err e = {0};
	struct stat st;

	tap_is_int(conf_mkdirs("a/b//c/", &e), 0, "mkdirs");
	tap_ok(stat("a/b/c", &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700, "with mode 0700");
	tap_ok(stat("a", &st) == 0 && (st.st_mode & 0777) == 0700, "the parents too");
	tap_is_int(conf_mkdirs("a/b/c", &e), 0, "mkdirs of what is there");
	tap_is_int(conf_mkdirs("/", &e), 0, "mkdirs of /");
	write_file("file", "x", 1);
	tap_is_int(conf_mkdirs("file", &e), -1, "mkdirs where a file is");
	tap_is_int(e.kind, ERR_CANTCREATE, "is ERR_CANTCREATE");
	tap_is_str(e.msg, "can't create directory file: Not a directory", "and says so");
	tap_is_int(conf_mkdirs("file/below", &e), -1, "mkdirs below a file");
	tap_is_int(e.sys, ENOTDIR, "keeps errno");
	tap_is_int(conf_mkdirs("/proc/nothing/here", &e), -1, "mkdirs where nothing can be made");
	tap_is_int(e.kind, ERR_CANTCREATE, "is ERR_CANTCREATE");
}

static void
test_slurp(void)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	write_file("in", "a\0b\n", 4);
	buf_adds(&b, "<");
	tap_is_int(conf_slurp("in", 4, &b, &e), 0, "slurp of exactly max");
	tap_is_mem(b.p, b.len, "<a\0b\n", 5, "appends");
	tap_is_int(conf_slurp("in", 3, &b, &e), -1, "slurp of more than max");
	tap_is_int(e.kind, ERR_DATA, "is ERR_DATA");
	tap_is_str(e.msg, "in: more than 3 bytes", "and says so");
	tap_is_mem(b.p, b.len, "<a\0b\n", 5, "and appends nothing");
	tap_is_int(conf_slurp("none", 9, &b, &e), -1, "slurp of a missing file");
	tap_is_int(e.kind, ERR_NOINPUT, "is ERR_NOINPUT");
	tap_is_str(e.msg, "none: No such file or directory", "and says so");
	tap_is_int(conf_slurp(".", 9, &b, &e), -1, "slurp of a directory");
	tap_is_int(e.kind, ERR_NOINPUT, "is ERR_NOINPUT");
	tap_is_str(e.msg, ".: Is a directory", "and says so");
	buf_clear(&b);
	write_file("empty", "", 0);
	tap_is_int(conf_slurp("empty", 0, &b, &e), 0, "slurp of an empty file, max 0");
	tap_ok(b.p && b.len == 0 && *b.p == '\0', "gives empty text");
	tap_is_int(conf_slurp("/proc/self/stat", 4096, &b, &e), 0, "slurp of a file without a size");
	tap_ok(b.len > 0, "gives its text");
	tap_is_int(conf_slurp_fd(-1, "stdin", 9, &b, &e), -1, "slurp of a bad descriptor");
	tap_is_int(e.kind, ERR_IO, "is ERR_IO");
	buf_release(&b);
}

/* A slow writer on a non-blocking pipe: more than one read, and waits between. */
static void
test_slurp_pipe(void)
{
	struct buf b = BUF_INIT;
	struct err e = {0};
	int fd[2];

	if (pipe(fd) == -1)
		exit(99);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i < 3; i++) {
			usleep(10000);
			if (write(fd[1], "part ", 5) != 5)
				_exit(1);
		}
		_exit(0);
	}
	close(fd[1]);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	tap_is_int(conf_slurp_fd(fd[0], "pipe", 100, &b, &e), 0, "slurp of a non-blocking pipe");
	tap_is_str(buf_str(&b), "part part part ", "gives all of it");
	close(fd[0]);
	waitpid(child, NULL, 0);
	buf_release(&b);
}

static int
count_files(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	for (struct dirent *p; d && (p = readdir(d));)
		n += p->d_name[0] != '.';
	closedir(d);
	return n;
}

static void
test_replace(void)
{
	struct buf b = BUF_INIT;
	struct err e = {0};
	struct stat st;

	mkdir("r", 0700);
	umask(0);
	tap_is_int(conf_replace("r/f", "one", 3, &e), 0, "replace makes a file");
	tap_ok(stat("r/f", &st) == 0 && (st.st_mode & 07777) == 0600, "with mode 0600");
	int old = open("r/f", O_RDONLY);
	tap_is_int(conf_replace("r/f", "twotwo", 6, &e), 0, "and replaces it");
	tap_is_int(conf_slurp_fd(old, "old", 99, &b, &e), 0, "a reader of the old one");
	tap_is_str(buf_str(&b), "one", "sees the old one");
	close(old);
	buf_clear(&b);
	tap_is_int(conf_slurp("r/f", 99, &b, &e), 0, "a new reader");
	tap_is_str(buf_str(&b), "twotwo", "sees the new one");
	tap_is_int(conf_replace("r/f", "", 0, &e), 0, "replace by nothing");
	tap_ok(stat("r/f", &st) == 0 && st.st_size == 0, "empties it");
	tap_is_int(count_files("r"), 1, "no temporary file stays");
	mkdir("r/d", 0700);
	tap_is_int(conf_replace("r/d", "x", 1, &e), -1, "replace of a directory");
	tap_is_int(e.kind, ERR_CANTCREATE, "is ERR_CANTCREATE");
	tap_is_int(count_files("r"), 2, "no temporary file stays after a failure");
	tap_is_int(conf_replace("none/f", "x", 1, &e), -1, "replace in a missing directory");
	tap_is_str(e.msg, "can't write none/f: No such file or directory", "says so");
	buf_release(&b);
}

static void
is_file(const char *path, const char *text, mode_t mode, const char *name)
{
	struct buf b = BUF_INIT;
	struct stat st;

	tap_ok(stat(path, &st) == 0 && (st.st_mode & 07777) == mode, "%s: its mode", name);
	conf_slurp(path, 99, &b, NULL);
	tap_is_str(buf_str(&b), text, name);
	buf_release(&b);
}

static void
test_store(void)
{
	struct err e = {0};
	struct stat st;

	mkdir("s", 0700);
	tap_is_int(conf_store("s/f", 0, "one", 3, &e), 0, "store makes a file");
	is_file("s/f", "one", 0600, "a new one");
	chmod("s/f", 0640);
	tap_is_int(conf_store("s/f", 0, "two", 3, &e), 0, "store replaces it");
	is_file("s/f", "two", 0640, "the mode of the old one");
	tap_is_int(conf_store("s/f", 0600, "three", 5, &e), 0, "store with a mode");
	is_file("s/f", "three", 0600, "that mode");
	tap_is_int(symlink("f", "s/l"), 0, "a link");
	tap_is_int(conf_store("s/l", 0, "four", 4, &e), 0, "store by a link");
	tap_ok(lstat("s/l", &st) == 0 && S_ISLNK(st.st_mode), "stays a link");
	is_file("s/f", "four", 0600, "its target");
	tap_is_int(count_files("s"), 2, "no temporary file stays");
	tap_is_int(symlink("none", "s/d"), 0, "a link to nothing");
	tap_is_int(conf_store("s/d", 0, "x", 1, &e), -1, "store by it");
	tap_is_str(e.msg, "can't write s/d: a link to nothing", "says so");
	tap_is_int(conf_store("s", 0, "x", 1, &e), -1, "store of a directory");
	tap_is_str(e.msg, "can't write s: it is no regular file", "says so");
	tap_is_int(conf_store("none/f", 0, "x", 1, &e), -1, "store in a missing directory");
	tap_is_int(e.kind, ERR_CANTCREATE, "is ERR_CANTCREATE");
	tap_is_int(conf_store("bare", 0, "x", 1, &e), 0, "store of a name without a directory");
	is_file("bare", "x", 0600, "is here");
}

/* Shows each entry in brackets; "bad" fails with a message, "worse" without any, "usage" with a kind of its own. */
static int
show(void *arg, char *line, struct err *e)
{
	buf_addf(arg, "[%s]", line);
	if (strcmp(line, "bad") == 0)
		return err_set(e, ERR_NONE, "no good");
	if (strcmp(line, "usage") == 0)
		return err_set(e, ERR_USAGE, "not now");
	memset(line, 'x', strlen(line)); /* ours to change */
	return 0;
}

static void
is_table(const char *want, const char *error, enum err_kind kind, const char *name)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	tap_is_int(conf_table("t", show, &b, &e), error ? -1 : 0, name);
	tap_is_str(buf_str(&b), want, name);
	tap_is_str(e.msg, error ? error : "", name);
	tap_is_int(e.kind, kind, name);
	buf_release(&b);
}

static void
is_text(const char *text, size_t n, const char *want, const char *error, const char *name)
{
	write_file("one/t", text, n);
	is_table(want, error, error ? ERR_CONFIG : ERR_NONE, name);
}

#define TEXT(s) s, sizeof(s) - 1

static void
test_table_text(void)
{
	mkdir("one", 0700);
	setenv("OR_CONFIG", "one", 1);
	is_table("", NULL, ERR_NONE, "no file");
	is_text(TEXT(""), "", NULL, "empty file");
	is_text(TEXT("a b\n\n  \t\n  c\t \nd"), "[a b][c][d]", NULL, "blanks around, no newline at the end");
	is_text(TEXT("# x\na # y\nb#c\n #d\n\t#e\nf\t# g # h\n#"), "[a][b#c][f]", NULL, "comments");
	is_text(TEXT("a\r\n\r\n# x\r\nb # y\r\n"), "[a][b]", NULL, "CRLF");
	is_text(TEXT("\357\273\277a\n"), "[a]", NULL, "a BOM");
	is_text(TEXT("gr\xc3\xbc\xc3\x9f\n"), "[gr\xc3\xbc\xc3\x9f]", NULL, "UTF-8");
	is_text(TEXT("a\n\n# x\nbad\nb\n"), "[a][bad]", "one/t:4: no good", "a bad line");
	is_text(TEXT("a\nb\xff\n"), "[a]", "one/t:2: not UTF-8", "not UTF-8");
	is_text(TEXT("a\nb\0c\n"), "[a]", "one/t:2: a control byte", "NUL");
	is_text(TEXT("a\nb\x1b[2J\n"), "[a]", "one/t:2: a control byte", "ESC");
	is_text(TEXT("a\nb\rc\r\n"), "[a]", "one/t:2: a control byte", "CR inside");
	is_text(TEXT("a\n# \xff\n"), "[a]", "one/t:2: not UTF-8", "not UTF-8 in a comment");
	write_file("one/t", TEXT("x\nusage\n"));
	is_table("[x][usage]", "one/t:2: not now", ERR_USAGE, "an error with a kind of its own");
	char *big = malloc(CONF_MAX_FILE + 1);
	memset(big, '\n', CONF_MAX_FILE + 1);
	is_text(big, CONF_MAX_FILE, "", NULL, "as big as may be");
	is_text(big, CONF_MAX_FILE + 1, "", "one/t: more than 1048576 bytes", "too big");
	free(big);
	unlink("one/t");
	mkdir("one/t", 0700);
	is_table("", "one/t: Is a directory", ERR_CONFIG, "a directory");
	rmdir("one/t");
}

static void
test_table_dirs(void)
{
	mkdir("two", 0700);
	mkdir("x", 0700);
	mkdir("x/orutils", 0700);
	mkdir(".config", 0700);
	mkdir(".config/orutils", 0700);
	write_file("one/t", TEXT("1\n"));
	write_file("two/t", TEXT("2\n"));
	write_file("x/orutils/t", TEXT("3\n"));
	write_file(".config/orutils/t", TEXT("4\n"));
	setenv("OR_CONFIG", "one:two", 1);
	is_table("[1][2]", NULL, ERR_NONE, "OR_CONFIG, in its order");
	setenv("OR_CONFIG", ":two:none:file::one:", 1);
	is_table("[2][1]", NULL, ERR_NONE, "OR_CONFIG, with empty and missing ones");
	write_file("two/t", TEXT("bad\n"));
	is_table("[bad]", "two/t:1: no good", ERR_CONFIG, "the first error ends it");
	setenv("OR_CONFIG", "", 1);
	setenv("HOME", dir, 1);
	struct buf xdg = BUF_INIT;
	buf_addf(&xdg, "%s/x", dir);
	setenv("XDG_CONFIG_HOME", xdg.p, 1);
	is_table("[3]", NULL, ERR_NONE, "XDG_CONFIG_HOME");
	unsetenv("XDG_CONFIG_HOME");
	is_table("[4]", NULL, ERR_NONE, ".config below HOME");
	unsetenv("HOME");
	is_table("", NULL, ERR_NONE, "no HOME");
	if (geteuid() != 0) {
		setenv("OR_CONFIG", "one", 1);
		chmod("one/t", 0);
		is_table("", "one/t: Permission denied", ERR_CONFIG, "unreadable");
		chmod("one/t", 0600);
	}
	buf_release(&xdg);
}

static void
remove_tree(void)
{
	pid_t child;

	fflush(stdout);
	if (chdir("/") == 0 && (child = fork()) == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	wait(NULL);
}

int
main(void)
{
	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 99;
	test_dirs();
	test_mkdirs();
	test_slurp();
	test_slurp_pipe();
	test_replace();
	test_store();
	test_config_dir();
	test_table_text();
	test_table_dirs();
	remove_tree();
	return tap_done();
}
