/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "chance.h"
#include "err.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

#define HEAD_BYTES 4096
#define FILE_BYTES (HEAD_BYTES + SPOOL_BYTES)
#define MAGIC "orutils spool 1"
#define BOOT "/proc/sys/kernel/random/boot_id"
#define BOOT_BYTES 40
#define MAX_TRIES 100
#define NAP_NS 500000 /* between two looks of who waits */

/* Positions grow; where one lies is its rest modulo SPOOL_BYTES. */
struct head {
	char magic[16];
	char boot[BOOT_BYTES];
	_Atomic uint64_t from, until; /* what is in it */
};
_Static_assert(sizeof(struct head) <= HEAD_BYTES, "the head has its page");

struct spool {
	char *name; /* owned: the file's */
	uint64_t id;
	int fd;
	struct head *head; /* the file's memory */
	char *ring;        /* behind it */
};

/* ── files ── */

/* Which boot of the machine this is; "" where the system doesn't tell. */
static void
read_boot(char boot[BOOT_BYTES])
{
	int fd = open(BOOT, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? 0 : read(fd, boot, BOOT_BYTES - 1);

	memset(boot + (n > 0 ? n : 0), 0, BOOT_BYTES - (size_t)(n > 0 ? n : 0));
	if (fd != -1)
		close(fd);
}

/* A ledger may be reached by a link, too: what belongs to it lies beside the file itself. */
static char *
place_of(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : xstrdup(path);
}

static char *
name_of(const char *path, uint64_t id)
{
	char *place = place_of(path);
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s-spool-%016" PRIx64, place, id);
	free(place);
	return buf_take(&b);
}

/* name, fd: taken. */
static struct spool *
attach(char *name, uint64_t id, int fd, struct err *e)
{
	void *p = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED) {
		err_sys(e, ERR_CANTCREATE, errno, "%s", name);
		close(fd);
		free(name);
		return NULL;
	}
	struct spool *s = xcalloc(1, sizeof(*s));
	*s = (struct spool){.name = name, .id = id, .fd = fd, .head = p, .ring = (char *)p + HEAD_BYTES};
	return s;
}

void
spool_close(struct spool *s)
{
	if (!s)
		return;
	munmap(s->head, FILE_BYTES);
	close(s->fd);
	free(s->name);
	free(s);
}

void
spool_remove(struct spool *s)
{
	unlink(s->name);
	spool_take(s, spool_end(s)); /* who waits for it waits no more */
	spool_close(s);
}

/* Its blocks are there before its memory is written to: a full disk is an error here, not a signal there. Somebody may have adopted it before it
 * was locked. */
static int
make(int fd)
{
	struct stat st;
	int sys = posix_fallocate(fd, 0, (off_t)FILE_BYTES);

	if (sys) {
		errno = sys;
		return -1;
	}
	if (flock(fd, LOCK_SH) || fstat(fd, &st))
		return -1;
	errno = EAGAIN;
	return st.st_nlink ? 0 : -1;
}

static int
create(const char *path, uint64_t *id, char **name)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		*id = chance_next(NULL) | 1;
		*name = name_of(path, *id);
		int fd = open(*name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd != -1 && make(fd) == 0)
			return fd;
		int sys = errno;
		if (fd != -1) {
			unlink(*name);
			close(fd);
		}
		free(*name);
		errno = sys;
		if (sys != EEXIST && sys != EAGAIN)
			break;
	}
	return -1;
}

struct spool *
spool_new(const char *path, struct err *e)
{
	char *name;
	uint64_t id;
	int fd = create(path, &id, &name);

	if (fd == -1) {
		err_sys(e, ERR_CANTCREATE, errno, "%s-spool", path);
		return NULL;
	}
	struct spool *s = attach(name, id, fd, e);
	if (!s)
		return NULL;
	read_boot(s->head->boot);
	memcpy(s->head->magic, MAGIC, sizeof(MAGIC));
	return s;
}

uint64_t
spool_id(const struct spool *s)
{
	return s->id;
}

/* Is it one of ours, and of this boot? */
static int
is_sound(const struct spool *s)
{
	char boot[BOOT_BYTES];

	read_boot(boot);
	return memcmp(s->head->magic, MAGIC, sizeof(MAGIC)) == 0 && memcmp(s->head->boot, boot, sizeof(boot)) == 0;
}

/* lock: LOCK_SH, or LOCK_EX where nobody else may hold it. name: taken. */
static struct spool *
open_named(char *name, uint64_t id, int lock, struct err *e)
{
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd == -1 || flock(fd, lock | LOCK_NB) || fstat(fd, &st)) {
		err_sys(e, ERR_CANTCREATE, errno, "%s", name);
	} else if (!S_ISREG(st.st_mode) || st.st_size != (off_t)FILE_BYTES) {
		err_set(e, ERR_DATA, "%s: not a spool", name);
	} else {
		return attach(name, id, fd, e);
	}
	if (fd != -1)
		close(fd);
	free(name);
	return NULL;
}

struct spool *
spool_open(const char *path, uint64_t id, struct err *e)
{
	struct spool *s = open_named(name_of(path, id), id, LOCK_SH, e);

	if (!s || is_sound(s))
		return s;
	err_set(e, ERR_CANTCREATE, "%s: of another time", s->name);
	spool_close(s);
	return NULL;
}

/* ── records ── */

int
spool_put(struct spool *s, const void *p, size_t n)
{
	uint64_t until = atomic_load_explicit(&s->head->until, memory_order_relaxed);
	uint64_t from = atomic_load_explicit(&s->head->from, memory_order_relaxed);
	size_t at = until % SPOOL_BYTES, first = SPOOL_BYTES - at;

	if (n > SPOOL_BYTES - (until - from))
		return -1;
	if (first > n)
		first = n;
	memcpy(s->ring + at, p, first);
	memcpy(s->ring, (const char *)p + first, n - first);
	atomic_store_explicit(&s->head->until, until + n, memory_order_release);
	return 0;
}

uint64_t
spool_end(const struct spool *s)
{
	return atomic_load_explicit(&s->head->until, memory_order_relaxed);
}

void
spool_take(struct spool *s, uint64_t until)
{
	atomic_store_explicit(&s->head->from, until, memory_order_release);
}

static int
copy(const struct spool *s, uint64_t until, struct buf *out)
{
	uint64_t from = atomic_load_explicit(&s->head->from, memory_order_acquire);
	size_t at = from % SPOOL_BYTES, first = SPOOL_BYTES - at;

	if (until < from || until - from > SPOOL_BYTES)
		return -1;
	if (first > until - from)
		first = (size_t)(until - from);
	buf_add(out, s->ring + at, first);
	buf_add(out, s->ring, (size_t)(until - from) - first);
	return 0;
}

void
spool_peek(const struct spool *s, uint64_t until, struct buf *out)
{
	copy(s, until, out);
}

int
spool_read(const struct spool *s, struct buf *out)
{
	return copy(s, atomic_load_explicit(&s->head->until, memory_order_acquire), out);
}

int
spool_is_empty(const struct spool *s)
{
	return atomic_load_explicit(&s->head->from, memory_order_acquire) ==
	    atomic_load_explicit(&s->head->until, memory_order_acquire);
}

/* ── all of a ledger ── */

/* The id in "ledger.db-spool-0123456789abcdef"; 0: it isn't one. */
static uint64_t
id_in(const char *file, const char *base)
{
	const char *hex = str_starts(file, base) ? file + strlen(base) : "";
	char *end;

	if (!str_starts(hex, "-spool-") || strlen(hex) != strlen("-spool-") + 16)
		return 0;
	hex += strlen("-spool-");
	uint64_t id = strtoull(hex, &end, 16);
	return *end ? 0 : id;
}

struct list {
	uint64_t *id; /* owned */
	size_t n, cap;
};

static void
find(const char *path, struct list *l)
{
	char *place = place_of(path);
	const char *slash = strrchr(place, '/');
	char *dir = slash ? xstrndup(place, (size_t)(slash - place) + 1) : xstrdup(".");
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		uint64_t id = id_in(entry->d_name, slash ? slash + 1 : place);
		if (!id)
			continue;
		l->id = mem_grow(l->id, l->n, &l->cap, sizeof(*l->id));
		l->id[l->n++] = id;
	}
	if (d)
		closedir(d);
	free(dir);
	free(place);
}

void
spool_adopt(const char *path, int (*fn)(void *arg, struct spool *s), void *arg)
{
	struct list l = {0};

	find(path, &l);
	for (size_t i = 0; i < l.n; i++) {
		struct err e = {0};
		struct spool *s = open_named(name_of(path, l.id[i]), l.id[i], LOCK_EX, &e);
		if (!s)
			continue;
		if (!is_sound(s) || fn(arg, s))
			spool_remove(s);
		else
			spool_close(s);
	}
	free(l.id);
}

/* Is anybody there who will take it out? */
static int
is_held(const struct spool *s)
{
	if (flock(s->fd, LOCK_EX | LOCK_NB))
		return 1;
	flock(s->fd, LOCK_UN);
	return 0;
}

static void
wait_one(const struct spool *s, int64_t until_ms)
{
	const struct timespec nap = {0, NAP_NS};
	uint64_t end = atomic_load_explicit(&s->head->until, memory_order_acquire);

	while (
	    atomic_load_explicit(&s->head->from, memory_order_acquire) < end && is_held(s) && tm_mono_ms() < until_ms)
		nanosleep(&nap, NULL);
}

void
spool_wait(const char *path, int64_t ms)
{
	int64_t until_ms = tm_mono_ms() + ms;
	struct list l = {0};

	find(path, &l);
	for (size_t i = 0; i < l.n; i++) {
		struct err e = {0};
		struct spool *s = open_named(name_of(path, l.id[i]), l.id[i], LOCK_UN, &e);
		if (s && is_sound(s))
			wait_one(s, until_ms);
		spool_close(s);
	}
	free(l.id);
}
