/* SPDX-License-Identifier: ISC */
/* SQLite, as the ledger needs it: see ledger_db.h. */
#include "ledger_db.h"

#include <sys/random.h>

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "tm.h"

#define MAX_STATEMENTS 64
#define MAX_NAP_MS 20

struct ledger_db {
	sqlite3 *sqlite;
	char *path;
	int build;
	int impatient;    /* what is busy is left alone */
	int64_t since_ms; /* the wait that goes on began then */
	int log_pages;
	int batch;         /* what begins is a part of a transaction */
	int64_t n_changed; /* rows, when the part began */
	size_t n;
	struct {
		const char *sql; /* its address is its name */
		sqlite3_stmt *st;
	} statement[MAX_STATEMENTS];
};

static const struct {
	int code;
	enum err_kind kind;
} kinds[] = {
    {SQLITE_CORRUPT, ERR_DATA},
    {SQLITE_NOTADB, ERR_DATA},
    {SQLITE_BUSY, ERR_TEMPORARY},
    {SQLITE_LOCKED, ERR_TEMPORARY},
    {SQLITE_PROTOCOL, ERR_TEMPORARY},
    {SQLITE_CANTOPEN, ERR_CANTCREATE},
    {SQLITE_READONLY, ERR_CANTCREATE},
    {SQLITE_PERM, ERR_CANTCREATE},
    {SQLITE_FULL, ERR_IO},
    {SQLITE_IOERR, ERR_IO},
    {SQLITE_NOMEM, ERR_SYSTEM},
};

static int
fail(const struct ledger_db *db, int rc, struct err *e)
{
	enum err_kind kind = ERR_INTERNAL;
	int sys = rc == SQLITE_CANTOPEN ? sqlite3_system_errno(db->sqlite) : 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].code == (rc & 0xff))
			kind = kinds[i].kind;
	if (sys == ENOENT || sys == ENOTDIR)
		kind = ERR_NOINPUT;
	if (sys)
		return err_sys(e, kind, sys, "ledger %s", db->path);
	if (kind == ERR_TEMPORARY)
		return err_set(
		    e, kind, "ledger %s: other processes kept it busy for %d s", db->path, LEDGER_DB_WAIT_MS / 1000);
	return err_set(
	    e, kind, "ledger %s: %s", db->path, rc == SQLITE_NOMEM ? "out of memory" : sqlite3_errmsg(db->sqlite));
}

/* SQLite's busy handler: non-zero to try again. Naps of equal length would have all wake at once. */
static int
nap(void *arg, int n_naps)
{
	struct ledger_db *db = arg;
	unsigned char random = 0;

	if (n_naps == 0)
		db->since_ms = tm_mono_ms();
	if (db->impatient || tm_mono_ms() - db->since_ms >= LEDGER_DB_WAIT_MS)
		return 0;
	(void)!getrandom(&random, sizeof(random), 0);
	nanosleep(&(struct timespec){0, (1 + random % MAX_NAP_MS) * 1000000L}, NULL);
	return 1;
}

static int
note_log(void *arg, sqlite3 *sqlite, const char *name, int n_pages)
{
	(void)sqlite;
	(void)name;
	((struct ledger_db *)arg)->log_pages = n_pages;
	return SQLITE_OK;
}

/* SQLite gives up on its own, after ten seconds, where processes keep it from getting a view of the log. */
static int
is_busy(int rc)
{
	return (rc & 0xff) == SQLITE_BUSY || rc == SQLITE_PROTOCOL;
}

int
ledger_db_open(struct ledger_db **out, const char *path, enum ledger_db_mode mode, struct err *e)
{
	struct ledger_db *db = xcalloc(1, sizeof(*db));
	struct buf name = BUF_INIT;
	int flags = mode == LEDGER_DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	/* One thread, and nobody asks for its counts; once it is in use these do nothing. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (*path != '/')
		buf_adds(&name, "./"); /* no name is a URI, or ":memory:" */
	buf_adds(&name, path);
	db->path = xstrdup(path);
	db->build = mode == LEDGER_DB_BUILD;
	int rc = sqlite3_open_v2(name.p, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);
	buf_release(&name);
	if (rc != SQLITE_OK) {
		fail(db, rc, e);
		ledger_db_close(db);
		return -1;
	}
	sqlite3_busy_handler(db->sqlite, nap, db);
	if (!db->build) {
		sqlite3_wal_hook(db->sqlite, note_log, db); /* in place of the one that writes back */
		sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	}
	*out = db;
	return 0;
}

void
ledger_db_close(struct ledger_db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->n; i++)
		sqlite3_finalize(db->statement[i].st);
	sqlite3_close(db->sqlite);
	free(db->path);
	free(db);
}

int
ledger_db_header(struct ledger_db *db, unsigned char head[LEDGER_DB_HEADER], size_t *n, struct err *e)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int rc = sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	/* By SQLite's own descriptor: closing another one would drop its locks. */
	if (rc == SQLITE_OK)
		rc = file->pMethods->xFileSize(file, &size);
	*n = size < LEDGER_DB_HEADER ? (size_t)size : LEDGER_DB_HEADER;
	if (rc == SQLITE_OK && *n)
		rc = file->pMethods->xRead(file, head, (int)*n, 0);
	return rc == SQLITE_OK ? 0 : fail(db, rc, e);
}

int
ledger_db_exec(struct ledger_db *db, const char *sql, struct err *e)
{
	int rc, n = 0;

	do
		rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
	while (is_busy(rc) && sqlite3_get_autocommit(db->sqlite) && nap(db, n++));
	return rc == SQLITE_OK ? 0 : fail(db, rc, e);
}

static int
prepare(struct ledger_db *db, const char *sql, sqlite3_stmt **st, struct err *e)
{
	int rc, n = 0;

	for (size_t i = 0; i < db->n; i++) {
		if (db->statement[i].sql == sql) {
			*st = db->statement[i].st;
			return 0;
		}
	}
	if (db->n == MAX_STATEMENTS)
		return err_set(e, ERR_INTERNAL, "ledger %s: too many statements", db->path);
	do
		rc = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
	while (is_busy(rc) && nap(db, n++));
	if (rc != SQLITE_OK)
		return fail(db, rc, e);
	db->statement[db->n].sql = sql;
	db->statement[db->n++].st = *st;
	return 0;
}

void
ledger_db_prepare(struct ledger_db *db, const char *sql)
{
	sqlite3_stmt *st;

	prepare(db, sql, &st, NULL);
}

static int
bind(sqlite3_stmt *st, int i, const struct ledger_value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		return sqlite3_bind_int64(st, i, v->n);
	case VALUE_TEXT:
		return sqlite3_bind_text(st, i, v->s, -1, SQLITE_STATIC);
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(st, i);
}

int
ledger_db_query(
    struct ledger_db *db, sqlite3_stmt **st, const char *sql, const struct ledger_value *v, size_t n, struct err *e)
{
	if (prepare(db, sql, st, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = bind(*st, (int)i + 1, v + i);
		if (rc != SQLITE_OK)
			return fail(db, rc, e);
	}
	return 0;
}

int
ledger_db_step(struct ledger_db *db, sqlite3_stmt *st, struct err *e)
{
	int rc, n = 0;

	while (is_busy(rc = sqlite3_step(st)) && sqlite3_get_autocommit(db->sqlite) && nap(db, n++))
		sqlite3_reset(st); /* nothing of it was done */
	if (rc == SQLITE_ROW)
		return 1;
	int r = rc == SQLITE_DONE ? 0 : fail(db, rc, e);
	sqlite3_reset(st);
	return r;
}

void
ledger_db_done(sqlite3_stmt *st)
{
	sqlite3_reset(st);
}

int
ledger_db_run(struct ledger_db *db, const char *sql, const struct ledger_value *v, size_t n, struct err *e)
{
	sqlite3_stmt *st;

	return ledger_db_query(db, &st, sql, v, n, e) || ledger_db_step(db, st, e) ? -1 : 0;
}

int64_t
ledger_db_changes(const struct ledger_db *db)
{
	return sqlite3_changes(db->sqlite);
}

int64_t
ledger_db_last(const struct ledger_db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

int64_t
ledger_db_int(sqlite3_stmt *st, int column)
{
	return sqlite3_column_int64(st, column);
}

int64_t
ledger_db_known(sqlite3_stmt *st, int column)
{
	int64_t n = sqlite3_column_int64(st, column);

	return n == 0 && sqlite3_column_type(st, column) == SQLITE_NULL ? -1 : n;
}

const char *
ledger_db_text(sqlite3_stmt *st, int column)
{
	const unsigned char *s = sqlite3_column_text(st, column);

	return s ? (const char *)s : "";
}

/* All of it was taken back: by SQLite, where the disk is full, or by a part that failed. */
static int
lost(const struct ledger_db *db, struct err *e)
{
	if (!sqlite3_get_autocommit(db->sqlite))
		return 0;
	return err_set(e, ERR_IO, "ledger %s: what was to be written together was taken back", db->path);
}

/* A savepoint would cost a fifth of what is written in it, for what hardly ever happens: most that fail have changed nothing. */
static int
begin_part(struct ledger_db *db, struct err *e)
{
	db->n_changed = sqlite3_total_changes(db->sqlite);
	return lost(db, e);
}

static int
roll_back(struct ledger_db *db, int r)
{
	if (!sqlite3_get_autocommit(db->sqlite)) /* a full disk has rolled back already */
		ledger_db_run(db, "ROLLBACK", NULL, 0, NULL);
	return r ? r : -1;
}

static int
end_part(struct ledger_db *db, int r, struct err *e)
{
	if (r == 0)
		return lost(db, e);
	return sqlite3_total_changes(db->sqlite) == db->n_changed ? r : roll_back(db, r);
}

int
ledger_db_begin(struct ledger_db *db, struct err *e)
{
	return db->batch ? begin_part(db, e) : ledger_db_run(db, "BEGIN IMMEDIATE", NULL, 0, e);
}

int
ledger_db_snapshot(struct ledger_db *db, struct err *e)
{
	return db->batch ? begin_part(db, e) : ledger_db_run(db, "BEGIN", NULL, 0, e);
}

int
ledger_db_batch(struct ledger_db *db, struct err *e)
{
	if (ledger_db_begin(db, e))
		return -1;
	db->batch = 1;
	return 0;
}

int
ledger_db_flush(struct ledger_db *db, int r, struct err *e)
{
	if (!db->batch)
		return 0;
	db->batch = 0;
	return lost(db, r ? NULL : e) ? -1 : ledger_db_end(db, r, e);
}

int
ledger_db_end(struct ledger_db *db, int r, struct err *e)
{
	if (db->batch)
		return end_part(db, r, e);
	if (r == 0 && ledger_db_run(db, "COMMIT", NULL, 0, e) == 0)
		return 0;
	return roll_back(db, r);
}

int
ledger_db_log_pages(const struct ledger_db *db)
{
	return db->log_pages;
}

int
ledger_db_write_back(struct ledger_db *db, int truncate)
{
	int n_log = -1, n_back = -1;

	db->impatient = 1;
	int rc = sqlite3_wal_checkpoint_v2(
	    db->sqlite, "main", truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &n_log, &n_back);
	db->impatient = 0;
	return rc == SQLITE_OK && n_log == n_back ? 0 : 1;
}

void
ledger_db_touch(struct ledger_db *db, const char *sql)
{
	db->impatient = 1;
	ledger_db_run(db, sql, NULL, 0, NULL);
	db->impatient = 0;
}
