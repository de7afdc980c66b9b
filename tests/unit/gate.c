/* SPDX-License-Identifier: ISC */
#include "serve/gate.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "price.h"
#include "serve/http1.h"
#include "serve/shared.h"
#include "tap.h"

#define NOW INT64_C(1790000000000)

static struct shared *shared;

static int
enter(struct gate *g, const char *target, const char *fields, struct gate_key **k, struct err *e)
{
	static const struct http1_limits limits = {.head_bytes = 65536, .target_bytes = 8192, .body_bytes = 1024};
	struct http1 h;
	char text[1024];
	int r;

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", target, fields);
	http1_init(&h, &limits);
	http1_feed(&h, text, strlen(text));
	*e = (struct err){0};
	r = gate_enter(g, &h, NOW, k, e);
	http1_release(&h);
	return r;
}

/* Who is let in: its name; "401". */
static const char *
who(struct gate *g, const char *target, const char *fields)
{
	static char name[64];
	struct gate_key *k = NULL;
	struct err e;

	if (enter(g, target, fields, &k, &e))
		snprintf(name, sizeof(name), "%d", e.kind == ERR_AUTH && !k ? e.http : -1);
	else
		snprintf(name, sizeof(name), "%s", k ? k->key.name : "anybody");
	gate_key_release(k);
	return name;
}

static void
set(struct gate *g)
{
	static const char *const text[] = {"one", "two", "off", "old", "sk+/%", "half"};
	struct ledger_key v[] = {{.id = 1,
				     .name = (char[]){"first"},
				     .models = (char[]){"openai/?*, mock/echo"},
				     .limit_pusd = 5,
				     .reset = RESET_WEEKLY},
	    {.id = 2,
		.name = (char[]){"second"},
		.limit_pusd = PUSD_UNKNOWN,
		.rpm = 2,
		.tpm = 100,
		.expires_ms = NOW + 1},
	    {.id = 3, .name = (char[]){"off"}, .limit_pusd = PUSD_UNKNOWN, .disabled = 1},
	    {.id = 4, .name = (char[]){"old"}, .limit_pusd = PUSD_UNKNOWN, .expires_ms = NOW},
	    {.id = 5, .name = (char[]){"manager"}, .limit_pusd = PUSD_UNKNOWN, .management = 1},
	    {.id = 6, .name = (char[]){"half"}, .limit_pusd = PUSD_UNKNOWN}};
	struct ledger_keys k = {.v = v, .n = sizeof(v) / sizeof(*v)};

	for (size_t i = 0; i < k.n; i++)
		gate_hash(v[i].hash, text[i]);
	v[5].hash[0] ^= 1; /* nearly right */
	gate_set(g, &k);
}

static void
test_enter(struct gate *g)
{
	static const struct {
		const char *target, *fields, *want;
	} v[] = {{"/", "", "401"}, {"/", "Authorization: Bearer one\r\n", "first"},
	    {"/", "authorization: bEARER   two\r\n", "second"}, {"/", "Authorization: Bearer One\r\n", "401"},
	    {"/", "Authorization: Bearerone\r\n", "401"}, {"/", "Authorization: one\r\n", "401"},
	    {"/", "Authorization: Bearer on\r\n", "401"}, {"/", "Authorization: Bearer onee\r\n", "401"},
	    {"/", "Authorization: Bearer off\r\n", "401"}, {"/", "Authorization: Bearer old\r\n", "401"},
	    {"/", "x-api-key: one\r\n", "first"}, {"/", "x-api-key: half\r\n", "401"},
	    {"/", "Api-Key: two\r\n", "second"}, {"/", "x-goog-api-key: one\r\n", "first"}, {"/?key=two", "", "second"},
	    {"/?a=b&key=two&c", "", "second"}, {"/?xkey=two", "", "401"}, {"/?key=sk%2B%2f%25", "", "manager"},
	    {"/?key=%", "", "401"}, {"/?key=", "", "401"},
	    {"/", "x-api-key: two\r\nAuthorization: Bearer one\r\n", "first"},
	    {"/?key=two", "x-api-key: one\r\n", "first"},
	    {"/", "x-api-key: one\r\nAuthorization: Bearer no\r\n", "401"},
	    {"/", "x-api-key: one\r\nAuthorization: Bearer \r\n", "first"},
	    {"/", "x-api-key: one\r\nAuthorization: AWS4-HMAC-SHA256 x\r\n", "first"},
	    {"/", "Authorization: Bearer one\r\nAuthorization: Bearer two\r\n", "401"}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		if (strcmp(who(g, v[i].target, v[i].fields), v[i].want) != 0)
			tap_is_str(who(g, v[i].target, v[i].fields), v[i].want, v[i].fields);
		else
			tap_ok(1, "%s %.*s: %s", v[i].target, (int)strcspn(v[i].fields, "\r"), v[i].fields, v[i].want);
}

/* Of another worker of the same gateway, which begins without keys. */
static void
test_open(void)
{
	struct err e = {0};
	struct shared *fresh = shared_new(&e);
	struct gate *g = gate_new(fresh), *other = gate_new(fresh);
	struct ledger_keys none = LEDGER_KEYS_INIT;

	gate_set(g, &none);
	tap_ok(gate_is_open(g), "without keys the gate is open");
	tap_is_str(who(g, "/", ""), "anybody", "to anybody");
	tap_is_str(who(g, "/", "Authorization: Bearer one\r\n"), "anybody", "with a key, too");
	set(other);
	tap_is_str(who(g, "/", ""), "401", "not where another worker has seen one");
	gate_free(g);
	gate_free(other);
	shared_free(fresh);
}

static void
test_held(struct gate *g)
{
	struct gate_key *k;
	struct err e;
	struct ledger_keys none = LEDGER_KEYS_INIT;

	set(g);
	tap_is_int(enter(g, "/", "Authorization: Bearer one\r\n", &k, &e), 0, "a key is held");
	gate_set(g, &none);
	tap_is_str(k->key.name, "first", "and stays when the set changes");
	tap_ok(k->has_limit && k->limit.limit_pusd == 5 && k->limit.period == BUDGET_WEEK && k->limit.client_id == 1,
	    "with its limit as a budget");
	tap_is_str(k->limit.line, "first", "that has its name");
	gate_key_release(k);
	tap_ok(!gate_is_open(g), "a gate that had keys stays closed without them");
	tap_is_str(who(g, "/", ""), "401", "to who shows none");
	tap_is_str(who(g, "/", "Authorization: Bearer one\r\n"), "401", "and with one of before");
	gate_add_run_key(g, "of this run", PUSD_UNKNOWN);
	tap_ok(!gate_is_open(g), "a run's key closes it");
	gate_set(g, &none);
	tap_is_str(who(g, "/", "Authorization: Bearer of this run\r\n"), "run", "and stays");
	tap_is_str(who(g, "/", ""), "401", "nobody else gets in");
}

static int
allowed(struct gate *g, const char *fields, const char *asked)
{
	struct gate_key *k;
	struct err e;
	int r = enter(g, "/", fields, &k, &e) ? -1 : gate_allows(k, asked, &e);

	gate_key_release(k);
	return r == 0 ? 200 : e.kind == ERR_AUTH ? e.http : -1;
}

static void
test_allows(struct gate *g)
{
	static const char one[] = "Authorization: Bearer one\r\n";

	tap_is_int(allowed(g, one, "openai/gpt-4o"), 200, "a pattern lets in");
	tap_is_int(allowed(g, one, "mock/echo,openai/x"), 200, "or another, each of a chain");
	tap_is_int(allowed(g, one, "mock/echo:nitro"), 200, "variants of the route don't matter");
	tap_is_int(allowed(g, one, "mock/echo:free"), 403, "others do");
	tap_is_int(allowed(g, one, "openai/"), 403, "what no pattern has is refused");
	tap_is_int(allowed(g, one, "openai/x,anthropic/y"), 403, "anywhere in a chain");
	tap_is_int(allowed(g, "api-key: two\r\n", "anthropic/y"), 200, "without patterns everything is allowed");
	tap_is_int(allowed(g, "api-key: sk+/%\r\n", "openai/x"), 403, "to a management key nothing is");
	tap_is_int(gate_allows(NULL, "openai/x", NULL), 0, "an open gate allows all");
}

static void
test_take(struct gate *g)
{
	struct gate_minute m;
	struct gate_key *k;
	struct err e;

	enter(g, "/", "api-key: two\r\n", &k, &e);
	tap_is_int(gate_take(g, k, 10, NOW, &m, &e), 0, "a minute's first request");
	tap_is_str(m.limit, "2", "of two");
	tap_is_str(m.remaining, "1", "of which one is left");
	tap_is_int(gate_take(g, k, 91, NOW, &m, &e), -1, "too many tokens");
	tap_is_int(e.http, 429, "are 429");
	tap_is_int(e.kind, ERR_TEMPORARY, "which passes");
	tap_is_str(m.limit, "100", "it's the tokens' limit that is told");
	tap_ok(e.retry_after_ms > 0 && e.retry_after_ms <= 60000, "and the wait");
	tap_ok(strtoll(m.reset, NULL, 10) == NOW + e.retry_after_ms, "also as a time");
	gate_correct(g, k, -10, NOW);
	tap_is_int(gate_take(g, k, 91, NOW, &m, &e), 0, "tokens that weren't used are given back");
	tap_is_int(gate_take(g, k, 0, NOW, &m, &e), -1, "the third request");
	tap_is_str(m.limit, "2", "is over the limit of requests");
	tap_is_str(m.remaining, "0", "nothing is left");
	tap_is_int(
	    gate_take(g, k, 1000, NOW + 120000, &m, &e), 0, "more than a minute's worth gets in where all is left");
	tap_is_int(gate_take(g, k, 10, NOW + 180000, &m, &e), -1, "and is owed");
	gate_key_release(k);
	enter(g, "/", "api-key: one\r\n", &k, &e);
	tap_is_int(gate_take(g, k, 1000000, NOW, &m, &e), 0, "a key without limits");
	tap_is_str(m.limit, "", "is told none");
	gate_key_release(k);
	tap_is_int(gate_take(g, NULL, 10, NOW, &m, &e), 0, "an open gate has none");
}

static void
test_make(void)
{
	char a[GATE_KEY_BYTES], b[GATE_KEY_BYTES];
	unsigned char hash[LEDGER_KEY_HASH];
	struct ledger_key k = {0}, other = {0};

	gate_make_key(a, &k);
	gate_make_key(b, &other);
	tap_is_int((long long)strlen(a), 49, "a key's length");
	tap_ok(strncmp(a, GATE_KEY_PREFIX, 6) == 0, "it begins as it should");
	tap_is_int((long long)strspn(a + 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43,
	    "and is base64url");
	tap_ok(strcmp(a, b) != 0, "two differ");
	gate_hash(hash, a);
	tap_is_mem((char *)k.hash, sizeof(hash), (char *)hash, sizeof(hash), "its hash");
	tap_ok(strlen(k.label) == 15 && strncmp(k.label, a, 9) == 0 && strcmp(k.label + 12, a + 46) == 0, "its label");
	gate_hash(hash, "abc");
	tap_ok(hash[0] == 0xba && hash[1] == 0x78 && hash[31] == 0xad, "the hash is SHA-256");
	ledger_key_release(&k);
	ledger_key_release(&other);
}

int
main(void)
{
	struct err e = {0};
	struct gate *g;

	shared = shared_new(&e);
	g = gate_new(shared);
	set(g);
	test_enter(g);
	test_allows(g);
	test_take(g);
	test_held(g);
	test_open();
	test_make();
	gate_free(g);
	shared_free(shared);
	return tap_done();
}
