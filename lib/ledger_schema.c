/* SPDX-License-Identifier: ISC */
/* The ledger's tables, and how a file comes to have them: part of ledger.h. */
#include "ledger_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"

#define APPLICATION_ID 0x6f726c67 /* "orlg" */
#define AT_APPLICATION_ID 68      /* in the header: https://www.sqlite.org/fileformat.html */
#define MAGIC "SQLite format 3"   /* and its NUL */

#define TEXT(x) TEXT_(x)
#define TEXT_(x) #x

/*
 * call.row is the time of the call's start in ms, shifted by LEDGER_ROW_BITS, and random bits: the order of numbers is that of time, and
 * no index is needed. A text that is unknown is '', a number NULL. Costs are 10^-12 USD; a day's are whole dollars and the rest, since 64 bits
 * would hold but 9 million. state is enum ledger_state, source enum ledger_source, kind the ROW_DAY_ of ledger.h. owner: see ledger_alive.c.
 */
static const char tables[] =
    "CREATE TABLE call("
    "row INTEGER PRIMARY KEY, state INTEGER, owner INTEGER, tag TEXT, model TEXT, provider TEXT, endpoint TEXT, key TEXT, "
    "status INTEGER, ttft_ms INTEGER, ms INTEGER, prompt INTEGER, completion INTEGER, cached INTEGER, cache_write INTEGER, "
    "reasoning INTEGER, cost_pusd INTEGER, source INTEGER, id TEXT, tool TEXT, session TEXT, asked TEXT, answer_id TEXT, "
    "finish TEXT, error TEXT, streamed INTEGER);"
    "CREATE INDEX call_open ON call(owner) WHERE state = 0;"
    "CREATE TABLE attempt("
    "call INTEGER, n INTEGER, settled INTEGER, started_ms INTEGER, model TEXT, provider TEXT, endpoint TEXT, key TEXT, "
    "reserved_pusd INTEGER, http INTEGER, error TEXT, blamed INTEGER, ttft_ms INTEGER, ms INTEGER, prompt INTEGER, "
    "completion INTEGER, cached INTEGER, cache_write INTEGER, reasoning INTEGER, cost_pusd INTEGER, source INTEGER, "
    "PRIMARY KEY(call, n)) WITHOUT ROWID;"
    "CREATE TABLE content(call INTEGER PRIMARY KEY, request TEXT, answer TEXT);"
    "CREATE TABLE day("
    "day INTEGER, kind INTEGER, tag TEXT, model TEXT, provider TEXT, endpoint TEXT, key TEXT, fault INTEGER, "
    "n INTEGER, n_errors INTEGER, n_unknown INTEGER, prompt INTEGER, completion INTEGER, cached INTEGER, "
    "cache_write INTEGER, reasoning INTEGER, usd INTEGER, rest_pusd INTEGER, "
    "PRIMARY KEY(kind, day, tag, model, provider, endpoint, key, fault)) WITHOUT ROWID;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('folded', 0);";

/* For people with a shell of SQLite's. */
static const char views[] =
    "CREATE VIEW calls AS SELECT "
    "strftime('%Y-%m-%dT%H:%M:%fZ', (row >> 20) / 1000.0, 'unixepoch') AS started, id, tool, tag, session, asked, model, "
    "provider, endpoint, key, CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'settled' ELSE 'orphan' END AS state, finish, "
    "status, error, ttft_ms, ms, prompt, completion, cached, cache_write, reasoning, "
    "rtrim(rtrim(printf('%d.%012d', cost_pusd / 1000000000000, cost_pusd % 1000000000000), '0'), '.') AS usd, "
    "CASE source WHEN 1 THEN 'reported' WHEN 2 THEN 'computed' WHEN 3 THEN 'estimated' WHEN 4 THEN 'reserved' "
    "ELSE 'unknown' END AS source FROM call;";

/*
 * Keys of the gateway. A number is never given twice: what was spent with a key that is gone stays under its number, in call and in keyday, whose
 * sums are those of its calls (n) and of their attempts (the rest). hash: hex. reset: enum ledger_reset.
 */
static const char clients[] =
    "ALTER TABLE call ADD COLUMN client TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE call ADD COLUMN client_id INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE client("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT UNIQUE, name TEXT UNIQUE, label TEXT, limit_pusd INTEGER, "
    "reset INTEGER, rpm INTEGER, tpm INTEGER, models TEXT, created_ms INTEGER, updated_ms INTEGER, expires_ms INTEGER, "
    "disabled INTEGER, management INTEGER);"
    "CREATE TABLE keyday("
    "client_id INTEGER, day INTEGER, n INTEGER, n_unknown INTEGER, prompt INTEGER, completion INTEGER, cached INTEGER, "
    "cache_write INTEGER, reasoning INTEGER, usd INTEGER, rest_pusd INTEGER, "
    "PRIMARY KEY(client_id, day)) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('keys', 0);"
    "DROP VIEW calls;"
    "CREATE VIEW calls AS SELECT "
    "strftime('%Y-%m-%dT%H:%M:%fZ', (row >> 20) / 1000.0, 'unixepoch') AS started, id, tool, tag, session, asked, model, "
    "provider, endpoint, key, CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'settled' ELSE 'orphan' END AS state, finish, "
    "status, error, ttft_ms, ms, prompt, completion, cached, cache_write, reasoning, "
    "rtrim(rtrim(printf('%d.%012d', cost_pusd / 1000000000000, cost_pusd % 1000000000000), '0'), '.') AS usd, "
    "CASE source WHEN 1 THEN 'reported' WHEN 2 THEN 'computed' WHEN 3 THEN 'estimated' WHEN 4 THEN 'reserved' "
    "ELSE 'unknown' END AS source, client FROM call;";

/* A file of version n takes the steps from n on; an empty one is of version 0. A step that stood in a release never changes. */
static const char *const steps[] = {tables, views, clients};
#define VERSION ((int)(sizeof(steps) / sizeof(*steps)))

static int
version(struct ledger_db *db, int64_t *v, struct err *e)
{
	struct sqlite3_stmt *st;

	if (ledger_db_query(db, &st, "PRAGMA user_version", NULL, 0, e) || ledger_db_step(db, st, e) != 1)
		return -1;
	*v = ledger_db_int(st, 0);
	ledger_db_done(st);
	return 0;
}

static int
set_version(struct ledger_db *db, int v, struct err *e)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", v);
	return ledger_db_exec(db, sql, e);
}

/* Another process may have done it while we waited for our turn. */
static int
steps_from(struct ledger_db *db, struct err *e)
{
	int64_t v;

	if (version(db, &v, e))
		return -1;
	for (int64_t i = v; i < VERSION; i++)
		if (ledger_db_exec(db, steps[i], e))
			return -1;
	return v < VERSION ? set_version(db, VERSION, e) : 0;
}

int
ledger_schema_migrate(struct ledger_db *db, struct err *e)
{
	return ledger_db_begin(db, e) || ledger_db_end(db, steps_from(db, e), e) ? -1 : 0;
}

/* In rollback mode, without a journal: a file that has gone wrong is thrown away. Its last change makes it a WAL file, and syncs it. */
static int
build(const char *path, struct err *e)
{
	struct ledger_db *db;

	if (ledger_db_open(&db, path, LEDGER_DB_BUILD, e))
		return -1;
	int r = ledger_db_exec(db,
	    "PRAGMA page_size = " TEXT(LEDGER_PAGE_BYTES) "; PRAGMA application_id = " TEXT(
		APPLICATION_ID) ";"
				"PRAGMA journal_mode = MEMORY; PRAGMA synchronous = NORMAL",
	    e);
	if (r == 0)
		r = ledger_schema_migrate(db, e);
	if (r == 0)
		r = ledger_db_exec(db, "PRAGMA journal_mode = WAL", e);
	ledger_db_close(db);
	return r;
}

/* Where the file system has no links, renaming does, under our lock. */
static int
put_in_place(const char *temp, const char *path)
{
	if (link(temp, path) == 0)
		return unlink(temp);
	if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK)
		return rename(temp, path);
	int sys = errno;
	unlink(temp);
	errno = sys;
	return sys == EEXIST ? 0 : -1; /* somebody else was first */
}

int
ledger_schema_create(const char *path, struct err *e)
{
	struct buf temp = BUF_INIT;
	int r = -1;

	buf_addf(&temp, "%s.XXXXXX", path);
	int fd = mkostemp(temp.p, O_CLOEXEC); /* mode 0600 */
	if (fd == -1) {
		err_sys(e, ERR_CANTCREATE, errno, "ledger %s", path);
		goto out;
	}
	close(fd);
	r = build(temp.p, e);
	if (r)
		unlink(temp.p);
	else if (put_in_place(temp.p, path) == -1)
		r = err_sys(e, ERR_CANTCREATE, errno, "ledger %s", path);
out:
	buf_release(&temp);
	return r;
}

int
ledger_schema_check(struct ledger_db *db, const char *path, struct err *e)
{
	static const unsigned char id[] = {
	    APPLICATION_ID >> 24, APPLICATION_ID >> 16 & 0xff, APPLICATION_ID >> 8 & 0xff, APPLICATION_ID & 0xff};
	unsigned char head[LEDGER_DB_HEADER];
	size_t n;
	int64_t v;

	if (ledger_db_header(db, head, &n, e))
		return -1;
	if (n == 0)
		return err_set(e, ERR_NOINPUT, "ledger %s: empty", path);
	if (n < sizeof(head) || memcmp(head, MAGIC, sizeof(MAGIC)) != 0)
		return err_set(e, ERR_DATA, "ledger %s: not a database", path);
	if (memcmp(head + AT_APPLICATION_ID, id, sizeof(id)) != 0)
		return err_set(e, ERR_CONFIG, "ledger %s: a database of another program", path);
	if (version(db, &v, e))
		return -1;
	if (v > VERSION)
		return err_set(e, ERR_CONFIG,
		    "ledger %s: made by a newer orutils (its version is %d, this one knows %d)", path, (int)v, VERSION);
	return v == VERSION;
}
