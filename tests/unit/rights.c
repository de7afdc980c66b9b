/* SPDX-License-Identifier: ISC */
/* serve/rights: what can't be done once they are dropped, and what still can. Each check in a process of its own. */
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "ledger.h"
#include "serve/rights.h"
#include "tap.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

static char home[] = "/tmp/or-rights-XXXXXX";

static const char *
at(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	return path;
}

/* What fn returned in a process with these rights; -1: it died, -2: they couldn't be dropped. */
static int
with_rights(enum rights r, const char *ledger, int (*fn)(void))
{
	struct err e = {0};
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		rights_begin();
		_exit(rights_drop(r, ledger, &e) ? 254 : fn());
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status) == 254 ? -2 : WEXITSTATUS(status);
}

static int
try_exec(void)
{
	char sh[] = "sh", c[] = "-c", line[] = "exit 0", *argv[] = {sh, c, line, NULL};

	execv("/bin/sh", argv);
	return errno == EPERM || errno == EACCES ? 1 : 2;
}

static int
can_write(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | flags, 0600);
	int ok = fd >= 0 && write(fd, "x", 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A bit for each thing that went well. */
static int
try_files(void)
{
	int r = 0, fd = open("/etc/passwd", O_RDONLY);

	r |= fd >= 0 ? 1 : 0;
	r |= can_write(at("outside"), O_CREAT) ? 2 : 0;
	r |= can_write(at("state/ledger.db"), 0) ? 4 : 0;
	r |= can_write(at("state/ledger.db-wal"), O_CREAT) ? 8 : 0;
	r |= can_write(at("state/ledger.db-health"), O_TRUNC) ? 16 : 0;
	r |= can_write(at("cache/orutils/models"), O_CREAT) ? 32 : 0;
	r |= unlink(at("state/old")) == 0 ? 64 : 0;
	return r;
}

static void *
in_thread(void *arg)
{
	return arg;
}

/* 0: what a server and a client do works: sockets, memory, threads, children. */
static int
try_network(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof(a);
	int pair[2], status, udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 'x';
	pthread_t t;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(9);
	if (udp < 0 || tcp < 0 || connect(udp, (struct sockaddr *)&a, n) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	if (connect(tcp, (struct sockaddr *)&a, n) && errno != ECONNREFUSED)
		return 2;
	if (write(pair[0], &byte, 1) != 1 || read(pair[1], &byte, 1) != 1)
		return 3;
	if (pthread_create(&t, NULL, in_thread, NULL) || pthread_join(t, NULL))
		return 4;
	pid_t pid = fork();
	if (pid == 0)
		_exit(7);
	return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7 ? 0 : 5;
}

/* 0: none of these is allowed. */
static int
try_denied(void)
{
	if (syscall(SYS_ptrace, 0, 0, 0, 0) != -1 || errno != EPERM)
		return 1;
	if (unshare(CLONE_NEWUSER) != -1 || errno != EPERM)
		return 2;
	if (syscall(SYS_personality, 0xffffffff) != -1 || errno != EPERM)
		return 3;
	if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) != -1 || errno != EPERM)
		return 4;
	if (syscall(425, 8, NULL) != -1 || errno != EPERM)
		return 5;
	if (mount("none", home, "tmpfs", 0, NULL) != -1 || errno != EPERM)
		return 6;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 7;
}

/* 0: many rows in one batch are booked, which SQLite would keep a file for elsewhere. */
static int
try_batch(void)
{
	static struct ledger_attempt a[2000];
	struct ledger_call c = {
	    .id = "gen-1-x", .tool = "or-serve", .started_ms = 1790000000000, .ttft_ms = -1, .ms = -1};
	struct ledger *l;
	struct err e = {0};
	int64_t row = 0, room;
	char *warning;

	for (size_t i = 0; i < N(a); i++)
		a[i] = (struct ledger_attempt){
		    .model = "m", .provider = "p", .endpoint = "p:m", .reserved_pusd = 1, .cost_pusd = 1};
	if (ledger_open(&l, at("state/books.db"), LEDGER_WRITE, &warning, &e))
		return 1;
	if (ledger_batch(l, &e))
		return 2;
	for (size_t i = 0; i < N(a); i++)
		if (ledger_reserve(l, &c, &row, a + i, (int)i, NULL, 0, &room, &e))
			return 3;
	if (ledger_settle(l, row, &c, a, 0, N(a), &e))
		return 4;
	if (ledger_flush(l, &e))
		return 5;
	ledger_close(l);
	return 0;
}

static int
try_core(void)
{
	struct rlimit l;

	return prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0;
}

static int
has_seccomp(void)
{
	return prctl(PR_GET_SECCOMP) == 2;
}

static int
set_up(void)
{
	if (!mkdtemp(home) || mkdir(at("state"), 0700) || mkdir(at("cache"), 0700) || mkdir(at("cache/orutils"), 0700))
		return -1;
	setenv("XDG_CACHE_HOME", at("cache"), 1);
	return can_write(at("state/ledger.db"), O_CREAT) ? 0 : -1;
}

static void
tidy_up(void)
{
	static const char *const files[] = {"state/ledger.db", "state/ledger.db-wal", "state/ledger.db-health",
	    "state/books.db", "state/books.db-wal", "state/books.db-shm", "state/books.db-alive", "state/old",
	    "cache/orutils/models", "outside"};
	static const char *const dirs[] = {"cache/orutils", "cache", "state", ""};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(at(files[i]));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		rmdir(at(dirs[i]));
}

static void
check_files(const char *ledger)
{
	struct ledger *l;
	struct err e = {0};
	char *warning;

	if (syscall(444, NULL, 0, 1) < 3) {
		tap_ok(1, "files # SKIP no Landlock that knows of truncation");
		return;
	}
	can_write(at("state/old"), O_CREAT);
	/* As the supervisor does: SQLite has looked around. */
	if (ledger_open(&l, at("state/books.db"), LEDGER_WRITE, &warning, &e))
		printf("# %s\n", e.msg);
	else
		ledger_close(l);
	tap_is_int(
	    with_rights(RIGHTS_WORKER, ledger, try_files), 1 | 16, "a worker reads, and writes the snapshot alone");
	tap_is_int(with_rights(RIGHTS_WORKER, NULL, try_files), 1, "without a ledger nothing");
	tap_is_int(with_rights(RIGHTS_SCRIBE, ledger, try_files), 1 | 4 | 8 | 16 | 32 | 64,
	    "the scribe writes beside the ledger, and into the cache");
	tap_is_int(with_rights(RIGHTS_SCRIBE, ledger, try_batch), 0, "it needs no other place for a long batch");
}

int
main(void)
{
	struct buf ledger = BUF_INIT;

#ifdef OR_CLEAN_EXIT
	printf("1..0 # SKIP sanitizers do what is forbidden here\n");
	return 0;
#endif
	if (!tap_ok(set_up() == 0, "a place"))
		return tap_done();
	buf_adds(&ledger, at("state/ledger.db"));
	tap_is_int(with_rights(RIGHTS_WORKER, ledger.p, try_network), 0, "sockets, threads and children work");
	tap_is_int(with_rights(RIGHTS_WORKER, ledger.p, try_core), 1, "no core, no tracing");
	check_files(ledger.p);
	if (with_rights(RIGHTS_WORKER, ledger.p, has_seccomp) == 1) {
		tap_is_int(with_rights(RIGHTS_WORKER, ledger.p, try_exec), 1, "a worker executes nothing");
		tap_is_int(with_rights(RIGHTS_SCRIBE, ledger.p, try_exec), 1, "nor does the scribe");
		tap_is_int(with_rights(RIGHTS_WORKER, ledger.p, try_denied), 0, "what nobody needs is denied");
	} else {
		tap_ok(1, "system calls # SKIP no seccomp filters here");
	}
	tidy_up();
	buf_release(&ledger);
	return tap_done();
}
