/* SPDX-License-Identifier: ISC */
#include "health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "endpoint.h"
#include "err.h"
#include "providers.h"
#include "tap.h"

#define NOW 1790000000000

static char name_p[] = "p", name_q[] = "q", key[] = "env:OR_TEST_KEY", none[] = "none";
static struct provider p = {.name = name_p, .key = key}, q = {.name = name_q, .key = none};
static char path[64], file[80];

static struct err
failure(enum err_kind kind, int http, int64_t after_ms)
{
	return (struct err){.kind = kind, .http = http, .retry_after_ms = after_ms};
}

static void
benches(void)
{
	struct health *h = health_open(NULL);
	struct err e500 = failure(ERR_TEMPORARY, 500, 0), e401 = failure(ERR_AUTH, 401, 0),
		   e400 = failure(ERR_REQUEST, 400, 0);
	struct err e429 = failure(ERR_TEMPORARY, 429, 5000);
	const char *why = NULL;

	tap_is_int(health_benched(h, &p, "m", NOW, NULL), 0, "an empty table benches nobody");
	health_failed(h, &p, "m", &e400, NOW);
	tap_is_int(health_benched(h, &p, "m", NOW, NULL), 0, "nor does a bad request");
	health_failed(h, &p, "m", &e500, NOW);
	tap_is_int(health_benched(h, &p, "m", NOW, &why), NOW + 30000, "a breakdown benches the endpoint");
	tap_is_str(why, "failed", "and says so");
	tap_is_int(health_benched(h, &p, "x", NOW, NULL), 0, "not another model's");
	tap_is_int(health_benched(h, &q, "m", NOW, NULL), 0, "not another provider's");
	tap_is_int(health_benched(h, &p, "m", NOW + 30000, NULL), 0, "and not for ever");
	health_failed(h, &p, "m", &e429, NOW);
	tap_is_int(health_benched(h, &p, "m", NOW, &why), NOW + 30000, "the longest bench counts");
	health_failed(h, &p, "x", &e401, NOW + 1000);
	tap_is_int(health_benched(h, &p, "m", NOW + 1000, &why), NOW + 601000, "a bad key benches all its models");
	tap_is_str(why, "key rejected", "and says so");
	setenv("OR_TEST_KEY", "another", 1);
	tap_is_int(health_benched(h, &p, "x", NOW + 1000, NULL), 0, "a new key isn't benched");
	tap_is_int(health_benched(h, &p, "m", NOW + 1000, NULL), NOW + 30000, "but the endpoint is");
	setenv("OR_TEST_KEY", "first", 1);
	health_close(h);
}

static void
crowded(void)
{
	struct health *h = health_open(NULL);
	struct err e = failure(ERR_TEMPORARY, 429, 60000);
	char model[16];
	int n = 0;

	for (int i = 0; i < 5000; i++) {
		snprintf(model, sizeof(model), "m%d", i);
		health_failed(h, &p, model, &e, NOW + i);
	}
	tap_ok(health_benched(h, &p, "m4999", NOW + 5000, NULL) > 0, "the newest of five thousand is there");
	for (int i = 0; i < 5000; i++) {
		snprintf(model, sizeof(model), "m%d", i);
		n += health_benched(h, &p, model, NOW + 5000, NULL) > 0;
	}
	tap_ok(n > 100 && n <= 256, "and as many as there is room for: %d", n);
	health_close(h);
}

static void
record(struct health *h, int64_t at_ms, int blamed, int64_t ttft, int64_t speed)
{
	const struct health_sample s = {.at_ms = at_ms, .blamed = blamed, .ttft_ms = ttft, .mtok_s = speed};

	health_record(h, "p:m", &s);
}

static struct endpoint_past
past(struct health *h, int64_t now)
{
	struct endpoint_past e = ENDPOINT_PAST_UNKNOWN;

	health_past(h, "p:m", now, &e);
	return e;
}

static void
gathered(void)
{
	struct health *h = health_open(path), *other;

	health_gather(h);
	record(h, NOW, 0, 100, 50000);
	record(h, NOW, 0, 300, 50000);
	tap_is_int(past(h, NOW).n_calls, 0, "samples that are gathered wait");
	health_settle(h);
	tap_is_int(past(h, NOW).n_calls, 2, "then they are there");
	record(h, NOW, 0, 100, 50000);
	record(h, NOW, 1, 100, 50000);
	tap_is_int(past(h, NOW).n_calls, 4, "a failure is told at once, with those before it");
	for (int i = 0; i < 33; i++)
		record(h, NOW, 0, 100, 50000);
	other = health_open(path);
	tap_is_int(past(other, NOW).n_calls, 32, "as many as count are enough for others to hear of them");
	record(h, NOW + 1000, 0, 700, 50000);
	health_close(h);
	tap_is_int(past(other, NOW + 1000).ttft_ms[P99], 700, "the end tells the rest");
	health_close(other);
	unlink(file);
}

static void
samples(void)
{
	struct health *h = health_open(NULL);
	struct endpoint_past e = past(h, NOW);

	tap_ok(e.n_calls == 0 && e.success == -1 && e.ttft_ms[P50] == -1, "nothing is known of what was never called");
	record(h, NOW, 0, 100, 50000);
	e = past(h, NOW);
	tap_ok(e.n_calls == 1 && e.ttft_ms[P50] == 100 && e.mtok_s[P99] == 50000, "one call: its own figures");
	tap_is_int(e.success, (1000 * 1 + 980 * 10) / 11, "its success moves the prior a little");
	for (int i = 0; i < 9; i++)
		record(h, NOW, 0, 200 + 100 * i, 10000 * (i + 1));
	e = past(h, NOW);
	tap_ok(e.ttft_ms[P50] == 500 && e.ttft_ms[P90] == 900 && e.ttft_ms[P99] == 1000,
	    "percentiles: so many took at most: %d %d %d", e.ttft_ms[P50], e.ttft_ms[P90], e.ttft_ms[P99]);
	tap_ok(e.mtok_s[P50] == 50000 && e.mtok_s[P90] == 20000 && e.mtok_s[P99] == 10000,
	    "so many had at least: %d %d %d", e.mtok_s[P50], e.mtok_s[P90], e.mtok_s[P99]);
	e.ttft_ms[P50] = 1000;
	health_past(h, "p:m", NOW, &e);
	tap_is_int(e.ttft_ms[P50], (500 * 10 + 1000 * 5) / 15, "a prior weighs as much as five calls");
	record(h, NOW + 1000, 1, -1, -1);
	e = past(h, NOW + 2000);
	tap_is_int(e.failed_ms, NOW + 1000, "the last failure");
	tap_ok(e.success < 980, "success goes down: %d", e.success);
	e = past(h, NOW + 3 * 86400000LL);
	tap_ok(e.n_calls == 0 && e.success == -1, "three days later nothing of it counts");
	record(h, NOW + 3600000, 0, 7, -1);
	e = past(h, NOW + 3600000);
	tap_ok(
	    e.n_calls == 12, "where the last minutes have too few, those of the day count: %lld", (long long)e.n_calls);
	for (int i = 0; i < 5; i++)
		record(h, NOW + 3600000, 0, 7, -1);
	e = past(h, NOW + 3600000);
	tap_ok(e.n_calls == 6 && e.ttft_ms[P99] == 7, "where there are enough, they alone");
	for (int i = 0; i < 100; i++)
		record(h, NOW + 3600000, 0, 9, -1);
	tap_is_int(past(h, NOW + 3600000).n_calls, 32, "no more than 32 are kept");
	health_close(h);
}

static void
windows(void)
{
	struct health *h = health_open(NULL);
	struct endpoint_past e;

	health_within(h, "p:m", NOW, 300, &e);
	tap_ok(e.n_calls == 0 && e.success == -1 && e.ttft_ms[P50] == -1, "a window of what was never called");
	record(h, NOW - 1000000, 0, 100, 50000);
	record(h, NOW - 1000, 0, 300, 70000);
	record(h, NOW - 1000, 1, -1, -1);
	health_within(h, "p:m", NOW, 300, &e);
	tap_ok(e.n_calls == 2 && e.success == 500 && e.ttft_ms[P99] == 300 && e.mtok_s[P50] == 70000,
	    "what is in it, and no prior: %d", e.success);
	health_within(h, "p:m", NOW, 1800, &e);
	tap_ok(e.n_calls == 3 && e.success == 666 && e.ttft_ms[P50] == 100, "a longer one: %d", e.success);
	health_within(h, "p:m", NOW + 600000, 300, &e);
	tap_ok(e.n_calls == 0 && e.success == -1, "nothing was in it");
	health_close(h);
}

static void
sticky(struct health *h)
{
	tap_ok(health_sticky(h, 77, "m", NOW) == 0, "nobody has it");
	health_stick(h, 77, "m", "p:m", NOW);
	tap_ok(health_sticky(h, 77, "m", NOW + 599999) == health_endpoint("p:m"),
	    "who served it last has it for ten minutes");
	tap_ok(health_sticky(h, 77, "m", NOW + 600000) == 0, "and no longer");
	tap_ok(health_sticky(h, 77, "x", NOW) == 0 && health_sticky(h, 78, "m", NOW) == 0,
	    "this conversation, at this model");
	health_stick(h, 77, "m", "q:m", NOW + 1);
	tap_ok(health_sticky(h, 77, "m", NOW + 1) == health_endpoint("q:m"), "the last one");
	health_stick(h, 0, "m", "q:m", NOW);
	tap_ok(health_sticky(h, 0, "m", NOW) == 0, "no conversation, nothing to remember");
}

static void
shared(void)
{
	struct health *h = health_open(path), *other;
	struct err e = failure(ERR_TEMPORARY, 500, 0);
	struct stat st;

	tap_ok(stat(file, &st) == -1, "reading makes no file");
	health_failed(h, &p, "m", &e, NOW);
	tap_ok(stat(file, &st) == 0 && (st.st_mode & 0777) == 0600, "writing does, ours alone");
	other = health_open(path);
	tap_is_int(health_benched(other, &p, "m", NOW, NULL), NOW + 30000, "another process sees it");
	sticky(other);
	tap_ok(health_sticky(h, 77, "m", NOW + 1) == health_endpoint("q:m"), "and the first one sees what that wrote");
	health_close(other);
	health_close(h);
}

/* A clock that was a year ahead, and is set right: what was written then is no news. */
static void
clock_back(void)
{
	const int64_t ahead = NOW + 365 * INT64_C(86400000);
	struct health *h = health_open(NULL);
	struct err e = failure(ERR_TEMPORARY, 500, 0);

	health_failed(h, &p, "m", &e, ahead);
	tap_is_int(health_benched(h, &p, "m", NOW, NULL), 0, "a bench of the future holds nobody");
	health_failed(h, &p, "m", &e, NOW);
	tap_is_int(health_benched(h, &p, "m", NOW, NULL), NOW + 30000, "and makes room for one of today");
	tap_is_int(health_benched(h, &p, "m", NOW - 1000, NULL), NOW + 30000, "a second is no matter");
	record(h, ahead, 1, 5000, -1);
	tap_ok(past(h, NOW).n_calls == 0 && past(h, NOW).failed_ms <= 0, "nor do samples of the future count");
	health_stick(h, 77, "m", "p:m", ahead);
	tap_ok(health_sticky(h, 77, "m", NOW) == 0, "nor who served then");
	health_close(h);
}

/* Many at once: each sample is there. */
static void
at_once(void)
{
	struct health *h;
	int bad = 0, status;

	for (int i = 0; i < 16; i++)
		if (fork() == 0) {
			h = health_open(path);
			for (int k = 0; k < 2; k++)
				record(h, NOW, 0, 5, 5);
			_exit(0);
		}
	while (wait(&status) > 0)
		bad += status != 0;
	h = health_open(path);
	tap_ok(!bad && past(h, NOW).n_calls == 32, "sixteen processes: no sample is lost: %lld",
	    (long long)past(h, NOW).n_calls);
	health_close(h);
}

/* A file of another size is another version's. */
static void
foreign(void)
{
	struct err e = failure(ERR_TEMPORARY, 500, 0);
	struct health *h;
	FILE *f = fopen(file, "w");

	if (!f || fputs("not ours", f) < 0 || fclose(f))
		exit(1);
	h = health_open(path);
	tap_is_int(health_benched(h, &p, "m", NOW, NULL), 0, "a foreign file says nothing");
	health_failed(h, &p, "m", &e, NOW);
	health_close(h);
	h = health_open(path);
	tap_is_int(health_benched(h, &p, "m", NOW, NULL), NOW + 30000, "and makes room");
	health_close(h);
}

int
main(void)
{
	char dir[] = "/tmp/or-health.XXXXXX";

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/l.db", dir);
	snprintf(file, sizeof(file), "%s-health", path);
	setenv("OR_TEST_KEY", "first", 1);
	benches();
	crowded();
	gathered();
	samples();
	windows();
	clock_back();
	shared();
	at_once();
	foreign();
	unlink(file);
	rmdir(dir);
	return tap_done();
}
