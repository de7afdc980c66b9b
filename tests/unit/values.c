/* SPDX-License-Identifier: ISC */
/* Objects cut out of a stream of bytes, however it is split. */
#include <string.h>

#include "buf.h"
#include "tap.h"
#include "values.h"

static int
on_value(void *arg, const char *text, size_t n)
{
	buf_addf(arg, "<%.*s>", (int)n, text);
	return 0;
}

static int
on_stray(void *arg, const char *line, size_t n)
{
	buf_addf(arg, "(%.*s)", (int)n, line);
	return 0;
}

static void
cut(struct buf *out, const char *in, size_t step)
{
	struct values v = {.on_value = on_value, .on_stray = on_stray, .arg = out};
	size_t n = strlen(in);

	buf_clear(out);
	for (size_t i = 0; i < n; i += step)
		values_feed(&v, in + i, n - i < step ? n - i : step);
	values_end(&v);
	values_release(&v);
}

static void
is(const char *in, const char *want)
{
	struct buf out = BUF_INIT;

	cut(&out, in, strlen(in) + 1);
	tap_is_str(buf_str(&out), want, "whole");
	for (size_t step = 1; step < 9; step++) {
		cut(&out, in, step);
		tap_is_str(buf_str(&out), want, "in pieces");
	}
	buf_release(&out);
}

static int
stop(void *arg, const char *text, size_t n)
{
	(void)text;
	(void)n;
	return ++*(int *)arg == 2 ? 7 : 0;
}

int
main(void)
{
	int n = 0;
	struct buf out = BUF_INIT;
	struct values v = {.on_value = stop, .arg = &n}, small = {.on_value = on_value, .max = 8};

	is("", "");
	is("{}", "<{}>");
	is("{\"a\":1}\n{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>");
	is("[{\"a\":1}\n,\r\n{\"b\":[{}]}\n]", "<{\"a\":1}><{\"b\":[{}]}>");
	is("{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}\n", "<{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}>");
	is("{\"a\":\"\\\"}{\"}{}", "<{\"a\":\"\\\"}{\"}><{}>");
	is("{\"a\":\"\\\\\"}{}", "<{\"a\":\"\\\\\"}><{}>");
	is("{\"a\":1", "<{\"a\":1>");
	is("oops\n{}\n", "(oops)<{}>");
	is("{}\noops", "<{}>(oops)");
	is("oops {}\n", "(oops {})");
	tap_is_int(values_feed(&v, "{}{}{}", 6), 7, "the callback stops it");
	tap_is_int(n, 2, "at once");
	tap_is_int(values_feed(&small, "{\"a\":", 5), 0, "below the cap");
	tap_is_int(values_feed(&small, "\"long\"", 6), VALUES_TOO_LONG, "above it");
	values_release(&small);
	small = (struct values){.on_value = on_value, .arg = &out, .max = 8};
	tap_is_int(values_feed(&small, "{\"a\":12}{\"a\":123}", 17), VALUES_TOO_LONG, "above it in one piece");
	tap_is_str(buf_str(&out), "<{\"a\":12}>", "what has the cap passes");
	values_release(&v);
	values_release(&small);
	buf_release(&out);
	return tap_done();
}
