/* SPDX-License-Identifier: ISC */
#include "serve/store.h"

#include <sys/queue.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

#define BUCKETS 16384

struct value {
	struct store_value v; /* first: what is handed out */
	unsigned char key[STORE_KEY];
	int refs; /* the store's is one */
	LIST_ENTRY(value) same;
	TAILQ_ENTRY(value) age;
};

struct store {
	size_t most, bytes, n;
	LIST_HEAD(bucket, value) * bucket; /* NULL: nothing was kept yet */
	TAILQ_HEAD(ages, value) age;       /* the one that was asked for last comes first */
};

struct store *
store_new(size_t bytes)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->most = bytes;
	TAILQ_INIT(&s->age);
	return s;
}

static size_t
cost(const struct value *v)
{
	return v->v.n + STORE_COST;
}

void
store_let_go(const struct store_value *held)
{
	struct value *v = (struct value *)(uintptr_t)held;

	if (!v || --v->refs)
		return;
	free((char *)(uintptr_t)v->v.p);
	free(v);
}

static void
drop(struct store *s, struct value *v)
{
	LIST_REMOVE(v, same);
	TAILQ_REMOVE(&s->age, v, age);
	s->bytes -= cost(v);
	s->n--;
	store_let_go(&v->v);
}

void
store_free(struct store *s)
{
	struct value *v;

	if (!s)
		return;
	while ((v = TAILQ_FIRST(&s->age)))
		drop(s, v);
	free(s->bucket);
	free(s);
}

size_t
store_most(const struct store *s)
{
	size_t n = s->most / STORE_SHARE;

	return n > STORE_COST ? n - STORE_COST : 0;
}

static struct bucket *
bucket_of(const struct store *s, const unsigned char *key)
{
	uint32_t n;

	memcpy(&n, key, sizeof(n));
	return s->bucket + n % BUCKETS;
}

static struct value *
find(const struct store *s, const unsigned char *key)
{
	struct value *v = NULL;

	if (s->bucket)
		LIST_FOREACH(v, bucket_of(s, key), same)
	if (memcmp(v->key, key, STORE_KEY) == 0)
		break;
	return v;
}

const struct store_value *
store_get(struct store *s, const unsigned char key[STORE_KEY], int64_t now_ms)
{
	struct value *v = find(s, key);

	if (v && now_ms - v->v.at_ms >= v->v.ttl_ms) {
		drop(s, v);
		return NULL;
	}
	if (!v)
		return NULL;
	TAILQ_REMOVE(&s->age, v, age);
	TAILQ_INSERT_HEAD(&s->age, v, age);
	v->refs++;
	return &v->v;
}

void
store_put(struct store *s, const unsigned char key[STORE_KEY], struct buf *b, int64_t now_ms, int64_t ttl_ms)
{
	struct value *v;

	store_drop(s, key);
	if (b->len > store_most(s)) {
		buf_release(b);
		return;
	}
	if (!s->bucket)
		s->bucket = xcalloc(BUCKETS, sizeof(*s->bucket));
	v = xcalloc(1, sizeof(*v));
	v->refs = 1;
	v->v = (struct store_value){.n = b->len, .at_ms = now_ms, .ttl_ms = ttl_ms};
	v->v.p = xreallocarray(buf_take(b), v->v.n + 1, 1);
	memcpy(v->key, key, STORE_KEY);
	LIST_INSERT_HEAD(bucket_of(s, key), v, same);
	TAILQ_INSERT_HEAD(&s->age, v, age);
	s->bytes += cost(v);
	s->n++;
	while (s->bytes > s->most)
		drop(s, TAILQ_LAST(&s->age, ages));
}

void
store_drop(struct store *s, const unsigned char key[STORE_KEY])
{
	struct value *v = find(s, key);

	if (v)
		drop(s, v);
}

size_t
store_bytes(const struct store *s)
{
	return s->bytes;
}

size_t
store_count(const struct store *s)
{
	return s->n;
}
