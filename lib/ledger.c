/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "err.h"
#include "ledger_priv.h"
#include "mem.h"

#define TIDY_BYTES (1024 * 1024)         /* of the log, before it is written back */
#define TRUNCATE_BYTES (16 * TIDY_BYTES) /* and cut, too: a reader kept it from being used anew */

const char *
ledger_source(enum ledger_source s)
{
	static const char *const words[] = {"unknown", "reported", "computed", "estimated", "reserved"};

	return words[s];
}

int
ledger_path(char **path, struct err *e)
{
	const char *said = conf_env("OR_LEDGER");
	struct buf b = BUF_INIT;

	*path = NULL;
	if (said) {
		if (strcmp(said, "none") != 0)
			*path = xstrdup(said);
		return 0;
	}
	if (conf_state_dir(&b) == -1) {
		buf_release(&b);
		return err_set(e, ERR_CANTCREATE, "no place for the ledger: neither XDG_STATE_HOME nor HOME is set");
	}
	buf_adds(&b, "/ledger.db");
	*path = buf_take(&b);
	return 0;
}

void
ledger_close(struct ledger *l)
{
	if (!l)
		return;
	ledger_db_close(l->db);
	if (l->fd != -1)
		close(l->fd);
	ledger_sums_release(l);
	free(l->path);
	free(l);
}

int
ledger_begin(struct ledger *l, const struct ledger_call *c, int64_t *row, struct err *e)
{
	if (ledger_alive(l, e))
		return -1;
	return ledger_file_judge(l, ledger_put_intent(l, c, row, e), e);
}

int
ledger_settle_attempt(
    struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, int n, struct err *e)
{
	int r = ledger_db_begin(l->db, e);

	if (r == 0)
		r = ledger_db_end(l->db, ledger_put_attempt(l, row, c, a, (size_t)n, e), e);
	return ledger_file_judge(l, r, e);
}

int
ledger_settle(struct ledger *l, int64_t row, const struct ledger_call *c, const struct ledger_attempt *a, size_t from,
    size_t n, struct err *e)
{
	int r = ledger_db_begin(l->db, e);

	if (r == 0)
		r = ledger_db_end(l->db, ledger_put_call(l, &row, c, a, from, n, CALL_SETTLED, e), e);
	return ledger_file_judge(l, r, e);
}

int
ledger_batch(struct ledger *l, struct err *e)
{
	int r = ledger_db_batch(l->db, e);

	l->in_batch = r == 0;
	return ledger_file_judge(l, r, e);
}

int
ledger_flush(struct ledger *l, struct err *e)
{
	int r = l->in_batch ? ledger_sums_write(l, e) : 0;

	l->in_batch = 0;
	return ledger_file_judge(l, ledger_db_flush(l->db, r, e), e);
}

/* The log begins anew with the first write after all of it is back, which syncs its head: better now than when a person waits. */
void
ledger_tidy(struct ledger *l)
{
	int64_t bytes = l->db ? (int64_t)ledger_db_log_pages(l->db) * LEDGER_PAGE_BYTES : 0;

	if (bytes > TIDY_BYTES && ledger_db_write_back(l->db, bytes > TRUNCATE_BYTES) == 0)
		ledger_db_touch(l->db, "UPDATE meta SET value = value WHERE name = 'folded'");
	if (l->db)
		ledger_put_ready(l);
}
