/* SPDX-License-Identifier: ISC */
/* The file: opened, made where there is none, set aside where it is corrupt. Part of ledger.h. */
#include "ledger_priv.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "err.h"
#include "mem.h"
#include "tm.h"

#define MAX_ASIDE 100 /* names tried for a corrupt file */

static void
shut(struct ledger *l)
{
	ledger_db_close(l->db);
	l->db = NULL;
}

/* What is written back is synced, and so is the log's head: a power cut may take the last calls, never the file. What takes back a part of a
 * transaction is in memory, since who writes may have the right to make files nowhere but here. */
#define WRITING "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY"

/* Opens what is there. An older file is written to, whatever is asked for. */
static int
try_open(struct ledger *l, enum ledger_mode mode, struct err *e)
{
	if (ledger_db_open(&l->db, l->path, mode == LEDGER_READ ? LEDGER_DB_READ : LEDGER_DB_WRITE, e))
		return -1;
	int r = ledger_schema_check(l->db, l->path, e);
	if (r == 0 && mode == LEDGER_READ) {
		shut(l);
		return try_open(l, LEDGER_WRITE, e);
	}
	/* This reads the schema. */
	if (r >= 0 && ledger_db_exec(l->db, mode == LEDGER_READ ? "PRAGMA synchronous = NORMAL" : WRITING, e))
		r = -1;
	if (r == 0)
		r = ledger_schema_migrate(l->db, e);
	if (r == -1)
		shut(l);
	return r == -1 ? -1 : 0;
}

static int
move(const char *path, const char *to, const char *suffix)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	buf_addf(&a, "%s%s", path, suffix);
	buf_addf(&b, "%s%s", to, suffix);
	int r = rename(a.p, b.p) == -1 && errno != ENOENT ? -1 : 0;
	buf_release(&a);
	buf_release(&b);
	return r;
}

/* A name that nobody has: PATH.corrupt-20261122T181700Z, then with -2, ... */
static void
aside_name(const char *path, struct buf *to)
{
	struct buf now = BUF_INIT;
	struct stat st;

	tm_iso(&now, tm_now_ms() / 1000);
	for (int i = 1; i <= MAX_ASIDE; i++) {
		buf_clear(to);
		buf_addf(to, "%s.corrupt-", path);
		for (const char *p = buf_str(&now); *p; p++)
			if (*p != '-' && *p != ':')
				buf_addc(to, *p);
		if (i > 1)
			buf_addf(to, "-%d", i);
		if (lstat(to->p, &st) == -1)
			break;
	}
	buf_release(&now);
}

/* The file goes first, so that nobody opens it without its log. */
static int
set_aside(const char *path, struct buf *to, struct err *e)
{
	aside_name(path, to);
	if (move(path, to->p, "") || move(path, to->p, "-wal") || move(path, to->p, "-shm"))
		return err_sys(e, ERR_CANTCREATE, errno, "ledger %s: can't set it aside", path);
	return 0;
}

/* A log that whoever removed the file left behind would spoil a new one. An empty file holds nothing to be kept; a link to nowhere stays. */
static int
clear_place(const char *path, struct err *e)
{
	struct buf to = BUF_INIT;
	struct stat st;
	int r = 0;

	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		unlink(path);
	aside_name(path, &to);
	if (move(path, to.p, "-wal") || move(path, to.p, "-shm"))
		r = err_sys(e, ERR_CANTCREATE, errno, "ledger %s: can't set an old log aside", path);
	buf_release(&to);
	return r;
}

static int
replace_corrupt(const char *path, const struct err *why, char **warning, struct err *e)
{
	struct buf to = BUF_INIT, b = BUF_INIT;
	int r = set_aside(path, &to, e);

	if (r == 0) {
		buf_addf(&b, "%s; set aside as %s, and a new one begun", why->msg, to.p);
		*warning = buf_take(&b);
	}
	buf_release(&to);
	return r;
}

static int
begin_anew(struct ledger *l, const struct err *why, char **warning, struct err *e)
{
	int r = why->kind == ERR_DATA ? replace_corrupt(l->path, why, warning, e) : clear_place(l->path, e);

	return r || ledger_schema_create(l->path, e) || try_open(l, LEDGER_WRITE, e) ? -1 : 0;
}

static int
wants_new(const struct err *why)
{
	return why->kind == ERR_NOINPUT || why->kind == ERR_DATA;
}

static int
make(struct ledger *l, char **warning, struct err *e)
{
	char *dir = xstrdup(l->path), *slash = strrchr(dir, '/');
	int r = 0;

	if (slash && slash != dir) {
		*slash = '\0';
		r = conf_mkdirs(dir, e);
	}
	free(dir);
	int lock = r ? -1 : ledger_alive_lock(l->path, e);
	if (lock == -1)
		return -1;
	struct err why = {0};
	r = try_open(l, LEDGER_WRITE, &why); /* somebody may have been here before us */
	if (r == -1 && wants_new(&why))
		r = begin_anew(l, &why, warning, e);
	else if (r == -1)
		*e = why;
	close(lock);
	if (r == -1 && e->kind == ERR_NOINPUT)
		e->kind = ERR_CANTCREATE; /* a link to nowhere */
	return r;
}

/* No file, or an empty one, has no rows. */
static int
open_reader(struct ledger *l, struct err *e)
{
	return try_open(l, LEDGER_READ, e) == -1 && e->kind != ERR_NOINPUT ? -1 : 0;
}

int
ledger_open(struct ledger **out, const char *path, enum ledger_mode mode, char **warning, struct err *e)
{
	struct ledger *l = xcalloc(1, sizeof(*l));
	struct err why = {0};
	int r;

	*warning = NULL;
	l->path = realpath(path, NULL);
	if (!l->path)
		l->path = xstrdup(path);
	l->fd = -1;
	l->reads = mode == LEDGER_READ;
	if (l->reads)
		r = open_reader(l, &why);
	else if ((r = try_open(l, mode, &why)) == -1 && wants_new(&why))
		r = make(l, warning, &why);
	if (r == 0) {
		*out = l;
		return 0;
	}
	if (e)
		*e = why;
	ledger_close(l);
	return -1;
}

/* Looks at all of it through another handle: whoever was here before us has put a good one in its place. */
static int
is_spoiled(const char *path)
{
	struct ledger_db *db;
	struct sqlite3_stmt *st;
	struct err why = {0};
	int r = 0;

	if (ledger_db_open(&db, path, LEDGER_DB_WRITE, NULL))
		return 0;
	if (ledger_db_query(db, &st, "PRAGMA quick_check(1)", NULL, 0, &why) == 0 &&
	    ledger_db_step(db, st, &why) == 1) {
		r = strcmp(ledger_db_text(st, 0), "ok") != 0;
		ledger_db_done(st);
	}
	ledger_db_close(db);
	return r || why.kind == ERR_DATA;
}

int
ledger_file_judge(struct ledger *l, int r, struct err *e)
{
	struct buf to = BUF_INIT;
	int lock;

	if (r == 0 || !e || e->kind != ERR_DATA || (lock = ledger_alive_lock(l->path, NULL)) == -1)
		return r;
	if (is_spoiled(l->path) && set_aside(l->path, &to, NULL) == 0)
		err_append(e, "; set aside as %s", to.p);
	close(lock);
	buf_release(&to);
	return r;
}
