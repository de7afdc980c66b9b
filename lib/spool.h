/* SPDX-License-Identifier: ISC */
/*
 * spool: records on their way to a ledger, in a file beside it that outlives whoever wrote it.
 *
 * A process puts in what it has told the ledger's keeper and what isn't written yet, and goes on at once; what is written it takes out. The
 * memory is the file's (mmap), so that a process that is killed in between leaves its records to whoever keeps the ledger next. After a
 * power failure they are worth nothing: a spool is of one boot of the machine.
 *
 * PATH-spool-ID, 0600: a page with the head, then SPOOL_BYTES in a ring. Its room is taken from the disk when it is made. Who holds one (the process that
 * made it, its children, who opened it) has a shared lock on it (flock), by which others see that it isn't theirs yet.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct spool;

#define SPOOL_BYTES ((size_t)(2 * 1024 * 1024)) /* that it holds */

/* A new one beside the ledger at path. NULL: ERR_CANTCREATE. */
struct spool *spool_new(const char *path, struct err *e);
/* What others know it by. Never 0. */
uint64_t spool_id(const struct spool *s);
/* Another's. NULL: ERR_CANTCREATE where there is none, or it is of another build or boot. */
struct spool *spool_open(const char *path, uint64_t id, struct err *e);
/* This process holds it no longer; its file stays. NULL is ignored. */
void spool_close(struct spool *s);
/* Its records are in the ledger, all: the file goes. */
void spool_remove(struct spool *s);

/* ── for the one who puts in ── */

/* n bytes. -1: there is no room for them. */
int spool_put(struct spool *s, const void *p, size_t n);
/* Where what was put in so far ends. */
uint64_t spool_end(const struct spool *s);
/* Appends what lies before `until`, which was spool_end(), and is in it yet. */
void spool_peek(const struct spool *s, uint64_t until, struct buf *out);
/* Takes out what lies before `until`, which was spool_end(). */
void spool_take(struct spool *s, uint64_t until);

/* ── for others ── */

/* Appends what is in it, in its order. 0; -1: it makes no sense. */
int spool_read(const struct spool *s, struct buf *out);
/* Is there nothing in it? */
int spool_is_empty(const struct spool *s);
/* Hands over each spool of this ledger that nobody holds. 1: remove it. Those that can't be read, or are of a boot before, are removed. */
void spool_adopt(const char *path, int (*fn)(void *arg, struct spool *s), void *arg);
#define SPOOL_PATIENCE_MS 250 /* of those who read the ledger */
/* Waits until what is in spools of this ledger now was taken out, or ms have passed. Those that nobody holds are not waited for. */
void spool_wait(const char *path, int64_t ms);

#endif
