/* SPDX-License-Identifier: ISC */
/* spool: records in a file's memory, and who may take them over. */
#include "spool.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "str.h"
#include "tap.h"
#include "tm.h"

static char dir[] = "/tmp/orutils-spool-XXXXXX";
static char ledger[64];

static int
n_files(void)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	int n = 0;

	while (d && (entry = readdir(d)))
		n += str_starts(entry->d_name, "ledger.db-spool-");
	if (d)
		closedir(d);
	return n;
}

static struct spool *
new_spool(void)
{
	struct err e = {0};
	struct spool *s = spool_new(ledger, &e);

	if (!s)
		printf("# %s\n", e.msg);
	return s;
}

static void
is_in(const struct spool *s, const char *want, const char *name)
{
	struct buf b = BUF_INIT;

	tap_ok(spool_read(s, &b) == 0, "%s: it makes sense", name);
	tap_is_str(buf_str(&b), want, name);
	buf_release(&b);
}

static void
records(void)
{
	struct spool *s = new_spool();
	struct stat st;
	uint64_t first;

	is_in(s, "", "nothing in a new one");
	tap_ok(spool_put(s, "one", 3) == 0, "a record");
	first = spool_end(s);
	tap_ok(spool_put(s, "two", 3) == 0, "another");
	is_in(s, "onetwo", "in their order");
	spool_take(s, first);
	is_in(s, "two", "the first was taken out");
	struct spool *other = spool_open(ledger, spool_id(s), NULL);
	tap_ok(other != NULL, "its other end");
	is_in(other, "two", "sees the same");
	spool_put(s, "three", 5);
	is_in(other, "twothree", "and what comes then");
	spool_close(other);
	tap_ok(fstatat(AT_FDCWD, dir, &st, 0) == 0 && n_files() == 1, "one file");
	spool_remove(s);
	tap_is_int(n_files(), 0, "it goes");
}

static void
ring(void)
{
	struct spool *s = new_spool();
	char *most = malloc(SPOOL_BYTES);
	struct buf b = BUF_INIT;

	memset(most, 'a', SPOOL_BYTES);
	tap_ok(spool_put(s, most, SPOOL_BYTES - 3) == 0, "nearly all its room");
	tap_ok(spool_put(s, "four", 4) == -1, "no more than that");
	spool_take(s, spool_end(s));
	tap_ok(spool_put(s, "123456", 6) == 0, "room again: over the end");
	is_in(s, "123456", "whole");
	spool_take(s, spool_end(s));
	tap_ok(spool_put(s, most, SPOOL_BYTES) == 0, "all its room");
	tap_ok(spool_put(s, "x", 1) == -1, "full");
	tap_ok(spool_read(s, &b) == 0 && b.len == SPOOL_BYTES && memcmp(b.p, most, SPOOL_BYTES) == 0, "as it was put");
	buf_release(&b);
	free(most);
	spool_remove(s);
}

/* ── whose is it? ── */

struct found {
	int n, removes;
	char text[16];
};

static int
found(void *arg, struct spool *s)
{
	struct found *f = arg;
	struct buf b = BUF_INIT;

	f->n++;
	spool_read(s, &b);
	snprintf(f->text, sizeof(f->text), "%s", buf_str(&b));
	buf_release(&b);
	return f->removes;
}

static int
adopt(struct found *f, int removes)
{
	*f = (struct found){.removes = removes};
	spool_adopt(ledger, found, f);
	return f->n;
}

/* A child that holds one until it is killed. */
static pid_t
holder(struct spool *s)
{
	int fd[2];
	char byte = 0;
	pid_t pid;

	if (pipe(fd))
		exit(71);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		spool_put(s, "child", 5);
		(void)!write(fd[1], &byte, 1);
		for (;;)
			pause();
	}
	close(fd[1]);
	(void)!read(fd[0], &byte, 1);
	close(fd[0]);
	return pid;
}

static void
heirs(void)
{
	struct spool *s = new_spool();
	struct found f;
	pid_t pid = holder(s);

	tap_is_int(adopt(&f, 1), 0, "one that its maker and a child hold isn't adopted");
	spool_close(s);
	tap_is_int(adopt(&f, 1), 0, "nor one that the child holds");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tap_is_int(adopt(&f, 0), 1, "one that nobody holds is");
	tap_is_str(f.text, "child", "with what is in it");
	tap_is_int(n_files(), 1, "it stays where its heir wants that");
	tap_is_int(adopt(&f, 1), 1, "then it is found again");
	tap_is_int(n_files(), 0, "and goes");
}

static void
overwrite(const struct spool *s, off_t at, const char *text)
{
	char name[128];

	snprintf(name, sizeof(name), "%s-spool-%016llx", ledger, (unsigned long long)spool_id(s));
	int fd = open(name, O_WRONLY);
	(void)!pwrite(fd, text, strlen(text), at);
	close(fd);
}

static void
strangers(void)
{
	struct found f;
	struct spool *s = new_spool();

	spool_put(s, "lost", 4);
	overwrite(s, 16, "another boot");
	tap_ok(!spool_open(ledger, spool_id(s), NULL), "one of another boot isn't opened");
	spool_close(s);
	tap_is_int(adopt(&f, 0), 0, "nor handed over");
	tap_is_int(n_files(), 0, "it goes");
	s = new_spool();
	overwrite(s, 56, "\xff\xff\xff\xff\xff\xff\xff\xff");
	struct buf b = BUF_INIT;
	tap_is_int(spool_read(s, &b), -1, "places that can't be are no records");
	spool_remove(s);
	char name[128];
	snprintf(name, sizeof(name), "%s-spool-0123456789abcdef", ledger);
	close(open(name, O_WRONLY | O_CREAT, 0600));
	tap_is_int(adopt(&f, 1), 0, "a file that is none");
	tap_is_int(n_files(), 1, "is left alone");
	unlink(name);
	snprintf(name, sizeof(name), "%s/none/ledger.db", dir);
	struct err e = {0};
	tap_ok(!spool_new(name, &e) && e.kind == ERR_CANTCREATE, "no directory: %s", e.msg);
}

/* The ledger by a link: it is the same one, with the same spools. */
static void
linked(void)
{
	char other[128], there[64];
	struct found f;
	struct stat st;

	snprintf(there, sizeof(there), "%s", ledger);
	snprintf(other, sizeof(other), "%s/elsewhere", dir);
	mkdir(other, 0700);
	snprintf(other, sizeof(other), "%s/elsewhere/link.db", dir);
	close(open(ledger, O_WRONLY | O_CREAT, 0600));
	tap_ok(symlink(there, other) == 0, "a link to the ledger");
	struct spool *s = spool_new(other, NULL);
	tap_is_int(n_files(), 1, "its spool lies beside the file");
	spool_put(s, "linked", 6);
	struct spool *same = spool_open(ledger, spool_id(s), NULL);
	tap_ok(same != NULL, "where it is found by the file's own name");
	spool_close(same);
	spool_close(s);
	tap_is_int(adopt(&f, 1), 1, "and adopted");
	unlink(other);
	*strrchr(other, '/') = '\0';
	tap_ok(lstat(other, &st) == 0 && rmdir(other) == 0, "nothing is left beside the link");
	unlink(ledger);
}

/* ── waiting ── */

static int64_t
waited(void)
{
	int64_t begin = tm_mono_ms();

	spool_wait(ledger, 100);
	return tm_mono_ms() - begin;
}

static void
waiting(void)
{
	struct spool *s = new_spool();

	tap_ok(waited() < 100, "nothing is waited for where there is nothing");
	spool_put(s, "x", 1);
	tap_ok(waited() >= 100, "what is on its way is, as long as was said");
	spool_take(s, spool_end(s));
	tap_ok(waited() < 100, "and no longer once it was taken out");
	spool_put(s, "x", 1);
	spool_close(s);
	tap_ok(waited() < 100, "who is gone takes nothing out");
	struct found f;
	adopt(&f, 1);
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 71;
	snprintf(ledger, sizeof(ledger), "%s/ledger.db", dir);
	records();
	ring();
	heirs();
	strangers();
	linked();
	waiting();
	rmdir(dir);
	return tap_done();
}
