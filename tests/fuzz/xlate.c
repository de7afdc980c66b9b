/* SPDX-License-Identifier: ISC */
/*
 * Bytes from one format to another. The first byte chooses two formats, the rest is an input: what it is is told as or-xlate does it, with
 * the same result whatever the reads. As a request it goes through the one format's front and the other's back; as an answer through the
 * one's decoder and the other's front, whole and streamed; what comes out is what it should be: a request JSON, an answer valid JSON or a
 * stream that the other's decoder reads to its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "json.h"
#include "render.h"
#include "wire/decoder.h"
#include "wire/detect.h"
#include "wire/front.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *const formats[] = {
    "openai", "completions", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock"};

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
detect(const char *p, size_t n)
{
	struct detect whole = {0}, cut = {0};
	int known = detect_feed(&whole, p, n), early = 0;
	struct json j = JSON_INIT;

	for (size_t i = 0; i < n && !early; i++)
		early = detect_feed(&cut, p, i + 1);
	must(
	    n == 0 || (known == early && whole.shape == cut.shape && whole.start == cut.start && whole.end == cut.end));
	known = known ? 1 : detect_end(&whole);
	must(!known || whole.end <= n);
	const char *object = whole.shape == DETECT_SSE ? buf_str(&whole.data) : p + whole.start;
	size_t len = whole.shape == DETECT_SSE ? whole.data.len : whole.end - whole.start;
	if (known && whole.shape < DETECT_FRAMES && json_parse(&j, object, len, NULL) == 0)
		for (int is_request = 0; is_request < 2; is_request++)
			must(front_get(detect_format(&j, is_request)) != NULL);
	json_release(&j);
	detect_release(&whole);
	detect_release(&cut);
}

/* What a back makes of a canonical request is JSON. */
static void
encode(const char *to, const struct json *canonical, const struct blobs *blobs)
{
	for (int lossy = 0; lossy < 2; lossy++) {
		const struct wire_ask ask = {.request = canonical, .blobs = blobs, .lossy = lossy, .cache = lossy};
		struct wire_call call = {0};
		struct losses lost = {0};
		struct err e = {0};
		if (wire_get(to)->encode(&call, &ask, &lost, &e) == 0)
			must(json_valid(buf_str(&call.body), call.body.len, NULL, NULL));
		else
			must(e.kind != ERR_NONE);
		losses_release(&lost);
		wire_call_release(&call);
	}
}

static void
request(const char *from, const char *to, const char *p, size_t n)
{
	struct json j = JSON_INIT, canonical = JSON_INIT;
	struct blobs blobs = BLOBS_INIT;
	struct losses lost = {0};
	struct buf text = BUF_INIT;
	struct err e = {0};
	const struct front *f = front_get(from);
	const struct front_ask ask = {.request = &j, .stream = -1, .lossy = n & 1, .blobs = n & 2 ? &blobs : NULL};

	if (json_parse(&j, p, n, &e) == 0 && json_unique(&j, &e) == 0) {
		if (!f->request) {
			encode(to, &j, NULL);
		} else if (f->request(&ask, &text, &lost, &e) == 0) {
			must(json_parse(&canonical, buf_str(&text), text.len, &e) == 0);
			encode(to, &canonical, &blobs);
		}
	}
	json_release(&j);
	json_release(&canonical);
	losses_release(&lost);
	blobs_release(&blobs);
	buf_release(&text);
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

static int
ignore(void *arg, const struct event *ev)
{
	(void)arg;
	(void)ev;
	return 0;
}

/* 0: a complete answer. */
static int
decode(const char *format, const struct buf *in, event_fn fn, void *arg, size_t step, struct err *e)
{
	struct decoder d;

	decoder_init(&d, wire_get(format), 200, fn, arg);
	for (size_t i = 0; i < in->len; i += step)
		decoder_feed(&d, in->p + i, in->len - i < step ? in->len - i : step);
	int r = decoder_end(&d, e);
	decoder_release(&d);
	return r;
}

static void
translate(struct buf *out, const char *from, const char *to, const struct buf *in, enum render_form form, size_t step)
{
	struct sink s = {.out = BUF_INIT};
	struct losses lost = {0};
	struct err e = {0};

	render_init(&s.render, form, 1700000000);
	s.render.out.front = front_get(to);
	s.render.out.lost = &lost;
	int failed = decode(from, in, on_event, &s, step, &e) != 0;
	if (failed)
		s.render.out.front->error(&e, &s.out);
	render_end(&s.render, NULL, failed, &s.out);
	buf_clear(out);
	buf_add(out, s.out.p, s.out.len);
	if (form == RENDER_JSON && !failed)
		must(json_valid(buf_str(out), out->len, NULL, NULL));
	if (!failed)
		must(decode(to, out, ignore, NULL, out->len + 1, &e) == 0 || e.kind != ERR_PROTOCOL);
	render_release(&s.render);
	losses_release(&lost);
	buf_release(&s.out);
}

static void
answer(const char *from, const char *to, const char *p, size_t n)
{
	static const enum render_form forms[] = {RENDER_JSON, RENDER_SSE};
	struct buf in = BUF_INIT, whole = BUF_INIT, bytes = BUF_INIT;

	buf_add(&in, p, n);
	for (size_t i = 0; i < 2; i++) {
		translate(&whole, from, to, &in, forms[i], n + 1);
		translate(&bytes, from, to, &in, forms[i], 1);
		must(whole.len == bytes.len && memcmp(buf_str(&whole), buf_str(&bytes), whole.len) == 0);
	}
	buf_release(&in);
	buf_release(&whole);
	buf_release(&bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	const char *from = formats[*p & 7], *to = formats[*p >> 3 & 7], *text = (const char *)p + 1;
	detect(text, n - 1);
	request(from, to, text, n - 1);
	answer(from, to, text, n - 1);
	return 0;
}
