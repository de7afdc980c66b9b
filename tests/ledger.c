/* SPDX-License-Identifier: ISC */
/*
 * ledger COMMAND PATH ...: a process that keeps a ledger, for tests of many at once, and measures.
 *
 *	calls PATH N TAG        N calls, each of one attempt that costs 1 millionth of a dollar: begun and settled
 *	reserve PATH USD LIMIT  reserves USD under a budget of LIMIT a day, says "yes" or "no", and settles at USD when stdin ends
 *	mill PATH               calls without end, most of them reserved; a line with its id after each that was settled
 *	orphans PATH            settles orphans, and says how many
 *	prune PATH MS           folds what began before
 *	sums PATH [calls|brief] reads all, and says: calls, attempts, cost; without attempts where calls alone are asked for
 *	time PATH N             N times what a short process does, in microseconds: the least, the median of each step
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "buf.h"
#include "err.h"
#include "ledger_read.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

static void
die(const struct err *e)
{
	fprintf(stderr, "ledger: %s\n", e->msg);
	exit(err_status(e));
}

static struct ledger *
open_ledger(const char *path, enum ledger_mode mode)
{
	struct ledger *l;
	struct err e = {0};
	char *warning;

	if (ledger_open(&l, path, mode, &warning, &e))
		die(&e);
	if (warning)
		fprintf(stderr, "ledger: warning: %s\n", warning);
	free(warning);
	return l;
}

static int64_t
number(const char *s)
{
	int64_t n;

	if (str_int(s, 0, INT64_MAX, &n))
		exit(64);
	return n;
}

static struct ledger_call
call(const char *id, const char *tag)
{
	return (struct ledger_call){
	    .id = id,
	    .tool = "or-chat",
	    .tag = tag,
	    .asked = "openai/gpt-4o-mini",
	    .started_ms = tm_now_ms(),
	    .model = "openai/gpt-4o-mini",
	    .provider = "openrouter",
	    .endpoint = "openrouter:openai/gpt-4o-mini",
	    .key = "OPENROUTER_API_KEY",
	    .answer_id = "chatcmpl-Bx3DkE2yTqJmVn5pL8",
	    .finish = "stop",
	    .streamed = 1,
	    .ttft_ms = 312,
	    .ms = 1450,
	};
}

static struct ledger_attempt
attempt(int64_t reserved_pusd, int64_t cost_pusd)
{
	return (struct ledger_attempt){
	    .started_ms = tm_now_ms(),
	    .model = "openai/gpt-4o-mini",
	    .provider = "openrouter",
	    .endpoint = "openrouter:openai/gpt-4o-mini",
	    .key = "OPENROUTER_API_KEY",
	    .reserved_pusd = reserved_pusd,
	    .http = 200,
	    .ttft_ms = 310,
	    .ms = 1440,
	    .prompt = 120,
	    .completion = 80,
	    .cached = 0,
	    .cache_write = -1,
	    .reasoning = 0,
	    .cost_pusd = cost_pusd,
	    .source = COST_COMPUTED,
	};
}

static int
calls(int argc, char **argv)
{
	struct ledger *l = open_ledger(argv[0], LEDGER_WRITE);
	struct err e = {0};
	char id[64];

	if (argc != 3)
		return 64;
	for (int64_t i = 0, n = number(argv[1]); i < n; i++) {
		int64_t row;
		snprintf(id, sizeof(id), "%s-%" PRId64, argv[2], i);
		struct ledger_call c = call(id, argv[2]);
		if (ledger_begin(l, &c, &row, &e))
			die(&e);
		ledger_tidy(l);
		struct ledger_attempt a = attempt(PUSD_UNKNOWN, 1000000);
		if (ledger_settle(l, row, &c, &a, 0, 1, &e))
			die(&e);
	}
	_exit(0); /* as a tool ends */
}

static int
reserve(int argc, char **argv)
{
	struct ledger *l = open_ledger(argv[0], LEDGER_WRITE);
	struct budget b = {.period = BUDGET_MONTH, .ceiling_pusd = PUSD_UNKNOWN};
	struct err e = {0};
	int64_t row = 0, room, usd;
	char c1;

	if (argc != 3 || price_parse_pusd(argv[1], strlen(argv[1]), &usd) ||
	    price_parse_pusd(argv[2], strlen(argv[2]), &b.limit_pusd))
		return 64;
	struct ledger_call c = call("gen-1", "");
	struct ledger_attempt a = attempt(usd, usd);
	int r = ledger_reserve(l, &c, &row, &a, 0, &b, 1, &room, &e);
	if (r && e.kind != ERR_CAP)
		die(&e);
	puts(r ? "no" : "yes");
	fflush(stdout);
	while (read(STDIN_FILENO, &c1, 1) > 0)
		;
	if (r == 0 && ledger_settle(l, row, &c, &a, 0, 1, &e))
		die(&e);
	_exit(0);
}

/* Each third call has no reservation, each fourth a second attempt. */
static int
mill(int argc, char **argv)
{
	struct ledger *l = open_ledger(argv[0], LEDGER_WRITE);
	struct budget b = {.period = BUDGET_MONTH, .ceiling_pusd = PUSD_UNKNOWN, .limit_pusd = INT64_MAX};
	struct err e = {0};
	char id[64];

	(void)argc;
	for (int i = 0;; i++) {
		int64_t row = 0, room;
		size_t n = i % 4 ? 1 : 2, from = 0;
		snprintf(id, sizeof(id), "%d-%d", (int)getpid(), i);
		struct ledger_call c = call(id, "mill");
		struct ledger_attempt a[] = {attempt(2000000, 1000000), attempt(2000000, 1500000)};
		if (i % 3 == 0 && ledger_begin(l, &c, &row, &e))
			die(&e);
		for (size_t k = 0; i % 3 && k < n; k++) {
			if (ledger_reserve(l, &c, &row, a + k, (int)k, &b, 1, &room, &e))
				die(&e);
			if (k + 1 < n && ledger_settle_attempt(l, row, &c, a + k, (int)k, &e))
				die(&e);
			from = k;
		}
		ledger_tidy(l);
		if (ledger_settle(l, row, &c, a, from, n, &e))
			die(&e);
		puts(id);
		if (fflush(stdout))
			return 74;
	}
}

static int
orphans(int argc, char **argv)
{
	struct ledger *l = open_ledger(argv[0], LEDGER_WRITE);
	struct err e = {0};
	int64_t n;

	(void)argc;
	if (ledger_orphans(l, &n, &e))
		die(&e);
	printf("%" PRId64 "\n", n);
	ledger_close(l);
	return 0;
}

static int
prune(int argc, char **argv)
{
	struct ledger *l = open_ledger(argv[0], LEDGER_WRITE);
	struct err e = {0};
	int64_t n;

	if (argc != 2)
		return 64;
	if (ledger_prune(l, number(argv[1]), &n, &e))
		die(&e);
	printf("%" PRId64 "\n", n);
	ledger_close(l);
	return 0;
}

struct sums {
	int64_t n, n_attempts;
	pusd_sum_t cost;
};

static int
add(void *arg, const struct ledger_row *r, struct err *e)
{
	struct sums *s = arg;

	(void)e;
	if (r->kind != ROW_DAY_ATTEMPTS) {
		s->n += r->totals.n;
		s->cost += r->totals.cost;
	}
	s->n_attempts += r->kind == ROW_DAY_ATTEMPTS ? r->totals.n : (int64_t)r->n_attempt;
	return 0;
}

static int
sums(int argc, char **argv)
{
	struct ledger *l = open_ledger(argv[0], LEDGER_READ);
	struct sums s = {0};
	struct err e = {0};
	struct buf b = BUF_INIT;
	unsigned what = argc == 1 ? LEDGER_ATTEMPTS : strcmp(argv[1], "brief") == 0 ? LEDGER_BRIEF : 0;

	if (ledger_scan(l, 0, INT64_MAX, what, add, &s, &e))
		die(&e);
	price_emit_sum(&b, s.cost);
	printf("%" PRId64 " %" PRId64 " %s\n", s.n, s.n_attempts, b.p);
	buf_release(&b);
	ledger_close(l);
	return 0;
}

enum { T_OPEN, T_BEGIN, T_SETTLE, T_OPEN_AGAIN, T_RESERVE, T_SETTLE_RESERVED, N_STEPS };

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
lap(int64_t *since, int64_t *us)
{
	int64_t now = tm_mono_us();

	*us = now - *since;
	*since = now;
}

static void
time_one(const char *path, int64_t *us[N_STEPS], size_t i)
{
	struct budget b = {.period = BUDGET_MONTH, .ceiling_pusd = PUSD_UNKNOWN, .limit_pusd = INT64_MAX};
	struct ledger_call c = call("gen-1763836800-Xk2mPqRsTuVw", "ci-1");
	struct ledger_attempt a = attempt(2000000, 1000000);
	struct err e = {0};
	int64_t row = 0, room, t = tm_mono_us();

	struct ledger *l = open_ledger(path, LEDGER_WRITE);
	lap(&t, &us[T_OPEN][i]);
	if (ledger_begin(l, &c, &row, &e))
		die(&e);
	lap(&t, &us[T_BEGIN][i]);
	ledger_tidy(l);
	t = tm_mono_us();
	if (ledger_settle(l, row, &c, &a, 0, 1, &e))
		die(&e);
	lap(&t, &us[T_SETTLE][i]);
	ledger_close(l);
	t = tm_mono_us();
	row = 0;
	l = open_ledger(path, LEDGER_WRITE);
	lap(&t, &us[T_OPEN_AGAIN][i]);
	if (ledger_reserve(l, &c, &row, &a, 0, &b, 1, &room, &e))
		die(&e);
	lap(&t, &us[T_RESERVE][i]);
	if (ledger_settle(l, row, &c, &a, 0, 1, &e))
		die(&e);
	lap(&t, &us[T_SETTLE_RESERVED][i]);
	ledger_close(l);
}

static int
time_all(int argc, char **argv)
{
	static const char *const names[] = {"open", "begin", "settle", "open again", "reserve", "settle reserved"};
	int64_t *us[N_STEPS];

	if (argc != 2)
		return 64;
	size_t n = (size_t)number(argv[1]);
	for (int i = 0; i < N_STEPS; i++)
		us[i] = xcalloc(n + 1, sizeof(*us[i]));
	for (size_t i = 0; i < n; i++)
		time_one(argv[0], us, i);
	for (int i = 0; i < N_STEPS; i++) {
		qsort(us[i], n, sizeof(*us[i]), by_size);
		printf("%s %" PRId64 " %" PRId64 "\n", names[i], us[i][0], us[i][n / 2]);
		free(us[i]);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {{"calls", calls}, {"reserve", reserve}, {"mill", mill}, {"orphans", orphans}, {"prune", prune},
	    {"sums", sums}, {"time", time_all}};

	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	return 64;
}
