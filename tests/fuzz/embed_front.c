/* SPDX-License-Identifier: ISC */
/*
 * Requests for embeddings in a format, which the first byte chooses. What a front takes becomes a canonical request, with one input a vector,
 * that every back either refuses or makes JSON of; the answer with a vector for each is JSON, and the format's back finds as many in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "event.h"
#include "json.h"
#include "providers.h"
#include "wire/decoder.h"
#include "wire/embed.h"
#include "wire/embed_front.h"
#include "wire/wire.h"

#define MAX_DIMS 16

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static char none[] = "none", base[] = "http://127.0.0.1";
static const struct provider nobody = {.name = none, .wire = none, .base = base, .region = none};

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
encode(const struct json *canonical)
{
	static const char *const formats[] = {"openai", "gemini", "ollama", "cohere", "bedrock"};

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		const struct wire_ask ask = {.request = canonical, .provider = &nobody, .model = "m"};
		struct wire_call call = {0};
		struct losses lost = {0};
		struct err e = {0};
		if (wire_embed(&nobody)(formats[i])->encode(&call, &ask, &lost, &e) == 0)
			must(json_valid(buf_str(&call.body), call.body.len, NULL, NULL));
		else
			must(e.kind != ERR_NONE);
		losses_release(&lost);
		wire_call_release(&call);
	}
}

static int
count(void *arg, const struct event *ev)
{
	*(size_t *)arg += ev->type == EVENT_VECTOR;
	return 0;
}

static void
answer(const struct embed_front *f, const struct embed_form *form, const struct json *canonical)
{
	static const float v[MAX_DIMS] = {1, -0.25f};
	struct embed_answer a;
	struct buf out = BUF_INIT;
	struct decoder d;
	struct err e = {0};
	size_t n = 0;

	embed_answer_init(&a, form, canonical);
	must(a.n > 0);
	size_t dims = a.n_asked_dims ? a.n_asked_dims : 2;
	int fits = dims <= MAX_DIMS;
	for (size_t i = 0; i < a.n; i++) {
		struct event ev = {.type = EVENT_VECTOR, .index = (int)i, .s = (const char *)v};
		ev.n = sizeof(*v) * (fits ? dims : 2);
		must((embed_answer_event(&a, &ev, &e) == 0) == fits);
	}
	if (!fits) { /* more than was given was asked for */
		embed_answer_release(&a);
		return;
	}
	must(embed_answer_check(&a, &e) == 0);
	f->whole(&a, &out);
	must(json_valid(buf_str(&out), out.len, NULL, NULL));
	decoder_init(&d, wire_embed(&nobody)(f->name), 200, count, &n);
	decoder_feed(&d, out.p, out.len);
	must(decoder_end(&d, &e) == 0 && n == a.n * (size_t)(form->numbers + form->base64));
	decoder_release(&d);
	buf_release(&out);
	embed_answer_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct embed_front *const fronts[] = {
	    &embed_front_openai, &embed_front_gemini, &embed_front_ollama, &embed_front_cohere};
	struct json j = JSON_INIT, canonical = JSON_INIT;
	struct buf text = BUF_INIT;
	struct embed_form form;
	struct losses lost = {0};
	struct err e = {0};

	if (n < 1)
		return 0;
	const struct embed_front *f = fronts[*p & 3];
	const struct embed_ask ask = {.request = &j, .model = *p & 4 ? "a/m" : NULL};
	if (json_parse(&j, (const char *)p + 1, n - 1, &e) == 0 && json_unique(&j, &e) == 0) {
		if (f->request(&ask, &text, &form, &lost, &e) == 0) {
			must(json_parse(&canonical, buf_str(&text), text.len, &e) == 0);
			encode(&canonical);
			answer(f, &form, &canonical);
		} else {
			must(e.kind == ERR_DATA);
		}
	}
	json_release(&j);
	json_release(&canonical);
	losses_release(&lost);
	buf_release(&text);
	return 0;
}
