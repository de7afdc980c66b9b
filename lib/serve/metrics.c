/* SPDX-License-Identifier: ISC */
#include "serve/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "str.h"

enum unit { ONE, NUSD };

/* Rows of one name stand together, as the format wants it. */
static const struct row {
	const char *name, *type, *help, *label;
	enum shared_counter of;
	enum unit unit;
} rows[] = {
    {"or_requests_total", "counter", "Requests answered.", "", SHARED_REQUESTS, ONE},
    {"or_calls_total", "counter", "Calls to models that were let in.", "", SHARED_CALLS, ONE},
    {"or_errors_total", "counter", "Requests answered with an error, by class of its status.", "{class=\"4xx\"}",
	SHARED_ERRORS_4XX, ONE},
    {"or_errors_total", "counter", "", "{class=\"5xx\"}", SHARED_ERRORS_5XX, ONE},
    {"or_answers_cut_total", "counter", "Answers that ended in an error after they had begun.", "", SHARED_CUT, ONE},
    {"or_clients_gone_total", "counter", "Clients that left before the end of their answer.", "", SHARED_GONE, ONE},
    {"or_received_bytes_total", "counter", "Bytes received from clients.", "", SHARED_BYTES_IN, ONE},
    {"or_sent_bytes_total", "counter", "Bytes sent to clients.", "", SHARED_BYTES_OUT, ONE},
    {"or_tokens_total", "counter", "Tokens used, by kind.", "{kind=\"prompt\"}", SHARED_PROMPT_TOKENS, ONE},
    {"or_tokens_total", "counter", "", "{kind=\"completion\"}", SHARED_COMPLETION_TOKENS, ONE},
    {"or_cost_usd_total", "counter", "Dollars spent, of calls whose cost is known.", "", SHARED_COST_NUSD, NUSD},
    {"or_cache_hits_total", "counter", "Answers given from the cache.", "", SHARED_CACHE_HITS, ONE},
    {"or_limited_total", "counter", "Requests refused with 429 for a limit of their key.", "", SHARED_LIMITED, ONE},
    {"or_connections_total", "counter", "Connections accepted.", "", SHARED_ACCEPTED, ONE},
    {"or_connections", "gauge", "Connections open now.", "", SHARED_CONNECTIONS, ONE},
    {"or_worker_deaths_total", "counter", "Workers that died, and were started anew.", "", SHARED_RESTARTS, ONE},
    {"or_reloads_total", "counter", "Reloads of the tables.", "", SHARED_RELOADS, ONE},
};

static const struct {
	const char *name, *help;
} times[SHARED_N_TIMES] = {
    [SHARED_TTFT] = {"or_first_byte_seconds", "Time of calls to the first byte of their answer."},
    [SHARED_TOTAL] = {"or_call_seconds", "Time of calls to the end of their answer."},
};

static void
head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* n units of 1/10^digits, without zeros at the end. */
static void
decimal(struct buf *b, int64_t n, int digits)
{
	char s[32];
	int64_t one = 1;

	for (int i = 0; i < digits; i++)
		one *= 10;
	if (n < 0) {
		buf_addc(b, '-');
		n = n == INT64_MIN ? INT64_MAX : -n;
	}
	buf_addf(b, "%" PRId64, n / one);
	size_t len = 0;
	for (n %= one; n; n = n * 10 % one)
		s[len++] = (char)('0' + n * 10 / one);
	if (len) {
		buf_addc(b, '.');
		buf_add(b, s, len);
	}
}

static void
add_row(struct buf *b, const struct row *r, int64_t n)
{
	if (*r->help)
		head(b, r->name, r->type, r->help);
	buf_addf(b, "%s%s ", r->name, r->label);
	decimal(b, n, r->unit == NUSD ? 9 : 0);
	buf_addc(b, '\n');
}

/* The format's buckets hold all that is below, too. */
static void
add_times(struct buf *b, const struct metrics *m, enum shared_time t)
{
	const char *name = times[t].name;
	uint64_t n = 0;

	head(b, name, "histogram", times[t].help);
	for (size_t i = 0; i < m->n_bound; i++) {
		n += m->time[t].count[i];
		buf_addf(b, "%s_bucket{le=\"", name);
		decimal(b, m->bound[i], 3);
		buf_addf(b, "\"} %" PRIu64 "\n", n);
	}
	n += m->time[t].count[m->n_bound];
	buf_addf(b, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, n, name);
	decimal(b, (int64_t)m->time[t].sum_ms, 3);
	buf_addf(b, "\n%s_count %" PRIu64 "\n", name, n);
}

void
metrics_label(struct buf *b, const char *s)
{
	struct buf text = BUF_INIT;

	utf8_repair(&text, s, strlen(s));
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\n')
			buf_adds(b, "\\n");
		else {
			if (text.p[i] == '"' || text.p[i] == '\\')
				buf_addc(b, '\\');
			buf_addc(b, text.p[i]);
		}
	}
	buf_release(&text);
}

static void
add_benches(struct buf *b, const struct metrics_bench *v, size_t n)
{
	static const char name[] = "or_endpoint_benched_seconds";

	if (!n)
		return;
	head(b, name, "gauge", "How long an endpoint sits out still, and what for.");
	for (size_t i = 0; i < n; i++) {
		buf_addf(b, "%s{endpoint=\"", name);
		metrics_label(b, v[i].endpoint);
		buf_adds(b, "\",reason=\"");
		metrics_label(b, v[i].why);
		buf_adds(b, "\"} ");
		decimal(b, v[i].ms, 3);
		buf_addc(b, '\n');
	}
}

void
metrics_write(struct buf *b, const struct metrics *m, const struct metrics_bench *v, size_t n)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add_row(b, &rows[i], m->counter[rows[i].of]);
	head(b, "or_calls_running", "gauge", "Calls that run now.");
	buf_addf(b, "or_calls_running %" PRId64 "\n", m->running);
	head(b, "or_start_time_seconds", "gauge", "When this worker of the gateway started, in seconds since 1970.");
	buf_adds(b, "or_start_time_seconds ");
	decimal(b, m->started_ms, 3);
	buf_addc(b, '\n');
	for (enum shared_time t = 0; t < SHARED_N_TIMES; t++)
		add_times(b, m, t);
	add_benches(b, v, n);
}
