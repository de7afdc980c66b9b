/* SPDX-License-Identifier: ISC */
/*
 * An answer of any bytes to any wire: no crash, and the same events whatever the reads, and with the parser alone: where each event has a
 * name of its own no chunk is matched against a template. A first byte of 0x10 to 0x17 chooses the wire; one below a status.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../wire/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct reads {
	size_t step; /* 0: lengths that the input gives */
	const uint8_t *p;
	size_t n, at;
};

static size_t
next_read(void *arg)
{
	struct reads *r = arg;

	return r->step ? r->step : (size_t)r->p[r->at++ % r->n] % 9 + 1;
}

static void
decode(struct buf *out, const struct wire *w, int http, const uint8_t *p, size_t n, size_t step)
{
	struct reads r = {step, p, n, 0};

	buf_clear(out);
	events_of(out, w, http, (const char *)p, n, next_read, &r);
}

static void
must_equal(const struct buf *a, const struct buf *b)
{
	if (a->len != b->len || memcmp(buf_str(a), buf_str(b), a->len) != 0)
		abort();
}

/* The body with such a line before each that begins with "data:" at the start of a line; 0: there is nothing to change, or an event has
 * several lines, other fields or other line ends. */
static int
without_template(struct buf *out, const uint8_t *p, size_t n)
{
	const char *at = (const char *)p, *end = at + n;

	buf_clear(out);
	for (int i = 0; at < end; i++) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len = lf ? (size_t)(lf - at) : (size_t)(end - at);
		if (len &&
		    (len < 5 || memcmp(at, "data:", 5) != 0 || memchr(at, '\r', len) ||
			(lf && lf + 1 < end && lf[1] != '\n')))
			return 0;
		if (len)
			buf_addf(out, "event: e%d\n", i);
		buf_add(out, at, len + (lf != NULL));
		at += len + (lf != NULL);
	}
	return 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const int statuses[] = {200, 200, 200, 400, 401, 403, 404, 429, 500, 503, 301, 200};
	static const char *const wires[] = {
	    "openai", "completions", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock"};
	struct buf whole = BUF_INIT, cut = BUF_INIT, plain = BUF_INIT;

	if (n < 2)
		return 0;
	const struct wire *w = &wire_openai;
	int http = 200;
	if (*p >= 0x10 && *p < 0x18) {
		w = wire_get(wires[*p - 0x10]);
		p++;
		n--;
	}
	if (n && *p < 0x10) { /* a status, and then the body */
		http = statuses[*p % (sizeof(statuses) / sizeof(*statuses))];
		p++;
		n--;
	}
	if (!n)
		return 0;
	events_more = 1;
	decode(&whole, w, http, p, n, n);
	for (size_t step = 0; step < 4; step++) {
		decode(&cut, w, http, p, n, step);
		must_equal(&whole, &cut);
	}
	if (http == 200 && without_template(&plain, p, n)) {
		decode(&cut, w, http, (const uint8_t *)buf_str(&plain), plain.len, plain.len + 1);
		must_equal(&whole, &cut);
	}
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&plain);
	return 0;
}
