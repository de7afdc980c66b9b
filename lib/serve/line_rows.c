/* SPDX-License-Identifier: ISC */
/* Rows of the ledger as fields of messages: part of line.h. */
#include <string.h>

#include "serve/line.h"

#include "budget.h"
#include "buf.h"
#include "ledger_keys.h"
#include "str.h"

/* What a member is, and where. */
struct member {
	size_t at;
	enum { INT, LONG, TEXT, CONTENT, SUM, HASH } kind;
	int max; /* of an INT that is an enum, or says yes or no; 0: any */
};

#define AT(type, member, kind, max) \
	{ \
		offsetof(struct type, member), kind, max \
	}
#define N_OF(v) (sizeof(v) / sizeof(*(v)))

static const struct member call_members[] = {AT(ledger_call, id, TEXT, 0), AT(ledger_call, tool, TEXT, 0),
    AT(ledger_call, tag, TEXT, 0), AT(ledger_call, session, TEXT, 0), AT(ledger_call, asked, TEXT, 0),
    AT(ledger_call, client, TEXT, 0), AT(ledger_call, client_id, LONG, 0), AT(ledger_call, started_ms, LONG, 0),
    AT(ledger_call, model, TEXT, 0), AT(ledger_call, provider, TEXT, 0), AT(ledger_call, endpoint, TEXT, 0),
    AT(ledger_call, key, TEXT, 0), AT(ledger_call, answer_id, TEXT, 0), AT(ledger_call, finish, TEXT, 0),
    AT(ledger_call, status, INT, 0), AT(ledger_call, error, TEXT, 0), AT(ledger_call, streamed, INT, 1),
    AT(ledger_call, ttft_ms, LONG, 0), AT(ledger_call, ms, LONG, 0), AT(ledger_call, request, CONTENT, 0),
    AT(ledger_call, answer, CONTENT, 0)};

static const struct member attempt_members[] = {AT(ledger_attempt, started_ms, LONG, 0),
    AT(ledger_attempt, model, TEXT, 0), AT(ledger_attempt, provider, TEXT, 0), AT(ledger_attempt, endpoint, TEXT, 0),
    AT(ledger_attempt, key, TEXT, 0), AT(ledger_attempt, reserved_pusd, LONG, 0), AT(ledger_attempt, http, INT, 0),
    AT(ledger_attempt, error, TEXT, 0), AT(ledger_attempt, blamed, INT, 1), AT(ledger_attempt, ttft_ms, LONG, 0),
    AT(ledger_attempt, ms, LONG, 0), AT(ledger_attempt, prompt, LONG, 0), AT(ledger_attempt, completion, LONG, 0),
    AT(ledger_attempt, cached, LONG, 0), AT(ledger_attempt, cache_write, LONG, 0),
    AT(ledger_attempt, reasoning, LONG, 0), AT(ledger_attempt, cost_pusd, LONG, 0),
    AT(ledger_attempt, source, INT, COST_RESERVED)};

static const struct member budget_members[] = {AT(budget, period, INT, BUDGET_EVER), AT(budget, tag, TEXT, 0),
    AT(budget, model, TEXT, 0), AT(budget, provider, TEXT, 0), AT(budget, key, TEXT, 0),
    AT(budget, limit_pusd, LONG, 0), AT(budget, ceiling_pusd, LONG, 0), AT(budget, client_id, LONG, 0),
    AT(budget, line, TEXT, 0)};

static const struct member key_members[] = {AT(ledger_key, id, LONG, 0), AT(ledger_key, hash, HASH, 0),
    AT(ledger_key, name, TEXT, 0), AT(ledger_key, label, TEXT, 0), AT(ledger_key, limit_pusd, LONG, 0),
    AT(ledger_key, reset, INT, RESET_MONTHLY), AT(ledger_key, rpm, LONG, 0), AT(ledger_key, tpm, LONG, 0),
    AT(ledger_key, models, CONTENT, 0), AT(ledger_key, created_ms, LONG, 0), AT(ledger_key, updated_ms, LONG, 0),
    AT(ledger_key, expires_ms, LONG, 0), AT(ledger_key, disabled, INT, 1), AT(ledger_key, management, INT, 1),
    AT(ledger_key, used, SUM, 0), AT(ledger_key, used_day, SUM, 0), AT(ledger_key, used_week, SUM, 0),
    AT(ledger_key, used_month, SUM, 0), AT(ledger_key, n_calls, LONG, 0)};

/* A client may have sent a name of megabytes. */
static void
put_text(struct buf *b, const char *s)
{
	size_t n = s ? strnlen(s, LINE_MAX_TEXT + 1) : 0;

	if (!s) {
		line_str(b, NULL);
		return;
	}
	if (n > LINE_MAX_TEXT)
		n = LINE_MAX_TEXT - utf8_tail(s, LINE_MAX_TEXT);
	line_bytes(b, s, n);
}

static void
put_sum(struct buf *b, pusd_sum_t n)
{
	if (n < 0)
		n = 0;
	line_int(b, (int64_t)(n >> 64));
	line_int(b, (int64_t)(uint64_t)n);
}

static const char *
text_at(const char *p)
{
	const char *s;

	memcpy(&s, p, sizeof(s)); /* a char * in some structs, a const char * in others */
	return s;
}

static void
put(struct buf *b, const struct member *m, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++) {
		const char *p = (const char *)from + m[i].at;
		switch (m[i].kind) {
		case INT:
			line_int(b, m[i].max == 1 ? *(const int *)p != 0 : *(const int *)p);
			break;
		case LONG:
			line_int(b, *(const int64_t *)p);
			break;
		case TEXT:
			put_text(b, text_at(p));
			break;
		case CONTENT:
			line_str(b, text_at(p));
			break;
		case SUM:
			put_sum(b, *(const pusd_sum_t *)p);
			break;
		case HASH:
			line_bytes(b, p, LEDGER_KEY_HASH);
			break;
		}
	}
}

static pusd_sum_t
get_sum(struct line_msg *m)
{
	int64_t high = line_get_int(m, 0, INT64_MAX);
	uint64_t low = (uint64_t)line_get_int(m, INT64_MIN, INT64_MAX);

	return ((pusd_sum_t)high << 64) | low;
}

static void
get_hash(struct line_msg *m, unsigned char *to)
{
	size_t n;
	const char *p = line_get_bytes(m, &n);

	if (p && n == LEDGER_KEY_HASH)
		memcpy(to, p, n);
	else
		m->bad = 1;
}

static void
get(struct line_msg *msg, const struct member *m, size_t n, void *into)
{
	for (size_t i = 0; i < n; i++) {
		char *p = (char *)into + m[i].at;
		const char *s;
		switch (m[i].kind) {
		case INT:
			*(int *)p = m[i].max ? (int)line_get_int(msg, 0, m[i].max)
					     : (int)line_get_int(msg, INT32_MIN, INT32_MAX);
			break;
		case LONG:
			*(int64_t *)p = line_get_int(msg, INT64_MIN, INT64_MAX);
			break;
		case TEXT:
		case CONTENT:
			s = line_get_str(msg);
			memcpy(p, &s, sizeof(s));
			break;
		case SUM:
			*(pusd_sum_t *)p = get_sum(msg);
			break;
		case HASH:
			get_hash(msg, (unsigned char *)p);
			break;
		}
	}
}

void
line_call(struct buf *b, const struct ledger_call *c)
{
	put(b, call_members, N_OF(call_members), c);
}

void
line_get_call(struct line_msg *m, struct ledger_call *c)
{
	*c = (struct ledger_call){0};
	get(m, call_members, N_OF(call_members), c);
}

void
line_attempt(struct buf *b, const struct ledger_attempt *a)
{
	put(b, attempt_members, N_OF(attempt_members), a);
}

void
line_get_attempt(struct line_msg *m, struct ledger_attempt *a)
{
	*a = (struct ledger_attempt){0};
	get(m, attempt_members, N_OF(attempt_members), a);
}

void
line_budget(struct buf *b, const struct budget *v)
{
	put(b, budget_members, N_OF(budget_members), v);
}

void
line_get_budget(struct line_msg *m, struct budget *v)
{
	*v = (struct budget){0};
	get(m, budget_members, N_OF(budget_members), v);
}

void
line_key(struct buf *b, const struct ledger_key *k)
{
	put(b, key_members, N_OF(key_members), k);
}

void
line_get_key(struct line_msg *m, struct ledger_key *k)
{
	*k = (struct ledger_key){0};
	get(m, key_members, N_OF(key_members), k);
}
