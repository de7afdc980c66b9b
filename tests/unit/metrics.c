/* SPDX-License-Identifier: ISC */
#include "serve/metrics.h"

#include <string.h>

#include "buf.h"
#include "tap.h"

static const int64_t bounds[] = {5, 100, 2500};

static struct metrics
sample(void)
{
	struct metrics m = {.bound = bounds, .n_bound = 3, .running = 2, .started_ms = 1795371420250};

	for (int i = 0; i < SHARED_N_COUNTERS; i++)
		m.counter[i] = 100 + i;
	m.counter[SHARED_COST_NUSD] = 1500000020;
	for (size_t i = 0; i < 4; i++)
		m.time[SHARED_TTFT].count[i] = i + 1;
	m.time[SHARED_TTFT].sum_ms = 12345;
	return m;
}

/* Is this one of the text's lines? */
static void
has(const struct buf *b, const char *line)
{
	const char *at = strstr(b->p, line);

	while (at && !((at == b->p || at[-1] == '\n') && at[strlen(line)] == '\n'))
		at = strstr(at + 1, line);
	tap_ok(at != NULL, "%s", line);
}

static size_t
count(const char *s, const char *word)
{
	size_t n = 0;

	while ((s = strstr(s, word)) != NULL) {
		n++;
		s += strlen(word);
	}
	return n;
}

static void
test_counters(void)
{
	struct buf b = BUF_INIT;
	struct metrics m = sample();

	metrics_write(&b, &m, NULL, 0);
	has(&b, "# TYPE or_requests_total counter");
	has(&b, "or_requests_total 100");
	has(&b, "# HELP or_errors_total Requests answered with an error, by class of its status.");
	has(&b, "or_errors_total{class=\"4xx\"} 102");
	has(&b, "or_errors_total{class=\"5xx\"} 103");
	has(&b, "or_tokens_total{kind=\"completion\"} 109");
	has(&b, "or_cost_usd_total 1.50000002");
	has(&b, "# TYPE or_connections gauge");
	has(&b, "or_connections 113");
	has(&b, "or_calls_running 2");
	has(&b, "or_start_time_seconds 1795371420.25");
	tap_is_int((long long)count(b.p, "# TYPE or_errors_total "), 1, "rows of one name have one head");
	tap_is_int((long long)count(b.p, "# HELP "), (long long)count(b.p, "# TYPE "), "a help and a type each");
	tap_is_int((long long)count(b.p, "benched"), 0, "nobody sits out");
	tap_ok(b.p[b.len - 1] == '\n', "the last line has an end");
	buf_release(&b);
}

static void
test_times(void)
{
	struct buf b = BUF_INIT;
	struct metrics m = sample();

	metrics_write(&b, &m, NULL, 0);
	has(&b, "# TYPE or_first_byte_seconds histogram");
	has(&b, "or_first_byte_seconds_bucket{le=\"0.005\"} 1");
	has(&b, "or_first_byte_seconds_bucket{le=\"0.1\"} 3");
	has(&b, "or_first_byte_seconds_bucket{le=\"2.5\"} 6");
	has(&b, "or_first_byte_seconds_bucket{le=\"+Inf\"} 10");
	has(&b, "or_first_byte_seconds_sum 12.345");
	has(&b, "or_first_byte_seconds_count 10");
	has(&b, "or_call_seconds_sum 0");
	has(&b, "or_call_seconds_count 0");
	buf_release(&b);
}

static void
test_benches(void)
{
	struct buf b = BUF_INIT;
	struct metrics m = sample();
	struct metrics_bench v[] = {{"p:a\"b\\c\nd", "429", 30500}, {"q:m", "key rejected", 1000}};

	metrics_write(&b, &m, v, 2);
	has(&b, "or_endpoint_benched_seconds{endpoint=\"p:a\\\"b\\\\c\\nd\",reason=\"429\"} 30.5");
	has(&b, "or_endpoint_benched_seconds{endpoint=\"q:m\",reason=\"key rejected\"} 1");
	buf_clear(&b);
	metrics_label(&b, "\xff");
	tap_is_str(b.p, "\xef\xbf\xbd", "what isn't UTF-8 is replaced");
	buf_release(&b);
}

int
main(void)
{
	test_counters();
	test_times();
	test_benches();
	return tap_done();
}
