/* SPDX-License-Identifier: ISC */
/*
 * With a file of cases, as tests/price_oracle.py writes them, each of its lines is checked instead of the tests below.
 */
#include "price.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "event.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "tap.h"

#define TINY ((price_t)1)

static price_t
ten_to(int n)
{
	price_t v = 1;

	while (n-- > 0)
		v *= 10;
	return v;
}

static void
parses(const char *s, price_t want)
{
	price_t got = -2;

	tap_ok(price_parse(s, strlen(s), &got) == 0 && got == want, "price %s", s);
}

static void
refuses(const char *s)
{
	price_t got;

	tap_ok(price_parse(s, strlen(s), &got) == -1, "no price: %s", s);
}

static void
test_parse(void)
{
	parses("0", 0);
	parses("0.0", 0);
	parses("-0", 0);
	parses("1", ten_to(22));
	parses("10", ten_to(23));
	parses("0.0000000208333333333333", 208333333333333);
	parses("0.0000000000000000000001", TINY);
	parses("0.00000000000000000000010000000", TINY);
	parses("2e-9", 2 * ten_to(13));
	parses("2E+1", 2 * ten_to(23));
	parses("1.5e0", 15 * ten_to(21));
	parses(".5", 5 * ten_to(21));
	parses("007", 7 * ten_to(22));
	parses("1000000000000000", ten_to(37));
	parses("100000000000000000000e-20", ten_to(22));
	parses("0e99", 0);
	parses("-1", PRICE_UNKNOWN);
	parses("-1.0", PRICE_UNKNOWN);
	refuses("");
	refuses("-");
	refuses(".");
	refuses("e5");
	refuses("1e");
	refuses("1e+");
	refuses("1e5x");
	refuses("1e1.5");
	refuses("1e99999");
	refuses("0x10");
	refuses("1,5");
	refuses(" 1");
	refuses("1 ");
	refuses("1.2.3");
	refuses("-2");
	refuses("-0.5");
	refuses("nan");
	refuses("inf");
	refuses("$1");
	refuses("0.00000000000000000000001");
	refuses("100000000000000000");
	refuses("99999999999999999999999999999999999999999999");
	price_t v;
	tap_ok(price_parse("15", 1, &v) == 0 && v == ten_to(22), "only n bytes are read");
}

static void
million(const char *price, const char *want)
{
	struct buf b = BUF_INIT;
	price_t v;

	price_parse(price, strlen(price), &v);
	price_emit_million(&b, v);
	tap_is_str(buf_str(&b), want, price);
	buf_release(&b);
}

static void
test_emit(void)
{
	static const struct {
		int64_t pusd;
		const char *want;
	} money[] = {{0, "0"}, {1, "0.000000000001"}, {1000000000000, "1"}, {1500000000000, "1.5"},
	    {2540000, "0.00000254"}, {INT64_MAX, "9223372.036854775807"}, {10000000000000, "10"}, {PUSD_UNKNOWN, "-"}};
	struct buf b = BUF_INIT;

	million("0.00000022", "0.22");
	million("0.0000025", "2.5");
	million("0.00001", "10");
	million("0.000001", "1");
	million("0", "0");
	million("-1", "-");
	million("0.0000000208333333333333", "0.0208333333333333");
	million("0.0000000000000000000001", "0.0000000000000001");
	million("1", "1000000");
	for (size_t i = 0; i < sizeof(money) / sizeof(*money); i++) {
		buf_clear(&b);
		price_emit_pusd(&b, money[i].pusd);
		tap_is_str(buf_str(&b), money[i].want, money[i].want);
	}
	buf_release(&b);
}

static void
pusd(const char *s, int64_t want)
{
	int64_t got = -2;

	if (price_parse_pusd(s, strlen(s), &got))
		got = -1;
	tap_is_int(got, want, *s ? s : "empty");
}

static void
test_pusd(void)
{
	pusd("0", 0);
	pusd("0.000000000001", 1);
	pusd("0.0000000000005", 0);
	pusd("0.0000000000015", 2);
	pusd("0.0000000000025", 2);
	pusd("0.00000000000250000000000000000000001", 3);
	pusd("0.0000000000035", 4);
	pusd("0.00000000000049999999999999", 0);
	pusd("1.2e-05", 12000000);
	pusd("0.0233744", 23374400000);
	pusd("9223372.036854775807", INT64_MAX);
	pusd("9223372.0368547758075", -1);
	pusd("1e-900", 0);
	pusd("-0", 0);
	pusd("-1", -1);
	pusd("-0.5", -1);
	pusd("1e20", -1);
	pusd("", -1);
	pusd("abc", -1);
}

static void
test_pair(void)
{
	price_t in, out;

	tap_ok(price_parse_pair("0.5", 1, &in, &out) == 0 && in == 5 * ten_to(15) && out == in, "one number caps both");
	tap_ok(price_parse_pair("0.5", 0, &in, &out) == 0 && in == 5 * ten_to(15) && out == PRICE_UNKNOWN,
	    "or prompt alone");
	tap_ok(price_parse_pair("0,1.5", 1, &in, &out) == 0 && in == 0 && out == 15 * ten_to(15), "two numbers");
	tap_ok(price_parse_pair("", 1, &in, &out) == -1, "no pair: empty");
	tap_ok(price_parse_pair("1,", 1, &in, &out) == -1, "no pair: 1,");
	tap_ok(price_parse_pair(",1", 1, &in, &out) == -1, "no pair: ,1");
	tap_ok(price_parse_pair("1,2,3", 1, &in, &out) == -1, "no pair: 1,2,3");
	tap_ok(price_parse_pair("-1", 1, &in, &out) == -1, "no pair: -1");
	tap_ok(price_parse_pair("1;2", 1, &in, &out) == -1, "no pair: 1;2");
}

/* Costs: the numbers are worked out by hand. */

static int64_t
cost(const char *pricing, struct usage u, int searches, int hhmm)
{
	struct json j = JSON_INIT;
	struct err e = {0};
	struct pricing p;
	int64_t v = -3;

	if (json_parse(&j, pricing, strlen(pricing), &e) == 0 && pricing_parse(&p, &j, 0, &e) == 0)
		v = pricing_cost_pusd(&p, &u, searches, hhmm);
	json_release(&j);
	return v;
}

static struct usage
tokens(int64_t prompt, int64_t completion)
{
	struct usage u = USAGE_INIT;

	u.prompt = prompt;
	u.completion = completion;
	return u;
}

#define GPT "{\"prompt\":\"0.0000025\",\"completion\":\"0.00001\",\"input_cache_read\":\"0.00000125\",\"discount\":0.5}"
#define FREE "{\"prompt\":\"0\",\"completion\":\"0\"}"
#define AUTO "{\"prompt\":\"-1\",\"completion\":\"-1\"}"
#define LONG \
	"{\"prompt\":\"0.000001\",\"completion\":\"0.000002\",\"internal_reasoning\":\"0.000002\",\"overrides\":[" \
	"{\"min_prompt_tokens\":1000,\"prompt\":\"0.000002\",\"completion\":\"0.000004\"}," \
	"{\"min_prompt_tokens\":5000,\"prompt\":\"0.000003\"}]}"
#define DAY \
	"{\"prompt\":\"0.000001\",\"completion\":\"0\",\"overrides\":[" \
	"{\"utc_start\":2200,\"utc_end\":100,\"prompt\":\"0.000002\"}," \
	"{\"utc_start\":600,\"utc_end\":1000,\"prompt\":\"0.000003\"}]}"

static void
test_cost(void)
{
	struct usage u = tokens(1000, 100);

	tap_is_int(cost(GPT, u, 0, 0), 3500000000, "prompt and completion; a discount is not taken off twice");
	u.cached = 400;
	tap_is_int(cost(GPT, u, 0, 0), 3000000000, "cached tokens have their own price");
	u.cache_write = 100;
	tap_is_int(cost(GPT, u, 0, 0), 3000000000, "cache writes without a price cost what the prompt costs");
	u.cached = 5000;
	tap_is_int(cost(GPT, u, 0, 0), 2250000000, "more cached than sent: the prompt is never negative");
	u = tokens(1000, 100);
	u.reasoning = 60;
	tap_is_int(cost("{\"prompt\":\"0\",\"completion\":\"0.000008\",\"internal_reasoning\":\"0.000003\"}", u, 0, 0),
	    500000000, "reasoning is billed at its own price, never twice");
	u.completion_audio = 10;
	u.prompt_audio = 500;
	tap_is_int(
	    cost(
		"{\"prompt\":\"0.000001\",\"completion\":\"0.000002\",\"audio\":\"0.00001\",\"audio_output\":\"0.00005\"}",
		u, 0, 0),
	    500000000 + 5000000000 + 500000000 + 180000000, "audio in and out");
	tap_is_int(cost("{\"prompt\":\"0\",\"completion\":\"0\",\"request\":\"0.01\",\"web_search\":\"0.005\"}",
		       tokens(9, 9), 3, 0),
	    25000000000, "per request and per search");
}

static void
test_unknown(void)
{
	struct usage u = USAGE_INIT;

	tap_is_int(cost(AUTO, tokens(10, 1), 0, 0), PUSD_UNKNOWN, "-1 is unknown, not minus one dollar");
	tap_is_int(cost(AUTO, tokens(0, 0), 0, 0), 0, "nothing used costs nothing");
	tap_is_int(cost("{\"prompt\":\"1\"}", tokens(1, 1), 0, 0), PUSD_UNKNOWN, "no completion price");
	tap_is_int(cost(GPT, u, 0, 0), PUSD_UNKNOWN, "no usage: unknown, not free");
	tap_is_int(cost(FREE, u, 0, 0), 0, "no usage of a free model");
	tap_is_int(cost("{}", tokens(1, 1), 0, 0), PUSD_UNKNOWN, "no prices");
	tap_is_int(cost("{\"prompt\":\"1000000\",\"completion\":\"0\"}", tokens(INT64_MAX, 0), 0, 0), PUSD_UNKNOWN,
	    "128 bits overflow");
	tap_is_int(cost("{\"prompt\":\"1\",\"completion\":\"0\"}", tokens(9223372, 0), 0, 0), 9223372000000000000,
	    "nine million dollars");
	tap_is_int(cost("{\"prompt\":\"1\",\"completion\":\"0\"}", tokens(9223373, 0), 0, 0), PUSD_UNKNOWN,
	    "64 bits overflow");
	tap_is_int(
	    cost("{\"prompt\":\"1\",\"completion\":\"1\",\"overrides\":[{\"moon\":{\"phase\":1},\"prompt\":\"2\"}]}",
		tokens(1, 0), 0, 0),
	    PUSD_UNKNOWN, "a condition that we can't judge");
	tap_is_int(cost("{\"prompt\":\"1\",\"completion\":\"1\",\"overrides\":[{\"moon\":true,\"prompt\":\"2\"}]}",
		       tokens(0, 1), 0, 0),
	    1000000000000, "... matters for its own prices only");
}

static void
test_rounding(void)
{
#define HALF "{\"prompt\":\"0.0000000000005\",\"completion\":\"0.0000000000000000000001\"}"
	tap_is_int(cost(HALF, tokens(1, 0), 0, 0), 0, "half of 10^-12 rounds to even: 0");
	tap_is_int(cost(HALF, tokens(3, 0), 0, 0), 2, "one and a half: 2");
	tap_is_int(cost(HALF, tokens(5, 0), 0, 0), 2, "two and a half: 2");
	tap_is_int(cost(HALF, tokens(1, 1), 0, 0), 1, "a hair over half: 1");
	tap_is_int(cost(HALF, tokens(2, 0), 0, 0), 1, "the sum is rounded, not its parts");
}

static void
test_rules(void)
{
	struct usage u = tokens(1000, 10);

	tap_is_int(cost(LONG, u, 0, 0), 1000000000 + 20000000, "exactly the threshold: not over it");
	u.prompt = 1001;
	tap_is_int(cost(LONG, u, 0, 0), 2002000000 + 40000000, "over it");
	u.prompt = 6000;
	tap_is_int(cost(LONG, u, 0, 0), 18000000000 + 40000000, "the later rule wins, key by key");
	u.reasoning = 5;
	tap_is_int(cost(LONG, u, 0, 0), 18000000000 + 40000000, "reasoning at the completion's price follows it");
	u = tokens(1, 0);
	tap_is_int(cost(DAY, u, 0, 2159), 1000000, "before the window");
	tap_is_int(cost(DAY, u, 0, 2200), 2000000, "its first minute");
	tap_is_int(cost(DAY, u, 0, 0), 2000000, "across midnight");
	tap_is_int(cost(DAY, u, 0, 59), 2000000, "its last minute");
	tap_is_int(cost(DAY, u, 0, 100), 1000000, "its end is outside");
	tap_is_int(cost(DAY, u, 0, 999), 3000000, "a window inside one day");
	tap_is_int(cost(DAY, u, 0, 1000), 1000000, "and its end");
}

static void
malformed(const char *pricing, const char *name)
{
	tap_is_int(cost(pricing, tokens(1, 1), 0, 0), -3, name);
}

static void
test_malformed(void)
{
	malformed("[]", "pricing that is an array");
	malformed("{\"prompt\":\"cheap\"}", "a word as price");
	malformed("{\"prompt\":true}", "true as price");
	malformed("{\"prompt\":\"1\",\"overrides\":[1]}", "an override that is a number");
	malformed("{\"prompt\":\"1\",\"overrides\":[{\"utc_start\":2500}]}", "25 o'clock");
	malformed("{\"prompt\":\"1\",\"overrides\":[{\"min_prompt_tokens\":\"1\"}]}", "a threshold that is a string");
	malformed("{\"prompt\":\"1\",\"overrides\":[{},{},{},{},{},{},{},{},{}]}", "too many overrides");
	tap_is_int(cost("{\"prompt\":0.000001,\"completion\":2e-6,\"request\":null}", tokens(1, 1), 0, 0), 3000000,
	    "numbers and null are taken");
}

static void
writes(const char *pricing, const char *want, const char *name)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	struct pricing p;
	struct jsonw w;
	struct err e;

	if (json_parse(&j, pricing, strlen(pricing), &e) || pricing_parse(&p, &j, 0, &e))
		printf("# %s\n", e.msg);
	jsonw_init(&w, &b);
	pricing_write(&p, &w);
	tap_is_str(b.p, want, name);
	json_release(&j);
	buf_release(&b);
}

static void
test_write(void)
{
	writes("{}", "{\"prompt\":\"-1\",\"completion\":\"-1\"}", "unknown prices are written");
	writes("{\"completion\":2e-6,\"prompt\":\"0.0000010\",\"web_search\":\"0.01\",\"discount\":0}",
	    "{\"prompt\":\"0.000001\",\"completion\":\"0.000002\",\"web_search\":\"0.01\"}", "known ones, exactly");
	writes(
	    "{\"prompt\":\"1\",\"completion\":\"1\",\"overrides\":[{\"min_prompt_tokens\":9,\"prompt\":\"2\"},{\"utc_start\":0,\"utc_end\":100,"
	    "\"completion\":\"3\"}]}",
	    "{\"prompt\":\"1\",\"completion\":\"1\",\"overrides\":[{\"min_prompt_tokens\":9,\"prompt\":\"2\"},{\"utc_start\":0,\"utc_end\":100,"
	    "\"completion\":\"3\"}]}",
	    "with their conditions");
}

static void
test_cmp(void)
{
	tap_ok(price_cmp(1, 2) < 0 && price_cmp(2, 1) > 0 && price_cmp(2, 2) == 0, "prices compare");
	tap_ok(price_cmp(PRICE_UNKNOWN, 0) > 0 && price_cmp(0, PRICE_UNKNOWN) < 0, "unknown is behind free");
	tap_ok(price_cmp(PRICE_UNKNOWN, PRICE_UNKNOWN) == 0, "unknown is like unknown");
}

static int
oracle_line(char *line)
{
	char *field[12], *p = line;
	struct usage u = USAGE_INIT;

	for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++)
		if (!(field[i] = strsep(&p, "\t")))
			return -1;
	u.prompt = atoll(field[1]);
	u.completion = atoll(field[2]);
	u.cached = atoll(field[3]);
	u.cache_write = atoll(field[4]);
	u.reasoning = atoll(field[5]);
	u.prompt_audio = atoll(field[6]);
	u.completion_audio = atoll(field[7]);
	u.completion_image = atoll(field[8]);
	return cost(field[0], u, atoi(field[9]), atoi(field[10])) == atoll(field[11]) ? 0 : -1;
}

static int
oracle(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	int n = 0, bad = 0;

	while (f && getline(&line, &cap, f) > 0) {
		char *copy = xstrdup(line);
		n++;
		if (oracle_line(line) && ++bad <= 10)
			printf("# differs: %s", copy);
		free(copy);
	}
	tap_ok(f && n && !bad, "%d of %d costs are those of the oracle", n - bad, n);
	if (f)
		fclose(f);
	free(line);
	return tap_done();
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return oracle(argv[1]);
	test_parse();
	test_emit();
	test_pusd();
	test_pair();
	test_cost();
	test_unknown();
	test_rounding();
	test_rules();
	test_malformed();
	test_write();
	test_cmp();
	return tap_done();
}
