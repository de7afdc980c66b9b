/* SPDX-License-Identifier: ISC */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "tap.h"
#include "tm.h"

static char dir[] = "/tmp/out-XXXXXX";

static void
file_with(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode))
		exit(1);
	close(fd);
}

/* The file's text and mode as "644 text"; "none" where there is no such file. */
static const char *
file(const char *name, char *to, size_t size)
{
	struct stat st;
	char text[200] = "";
	int fd = open(name, O_RDONLY | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) || read(fd, text, sizeof(text) - 1) < 0)
		snprintf(to, size, "none");
	else
		snprintf(to, size, "%o %s", (unsigned)(st.st_mode & 07777), text);
	if (fd >= 0)
		close(fd);
	return to;
}

static void
is_file(const char *path, const char *want, const char *name)
{
	char got[300];

	tap_is_str(file(path, got, sizeof(got)), want, name);
}

/* Writes text to path and ends well or not. The kind of the first error. */
static enum err_kind
written(const char *path, const char *text, int ok, int *kept)
{
	struct out o = OUT_INIT;
	struct err e = {0};

	if (out_open(&o, path, 0, &e) == 0) {
		if (out_write(&o, text, strlen(text), &e))
			ok = 0;
		struct err late = {0};
		if (out_close(&o, ok, kept, &late) && !e.kind)
			e = late;
	}
	out_release(&o);
	return e.kind;
}

static void
files(void)
{
	struct out o = OUT_INIT;
	struct err e = {0};
	int kept = 7;

	umask(022);
	tap_ok(written("new", "hello", 1, &kept) == ERR_NONE && kept == 0, "a new file");
	is_file("new", "644 hello", "has the text, and the umask's mode");
	is_file("new.partial", "none", "nothing else is left");
	tap_ok(written("new2", "half", 0, &kept) == ERR_NONE && kept == 1, "a run that failed");
	is_file("new2", "none", "makes no file");
	is_file("new2.partial", "644 half", "what came is kept");
	tap_ok(written("new3", "", 0, &kept) == ERR_NONE && kept == 0, "a run that failed without a byte");
	is_file("new3.partial", "none", "leaves nothing");
	tap_ok(written("new4", "", 1, &kept) == ERR_NONE && kept == 0, "a good run without a byte");
	is_file("new4", "644 ", "makes an empty file");

	file_with("old", "old text", 0751);
	tap_ok(out_open(&o, "old", 0, &e) == 0 && out_write(&o, "new", 3, &e) == 0,
	    "an old file is written beside itself");
	is_file("old", "751 old text", "and is what it was meanwhile");
	is_file(o.partial, "751 new", "in a file of the same mode");
	tap_ok(o.n_bytes == 3, "bytes are counted");
	tap_ok(out_close(&o, 1, &kept, &e) == 0 && kept == 0, "renamed");
	out_release(&o);
	is_file("old", "751 new", "then it is the new one");
	written("old", "broken", 0, &kept);
	is_file("old", "751 new", "a run that failed leaves it alone");
	written("old", "again", 1, &kept);
	is_file("old", "751 again", "a partial file of an earlier run is no obstacle");
	is_file("old.partial", "751 broken", "and what it holds is left alone");
}

static void
links(void)
{
	struct stat st;
	int kept;

	file_with("target", "t", 0640);
	mkdir("sub", 0700);
	if (symlink("target", "link") || symlink("link", "link2") || symlink("sub/to-be", "dangling") ||
	    symlink("loop", "loop") || symlink("../new-there", "sub/up"))
		exit(1);
	tap_ok(written("link2", "through", 1, &kept) == ERR_NONE, "through two links");
	is_file("target", "640 through", "the file behind them is replaced");
	tap_ok(lstat("link", &st) == 0 && S_ISLNK(st.st_mode) && lstat("link2", &st) == 0 && S_ISLNK(st.st_mode),
	    "the links stay");
	written("link", "half", 0, &kept);
	is_file("target.partial", "640 half", "the partial file lies beside the file");
	tap_ok(written("dangling", "made", 1, &kept) == ERR_NONE, "a link to a file that isn't there yet");
	is_file("sub/to-be", "644 made", "makes it");
	tap_ok(lstat("dangling", &st) == 0 && S_ISLNK(st.st_mode), "and stays a link");
	tap_ok(written("sub/up", "up", 1, &kept) == ERR_NONE, "one that goes up");
	is_file("new-there", "644 up", "is followed from where it lies");
	tap_is_int(written("loop", "x", 1, &kept), ERR_CANTCREATE, "a loop of links");
	/* somebody else's link in the partial file's place isn't followed */
	file_with("victim", "v", 0600);
	if (symlink("victim", "trap.partial"))
		exit(1);
	tap_is_int(written("trap", "x", 0, &kept), ERR_NONE, "a link in the place of the partial file");
	is_file("victim", "600 v", "isn't followed");
}

static void
refused(void)
{
	struct out o = OUT_INIT;
	struct err e = {0};
	int kept;

	tap_is_int(written("sub", "x", 1, &kept), ERR_CANTCREATE, "a directory");
	tap_is_int(written("nowhere/x", "x", 1, &kept), ERR_CANTCREATE, "a directory that isn't there");
	tap_is_int(written("new/x", "x", 1, &kept), ERR_CANTCREATE, "a file as a directory");
	tap_is_int(written("", "x", 1, &kept), ERR_CANTCREATE, "an empty name");
	tap_ok(out_open(&o, NULL, 1 << STDOUT_FILENO, &e) == -1 && e.kind == ERR_IO, "a closed standard output");
	tap_ok(out_open(&o, "-", 1 << STDOUT_FILENO, &e) == -1 && e.kind == ERR_IO, "under its other name");
	out_release(&o);
	if (geteuid() != 0) {
		file_with("readonly", "r", 0400);
		tap_is_int(written("readonly", "x", 1, &kept), ERR_CANTCREATE, "a file that we may not write");
	}
}

static void
straight(void)
{
	struct out o = OUT_INIT;
	struct err e = {0};
	char got[10] = "";
	int kept = 7;

	tap_is_int(written("/dev/null", "x", 1, &kept), ERR_NONE, "/dev/null");
	tap_is_int(written("/dev/full", "x", 1, &kept), ERR_IO, "a full disk");
	if (mkfifo("fifo", 0600))
		exit(1);
	int in = open("fifo", O_RDONLY | O_NONBLOCK);
	tap_ok(written("fifo", "pipe", 0, &kept) == ERR_NONE && kept == 0 && read(in, got, 9) == 4 &&
		strcmp(got, "pipe") == 0,
	    "a FIFO is written straight");
	close(in);

	/* a reader that goes */
	int fd[2];
	if (pipe(fd))
		exit(1);
	close(fd[0]);
	o.fd = fd[1];
	tap_ok(out_write(&o, "x", 1, &e) == -1 && e.kind == ERR_SIGNAL && e.sys == SIGPIPE && o.gone,
	    "a reader that went away is SIGPIPE");
	tap_is_int(err_status(&e), 128 + SIGPIPE, "as a status");
	tap_ok(out_close(&o, 0, &kept, &e) == 0 && kept == 0, "closing has nothing to add");
	out_release(&o);

	/* somebody made it non-blocking, and it is full */
	o = (struct out)OUT_INIT;
	if (pipe(fd))
		exit(1);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		static char b[65536];
		size_t n = 0;
		ssize_t r;
		close(fd[1]);
		usleep(50000);
		while ((r = read(fd[0], b, sizeof(b))) > 0)
			n += (size_t)r;
		_exit(n == 300000 ? 0 : 1);
	}
	close(fd[0]);
	char *big = calloc(1, 300000);
	int status;
	o.fd = fd[1];
	tap_is_int(out_write(&o, big, 300000, &e), 0, "more than a pipe holds, non-blocking");
	out_close(&o, 1, &kept, &e);
	tap_ok(waitpid(pid, &status, 0) == pid && status == 0, "arrives whole");
	out_release(&o);
	free(big);

	/* a terminal gets no control bytes */
	o = (struct out)OUT_INIT;
	if (pipe(fd))
		exit(1);
	o.fd = fd[1];
	o.tty = 1;
	out_write(&o, "a\x1b[2Jb\n", 7, &e);
	memset(got, 0, sizeof(got));
	tap_ok(read(fd[0], got, 9) == 6 && strcmp(got, "a[2Jb\n") == 0, "control bytes are kept from a terminal");
	close(fd[0]);
	out_close(&o, 1, &kept, &e);
	out_release(&o);
}

static int interrupts;

static void
on_alarm(int sig)
{
	(void)sig;
	interrupts++;
}

static int
not_yet(void)
{
	return interrupts > 2 ? SIGTERM : 0;
}

static void
interrupted(void)
{
	struct out o = OUT_INIT;
	struct err e = {0};
	struct sigaction sa = {.sa_handler = on_alarm};
	int fd[2], kept;
	char *big = calloc(1, 300000);

	if (pipe(fd))
		exit(1);
	sigaction(SIGALRM, &sa, NULL);
	ualarm(20000, 20000);
	o.fd = fd[1];
	o.signalled = not_yet;
	int r = out_write(&o, big, 300000, &e);
	ualarm(0, 0);
	tap_ok(r == -1 && e.kind == ERR_SIGNAL && e.sys == SIGTERM && interrupts == 3,
	    "a write that blocks goes on until the signal that ends the run");
	close(fd[0]);
	out_close(&o, 0, &kept, &e);
	out_release(&o);
	free(big);
}

/* Nobody reads, and nobody goes: the deadline ends it. */
static void
stuck(void)
{
	struct out o = OUT_INIT;
	struct err e = {0};
	int fd[2], kept;
	char *big = calloc(1, 300000);

	if (pipe(fd))
		exit(1);
	o.fd = fd[1];
	int64_t start = tm_mono_ms();
	out_deadline(&o, 120);
	int r = out_write(&o, big, 300000, &e);
	int64_t ms = tm_mono_ms() - start;
	alarm(0);
	tap_ok(r == -1 && e.kind == ERR_DEADLINE && ms >= 118 && ms < 3000,
	    "a write that blocks is given up at the deadline (%lld ms)", (long long)ms);
	close(fd[0]);
	out_close(&o, 0, &kept, &e);
	out_release(&o);
	free(big);
}

/* Descriptors 0 to 2, in a child: which were closed? */
static void
prepared(void)
{
	for (int mask = 0; mask < 8; mask++) {
		int status;
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0) {
			for (int fd = 0; fd < 3; fd++)
				if (mask & (1 << fd))
					close(fd);
			int got = out_prepare(), fd = open("/dev/null", O_RDONLY);
			_exit(got == mask && fd > 2 ? 0 : 1);
		}
		tap_ok(waitpid(pid, &status, 0) == pid && status == 0, "closed descriptors: %d", mask);
	}

	/* who ignored SIGPIPE wants a write to fail */
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct out o = OUT_INIT;
		struct err e = {0};
		signal(SIGPIPE, SIG_IGN);
		out_prepare();
		out_gone(&o, &e);
		_exit(e.kind == ERR_IO ? 0 : 1);
	}
	tap_ok(waitpid(pid, &status, 0) == pid && status == 0, "SIGPIPE that was ignored is 74");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		out_prepare();
		out_die(SIGPIPE);
		_exit(1);
	}
	tap_ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE,
	    "and we can still die of it");
}

int
main(void)
{
	signal(SIGPIPE, SIG_DFL);
	out_prepare();
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	files();
	links();
	refused();
	straight();
	interrupted();
	stuck();
	prepared();
	if (system("rm -rf -- \"$PWD\"") || chdir("/"))
		return 1;
	return tap_done();
}
