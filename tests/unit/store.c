/* SPDX-License-Identifier: ISC */
#include "serve/store.h"

#include <string.h>

#include "buf.h"
#include "tap.h"

#define ROOM 65536

static unsigned char key[STORE_KEY];

/* The key of a number. All begin alike, so that they meet. */
static const unsigned char *
of(int n)
{
	memset(key, 7, sizeof(key));
	memcpy(key + 20, &n, sizeof(n));
	return key;
}

static void
put(struct store *s, int n, size_t len, int64_t now, int64_t ttl)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < len; i++)
		buf_addc(&b, (char)('a' + n % 26));
	store_put(s, of(n), &b, now, ttl);
	tap_ok(b.len == 0 && !b.p, "what is put is taken");
	buf_release(&b);
}

static int
has(struct store *s, int n, int64_t now)
{
	const struct store_value *v = store_get(s, of(n), now);
	int is = v && (!v->n || *v->p == 'a' + n % 26);

	store_let_go(v);
	return is;
}

static void
test_time(void)
{
	struct store *s = store_new(ROOM);

	tap_ok(!has(s, 1, 0), "nothing is there");
	store_drop(s, of(1));
	put(s, 1, 10, 1000, 500);
	tap_ok(has(s, 1, 1000) && has(s, 1, 1499), "what was put is");
	tap_ok(!has(s, 2, 1000), "another key");
	tap_ok(!has(s, 1, 1500), "its time is over");
	tap_is_int((long long)store_bytes(s), 0, "and so is its room");
	put(s, 1, 10, 2000, 500);
	put(s, 1, 20, 2400, 500);
	const struct store_value *v = store_get(s, of(1), 2600);
	tap_ok(v && v->n == 20 && v->at_ms == 2400 && v->ttl_ms == 500, "the later one is there");
	tap_is_int((long long)store_count(s), 1, "and it alone");
	store_drop(s, of(1));
	tap_ok(!has(s, 1, 2600), "dropped");
	tap_ok(v && v->n == 20 && v->p[19] == 'b', "but who holds it has it");
	store_let_go(v);
	store_let_go(NULL);
	put(s, 3, 0, 0, 1);
	tap_ok(has(s, 3, 0), "an empty one");
	store_free(s);
	store_free(NULL);
}

static void
test_room(void)
{
	struct store *s = store_new(ROOM), *none = store_new(0), *tiny = store_new(STORE_COST);
	size_t len = 1000, fit = ROOM / (len + STORE_COST);

	for (size_t i = 0; i < fit; i++)
		put(s, (int)i, len, 0, 1000);
	tap_ok(store_count(s) == fit && has(s, 0, 0), "all fit");
	put(s, (int)fit, len, 0, 1000);
	tap_ok(store_count(s) == fit, "one more: one goes");
	tap_ok(has(s, 0, 0) && !has(s, 1, 0), "the one that was asked for the longest ago");
	put(s, 500, store_most(s), 0, 1000);
	tap_ok(has(s, 500, 0) && store_bytes(s) <= ROOM, "the largest that may be");
	put(s, 500, store_most(s) + 1, 0, 1000);
	tap_ok(!has(s, 500, 0), "one larger isn't kept, nor what it replaced");
	put(none, 1, 0, 0, 1000);
	put(tiny, 1, 1, 0, 1000);
	tap_ok(!has(none, 1, 0) && !store_most(none) && !has(tiny, 1, 0), "no room at all");
	store_free(s);
	store_free(none);
	store_free(tiny);
}

int
main(void)
{
	test_time();
	test_room();
	return tap_done();
}
