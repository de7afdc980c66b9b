/* SPDX-License-Identifier: ISC */
/*
 * ledger_db: as much of SQLite as the ledger needs. ledger_db.c alone knows sqlite3.h.
 *
 * Whoever finds the file busy waits for its turn, up to LEDGER_DB_WAIT_MS, in naps of random length, and nobody is told. Errors are kinds:
 * ERR_NOINPUT no such file, ERR_DATA corrupt or no database, ERR_TEMPORARY it was never our turn, ERR_CANTCREATE it can't be written,
 * ERR_IO the disk is full or broken, ERR_SYSTEM, ERR_INTERNAL. Messages begin with "ledger PATH: ".
 */
#ifndef LEDGER_DB_H
#define LEDGER_DB_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct ledger_db;
struct sqlite3_stmt;

#define LEDGER_DB_WAIT_MS 60000
#define LEDGER_DB_HEADER 100 /* bytes of the header that each file has */

enum ledger_db_mode {
	LEDGER_DB_READ,
	LEDGER_DB_WRITE,
	LEDGER_DB_BUILD /* an empty file that nobody else knows: closing it leaves one file, synced */
};

/* A parameter of a statement. Text is borrowed until the statement was run. */
struct ledger_value {
	enum { VALUE_NULL, VALUE_INT, VALUE_TEXT } kind;
	int64_t n;
	const char *s;
};

static inline struct ledger_value
value_int(int64_t n)
{
	return (struct ledger_value){VALUE_INT, n, NULL};
}

/* A negative number is unknown: NULL. */
static inline struct ledger_value
value_known(int64_t n)
{
	return (struct ledger_value){n < 0 ? VALUE_NULL : VALUE_INT, n, NULL};
}

/* NULL is "". */
static inline struct ledger_value
value_text(const char *s)
{
	return (struct ledger_value){VALUE_TEXT, 0, s ? s : ""};
}

/* Opens; nothing is read yet. */
int ledger_db_open(struct ledger_db **db, const char *path, enum ledger_db_mode mode, struct err *e);
/* Nothing is written back, save in LEDGER_DB_BUILD. db may be NULL. */
void ledger_db_close(struct ledger_db *db);
/* The first bytes of the file as it lies there, or fewer; -1 where it can't be read. What newer pages in the log say isn't in it. */
int ledger_db_header(struct ledger_db *db, unsigned char head[LEDGER_DB_HEADER], size_t *n, struct err *e);

/* Runs statements that give no rows and take no parameters, once. */
int ledger_db_exec(struct ledger_db *db, const char *sql, struct err *e);
/* sql is a string constant: the statement is prepared once, and found again by its address. */
int ledger_db_run(struct ledger_db *db, const char *sql, const struct ledger_value *v, size_t n, struct err *e);
/* Prepares it, for a run that comes later. A failure is that run's to tell. */
void ledger_db_prepare(struct ledger_db *db, const char *sql);
/* How many rows the last run changed. */
int64_t ledger_db_changes(const struct ledger_db *db);
/* The number of the row that was inserted last. */
int64_t ledger_db_last(const struct ledger_db *db);
/* The same for a statement that gives rows: 0/-1, then ledger_db_step until it is 0 or -1; else ledger_db_done. One use of a statement at a time. */
int ledger_db_query(struct ledger_db *db, struct sqlite3_stmt **st, const char *sql, const struct ledger_value *v,
    size_t n, struct err *e);
/* 1: a row, 0: the end, -1. */
int ledger_db_step(struct ledger_db *db, struct sqlite3_stmt *st, struct err *e);
void ledger_db_done(struct sqlite3_stmt *st);
/* A column of the row. A NULL is -1, 0 or "". Text is borrowed until the next step. */
int64_t ledger_db_known(struct sqlite3_stmt *st, int column);
int64_t ledger_db_int(struct sqlite3_stmt *st, int column);
const char *ledger_db_text(struct sqlite3_stmt *st, int column);

/* A transaction that writes: it has its turn when this returns. */
int ledger_db_begin(struct ledger_db *db, struct err *e);
/* One that reads: all its statements see the same state. */
int ledger_db_snapshot(struct ledger_db *db, struct err *e);
/* r 0: commits. Else rolls back. Returns r, or -1 where the commit failed. */
int ledger_db_end(struct ledger_db *db, int r, struct err *e);

/* All that follows is one transaction, up to ledger_db_flush; what begins and ends inside is a part of it. A part that fails before it has changed
 * a row is as if it had never begun; one that fails later takes back all of it. */
int ledger_db_batch(struct ledger_db *db, struct err *e);
/* r as for ledger_db_end. -1: nothing of it was kept. Without a batch: 0. */
int ledger_db_flush(struct ledger_db *db, int r, struct err *e);

/* Pages in the log, as the last commit left it; 0: none of ours yet. */
int ledger_db_log_pages(const struct ledger_db *db);
/* Writes the log back without waiting for anybody. truncate: and cuts the file, if nobody reads from it. 0: all of it is back, 1: it isn't. */
int ledger_db_write_back(struct ledger_db *db, int truncate);
/* Runs a statement if it is our turn; nobody minds if it isn't. */
void ledger_db_touch(struct ledger_db *db, const char *sql);

#endif
