/* SPDX-License-Identifier: ISC */
/* serve/shared: counters of several processes, what runs, limits by the minute. */
#include <sys/mman.h>
#include <sys/wait.h>

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "mem.h"
#include "serve/shared.h"
#include "tap.h"

#define N_PROC 8
#define NOW INT64_C(1790000000000)

/* Runs fn in N_PROC processes at once, until all of them have ended. */
static void
in_processes(void (*fn)(struct shared *s, int64_t *sum, int me), struct shared *s, int64_t *sum)
{
	pid_t pid[N_PROC];

	fflush(stdout);
	for (int i = 0; i < N_PROC; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			fn(s, sum + i, i);
			_exit(0);
		}
	}
	for (int i = 0; i < N_PROC; i++)
		waitpid(pid[i], NULL, 0);
}

static int64_t
total(const int64_t *sum)
{
	int64_t n = 0;

	for (int i = 0; i < N_PROC; i++)
		n += sum[i];
	return n;
}

static void
count_up(struct shared *s, int64_t *sum, int me)
{
	(void)sum;
	for (int i = 0; i < 20000; i++) {
		shared_add(s, SHARED_CALLS, 1);
		shared_time(s, SHARED_TTFT, me);
	}
}

static void
check_counters(struct shared *s, int64_t *sum)
{
	uint64_t count[64], ms;
	size_t n;

	in_processes(count_up, s, sum);
	tap_is_int(shared_get(s, SHARED_CALLS), N_PROC * 20000, "no count is lost between processes");
	const int64_t *bound = shared_bounds(&n);
	shared_times(s, SHARED_TTFT, count, &ms);
	tap_is_int((long long)ms, 20000 * (N_PROC * (N_PROC - 1) / 2), "nor a millisecond");
	tap_ok(bound[0] == 1 && count[0] == 40000 && count[1] == 20000 && count[2] == 60000,
	    "a bound belongs to the times below it");
	shared_time(s, SHARED_TOTAL, bound[n - 1] + 1);
	shared_times(s, SHARED_TOTAL, count, &ms);
	tap_is_int((long long)count[n], 1, "behind the last bound comes what is longer");
}

/* As many requests as there are, at one moment. */
static void
hammer(struct shared *s, int64_t *sum, int me)
{
	(void)me;
	for (int i = 0; i < 5000; i++)
		*sum += shared_take(s, 7, 1000, 0, 0, NOW, NULL, NULL) == 0;
}

/* The same over two minutes, each process with a clock that goes at its own pace. */
static void
hammer_on(struct shared *s, int64_t *sum, int me)
{
	for (int64_t ms = 0; ms < 120000; ms += 7 + me)
		*sum += shared_take(s, 8, 300, 0, 0, NOW + ms, NULL, NULL) == 0;
}

static void
hammer_tokens(struct shared *s, int64_t *sum, int me)
{
	for (int i = 0; i < 5000; i++)
		if (shared_take(s, 9, 0, 100000, 10 + me, NOW, NULL, NULL) == 0)
			*sum += 10 + me;
}

static void
check_limits(struct shared *s, int64_t *sum)
{
	int64_t requests, tokens, wait;

	memset(sum, 0, N_PROC * sizeof(*sum));
	in_processes(hammer, s, sum);
	tap_is_int(total(sum), 1000, "of 40,000 requests at one moment, 1000 a minute");
	wait = shared_take(s, 7, 1000, 0, 0, NOW, &requests, &tokens);
	tap_is_int(wait, 60, "the next one in 60 ms");
	tap_ok(requests == 0 && tokens == INT64_MAX, "none left; tokens without a limit");
	tap_is_int(shared_take(s, 7, 1000, 0, 0, NOW + 60, NULL, NULL), 0, "and then it comes");
	tap_is_int(shared_take(s, 7, 1000, 0, 0, NOW + 60, NULL, NULL), 60, "one alone");

	memset(sum, 0, N_PROC * sizeof(*sum));
	in_processes(hammer_on, s, sum);
	tap_ok(total(sum) <= 300 * 3 && total(sum) >= 300, "in two minutes at most three times the limit of one (%lld)",
	    (long long)total(sum));

	memset(sum, 0, N_PROC * sizeof(*sum));
	in_processes(hammer_tokens, s, sum);
	tap_ok(
	    total(sum) <= 100000 && total(sum) > 100000 - 10 * N_PROC, "tokens likewise (%lld)", (long long)total(sum));
}

static void
check_rules(struct shared *s)
{
	int64_t requests, tokens;

	for (int i = 0; i < 7; i++)
		shared_take(s, 20, 7, 0, 0, NOW, &requests, NULL);
	tap_is_int(requests, 0, "7 a minute are 7");
	tap_ok(shared_take(s, 20, 7, 0, 0, NOW, NULL, NULL) > 8000, "not 8");
	tap_is_int(shared_take(s, 21, 7, 100, 30, NOW, &requests, &tokens), 0, "requests and tokens at once");
	tap_ok(requests == 6 && tokens == 70, "what is left of both");
	tap_ok(shared_take(s, 21, 7, 100, 71, NOW, &requests, &tokens) == 600 && requests == 6 && tokens == 70,
	    "too many tokens: in 600 ms, and no request was taken");
	shared_correct(s, 21, 100, 20, NOW);
	shared_take(s, 21, 7, 100, 0, NOW, NULL, &tokens);
	tap_is_int(tokens, 50, "it took more");
	shared_correct(s, 21, 100, -50, NOW);
	shared_take(s, 21, 7, 100, 0, NOW, NULL, &tokens);
	tap_is_int(tokens, 100, "it took less");
	shared_correct(s, 21, 100, -1000, NOW);
	shared_take(s, 21, 7, 100, 0, NOW, NULL, &tokens);
	tap_is_int(tokens, 100, "no bucket holds more than a minute's worth");
	tap_is_int(shared_take(s, 22, 0, 100, 250, NOW, NULL, &tokens), 0, "more than it can hold: where it is full");
	tap_is_int(shared_take(s, 22, 0, 100, 1, NOW, NULL, &tokens), 90600, "and owed");
	tap_is_int(shared_take(s, 22, 0, 100, 250, NOW + 149999, NULL, NULL), 1, "not where it isn't");
	shared_correct(s, 22, 100, INT64_MAX, NOW);
	tap_is_int(shared_take(s, 22, 0, 100, 0, NOW, NULL, NULL), 59 * 60000, "nobody owes more than an hour");
	tap_is_int(shared_take(s, 23, 0, 0, 1000000, NOW, &requests, &tokens), 0, "no limit");
	tap_ok(requests == INT64_MAX && tokens == INT64_MAX, "is none");
}

static void
check_many_keys(struct shared *s)
{
	int bad = 0;

	for (int64_t k = 100; k < 100 + 2 * SHARED_KEYS; k++)
		bad += shared_take(s, k, 1, 0, 0, NOW, NULL, NULL) != 0;
	for (int64_t k = 100; k < 100 + 2 * SHARED_KEYS; k++)
		bad += shared_take(s, k, 1, 0, 0, NOW, NULL, NULL) == 0;
	tap_is_int(bad, 0, "keys for which there is no room in common have limits all the same");
}

static void
connect_one(struct shared *s, int64_t *sum, int me)
{
	(void)me;
	shared_add(s, SHARED_CONNECTIONS, 2);
	shared_add(s, SHARED_CONNECTIONS, -1);
	*sum = getpid();
}

static void
check_connections(struct shared *s, int64_t *sum)
{
	shared_add(s, SHARED_CONNECTIONS, 1);
	in_processes(connect_one, s, sum);
	tap_is_int(shared_get(s, SHARED_CONNECTIONS), N_PROC + 1, "connections that are open");
	for (int i = 0; i < N_PROC; i++)
		shared_forget(s, (int32_t)sum[i]);
	tap_is_int(shared_get(s, SHARED_CONNECTIONS), 1, "those of dead processes aren't");
}

static struct shared_call
call_of(int32_t pid, const char *id)
{
	struct shared_call c = {.started_ms = NOW, .pid = pid, .streams = 1};

	strlcpy(c.id, id, sizeof(c.id));
	return c;
}

static void
enter_and_leave(struct shared *s, int64_t *sum, int me)
{
	struct shared_call v[SHARED_LIVE / 64], c = call_of((int32_t)getpid(), "gen-x");

	memset(c.model, 'a' + me, sizeof(c.model) - 1);
	for (int i = 0; i < 3000; i++) {
		int slot = shared_enter(s, &c);
		size_t n = shared_live(s, v, sizeof(v) / sizeof(*v));
		for (size_t k = 0; k < n; k++) /* the last letter is the first one: nobody's half was read */
			*sum += v[k].model[0] != v[k].model[sizeof(c.model) - 2];
		*sum += slot < 0;
		shared_leave(s, slot);
	}
	shared_enter(s, &c); /* as if it died */
	shared_enter(s, &c);
}

static void
check_live(struct shared *s, int64_t *sum)
{
	struct shared_call v[4], c = call_of(42, "gen-1");
	int first = shared_enter(s, &c);

	c = call_of(43, "gen-2");
	int second = shared_enter(s, &c);
	tap_ok(shared_live(s, v, 4) == 2 && strcmp(v[0].id, "gen-1") == 0 && v[1].pid == 43, "two calls run");
	tap_is_int((long long)shared_live(s, v, 1), 1, "as many as there is room for");
	shared_leave(s, first);
	shared_leave(s, -1);
	tap_ok(shared_live(s, v, 4) == 1 && v[0].pid == 43, "one of them is over");
	tap_is_int(shared_enter(s, &c), first, "its slot is the next one's");
	shared_forget(s, 43);
	tap_ok(shared_live(s, v, 4) == 0 && second != first, "a process that died has none");

	memset(sum, 0, N_PROC * sizeof(*sum));
	in_processes(enter_and_leave, s, sum);
	tap_is_int(total(sum), 0, "what others read is never half");
	struct shared_call *all = xcalloc(SHARED_LIVE, sizeof(*all));
	size_t n = shared_live(s, all, SHARED_LIVE);
	tap_is_int((long long)n, 2 * N_PROC, "those that died left theirs");
	for (size_t i = 0; i < n; i++)
		shared_forget(s, all[i].pid);
	tap_is_int((long long)shared_live(s, all, SHARED_LIVE), 0, "and are forgotten");
	int last = 0;
	for (int i = 0; i < SHARED_LIVE; i++)
		last = shared_enter(s, &c);
	tap_ok(last >= 0 && shared_enter(s, &c) == -1, "there are so many slots, and no more");
	free(all);
}

static void
close_it(struct shared *s, int64_t *sum, int me)
{
	(void)sum;
	if (me == 1)
		shared_close(s);
}

int
main(void)
{
	struct err e = {0};
	struct shared *s = shared_new(&e);
	int64_t *sum = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (!tap_ok(s && sum != MAP_FAILED, "memory"))
		return tap_done();
	check_counters(s, sum);
	check_limits(s, sum);
	check_rules(s);
	check_live(s, sum);
	check_connections(s, sum);
	check_many_keys(s);
	tap_ok(!shared_is_closed(s), "open at first");
	in_processes(close_it, s, sum);
	tap_ok(shared_is_closed(s), "closed by another process, for all");
	shared_serve(s, 1, 77);
	shared_serve(s, SHARED_WORKERS, 78);
	tap_ok(!shared_serves(s, 0) && shared_serves(s, 1) == 77 && !shared_serves(s, SHARED_WORKERS),
	    "who serves, by its number");
	shared_free(s);
	return tap_done();
}
