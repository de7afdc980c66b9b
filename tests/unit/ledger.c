/* SPDX-License-Identifier: ISC */
#include "ledger_keys.h"
#include "ledger_read.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "buf.h"
#include "conf.h"
#include "err.h"
#include "ledger_priv.h"
#include "mem.h"
#include "tap.h"

#define USD PUSD_PER_USD
#define NOON INT64_C(1795348800000) /* 2026-11-22T12:00:00Z, a Sunday */

static char dir[] = "/tmp/orutils-ledger-XXXXXX";
static struct buf path_text;

static const char *
at(const char *name)
{
	buf_clear(&path_text);
	buf_addf(&path_text, "%s/%s", dir, name);
	return path_text.p;
}

static int
exists(const char *name)
{
	struct stat st;

	return stat(at(name), &st) == 0;
}

static struct ledger *
open_at(const char *name)
{
	struct ledger *l = NULL;
	struct err e = {0};
	char *warning;

	if (ledger_open(&l, at(name), LEDGER_WRITE, &warning, &e))
		tap_ok(0, "%s opens: %s", name, e.msg);
	if (warning)
		tap_ok(0, "%s opens without a warning: %s", name, warning);
	free(warning);
	return l;
}

static struct ledger_call
call(int64_t started_ms)
{
	return (struct ledger_call){
	    .id = "gen-1",
	    .tool = "or-chat",
	    .tag = "ci-1",
	    .session = "s",
	    .asked = "fast",
	    .started_ms = started_ms,
	    .client = "",
	    .model = "openai/gpt-4o",
	    .provider = "openai",
	    .endpoint = "openai:gpt-4o",
	    .key = "OPENAI_API_KEY",
	    .answer_id = "chatcmpl-1",
	    .finish = "stop",
	    .streamed = 1,
	    .ttft_ms = 200,
	    .ms = 900,
	};
}

static struct ledger_attempt
attempt(int64_t cost_pusd)
{
	return (struct ledger_attempt){
	    .started_ms = NOON,
	    .model = "openai/gpt-4o",
	    .provider = "openai",
	    .endpoint = "openai:gpt-4o",
	    .key = "OPENAI_API_KEY",
	    .reserved_pusd = PUSD_UNKNOWN,
	    .http = 200,
	    .ttft_ms = 200,
	    .ms = 900,
	    .prompt = 10,
	    .completion = 20,
	    .cached = 3,
	    .cache_write = -1,
	    .reasoning = 5,
	    .cost_pusd = cost_pusd,
	    .source = cost_pusd < 0 ? COST_UNKNOWN : COST_COMPUTED,
	};
}

/* What a scan gave, as text: a line a row. */
static int
show(void *arg, const struct ledger_row *r, struct err *e)
{
	static const char *const kinds[] = {"call", "day", "attempts"};
	struct buf *b = arg;

	(void)e;
	buf_addf(b, "%s %s %s %s status=%d", kinds[r->kind], r->call.tag, r->call.model, r->call.key, r->call.status);
	if (r->kind == ROW_CALL)
		buf_addf(b, " state=%d error=%s source=%s", r->state, r->call.error ? r->call.error : "",
		    ledger_source(r->source));
	buf_addf(b,
	    " n=%" PRId64 " errors=%" PRId64 " unknown=%" PRId64 " tokens=%" PRId64 "/%" PRId64 " cost=", r->totals.n,
	    r->totals.n_errors, r->totals.n_unknown, r->totals.prompt, r->totals.completion);
	price_emit_sum(b, r->totals.cost);
	for (size_t i = 0; i < r->n_attempt; i++) {
		buf_addf(b, " [%s http=%d error=%s cost=", r->attempt[i].endpoint, r->attempt[i].http,
		    r->attempt[i].error ? r->attempt[i].error : "");
		price_emit_pusd(b, r->attempt[i].cost_pusd);
		buf_addf(b, " %s]", ledger_source(r->attempt[i].source));
	}
	buf_addc(b, '\n');
	return 0;
}

static void
is_scan(struct ledger *l, int64_t from, int64_t until, unsigned what, const char *want, const char *name)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	if (!tap_ok(ledger_scan(l, from, until, what, show, &b, &e) == 0, "%s: it can be read", name))
		printf("# %s\n", e.msg);
	tap_is_str(buf_str(&b), want, name);
	buf_release(&b);
}

static void
test_settle(void)
{
	struct ledger *l = open_at("settle");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a[] = {attempt(USD / 4), attempt(USD)};
	struct err e = {0};
	int64_t row = 0;

	tap_is_int(ledger_begin(l, &c, &row, &e), 0, "a call begins");
	is_scan(l, NOON, NOON + 1, 0,
	    "call ci-1   status=0 state=0 error= source=unknown n=1 errors=0 unknown=0 tokens=0/0 cost=0\n",
	    "it is open");
	a[0].http = 503;
	a[0].error = "temporary";
	tap_is_int(ledger_settle(l, row, &c, a, 0, 2, &e), 0, "it is settled");
	is_scan(l, NOON, NOON + 1, LEDGER_ATTEMPTS,
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=20/40 "
	    "cost=1.25 [openai:gpt-4o http=503 error=temporary cost=0.25 computed] [openai:gpt-4o http=200 error= cost=1 "
	    "computed]\n",
	    "with its attempts");
	is_scan(l, NOON + 1, NOON + 2, 0, "", "it isn't there a ms later");
	tap_is_int(ledger_settle(l, row, &c, a, 0, 2, &e), -1, "nobody settles it twice");
	tap_is_str(strstr(e.msg, "a call was settled twice"), "a call was settled twice", "and it is said why");
	ledger_close(l);
}

/* One number that SQL finds. */
static int64_t
ask(struct ledger *l, const char *sql)
{
	struct sqlite3_stmt *st;
	struct err e = {0};

	if (ledger_db_query(l->db, &st, sql, NULL, 0, &e) || ledger_db_step(l->db, st, &e) != 1) {
		tap_ok(0, "%s: %s", sql, e.msg);
		return -1;
	}
	int64_t n = ledger_db_int(st, 0);
	ledger_db_done(st);
	return n;
}

/* The sums of days are those of rows, whatever happened. A day's row without calls may be there. */
static void
is_booked(struct ledger *l, const char *name)
{
	tap_is_int(
	    ask(l,
		"SELECT count(*) FROM (SELECT tag, model, provider, endpoint, key, status, count(*), sum(status <> 0), "
		"sum(cost_pusd IS NULL), sum(prompt), sum(completion), sum(cached), sum(cache_write), sum(reasoning), "
		"sum(ifnull(cost_pusd, 0)) FROM call WHERE state <> 0 GROUP BY (row >> 20) / 86400000, 1, 2, 3, 4, 5, 6 "
		"EXCEPT SELECT tag, model, provider, endpoint, key, fault, n, n_errors, n_unknown, prompt, completion, "
		"cached, cache_write, reasoning, usd * 1000000000000 + rest_pusd FROM day WHERE kind = 1)"),
	    0, name);
	tap_is_int(
	    ask(l, "SELECT sum(n) FROM day WHERE kind = 1") - ask(l, "SELECT count(*) FROM call WHERE state <> 0"), 0,
	    "as many calls");
	tap_is_int(
	    ask(l,
		"SELECT count(*) FROM (SELECT call.tag, attempt.model, attempt.provider, attempt.endpoint, attempt.key, "
		"attempt.error <> '', count(*), sum(attempt.error <> ''), sum(attempt.cost_pusd IS NULL), "
		"sum(ifnull(attempt.prompt, 0)), sum(ifnull(attempt.completion, 0)), "
		"sum(ifnull(attempt.cost_pusd, 0)) FROM attempt JOIN call ON row = call WHERE settled "
		"GROUP BY (row >> 20) / 86400000, 1, 2, 3, 4, 5, 6 EXCEPT SELECT tag, model, provider, endpoint, key, "
		"fault, n, n_errors, n_unknown, prompt, completion, usd * 1000000000000 + rest_pusd FROM day "
		"WHERE kind = 2)"),
	    0, "and the attempts'");
	tap_is_int(
	    ask(l,
		"SELECT count(*) FROM (SELECT client_id, (row >> 20) / 86400000, count(*) FROM call "
		"WHERE state <> 0 AND client_id <> 0 GROUP BY 1, 2 EXCEPT SELECT client_id, day, n FROM keyday)") +
		ask(l,
		    "SELECT count(*) FROM (SELECT client_id, (row >> 20) / 86400000, sum(attempt.cost_pusd IS NULL), "
		    "sum(ifnull(attempt.prompt, 0)), sum(ifnull(attempt.completion, 0)), "
		    "sum(ifnull(attempt.cost_pusd, 0)) FROM attempt JOIN call ON row = call "
		    "WHERE settled AND client_id <> 0 GROUP BY 1, 2 EXCEPT SELECT client_id, day, n_unknown, prompt, "
		    "completion, usd * 1000000000000 + rest_pusd FROM keyday)"),
	    0, "and those of keys");
	tap_is_int(ask(l, "SELECT ifnull(sum(n), 0) FROM day WHERE kind = 2") -
		ask(l, "SELECT count(*) FROM attempt WHERE settled"),
	    0, "as many attempts");
}

static int64_t
settle(struct ledger *l, const struct ledger_call *c, const struct ledger_attempt *a, size_t n)
{
	struct err e = {0};

	if (ledger_settle(l, 0, c, a, 0, n, &e))
		return tap_ok(0, "it is settled: %s", e.msg);
	return 0;
}

static int
keep_row(void *arg, const struct ledger_row *r, struct err *e)
{
	struct buf *b = arg;

	(void)e;
	buf_addf(b, "%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%d|%s|%d|%d|%d|%s|%s", r->call.id, r->call.tool, r->call.tag,
	    r->call.session, r->call.asked, r->call.model, r->call.provider, r->call.endpoint, r->call.key,
	    r->call.answer_id, r->call.finish, r->call.status, r->call.error ? r->call.error : "(none)",
	    r->call.streamed, (int)r->call.ttft_ms, (int)r->call.ms, r->call.request ? r->call.request : "(none)",
	    r->call.answer ? r->call.answer : "(none)");
	if (r->call.started_ms != NOON || r->day != NOON / DAY_MS)
		buf_adds(b, " at another time");
	return 0;
}

static void
test_fields(void)
{
	struct ledger *l = open_at("fields");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(1);
	struct buf b = BUF_INIT;
	struct err e = {0};

	c.request = "{\"model\":\"it's\"}";
	c.answer = "\xc3\xa9t\xc3\xa9";
	settle(l, &c, &a, 1);
	ledger_scan(l, NOON, NOON + 1, LEDGER_CONTENT, keep_row, &b, &e);
	tap_is_str(buf_str(&b),
	    "gen-1|or-chat|ci-1|s|fast|openai/gpt-4o|openai|openai:gpt-4o|OPENAI_API_KEY|chatcmpl-1|stop|0|(none)|1|200|900|"
	    "{\"model\":\"it's\"}|\xc3\xa9t\xc3\xa9",
	    "what a call was comes back, its content where that is asked for");
	buf_clear(&b);
	ledger_scan(l, NOON, NOON + 1, LEDGER_BRIEF, keep_row, &b, &e);
	tap_is_str(buf_str(&b),
	    "||ci-1|||openai/gpt-4o|openai|openai:gpt-4o|OPENAI_API_KEY|||0|(none)|0|200|900|(none)|(none)",
	    "in brief, less of it");
	struct ledger_call none = {.started_ms = NOON, .status = 77, .error = "auth", .ttft_ms = -1, .ms = -1};
	settle(l, &none, NULL, 0);
	buf_clear(&b);
	ledger_scan(l, NOON, NOON + 1, 0, keep_row, &b, &e);
	tap_ok(strstr(buf_str(&b), "|||||||||||77|auth|0|-1|-1|(none)|(none)") != NULL,
	    "NULL is \"\", and what is unknown stays so");
	is_booked(l, "both are in the day's sums");
	struct stat st;
	tap_ok(stat(at("fields"), &st) == 0 && (st.st_mode & 0777) == 0600, "nobody else reads the file");
	tap_ok(stat(at("fields-wal"), &st) == 0 && (st.st_mode & 0777) == 0600, "nor its log");
	tap_ok(stat(at("fields-alive"), &st) == -1 || (st.st_mode & 0777) == 0600, "nor the locks");
	buf_release(&b);
	ledger_close(l);
}

static int
stop_at_two(void *arg, const struct ledger_row *r, struct err *e)
{
	(void)r;
	(void)e;
	return ++*(int *)arg == 2 ? 7 : 0;
}

static void
test_sums(void)
{
	struct ledger *l = open_at("sums");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a[] = {attempt(INT64_MAX), attempt(INT64_MAX), attempt(3)};
	struct err e = {0};
	int n = 0;

	for (int i = 0; i < 4; i++)
		settle(l, &c, a, 1);
	is_scan(l, 0, INT64_MAX, LEDGER_BRIEF,
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=10/20 "
	    "cost=9223372.036854775807\n"
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=10/20 "
	    "cost=9223372.036854775807\n"
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=10/20 "
	    "cost=9223372.036854775807\n"
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=10/20 "
	    "cost=9223372.036854775807\n",
	    "the biggest cost comes back");
	tap_is_int(ask(l, "SELECT usd FROM day WHERE kind = 1"), 36893488, "four of them make more than 64 bits hold");
	tap_is_int(ask(l, "SELECT rest_pusd FROM day WHERE kind = 1"), INT64_C(147419103228), "to the last digit");
	tap_is_int(ledger_scan(l, 0, INT64_MAX, 0, stop_at_two, &n, &e), 7, "a reader may stop");
	tap_is_int(n, 2, "where it wants");
	tap_is_int(ledger_scan(l, 0, INT64_MAX, LEDGER_ATTEMPTS, stop_at_two, &n, &e), 0, "and begin anew");
	settle(l, &c, a, 3);
	tap_is_int(ask(l, "SELECT count(*) FROM call WHERE cost_pusd IS NULL AND source = 0"), 1,
	    "a call's sum that doesn't fit is unknown");
	a[2].prompt = INT64_MAX;
	a[2].source = COST_ESTIMATED;
	a[2].cost_pusd = 4;
	a[1] = attempt(2);
	a[1].source = COST_REPORTED;
	c.tag = "x";
	settle(l, &c, a + 1, 2);
	tap_is_int(
	    ask(l, "SELECT source FROM call WHERE tag = 'x'"), COST_ESTIMATED, "the weakest source is the call's");
	tap_is_int(
	    ask(l, "SELECT prompt FROM call WHERE tag = 'x'"), 10, "a count that nobody can mean counts nothing");
	a[1].source = COST_UNKNOWN;
	c.tag = "y";
	settle(l, &c, a + 1, 2);
	tap_is_int(ask(l, "SELECT count(*) FROM call WHERE tag = 'y' AND cost_pusd IS NULL AND source = 0"), 1,
	    "one unknown cost makes the call's unknown");
	tap_is_int(ask(l, "SELECT sum(rest_pusd) FROM day WHERE tag = 'y' AND kind = 2"), 4,
	    "what is known of it counts among attempts");
	a[0].cost_pusd = USD - 1;
	c.tag = "z";
	settle(l, &c, a, 1);
	settle(l, &c, a, 1);
	tap_is_int(ask(l, "SELECT usd FROM day WHERE tag = 'z' AND kind = 1"), 1, "the rest carries into the dollars");
	tap_is_int(ask(l, "SELECT rest_pusd FROM day WHERE tag = 'z' AND kind = 1"), USD - 2, "and keeps what is left");
	tap_is_str(ledger_source(COST_RESERVED), "reserved", "sources have names");
	ledger_close(l);
}

static struct budget
budget(const char *text)
{
	char line[200];
	struct budget b;
	struct err e = {0};

	snprintf(line, sizeof(line), "%s", text);
	if (budget_parse(&b, line, &e))
		tap_ok(0, "%s: %s", text, e.msg);
	return b;
}

/* Reserves under these budgets; what it says. */
static const char *
reserve(
    struct ledger *l, const struct ledger_call *c, int64_t *row, int64_t pusd, int n, const char *lines, int64_t *room)
{
	static struct err e;
	struct budget b[4];
	size_t n_budget = 0;
	struct ledger_attempt a = attempt(PUSD_UNKNOWN);

	memset(&e, 0, sizeof(e));
	for (const char *p = lines; *p; p += strcspn(p, ";"), p += *p == ';') {
		char one[200];
		snprintf(one, sizeof(one), "%.*s", (int)strcspn(p, ";"), p);
		b[n_budget++] = budget(one);
	}
	a.reserved_pusd = pusd;
	int r = ledger_reserve(l, c, row, &a, n, b, n_budget, room, &e);
	for (size_t i = 0; i < n_budget; i++)
		budget_release(b + i);
	return r == 0 ? "yes" : e.kind == ERR_CAP ? e.msg : "failed";
}

static void
test_reserve(void)
{
	struct ledger *l = open_at("reserve");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD / 2);
	struct err e = {0};
	int64_t row = 0, other = 0, room;

	tap_is_str(reserve(l, &c, &row, 3 * USD, 0, "month 5", &room), "yes", "there is money");
	tap_is_int(room, 5 * USD, "as much as nobody took");
	tap_is_str(reserve(l, &c, &other, 2 * USD + 1, 0, "month 5", &room),
	    "the month's budget of $5 has $2 left, and this call may cost $2.000000000001",
	    "what goes on holds its money");
	tap_is_int(room, 2 * USD, "the rest is told");
	tap_is_int(other, 0, "the refused call isn't there");
	tap_is_int(ask(l, "SELECT count(*) FROM call"), 1, "not in the file either");
	tap_is_str(reserve(l, &c, &other, 2 * USD, 0, "month 5", &room), "yes", "to the last digit");
	tap_is_str(reserve(l, &c, &other, 1, 1, "month 5", &room),
	    "the month's budget of $5 has $0 left, and this call may cost $0.000000000001", "and no more");
	a.reserved_pusd = 3 * USD;
	tap_is_int(ledger_settle_attempt(l, row, &c, &a, 0, &e), 0, "an attempt is settled for less");
	tap_is_str(
	    reserve(l, &c, &row, 2 * USD + USD / 2, 1, "month 5", &room), "yes", "the rest is free for the next");
	struct ledger_attempt both[] = {a, a};
	both[1].cost_pusd = 0;
	tap_is_int(ledger_settle(l, row, &c, both, 1, 2, &e), 0, "the call is settled");
	tap_is_int(ask(l, "SELECT cost_pusd FROM call WHERE state = 1"), USD / 2, "at what its attempts cost");
	tap_is_int(ask(l, "SELECT count(*) FROM attempt WHERE settled AND reserved_pusd > 0"), 2,
	    "what was reserved stays to be read");
	is_booked(l, "each is booked once");
	ledger_close(l);
}

static void
test_match(void)
{
	struct ledger *l = open_at("match");
	struct ledger_call c = call(NOON), tomorrow = call(NOON + DAY_MS), notes = call(NOON);
	struct ledger_attempt a = attempt(USD);
	int64_t room, row;

	settle(l, &c, &a, 1);
	notes.tag = "notes";
	settle(l, &notes, &a, 1);
#define RESERVE(call, usd, lines) (row = 0, reserve(l, &(call), &row, usd, 0, lines, &room))
	tap_is_str(RESERVE(c, USD, "day tag=ci-* 1.5"),
	    "the day's budget of $1.5 (tag=ci-*) has $0.5 left, and this call may cost $1",
	    "a budget counts what it selects");
	tap_is_str(RESERVE(c, USD / 2, "day tag=ci-* 1.5"), "yes", "and nothing else");
	tap_is_str(RESERVE(c, USD, "day tag=notes 0"), "yes", "a budget of others doesn't matter");
	tap_is_int(room, PUSD_UNKNOWN, "no budget, no room to tell");
	tap_is_str(RESERVE(tomorrow, USD, "day 1"), "yes", "a day ends");
	tap_is_str(RESERVE(c, USD, "week 4.4"), "the week's budget of $4.4 has $0.9 left, and this call may cost $1",
	    "a week counts its days, and tomorrow's Monday isn't among them");
	tap_is_str(RESERVE(c, USD, "day key=OPENAI_* provider=openai 2;month 100;week 3.6"),
	    "the day's budget of $2 (provider=openai key=OPENAI_*) has $0 left, and this call may cost $1",
	    "the tightest is named");
	tap_is_int(room, 0, "and told");
#undef RESERVE
	ledger_close(l);
}

static void
test_unknown_price(void)
{
	struct ledger *l = open_at("unknown");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(PUSD_UNKNOWN);
	int64_t room, row = 0, other = 0;
	struct err e = {0};

	tap_is_str(reserve(l, &c, &row, PUSD_UNKNOWN, 0, "day 5", &room),
	    "the day's budget of $5 names no ceiling= for a call whose price is unknown",
	    "an unknown price is refused");
	tap_is_str(reserve(l, &c, &row, PUSD_UNKNOWN, 0, "day 5 ceiling=2", &room), "yes", "or counts at the ceiling");
	tap_is_str(reserve(l, &c, &other, 4 * USD, 0, "day 5 ceiling=2", &room),
	    "the day's budget of $5 has $3 left, and this call may cost $4", "while it goes on");
	tap_is_int(ledger_settle(l, row, &c, &a, 0, 1, &e), 0, "nobody told what it cost");
	tap_is_str(reserve(l, &c, &other, 4 * USD, 0, "day 5 ceiling=2", &room),
	    "the day's budget of $5 has $3 left, and this call may cost $4", "it counts at the ceiling still");
	tap_is_str(reserve(l, &c, &other, PUSD_UNKNOWN, 0, "day 3 ceiling=2", &room),
	    "the day's budget of $3 has $1 left, and this call may cost $2", "the ceiling must fit, too");
	ledger_close(l);
}

/* A process that begins calls and dies with them. */
static void
die_with_calls(const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct ledger *l = open_at(name);
		struct ledger_call c = call(NOON);
		int64_t row = 0, room;
		struct err e = {0};
		ledger_begin(l, &c, &row, &e);
		row = 0;
		c.tag = "two";
		reserve(l, &c, &row, USD, 0, "", &room);
		struct ledger_attempt a = attempt(USD / 4);
		ledger_settle_attempt(l, row, &c, &a, 0, &e);
		reserve(l, &c, &row, 2 * USD, 1, "", &room);
		row = 0;
		c.tag = "unknown";
		reserve(l, &c, &row, PUSD_UNKNOWN, 0, "", &room);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void
test_orphans(void)
{
	struct ledger *l = open_at("orphans"), *reader;
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct err e = {0};
	int64_t row = 0, other = 0, n, room;
	char *warning;

	ledger_begin(l, &c, &row, &e);
	die_with_calls("orphans");
	ledger_open(&reader, at("orphans"), LEDGER_WRITE, &warning, &e);
	tap_is_int(ledger_orphans(reader, &n, &e), 0, "orphans are looked for");
	tap_is_int(n, 3, "three died, and we live");
	tap_is_int(ledger_orphans(reader, &n, &e), 0, "looked for again");
	tap_is_int(n, 0, "none is left");
	tap_is_int(
	    ask(l, "SELECT count(*) FROM call WHERE state = 2 AND status = -1 AND error = 'orphan' AND owner IS NULL"),
	    3, "they are marked");
	tap_is_int(ask(l, "SELECT cost_pusd FROM call WHERE tag = 'two'"), 2 * USD + USD / 4,
	    "one cost what was settled and reserved");
	tap_is_int(ask(l, "SELECT source FROM call WHERE tag = 'two'"), COST_RESERVED, "and it is said so");
	tap_is_int(ask(l, "SELECT model = 'openai/gpt-4o' FROM call WHERE tag = 'two'"), 1, "by its last attempt");
	tap_is_int(ask(l, "SELECT count(*) FROM call WHERE tag = 'unknown' AND cost_pusd IS NULL AND source = 0"), 1,
	    "where nothing was reserved, it is unknown");
	is_booked(l, "orphans are booked");
	tap_is_int(ledger_settle(l, row, &c, &a, 0, 1, &e), 0, "a living call is settled as ever");
	ledger_close(reader);

	die_with_calls("orphans");
	ledger_open(&reader, at("orphans"), LEDGER_WRITE, &warning, &e);
	tap_is_str(reserve(reader, &c, &other, USD, 0, "month tag=two 5.5", &room), "yes", "another tag");
	c.tag = "two";
	other = 0;
	tap_is_str(reserve(reader, &c, &other, USD + 1, 0, "month tag=two 5.5", &room),
	    "the month's budget of $5.5 (tag=two) has $1 left, and this call may cost $1.000000000001",
	    "orphans hold what they reserved");
	tap_is_int(ask(l, "SELECT count(*) FROM call WHERE state = 2"), 6, "the first reservation settles them");
	ledger_close(reader);
	ledger_close(l);
}

/* Where the file of locks was removed, the living look dead. */
static void
test_revive(void)
{
	struct ledger *l = open_at("revive"), *other;
	struct ledger_call c = call(NOON);
	struct ledger_attempt a[] = {attempt(USD), attempt(USD / 2)};
	struct err e = {0};
	int64_t row = 0, room, n;

	reserve(l, &c, &row, 2 * USD, 0, "", &room);
	ledger_settle_attempt(l, row, &c, a, 0, &e);
	reserve(l, &c, &row, 3 * USD, 1, "", &room);
	unlink(at("revive-alive"));
	other = open_at("revive");
	tap_is_int(ledger_orphans(other, &n, &e) == 0 && n == 1, 1, "a living call is taken for dead");
	is_booked(l, "it is booked");
	tap_is_int(ledger_settle(l, row, &c, a, 1, 2, &e), 0, "it can be settled all the same");
	tap_is_int(ask(l, "SELECT cost_pusd FROM call"), USD + USD / 2, "at what it cost");
	tap_is_int(ask(l, "SELECT sum(usd) * 1000000000000 + sum(rest_pusd) FROM day WHERE kind = 2"), USD + USD / 2,
	    "and nothing else");
	is_booked(l, "what was booked for the orphan is undone");
	tap_is_int(ledger_settle(l, row + 1, &c, a, 0, 1, &e), -1, "a call that isn't there isn't settled");
	tap_is_int(e.kind, ERR_INTERNAL, "which is our fault");
	ledger_close(other);
	ledger_close(l);
}

/* ── keys of the gateway ── */

static int64_t
add_key(struct ledger *l, const char *name, int byte)
{
	char text[64], label[] = "sk-or-ab1...xyz", models[] = "openai/?*";
	struct ledger_key k = {.name = text,
	    .label = label,
	    .limit_pusd = 5 * USD,
	    .reset = RESET_MONTHLY,
	    .rpm = 3,
	    .tpm = 4,
	    .models = models,
	    .created_ms = NOON,
	    .updated_ms = NOON + 1,
	    .expires_ms = NOON + 2,
	    .management = 1};
	struct err e = {0};

	strlcpy(text, name, sizeof(text));
	memset(k.hash, byte, sizeof(k.hash));
	if (ledger_key_add(l, &k, &e))
		printf("# %s\n", e.msg);
	return k.id;
}

/* What is to become of a key. */
struct wish {
	const char *name;
	int64_t limit_pusd;
	int disabled, is_refused;
};

static int
on_key(void *arg, struct ledger_key *k, struct err *e)
{
	const struct wish *w = arg;

	if (w->is_refused)
		return err_set(e, ERR_DATA, "not so");
	if (w->name) {
		free(k->name);
		k->name = xstrdup(w->name);
	}
	k->limit_pusd = w->limit_pusd;
	k->disabled = w->disabled;
	return 0;
}

static int
change_key(struct ledger *l, int64_t id, struct wish *w, struct err *e)
{
	return ledger_key_change(l, id, NOON + 9, on_key, w, NULL, e);
}

static int
add_one(void *arg, struct ledger_key *k, struct err *e)
{
	(void)arg, (void)e;
	k->rpm++;
	return 0;
}

/* Each adds 1 to what it finds: none is lost. */
static void
test_key_crowd(void)
{
	enum { CROWD = 8, TURNS = 25 };
	struct ledger *l = open_at("key-crowd");
	struct ledger_keys k = LEDGER_KEYS_INIT;
	struct err e = {0};
	int64_t id = add_key(l, "a", 0xa1);
	int status, failed = 0;

	ledger_close(l);
	for (int i = 0; i < CROWD; i++) {
		if (fork() == 0) {
			l = open_at("key-crowd");
			for (int n = 0; n < TURNS; n++)
				failed |= ledger_key_change(l, id, NOON, add_one, NULL, NULL, &e);
			ledger_close(l);
			_exit(failed ? 1 : 0);
		}
	}
	while (wait(&status) != -1)
		failed |= status;
	tap_is_int(failed, 0, "processes change one key at once");
	l = open_at("key-crowd");
	ledger_keys(l, &k, NOON, &e);
	tap_is_int(k.v[0].rpm, 3 + CROWD * TURNS, "and none of it is lost");
	ledger_keys_release(&k);
	ledger_close(l);
}

static void
test_key_set(void)
{
	struct ledger *l = open_at("keys"), *none;
	struct ledger_keys k = LEDGER_KEYS_INIT;
	struct err e = {0};
	int64_t v0, v1, a, b;
	struct wish w = {.name = "b", .limit_pusd = PUSD_UNKNOWN};
	struct ledger_key after;
	char *warning;
	enum ledger_reset reset;

	tap_is_int(ledger_keys_version(l, &v0, &e), 0, "there is a version without keys");
	a = add_key(l, "a", 0xa1);
	b = add_key(l, "b", 0xb2);
	tap_ok(a > 0 && b > a, "keys have numbers");
	tap_is_int(add_key(l, "a", 0xc3), 0, "a name is given once");
	ledger_keys_version(l, &v1, &e);
	tap_is_int(v1 - v0, 2, "the version counts what was changed");
	tap_ok(ledger_keys(l, &k, NOON, &e) == 0 && k.n == 2 && k.version == v1, "they are read");
	tap_ok(k.v[0].hash[0] == 0xa1 && k.v[0].hash[31] == 0xa1 && k.v[1].hash[16] == 0xb2, "with their hashes");
	tap_ok(strcmp(k.v[0].name, "a") == 0 && strcmp(k.v[0].label, "sk-or-ab1...xyz") == 0 &&
		strcmp(k.v[0].models, "openai/?*") == 0 && k.v[0].limit_pusd == 5 * USD &&
		k.v[0].reset == RESET_MONTHLY && k.v[0].rpm == 3 && k.v[0].tpm == 4 && k.v[0].created_ms == NOON &&
		k.v[0].updated_ms == NOON + 1 && k.v[0].expires_ms == NOON + 2 && !k.v[0].disabled &&
		k.v[0].management && k.v[0].used == 0,
	    "and all that was said of them");
	ledger_keys_release(&k);

	tap_is_int(change_key(l, a, &w, &e), -1, "a name of another isn't taken");
	tap_ok(e.kind == ERR_DATA && strstr(e.msg, "named b"), "which is said: %s", e.msg);
	w = (struct wish){.is_refused = 1};
	tap_ok(change_key(l, a, &w, &e) == -1 && e.kind == ERR_DATA && strcmp(e.msg, "not so") == 0,
	    "who changes it may find that it can't be");
	w = (struct wish){.name = "c", .limit_pusd = PUSD_UNKNOWN, .disabled = 1};
	tap_is_int(ledger_key_change(l, a, NOON + 9, on_key, &w, &after, &e), 0, "a key is changed");
	tap_ok(strcmp(after.name, "c") == 0 && after.updated_ms == NOON + 9 && after.rpm == 3 && after.hash[0] == 0xa1,
	    "and told as it is then");
	ledger_key_release(&after);
	ledger_keys(l, &k, NOON, &e);
	tap_ok(k.n == 2 && strcmp(k.v[0].name, "c") == 0 && k.v[0].limit_pusd == PUSD_UNKNOWN && k.v[0].disabled &&
		k.v[0].updated_ms == NOON + 9 && strcmp(k.v[0].models, "openai/?*") == 0 &&
		k.v[0].reset == RESET_MONTHLY && k.v[0].management && k.v[0].created_ms == NOON,
	    "and the rest of it stays");
	ledger_keys_release(&k);
	tap_is_int(ledger_key_remove(l, b, &e), 0, "a key is removed");
	tap_is_int(ledger_key_remove(l, b, &e), -1, "once");
	tap_is_int(e.kind, ERR_NEGATIVE, "then it isn't there");
	tap_ok(change_key(l, b, &w, &e) == -1 && e.kind == ERR_NEGATIVE, "nor can it be changed");
	ledger_keys_version(l, &v0, &e);
	tap_is_int(v0 - v1, 2, "what failed changed nothing");
	tap_ok(add_key(l, "b", 0xb3) > b, "a number isn't given again");
	ledger_close(l);

	ledger_open(&none, at("no-keys"), LEDGER_READ, &warning, &e);
	tap_ok(ledger_keys(none, &k, NOON, &e) == 0 && k.n == 0, "no file, no keys");
	ledger_close(none);
	tap_ok(!ledger_reset(RESET_NEVER) && strcmp(ledger_reset(RESET_WEEKLY), "weekly") == 0, "resets have words");
	tap_ok(ledger_reset_parse(&reset, "monthly") == 0 && reset == RESET_MONTHLY &&
		ledger_reset_parse(&reset, "yearly") == -1,
	    "that are read");
}

/* Reserves under a key's limit; what it says. */
static const char *
reserve_key(
    struct ledger *l, const struct ledger_call *c, int64_t *row, int64_t pusd, enum budget_period p, int64_t limit)
{
	static struct err e;
	const struct budget b = {.period = p,
	    .limit_pusd = limit,
	    .ceiling_pusd = PUSD_UNKNOWN,
	    .client_id = c->client_id ? c->client_id : 7};
	struct ledger_attempt a = attempt(PUSD_UNKNOWN);
	int64_t room;

	memset(&e, 0, sizeof(e));
	a.reserved_pusd = pusd;
	if (ledger_reserve(l, c, row, &a, 0, &b, 1, &room, &e) == 0)
		return room == PUSD_UNKNOWN ? "yes, it isn't its own" : "yes";
	return e.kind == ERR_CAP && e.http == 402 ? e.msg : "failed";
}

static int
seven_of(void *arg, const struct ledger_row *r, struct err *e)
{
	(void)e;
	*(int *)arg += r->call.client_id == 7 && strcmp(r->call.client, "seven") == 0;
	return 0;
}

static void
test_key_limit(void)
{
	struct ledger *l = open_at("limit");
	struct ledger_call c = call(NOON), before = call(NOON - DAY_MS), other = call(NOON), free_one = call(NOON);
	struct ledger_attempt a[] = {attempt(USD / 4), attempt(USD), attempt(PUSD_UNKNOWN)};
	struct err e = {0};
	int64_t row = 0, none = 0, n;
	int seen = 0;

	c.client_id = before.client_id = 7;
	c.client = before.client = "seven";
	other.client_id = 8;
	settle(l, &before, a, 2);
	settle(l, &other, a, 2);
	settle(l, &free_one, a, 2);
	is_booked(l, "calls of keys are booked");
	tap_is_str(reserve_key(l, &c, &row, 3 * USD, BUDGET_MONTH, 5 * USD), "yes", "a key has a limit");
	tap_is_str(reserve_key(l, &c, &none, USD, BUDGET_MONTH, 5 * USD),
	    "the key's limit of $5 (monthly) has $0.75 left, and this call may cost $1",
	    "what is spent, and what goes on, counts");
	tap_is_str(reserve_key(l, &c, &none, USD, BUDGET_WEEK, 4 * USD),
	    "the key's limit of $4 (weekly) has $0 left, and this call may cost $1", "by week");
	tap_is_str(reserve_key(l, &c, &none, USD + 1, BUDGET_DAY, 4 * USD),
	    "the key's limit of $4 (daily) has $1 left, and this call may cost $1.000000000001",
	    "by day: of the day before nothing");
	tap_is_str(reserve_key(l, &c, &none, USD, BUDGET_EVER, 5 * USD),
	    "the key's limit of $5 has $0.75 left, and this call may cost $1", "for all time");
	tap_is_str(reserve_key(l, &c, &none, PUSD_UNKNOWN, BUDGET_EVER, 5 * USD),
	    "the key's limit of $5 holds, and nobody knows what this call costs", "an unknown price is refused");
	tap_is_str(reserve_key(l, &free_one, &none, 9 * USD, BUDGET_EVER, 5 * USD), "yes, it isn't its own",
	    "others aren't concerned");
	tap_is_int(ledger_settle_attempt(l, row, &c, a, 0, &e), 0, "an attempt is settled, and the call goes on");
	none = 0;
	tap_is_str(reserve_key(l, &c, &none, 4 * USD, BUDGET_EVER, 5 * USD),
	    "the key's limit of $5 has $3.5 left, and this call may cost $4", "what it cost counts at once");
	tap_is_int(ledger_settle(l, row, &c, a, 1, 3, &e), 0, "the call is settled");
	tap_is_int(ask(l, "SELECT n FROM keyday WHERE client_id = 7 AND day = 20779"), 1, "as one call");
	tap_is_int(
	    ask(l, "SELECT n_unknown FROM keyday WHERE client_id = 7 AND day = 20779"), 1, "one cost isn't known");
	is_booked(l, "and booked");
	ledger_scan(l, 0, INT64_MAX, 0, seven_of, &seen, &e);
	tap_is_int(seen, 2, "calls tell whose key it was");
	ledger_prune(l, NOON + DAY_MS, &n, &e);
	none = 0;
	tap_is_str(reserve_key(l, &c, &none, 4 * USD, BUDGET_EVER, 5 * USD),
	    "the key's limit of $5 has $2.5 left, and this call may cost $4", "folding forgets nothing of it");
	ledger_close(l);
}

static void
test_key_sums(void)
{
	struct ledger *l = open_at("keysums");
	struct ledger_keys k = LEDGER_KEYS_INIT;
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD / 2);
	struct err e = {0};
	int64_t id;

	add_key(l, "first", 1);
	c.client_id = id = add_key(l, "k", 2);
	settle(l, &c, &a, 1);             /* a Sunday */
	c.started_ms = NOON - 2 * DAY_MS; /* of the same week */
	settle(l, &c, &a, 1);
	c.started_ms = NOON - 7 * DAY_MS; /* of the same month */
	settle(l, &c, &a, 1);
	c.started_ms = NOON - 40 * DAY_MS;
	settle(l, &c, &a, 1);
	tap_ok(ledger_keys(l, &k, NOON, &e) == 0 && k.n == 2, "the keys");
	tap_ok(k.v[0].used == 0 && k.v[0].n_calls == 0, "one was never used");
	tap_ok(k.v[1].n_calls == 4 && k.v[1].used == 2 * USD && k.v[1].used_day == USD / 2 && k.v[1].used_week == USD &&
		k.v[1].used_month == 3 * USD / 2,
	    "the other today, this week, this month, and before");
	ledger_keys_release(&k);
	ledger_keys(l, &k, NOON + DAY_MS, &e);
	tap_ok(k.v[1].used_day == 0 && k.v[1].used_week == 0 && k.v[1].used_month == 3 * USD / 2,
	    "on Monday a week begins");
	ledger_keys_release(&k);
	ledger_key_remove(l, id, &e);
	tap_is_int(ask(l, "SELECT sum(n) FROM keyday"), 4, "what a removed key spent stays");
	ledger_close(l);
}

static void
test_abandon(void)
{
	struct ledger *l = open_at("abandon");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a[] = {attempt(USD / 4), attempt(USD / 8)};
	struct err e = {0};
	int64_t row = 0, room;

	c.client_id = 3;
	reserve(l, &c, &row, USD, 0, "", &room);
	ledger_settle_attempt(l, row, &c, a, 0, &e);
	reserve(l, &c, &row, 2 * USD, 1, "", &room);
	tap_is_int(ledger_abandon(l, row, &e), 0, "a call that nobody goes on with");
	tap_is_int(ask(l, "SELECT cost_pusd FROM call WHERE state = 2 AND error = 'orphan' AND source = 4"),
	    2 * USD + USD / 4, "is settled at what it reserved");
	is_booked(l, "and booked");
	tap_is_int(ledger_abandon(l, row, &e), 0, "again is no harm");
	is_booked(l, "and nothing");
	tap_is_int(ledger_settle(l, row, &c, a, 1, 2, &e), 0, "it may come back all the same");
	tap_is_int(ask(l, "SELECT rest_pusd FROM keyday"), USD / 4 + USD / 8, "the key's sums are what it cost then");
	is_booked(l, "all of them");
	tap_is_int(ledger_abandon(l, row + 1, &e), -1, "a call that isn't there can't be");
	ledger_close(l);
}

static void
test_batch(void)
{
	struct ledger *l = open_at("batch"), *other = open_at("batch");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct err e = {0};
	int64_t row = 0, refused = 0, room;

	tap_is_int(ledger_batch(l, &e), 0, "a batch begins");
	settle(l, &c, &a, 1);
	tap_is_str(reserve(l, &c, &row, 3 * USD, 0, "month 5", &room), "yes", "there is money");
	tap_is_str(reserve(l, &c, &refused, 2 * USD, 0, "month 5", &room),
	    "the month's budget of $5 has $1 left, and this call may cost $2", "what the batch took counts");
	tap_is_int(ledger_settle(l, row + 1, &c, &a, 0, 1, &e), -1, "something fails");
	tap_is_int(ledger_reserve(l, &c, &row, &a, 0, NULL, 0, &room, &e), -1, "what stands already isn't begun again");
	tap_ok(add_key(l, "k", 1) > 0 && add_key(l, "k", 2) == 0, "keys, too");
	tap_is_int(ask(other, "SELECT count(*) FROM call"), 0, "others see nothing of it");
	tap_is_int(ledger_flush(l, &e), 0, "it ends");
	tap_is_int(ask(other, "SELECT count(*) FROM call"), 2, "then they see all but what failed");
	tap_is_int(ask(other, "SELECT count(*) FROM client"), 1, "of the keys as well");
	tap_is_int(ledger_flush(l, &e), 0, "no batch, nothing to end");
	tap_is_int(ledger_settle(l, row, &c, &a, 0, 1, &e), 0, "what was begun in it goes on");
	is_booked(l, "all is booked");
	tap_is_int(ledger_batch(l, &e), 0, "another batch");
	settle(l, &c, &a, 1);
	ledger_close(l);
	tap_is_int(ask(other, "SELECT count(*) FROM call"), 2, "isn't there without its end");
	ledger_close(other);
}

/* The disk is full in the middle of a batch. */
static void
test_batch_full(void)
{
	struct ledger *l = open_at("batchfull");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct buf text = BUF_INIT;
	struct rlimit old, small;
	struct err e = {0};

	settle(l, &c, &a, 1);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 60000;
	for (int i = 0; i < 100000; i++)
		buf_addc(&text, 'x');
	ledger_batch(l, &e);
	settle(l, &c, &a, 1);
	c.request = text.p;
	setrlimit(RLIMIT_FSIZE, &small);
	int r = 0;
	for (int i = 0; r == 0 && i < 200; i++)
		r = ledger_settle(l, 0, &c, &a, 0, 1, &e);
	int flushed = ledger_flush(l, &e);
	setrlimit(RLIMIT_FSIZE, &old);
	tap_ok((r || flushed) && e.kind == ERR_IO, "a full disk is met in a batch: %s", e.msg);
	c.request = NULL;
	int64_t n = ask(l, "SELECT count(*) FROM call");
	tap_ok(flushed == 0 || n == 1, "what was to be written together is there, or none of it");
	tap_is_int(ledger_settle(l, 0, &c, &a, 0, 1, &e), 0, "with room again, all is well");
	is_booked(l, "and booked");
	buf_release(&text);
	ledger_close(l);
}

static void
test_prune(void)
{
	struct ledger *l = open_at("prune");
	struct ledger_call c = call(NOON - 3 * DAY_MS);
	struct ledger_attempt a[] = {attempt(USD / 4), attempt(USD / 8)};
	struct err e = {0};
	int64_t n;

	a[0].error = "temporary";
	c.request = "{}";
	settle(l, &c, a, 2);
	settle(l, &c, a, 2);
	c.started_ms += DAY_MS;
	settle(l, &c, a + 1, 1);
	c.started_ms = NOON;
	settle(l, &c, a + 1, 1);
	tap_is_int(ledger_prune(l, NOON, &n, &e), 0, "old calls are folded");
	tap_is_int(n, 3, "those of whole days");
	tap_is_int(ask(l, "SELECT count(*) FROM call"), 1, "their rows are gone");
	tap_is_int(ask(l, "SELECT count(*) FROM attempt"), 1, "their attempts'");
	tap_is_int(ask(l, "SELECT count(*) FROM content"), 1, "and what they said");
	static const char want[] =
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=2 errors=0 unknown=0 tokens=40/80 cost=0.75\n"
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=1 errors=0 unknown=0 tokens=10/20 cost=0.125\n"
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=10/20 "
	    "cost=0.125\n";
	is_scan(l, 0, INT64_MAX, 0, want, "the sums are what they were");
	is_scan(l, NOON - 3 * DAY_MS, NOON - DAY_MS, 0,
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=1 errors=0 unknown=0 tokens=10/20 cost=0.125\n",
	    "a day that isn't whole has none");
	is_scan(l, NOON - 3 * DAY_MS - NOON % DAY_MS, NOON - 2 * DAY_MS - NOON % DAY_MS, LEDGER_ATTEMPTS,
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=2 errors=0 unknown=0 tokens=40/80 cost=0.75\n"
	    "attempts ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=2 errors=0 unknown=0 tokens=20/40 cost=0.25\n"
	    "attempts ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=2 errors=2 unknown=0 tokens=20/40 cost=0.5\n",
	    "attempts have sums of their own, those that failed apart");
	tap_is_int(ledger_prune(l, NOON, &n, &e) == 0 && n == 0, 1, "once is enough");
	c.started_ms = NOON - 3 * DAY_MS;
	settle(l, &c, a + 1, 1);
	is_scan(l, 0, NOON - DAY_MS * 2, 0,
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=3 errors=0 unknown=0 tokens=50/100 cost=0.875\n",
	    "a latecomer counts once");
	is_scan(l, NOON - 2 * DAY_MS + 1, NOON + 1, LEDGER_SUMS,
	    "call ci-1 openai/gpt-4o OPENAI_API_KEY status=0 state=1 error= source=computed n=1 errors=0 unknown=0 tokens=10/20 "
	    "cost=0.125\n",
	    "sums of whole days, and rows of the rest");
	is_scan(l, NOON - 2 * DAY_MS - NOON % DAY_MS, NOON + DAY_MS - NOON % DAY_MS, LEDGER_SUMS,
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=1 errors=0 unknown=0 tokens=10/20 cost=0.125\n"
	    "day ci-1 openai/gpt-4o OPENAI_API_KEY status=0 n=1 errors=0 unknown=0 tokens=10/20 cost=0.125\n",
	    "folded or not");
	int64_t row = 0, none;
	c.started_ms = NOON;
	ledger_begin(l, &c, &row, &e);
	tap_is_int(
	    ledger_prune(l, NOON + 9 * DAY_MS, &none, &e) == 0 && none == 1, 1, "the day of a call that goes on stays");
	tap_is_int(ask(l, "SELECT count(*) FROM call"), 2, "the whole of it");
	ledger_close(l);
}

static void
exec_at(const char *name, const char *sql)
{
	struct ledger_db *db;
	struct err e = {0};

	if (ledger_db_open(&db, at(name), LEDGER_DB_WRITE, &e) || ledger_db_exec(db, sql, &e))
		tap_ok(0, "%s", e.msg);
	ledger_db_close(db);
}

static void
refuses(const char *name, enum ledger_mode mode, enum err_kind kind, const char *says)
{
	struct ledger *l = NULL;
	struct err e = {0};
	char *warning;

	tap_is_int(ledger_open(&l, at(name), mode, &warning, &e), -1, "it isn't opened");
	tap_is_int(e.kind, kind, "with this kind");
	if (!tap_ok(strstr(e.msg, says) != NULL, "it says: %s", says))
		printf("# %s\n", e.msg);
	free(warning);
}

/* What later versions brought, taken away again. */
#define NO_KEYS \
	"DROP VIEW calls; DROP TABLE client; DROP TABLE keyday; DELETE FROM meta WHERE name = 'keys'; " \
	"ALTER TABLE call DROP COLUMN client; ALTER TABLE call DROP COLUMN client_id; "

static void
test_versions(void)
{
	static const char make_old[] = NO_KEYS "PRAGMA user_version = 1";
	static const char make_second[] = NO_KEYS "CREATE VIEW calls AS SELECT id FROM call; PRAGMA user_version = 2";

	struct ledger *l = open_at("old");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct err e = {0};
	char *warning;

	settle(l, &c, &a, 1);
	ledger_close(l);
	exec_at("old", make_old);
	l = open_at("old");
	tap_is_int(ask(l, "PRAGMA user_version"), 3, "an older file is made ours");
	tap_is_int(ask(l,
		       "SELECT count(*) FROM calls WHERE usd = '1' AND source = 'computed' AND state = 'settled' AND "
		       "started = '2026-11-22T12:00:00.000Z'"),
	    1, "with what was in it, and what is new");
	c.client_id = 1;
	c.client = "k";
	settle(l, &c, &a, 1);
	tap_ok(add_key(l, "k", 1) == 1, "keys can be added");
	tap_is_int(ask(l, "SELECT count(*) FROM calls WHERE client = ''"), 1, "old calls are nobody's");
	tap_is_int(ask(l, "SELECT count(*) FROM calls WHERE client = 'k'"), 1, "new ones may be somebody's");
	is_booked(l, "and are booked");
	ledger_close(l);
	exec_at("old", make_second);
	l = open_at("old");
	tap_is_int(ask(l, "SELECT count(*) FROM calls WHERE client = ''"), 2, "a file of the second version, too");
	ledger_close(l);
	exec_at("old", make_old);
	tap_is_int(ledger_open(&l, at("old"), LEDGER_READ, &warning, &e), 0, "by a reader, too");
	tap_is_int(ask(l, "SELECT count(*) FROM calls WHERE client = ''"), 2, "with all that is new");
	ledger_close(l);
	exec_at("old", "PRAGMA user_version = 4");
	refuses("old", LEDGER_WRITE, ERR_CONFIG, "made by a newer orutils (its version is 4, this one knows 3)");
	refuses("old", LEDGER_READ, ERR_CONFIG, "made by a newer orutils");
	tap_ok(exists("old"), "a newer file stays where it is");
	exec_at("old", "PRAGMA user_version = 3; PRAGMA application_id = 7; PRAGMA wal_checkpoint(TRUNCATE)");
	refuses("old", LEDGER_WRITE, ERR_CONFIG, "a database of another program");
	tap_ok(exists("old"), "another's file stays, too");
}

static void
write_at(const char *name, const void *p, size_t n, off_t where, int more)
{
	int fd = open(at(name), O_WRONLY | more, 0600);

	if (fd == -1 || pwrite(fd, p, n, where) != (ssize_t)n || close(fd))
		tap_ok(0, "can't write %s", name);
}

/* How many files of that beginning there are. */
static int
count(const char *pattern)
{
	struct buf b = BUF_INIT;
	int n = 0;

	buf_addf(&b, "ls %s | wc -l", at(pattern));
	FILE *f = popen(b.p, "r");
	if (!f || fscanf(f, "%d", &n) != 1)
		n = -1;
	if (f)
		pclose(f);
	buf_release(&b);
	return n;
}

static void
is_set_aside(const char *name, const char *says)
{
	struct ledger *l = NULL;
	struct err e = {0};
	struct buf pattern = BUF_INIT;
	char *warning = NULL;

	refuses(name, LEDGER_READ, ERR_DATA, says);
	tap_is_int(ledger_open(&l, at(name), LEDGER_WRITE, &warning, &e), 0, name);
	if (!tap_ok(
		warning && strstr(warning, says) && strstr(warning, "set aside as") && strstr(warning, ".corrupt-20"),
		"with a warning"))
		printf("# %s\n", warning ? warning : e.msg);
	free(warning);
	if (!l)
		return;
	tap_is_int(ask(l, "SELECT count(*) FROM call"), 0, "a new one is there");
	ledger_close(l);
	buf_addf(&pattern, "%s.corrupt-*Z", name);
	tap_is_int(count(pattern.p), 1, "the old one, too");
	buf_release(&pattern);
}

static void
make_with_calls(const char *name)
{
	struct ledger *l = open_at(name);
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);

	settle(l, &c, &a, 1);
	ledger_close(l);
}

static void
test_corrupt(void)
{
	static const char junk[200] = "no database, but a file of two hundred bytes";

	write_at("junk", junk, sizeof(junk), 0, O_CREAT);
	is_set_aside("junk", "not a database");
	write_at("short", junk, 20, 0, O_CREAT);
	is_set_aside("short", "not a database");
	make_with_calls("schema");
	exec_at("schema", "PRAGMA wal_checkpoint(TRUNCATE)");
	write_at("schema", "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 100, 0); /* the head of the first page's tree */
	is_set_aside("schema", "malformed");
	make_with_calls("cut");
	exec_at("cut", "PRAGMA wal_checkpoint(TRUNCATE)");
	if (truncate(at("cut"), 8192))
		tap_ok(0, "truncate");
	is_set_aside("cut", "malformed");
}

/* Damage that shows only when it is met. */
static void
test_damage(void)
{
	struct ledger *l = open_at("deep");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct err e = {0};
	int64_t page = ask(l, "SELECT rootpage FROM sqlite_schema WHERE name = 'day'");

	settle(l, &c, &a, 1);
	ledger_close(l);
	exec_at("deep", "PRAGMA wal_checkpoint(TRUNCATE)");
	write_at("deep", "\xff\xff\xff\xff\xff\xff\xff\xff", 8, (page - 1) * LEDGER_PAGE_BYTES, 0);
	l = open_at("deep");
	tap_is_int(ledger_settle(l, 0, &c, &a, 0, 1, &e), -1, "a spoiled page is met");
	tap_is_int(e.kind, ERR_DATA, "as corrupt");
	if (!tap_ok(strstr(e.msg, "; set aside as ") != NULL, "the file is set aside"))
		printf("# %s\n", e.msg);
	ledger_close(l);
	l = open_at("deep");
	tap_is_int(ledger_settle(l, 0, &c, &a, 0, 1, &e), 0, "and the next has a new one");
	ledger_close(l);
	tap_is_int(count("deep.corrupt-*Z"), 1, "the old one is kept");
}

static void
test_places(void)
{
	struct ledger *l = NULL;
	struct err e = {0};
	char *warning, *path;

	write_at("empty", "", 0, 0, O_CREAT);
	l = open_at("empty");
	tap_is_int(ask(l, "SELECT count(*) FROM call"), 0, "an empty file is made one");
	ledger_close(l);
	tap_is_int(count("empty.corrupt* 2>/dev/null"), 0, "and not kept");

	make_with_calls("gone");
	unlink(at("gone"));
	tap_ok(exists("gone-wal"), "a log without its file");
	l = open_at("gone");
	tap_is_int(ask(l, "SELECT count(*) FROM call"), 0, "isn't taken for the new file's");
	ledger_close(l);
	tap_is_int(count("gone.corrupt-*-wal"), 1, "but kept");

	l = open_at("a/b/c/ledger");
	tap_ok(l && exists("a/b/c/ledger"), "directories are made");
	ledger_close(l);
	tap_is_int(symlink("a/b/c/ledger", at("link")), 0, "a link");
	l = open_at("link");
	struct ledger_call c = call(NOON);
	int64_t row;
	ledger_begin(l, &c, &row, &e);
	tap_ok(exists("a/b/c/ledger-alive") && !exists("link-alive"), "is followed");
	ledger_close(l);
	tap_is_int(symlink("nowhere", at("dangling")), 0, "a link to nowhere");
	refuses("dangling", LEDGER_WRITE, ERR_CANTCREATE, "No such file");
	refuses("empty/ledger", LEDGER_WRITE, ERR_CANTCREATE, "can't create directory");
	mkdir(at("directory"), 0700);
	refuses("directory", LEDGER_WRITE, ERR_CANTCREATE, "directory");

	tap_is_int(ledger_open(&l, at("none"), LEDGER_READ, &warning, &e), 0, "a file that isn't there can be read");
	is_scan(l, 0, INT64_MAX, LEDGER_ATTEMPTS, "", "and has no rows");
	int64_t n;
	tap_is_int(ledger_orphans(l, &n, &e) == 0 && n == 0, 1, "nor orphans");
	ledger_tidy(l);
	ledger_close(l);
	tap_ok(!exists("none"), "nothing was made");

	setenv("OR_LEDGER", "none", 1);
	tap_ok(ledger_path(&path, &e) == 0 && !path, "OR_LEDGER=none");
	setenv("OR_LEDGER", "/x/y", 1);
	tap_is_int(ledger_path(&path, &e), 0, "OR_LEDGER=/x/y");
	tap_is_str(path, "/x/y", "is the path");
	free(path);
	unsetenv("OR_LEDGER");
	setenv("XDG_STATE_HOME", "/s", 1);
	tap_is_int(ledger_path(&path, &e), 0, "else the state directory");
	tap_is_str(path, "/s/orutils/ledger.db", "has it");
	free(path);
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	tap_is_int(ledger_path(&path, &e), -1, "without a home there is no place");
	tap_is_int(e.kind, ERR_CANTCREATE, "to create it");
}

/* A log that grows is written back; one that a reader holds on to grows until it is cut. */
static void
test_tidy(void)
{
	struct ledger *l = open_at("tidy"), *reader = open_at("tidy");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct stat st;
	struct err e = {0};

	for (int i = 0; i < 400; i++) {
		settle(l, &c, &a, 1);
		ledger_tidy(l);
	}
	tap_ok(stat(at("tidy-wal"), &st) == 0 && st.st_size < 1200000, "the log is written back at 1 MiB");
	ledger_db_snapshot(reader->db, &e);
	ask(reader, "SELECT count(*) FROM call");
	for (int i = 0; i < 2500; i++) {
		settle(l, &c, &a, 1);
		ledger_tidy(l);
	}
	tap_ok(stat(at("tidy-wal"), &st) == 0 && st.st_size > 16 * 1024 * 1024, "a reader holds it");
	ledger_db_end(reader->db, 0, &e);
	settle(l, &c, &a, 1);
	ledger_tidy(l);
	tap_ok(stat(at("tidy-wal"), &st) == 0 && st.st_size < 1200000, "it is cut when the reader is gone");
	tap_is_int(ask(reader, "SELECT count(*) FROM call"), 2901, "nothing is lost");
	ledger_close(reader);
	ledger_close(l);
}

/* A disk that is full, as near as a limit comes to it. */
static void
test_full(void)
{
	struct ledger *l = open_at("full");
	struct ledger_call c = call(NOON);
	struct ledger_attempt a = attempt(USD);
	struct rlimit old, small;
	struct err e = {0};
	int64_t row = 0, room;

	settle(l, &c, &a, 1);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 50000;
	setrlimit(RLIMIT_FSIZE, &small);
	int r = 0;
	for (int i = 0; r == 0 && i < 10; i++)
		r = ledger_settle(l, 0, &c, &a, 0, 1, &e);
	tap_is_int(r, -1, "a full disk is an error");
	tap_is_int(e.kind, ERR_IO, "of the disk");
	tap_is_str(
	    reserve(l, &c, &row, 1, 0, "day 5", &room), "failed", "no money is taken that can't be written down");
	setrlimit(RLIMIT_FSIZE, &old);
	int64_t n = ask(l, "SELECT count(*) FROM call");
	tap_is_int(ledger_settle(l, 0, &c, &a, 0, 1, &e), 0, "with room again, all is well");
	tap_is_int(ask(l, "SELECT count(*) FROM call"), n + 1, "what failed left nothing");
	is_booked(l, "in the sums either");
	ledger_close(l);
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 99;
	test_settle();
	test_fields();
	test_sums();
	test_reserve();
	test_match();
	test_unknown_price();
	test_orphans();
	test_revive();
	test_key_set();
	test_key_crowd();
	test_key_limit();
	test_key_sums();
	test_abandon();
	test_batch();
	test_batch_full();
	test_prune();
	test_versions();
	test_corrupt();
	test_damage();
	test_full();
	test_tidy();
	test_places();
	struct buf b = BUF_INIT;
	buf_addf(&b, "rm -rf %s", dir);
	if (system(b.p))
		return 99;
	buf_release(&b);
	buf_release(&path_text);
	return tap_done();
}
