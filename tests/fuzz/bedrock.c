/* SPDX-License-Identifier: ISC */
/*
 * Bedrock's format, both ends. The first byte says what the rest is: an answer, an answer whose frames get right sums, a request in the format, a
 * canonical request, an answer in OpenAI's format. No crash; the same events whatever the reads; what we write is JSON and can be read again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../wire/events.h"
#include "render.h"
#include "wire/front.h"

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

	return r->step ? r->step : (size_t)r->p[r->at++ % r->n] % 19 + 1;
}

static void
decode(struct buf *out, int http, const uint8_t *p, size_t n, size_t step)
{
	struct reads r = {step, p, n, 0};

	buf_clear(out);
	events_of(out, &wire_bedrock, http, (const char *)p, n, next_read, &r);
}

static void
check_decode(int http, const uint8_t *p, size_t n)
{
	static const size_t steps[] = {1, 7, 0};
	struct buf whole = BUF_INIT, cut = BUF_INIT;

	decode(&whole, http, p, n, n + 1);
	for (size_t i = 0; i < 3; i++) {
		decode(&cut, http, p, n, steps[i]);
		if (cut.len != whole.len || memcmp(buf_str(&cut), buf_str(&whole), cut.len) != 0)
			abort();
	}
	buf_release(&whole);
	buf_release(&cut);
}

static uint32_t
crc32(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void
mend(uint8_t *p, size_t n)
{
	while (n >= 16) {
		size_t total = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
		put32(p + 8, crc32(p, 8));
		if (total < 16 || total > n)
			return;
		put32(p + total - 4, crc32(p, total - 4));
		p += total;
		n -= total;
	}
}

static void
must_be_json(const struct buf *b)
{
	if (!json_valid(buf_str(b), b->len, NULL, NULL))
		abort();
}

static void
encode(const char *p, size_t n, int lossy)
{
	struct wire_call c = {0};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};
	const struct wire_ask ask = {.request = &j, .lossy = lossy, .cache = lossy};

	if (json_parse(&j, p, n, &e) == 0 && wire_bedrock.encode(&c, &ask, &lost, &e) == 0)
		must_be_json(&c.body);
	json_release(&j);
	losses_release(&lost);
	wire_call_release(&c);
}

static void
ask(const char *p, size_t n, int lossy)
{
	struct buf out = BUF_INIT;
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};
	const struct front_ask a = {.request = &j, .stream = -1, .lossy = lossy};

	if (json_parse(&j, p, n, &e) == 0 && front_bedrock.request(&a, &out, &lost, &e) == 0) {
		must_be_json(&out);
		encode(out.p, out.len, lossy);
	}
	json_release(&j);
	losses_release(&lost);
	buf_release(&out);
}

struct sink {
	struct render render;
	struct buf out;
};

static int
on_event(void *arg, const struct event *ev)
{
	struct sink *s = arg;

	render_event(&s->render, ev, &s->out);
	return 0;
}

/* Our own answer, whole or streamed, is good Converse. */
static void
answer(const char *p, size_t n, enum render_form form)
{
	struct sink s = {.out = BUF_INIT};
	struct buf events = BUF_INIT;
	struct decoder d;
	struct err e = {0};

	render_init(&s.render, form, 0);
	s.render.out.front = &front_bedrock;
	decoder_init(&d, &wire_openai, 200, on_event, &s);
	decoder_feed(&d, p, n);
	int failed = decoder_end(&d, &e);
	render_end(&s.render, NULL, failed, &s.out);
	if (form == RENDER_JSON)
		must_be_json(&s.out);
	decode(&events, 200, (const uint8_t *)buf_str(&s.out), s.out.len, s.out.len + 1);
	if (s.out.len && strstr(buf_str(&events), "\"kind\":\"protocol\""))
		abort();
	decoder_release(&d);
	render_release(&s.render);
	buf_release(&s.out);
	buf_release(&events);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	int kind = *p++ % 8;
	char *copy = malloc(--n);
	memcpy(copy, p, n);
	if (kind == 1)
		mend((uint8_t *)copy, n);
	if (kind < 2)
		check_decode(200, (uint8_t *)copy, n);
	else if (kind == 2)
		check_decode(400, (uint8_t *)copy, n);
	else if (kind < 5)
		ask(copy, n, kind == 3);
	else if (kind < 7)
		encode(copy, n, kind == 5);
	else
		for (int i = 0; i < 2; i++)
			answer(copy, n, i ? RENDER_SSE : RENDER_JSON);
	free(copy);
	return 0;
}
