/* SPDX-License-Identifier: ISC */
#include "serve/shared.h"

#include <sys/mman.h>

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "mem.h"

#define LINE 64 /* bytes of a cache line: what different workers write at once shares none */
#define MINUTE_NS INT64_C(60000000000)
#define MS_NS INT64_C(1000000)
#define MAX_OWED_NS (60 * MINUTE_NS) /* nobody is shut out for longer */

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "counters of several processes");

static const int64_t bounds_ms[] = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 60000, 120000, 300000};

#define N_BOUNDS (sizeof(bounds_ms) / sizeof(*bounds_ms))

struct counter {
	alignas(LINE) _Atomic int64_t n;
};

struct histogram {
	alignas(LINE) _Atomic uint64_t count[N_BOUNDS + 1];
	_Atomic uint64_t sum_ms;
};

/* The owner's number is the lock of a slot; `turn` is odd while it is written, and another one when it was. */
struct slot {
	_Atomic uint32_t turn;
	struct shared_call call;
};

/*
 * A bucket as the time at which it will be full again (the generic cell rate algorithm): one word, changed by compare and swap. ns since 1970; a
 * time that has passed: it is full.
 */
struct bucket {
	_Atomic int64_t key; /* 0: nobody's yet; never let go */
	_Atomic int64_t requests, tokens;
};

/* What one process has open: it goes with the process. */
struct part {
	alignas(LINE) _Atomic int32_t pid; /* 0: nobody's */
	_Atomic int64_t connections;
};

struct map {
	struct counter counter[SHARED_N_COUNTERS];
	struct part part[SHARED_WORKERS];
	struct histogram time[SHARED_N_TIMES];
	_Atomic int closed;
	_Atomic int32_t serves[SHARED_WORKERS]; /* pid */
	_Atomic int32_t owner[SHARED_LIVE];     /* pid; 0: the slot is free */
	struct slot slot[SHARED_LIVE];
	struct bucket bucket[SHARED_KEYS];
};

/* Each process has its own of this. */
struct shared {
	struct map *map;
	struct part *part; /* of the process `pid` */
	int32_t pid;
	struct bucket *own; /* of keys that found no room in the map */
	size_t n_own, cap_own;
};

struct shared *
shared_new(struct err *e)
{
	void *map = mmap(NULL, sizeof(struct map), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED) {
		err_sys(e, ERR_SYSTEM, errno, "no memory for what workers share");
		return NULL;
	}
	struct shared *s = xcalloc(1, sizeof(*s));
	s->map = map;
	return s;
}

void
shared_free(struct shared *s)
{
	if (!s)
		return;
	munmap(s->map, sizeof(*s->map));
	free(s->own);
	free(s);
}

/* ── counters ── */

/* This process's; after a fork the child has none of its parent. NULL: there are too many processes. */
static struct part *
my_part(struct shared *s)
{
	int32_t pid = (int32_t)getpid();

	if (s->pid == pid)
		return s->part;
	s->pid = pid;
	s->part = NULL;
	for (size_t i = 0; i < SHARED_WORKERS && !s->part; i++) {
		int32_t nobody = 0;
		if (atomic_compare_exchange_strong(&s->map->part[i].pid, &nobody, pid))
			s->part = &s->map->part[i];
	}
	return s->part;
}

void
shared_add(struct shared *s, enum shared_counter c, int64_t n)
{
	struct part *p = c == SHARED_CONNECTIONS ? my_part(s) : NULL;

	if (p)
		atomic_fetch_add_explicit(&p->connections, n, memory_order_relaxed);
	else
		atomic_fetch_add_explicit(&s->map->counter[c].n, n, memory_order_relaxed);
}

int64_t
shared_get(const struct shared *s, enum shared_counter c)
{
	int64_t n = atomic_load_explicit(&s->map->counter[c].n, memory_order_relaxed);

	for (size_t i = 0; c == SHARED_CONNECTIONS && i < SHARED_WORKERS; i++)
		n += atomic_load_explicit(&s->map->part[i].connections, memory_order_relaxed);
	return n;
}

void
shared_time(struct shared *s, enum shared_time t, int64_t ms)
{
	struct histogram *h = &s->map->time[t];
	size_t i = 0;

	if (ms < 0)
		return;
	while (i < N_BOUNDS && ms > bounds_ms[i])
		i++;
	atomic_fetch_add_explicit(&h->count[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_ms, (uint64_t)ms, memory_order_relaxed);
}

const int64_t *
shared_bounds(size_t *n)
{
	*n = N_BOUNDS;
	return bounds_ms;
}

void
shared_times(const struct shared *s, enum shared_time t, uint64_t *count, uint64_t *sum_ms)
{
	struct histogram *h = &s->map->time[t];

	for (size_t i = 0; i <= N_BOUNDS; i++)
		count[i] = atomic_load_explicit(&h->count[i], memory_order_relaxed);
	*sum_ms = atomic_load_explicit(&h->sum_ms, memory_order_relaxed);
}

void
shared_close(struct shared *s)
{
	atomic_store(&s->map->closed, 1);
}

void
shared_serve(struct shared *s, size_t worker, int32_t pid)
{
	if (worker < SHARED_WORKERS)
		atomic_store(&s->map->serves[worker], pid);
}

int32_t
shared_serves(const struct shared *s, size_t worker)
{
	return worker < SHARED_WORKERS ? atomic_load(&s->map->serves[worker]) : 0;
}

int
shared_is_closed(const struct shared *s)
{
	return atomic_load(&s->map->closed);
}

/* ── what runs ── */

/* The lowest one that is free: few calls touch little memory. */
int
shared_enter(struct shared *s, const struct shared_call *c)
{
	struct map *m = s->map;

	for (int i = 0; i < SHARED_LIVE; i++) {
		int32_t nobody = 0;
		if (atomic_load_explicit(&m->owner[i], memory_order_relaxed) != 0 ||
		    !atomic_compare_exchange_strong(&m->owner[i], &nobody, c->pid))
			continue;
		/* odd already, where the last owner died while writing */
		uint32_t turn = atomic_load(&m->slot[i].turn) | 1;
		atomic_store(&m->slot[i].turn, turn);
		atomic_thread_fence(memory_order_release);
		m->slot[i].call = *c;
		atomic_store_explicit(&m->slot[i].turn, turn + 1, memory_order_release);
		return i;
	}
	return -1;
}

/* To be taken as odd is what a free slot shows to readers. */
static void
vacate(struct map *m, int slot)
{
	atomic_fetch_or(&m->slot[slot].turn, 1);
	atomic_store(&m->owner[slot], 0);
}

void
shared_leave(struct shared *s, int slot)
{
	if (slot >= 0)
		vacate(s->map, slot);
}

void
shared_forget(struct shared *s, int32_t pid)
{
	for (int i = 0; i < SHARED_LIVE; i++)
		if (atomic_load(&s->map->owner[i]) == pid)
			vacate(s->map, i);
	for (size_t i = 0; i < SHARED_WORKERS; i++) {
		struct part *p = &s->map->part[i];
		if (atomic_load(&p->pid) != pid)
			continue;
		atomic_store(&p->connections, 0);
		atomic_store(&p->pid, 0);
	}
}

/* 0: *c is whole. */
static int
copy_slot(const struct slot *x, struct shared_call *c)
{
	uint32_t before = atomic_load_explicit(&x->turn, memory_order_acquire);

	if (before == 0 || before & 1)
		return -1;
	*c = x->call;
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&x->turn, memory_order_relaxed) == before ? 0 : -1;
}

size_t
shared_live(const struct shared *s, struct shared_call *v, size_t n)
{
	size_t found = 0;

	for (int i = 0; i < SHARED_LIVE && found < n; i++)
		if (atomic_load_explicit(&s->map->owner[i], memory_order_relaxed) != 0 &&
		    copy_slot(&s->map->slot[i], &v[found]) == 0)
			found++;
	return found;
}

/* ── limits by the minute ── */

static struct bucket *
own_bucket(struct shared *s, int64_t key)
{
	for (size_t i = 0; i < s->n_own; i++)
		if (s->own[i].key == key)
			return &s->own[i];
	s->own = mem_grow(s->own, s->n_own, &s->cap_own, sizeof(*s->own));
	struct bucket *b = &s->own[s->n_own++];
	memset(b, 0, sizeof(*b));
	b->key = key;
	return b;
}

static struct bucket *
bucket_of(struct shared *s, int64_t key)
{
	uint64_t at = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	for (size_t i = 0; i < SHARED_KEYS; i++) {
		struct bucket *b = &s->map->bucket[(at + i) % SHARED_KEYS];
		int64_t whose = atomic_load(&b->key);
		if (whose == 0 && atomic_compare_exchange_strong(&b->key, &whose, key))
			return b;
		if (whose == key)
			return b;
	}
	return own_bucket(s, key);
}

/* How long the bucket takes to fill by n. */
static int64_t
worth(int64_t n, int64_t rate)
{
	__int128 ns = (__int128)n * MINUTE_NS / rate;

	return ns > MAX_OWED_NS ? MAX_OWED_NS : ns < -MAX_OWED_NS ? -MAX_OWED_NS : (int64_t)ns;
}

/* What is left in it when it is full at `full`. */
static int64_t
left_of(int64_t full, int64_t now, int64_t rate)
{
	int64_t missing = full > now ? full - now : 0;

	return missing >= MINUTE_NS ? 0 : (int64_t)((__int128)(MINUTE_NS - missing) * rate / MINUTE_NS);
}

/* 0: taken, else ns until it can be. */
static int64_t
take(_Atomic int64_t *word, int64_t n, int64_t rate, int64_t now, int64_t *left)
{
	int64_t full = atomic_load(word), cost = worth(n, rate), base, wait;

	do {
		base = full > now ? full : now;
		wait = base - now + cost - MINUTE_NS;
		if (cost > MINUTE_NS)
			wait = base - now;
		if (wait > 0) {
			*left = left_of(base, now, rate);
			return wait;
		}
	} while (!atomic_compare_exchange_weak(word, &full, base + cost));
	*left = left_of(base + cost, now, rate);
	return 0;
}

int64_t
shared_take(struct shared *s, int64_t key_id, int64_t rpm, int64_t tpm, int64_t n_tokens, int64_t now_ms,
    int64_t *left_requests, int64_t *left_tokens)
{
	int64_t now = now_ms * MS_NS, wait = 0, requests = INT64_MAX, tokens = INT64_MAX;

	if (rpm > 0 || tpm > 0) {
		struct bucket *b = bucket_of(s, key_id);
		if (rpm > 0)
			wait = take(&b->requests, 1, rpm, now, &requests);
		if (!wait && tpm > 0)
			wait = take(&b->tokens, n_tokens > 0 ? n_tokens : 0, tpm, now, &tokens);
		if (wait && requests != INT64_MAX &&
		    tokens != INT64_MAX) { /* it was the tokens: the request goes back */
			int64_t back = worth(1, rpm);
			requests = left_of(atomic_fetch_sub(&b->requests, back) - back, now, rpm);
		}
	}
	if (left_requests)
		*left_requests = requests;
	if (left_tokens)
		*left_tokens = tokens;
	return (wait + MS_NS - 1) / MS_NS;
}

void
shared_correct(struct shared *s, int64_t key_id, int64_t tpm, int64_t more_tokens, int64_t now_ms)
{
	int64_t now = now_ms * MS_NS;

	if (tpm <= 0 || more_tokens == 0)
		return;
	struct bucket *b = bucket_of(s, key_id);
	int64_t full = atomic_load(&b->tokens), more = worth(more_tokens, tpm), next;
	do {
		next = (full > now ? full : now) + more;
		if (next > now + MAX_OWED_NS)
			next = now + MAX_OWED_NS;
	} while (!atomic_compare_exchange_weak(&b->tokens, &full, next));
}
