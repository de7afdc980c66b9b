/* SPDX-License-Identifier: ISC */
#include "serve/line.h"

#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "buf.h"
#include "err.h"
#include "ledger_keys.h"
#include "mem.h"
#include "tap.h"

static const struct ledger_call call = {.id = "gen-1-2",
    .tool = "or-serve",
    .tag = "",
    .session = NULL,
    .asked = "openai/gpt-4o",
    .client = "caf\xc3\xa9",
    .client_id = 7,
    .started_ms = INT64_C(1795348800000),
    .model = "openai/gpt-4o",
    .provider = "openai",
    .endpoint = "openai:gpt-4o",
    .key = "OPENAI_API_KEY",
    .answer_id = "x",
    .finish = "stop",
    .status = -1,
    .error = "temporary",
    .streamed = 4,
    .ttft_ms = 12,
    .ms = -1,
    .request = "{}",
    .answer = "yes"};
static const struct ledger_attempt attempt = {.started_ms = 5,
    .model = "m",
    .provider = "p",
    .endpoint = "p:m",
    .key = "k",
    .reserved_pusd = INT64_MAX,
    .http = 503,
    .error = NULL,
    .blamed = 1,
    .ttft_ms = -1,
    .ms = 1,
    .prompt = 2,
    .completion = 3,
    .cached = 4,
    .cache_write = 5,
    .reasoning = 6,
    .cost_pusd = PUSD_UNKNOWN,
    .source = COST_RESERVED};

static int
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct line_msg
first(const struct buf *b)
{
	struct line_msg m = {0};
	size_t used = 0;

	tap_ok(line_next(buf_str(b), b->len, &used, &m) == 1 && used == b->len, "a message is found whole");
	return m;
}

static void
rows(void)
{
	struct buf b = BUF_INIT;
	struct ledger_call c;
	struct ledger_attempt a;
	struct budget v = {.period = BUDGET_EVER,
			  .model = xstrdup("x/*"),
			  .limit_pusd = 5,
			  .ceiling_pusd = -1,
			  .client_id = 9},
		      w;
	struct ledger_key k = {.id = 3,
			      .name = xstrdup("n"),
			      .label = xstrdup("l"),
			      .limit_pusd = -1,
			      .reset = RESET_WEEKLY,
			      .disabled = 1,
			      .n_calls = 8},
			  got;

	k.used = ((pusd_sum_t)5 << 64) + UINT64_MAX;
	memset(k.hash, 0xab, sizeof(k.hash));
	size_t at = line_begin(&b, LINE_SETTLE, UINT64_MAX);
	line_call(&b, &call);
	line_attempt(&b, &attempt);
	line_budget(&b, &v);
	line_key(&b, &k);
	tap_is_int(line_end(&b, at), 0, "rows fit into a message");
	struct line_msg m = first(&b);
	tap_ok(m.type == LINE_SETTLE && m.number == UINT64_MAX, "type and number");
	line_get_call(&m, &c);
	tap_ok(same(c.id, call.id) && same(c.tag, "") && !c.session && same(c.client, call.client) &&
		same(c.answer, "yes") && same(c.request, "{}") && same(c.error, "temporary"),
	    "strings of a call; NULL is NULL");
	tap_ok(c.client_id == 7 && c.started_ms == call.started_ms && c.status == -1 && c.streamed == 1 &&
		c.ttft_ms == 12 && c.ms == -1,
	    "its numbers");
	line_get_attempt(&m, &a);
	tap_ok(same(a.endpoint, "p:m") && !a.error && a.reserved_pusd == INT64_MAX && a.http == 503 &&
		a.reasoning == 6 && a.cost_pusd == -1 && a.source == COST_RESERVED,
	    "an attempt");
	line_get_budget(&m, &w);
	tap_ok(w.period == BUDGET_EVER && same(w.model, "x/*") && !w.tag && w.limit_pusd == 5 && w.client_id == 9,
	    "a budget");
	line_get_key(&m, &got);
	tap_ok(got.id == 3 && same(got.name, "n") && !got.models && got.reset == RESET_WEEKLY && got.disabled &&
		got.n_calls == 8 && got.used == k.used && memcmp(got.hash, k.hash, sizeof(k.hash)) == 0,
	    "a key, with its hash and a sum of more than 64 bits");
	tap_ok(line_is_whole(&m), "nothing is left");
	buf_release(&b);
	budget_release(&v);
	ledger_key_release(&k);
}

static void
errors(void)
{
	struct buf b = BUF_INIT;
	struct err e = {0}, got;

	err_set(&e, ERR_TEMPORARY, "busy");
	e.http = 429;
	e.retry_after_ms = -1;
	size_t at = line_begin(&b, LINE_DONE, 1);
	line_err(&b, &e);
	line_err(&b, NULL);
	line_end(&b, at);
	struct line_msg m = first(&b);
	tap_ok(line_get_err(&m, &got) == 1 && got.kind == ERR_TEMPORARY && got.http == 429 &&
		got.retry_after_ms == -1 && strcmp(got.msg, "busy") == 0,
	    "an error");
	tap_ok(line_get_err(&m, &got) == 0 && got.kind == ERR_NONE && line_is_whole(&m), "and none");
	buf_clear(&b);
	at = line_begin(&b, LINE_DONE, 1);
	line_int(&b, ERR_N_KINDS);
	line_int(&b, 0);
	line_int(&b, 0);
	line_int(&b, 0);
	line_str(&b, NULL);
	line_end(&b, at);
	m = first(&b);
	tap_ok(line_get_err(&m, &got) == 0 && m.bad, "a kind that isn't one");
	buf_release(&b);
}

static void
long_texts(void)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	struct ledger_call c = call, got;

	for (int i = 0; i < LINE_MAX_TEXT; i++)
		buf_adds(&text, i == 0 ? "a" : "\xc3\xa9");
	c.session = c.answer = text.p;
	size_t at = line_begin(&b, LINE_SETTLE, 1);
	line_call(&b, &c);
	line_end(&b, at);
	struct line_msg m = first(&b);
	line_get_call(&m, &got);
	tap_ok(
	    got.session && strlen(got.session) == LINE_MAX_TEXT - 1, "a name that is too long is cut, between letters");
	tap_ok(same(got.answer, text.p), "content isn't");
	buf_clear(&b);
	buf_clear(&text);
	buf_adds(&b, "before");
	at = line_begin(&b, LINE_SETTLE, 1);
	memset(buf_reserve(&text, LINE_MAX_BYTES), 'x', LINE_MAX_BYTES);
	line_bytes(&b, text.p, LINE_MAX_BYTES);
	tap_ok(line_end(&b, at) == -1 && b.len == 6, "over 16 MiB isn't sent, and what stood before stays");
	at = line_begin(&b, LINE_SETTLE, 1);
	line_bytes(&b, text.p, LINE_MAX_BYTES - 16 - 6);
	tap_ok(line_end(&b, at) == 0 && b.len == 6 + LINE_MAX_BYTES, "16 MiB are");
	buf_release(&b);
	buf_release(&text);
}

/* Reads a message of any bytes as each kind there is; what counts is that it ends, inside of the message. */
static void
read_all(const char *p, size_t n)
{
	struct line_msg m;
	struct ledger_call c;
	struct ledger_attempt a;
	struct budget v;
	struct ledger_key k;
	struct err e;
	size_t used = 0;

	if (line_next(p, n, &used, &m) != 1)
		return;
	struct line_msg again[5] = {m, m, m, m, m};
	line_get_call(&again[0], &c);
	line_get_attempt(&again[1], &a);
	line_get_budget(&again[2], &v);
	line_get_key(&again[3], &k);
	line_get_err(&again[4], &e);
	line_get_count(&m);
}

/* In memory of exactly its size, so that a sanitizer sees a step too far. */
static void
read_copy(const struct buf *b, size_t n)
{
	char *p = xmalloc(n);

	memcpy(p, b->p, n);
	read_all(p, n);
	free(p);
}

static void
patch(struct buf *b, size_t at, uint32_t n)
{
	memcpy(b->p + at, &n, sizeof(n));
}

static void
hostile(void)
{
	struct buf b = BUF_INIT;
	struct line_msg m;
	struct ledger_call c;
	size_t used = 77, at = line_begin(&b, LINE_RESERVE, 1), n;
	uint64_t seed = 1;
	int bad = 0;

	line_call(&b, &call);
	line_end(&b, at);
	size_t whole = b.len;
	for (size_t i = 0; i < whole; i++)
		bad |= line_next(b.p, i, &used, &m) != 0;
	tap_ok(!bad, "a message of which a part has come isn't one yet");
	for (size_t i = 16; i < whole; i++) { /* it says that it is shorter than it is */
		patch(&b, 0, (uint32_t)i);
		if (line_next(b.p, b.len, &used, &m) != 1)
			bad = 1;
		line_get_call(&m, &c);
		bad |= line_is_whole(&m) || !m.bad;
		read_copy(&b, i);
	}
	tap_ok(!bad, "one that is cut anywhere is bad");
	patch(&b, 0, 15);
	tap_is_int(line_next(b.p, b.len, &used, &m), -1, "shorter than its head");
	patch(&b, 0, LINE_MAX_BYTES + 1);
	tap_is_int(line_next(b.p, b.len, &used, &m), -1, "longer than there are");
	patch(&b, 0, UINT32_MAX);
	tap_is_int(line_next(b.p, b.len, &used, &m), -1, "4 GiB");
	patch(&b, 0, (uint32_t)whole);
	patch(&b, 17, UINT32_MAX);
	tap_ok(line_next(b.p, b.len, &used, &m) == 1 && !line_get_bytes(&m, &n) && m.bad, "a string of 4 GiB");
	patch(&b, 17, (uint32_t)(whole - 16 - 5));
	line_next(b.p, b.len, &used, &m);
	tap_ok(!line_get_str(&m) && m.bad, "a string up to the end, without its NUL");
	line_next(b.p, b.len, &used, &m);
	tap_ok(line_get_int(&m, INT64_MIN, INT64_MAX) == 0 && m.bad, "a string isn't a number");
	tap_ok(line_get_count(&m) == 0, "behind that nothing is read");
	patch(&b, 17, 7);
	for (int i = 0; i < 20000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
		size_t where = 16 + (seed >> 33) % (whole - 16);
		char was = b.p[where];
		b.p[where] = (char)(seed >> 20);
		read_copy(&b, whole);
		if (i % 3)
			b.p[where] = was;
	}
	tap_ok(1, "20000 spoiled ones were read");
	buf_release(&b);
}

static void
counts(void)
{
	struct buf b = BUF_INIT;
	size_t at = line_begin(&b, LINE_SETTLE, 1);

	line_int(&b, 1000000);
	line_attempt(&b, &attempt);
	line_end(&b, at);
	struct line_msg m = first(&b);
	tap_ok(line_get_count(&m) == 0 && m.bad, "more rows than the message can hold");
	buf_release(&b);
}

int
main(void)
{
	rows();
	errors();
	long_texts();
	hostile();
	counts();
	return tap_done();
}
