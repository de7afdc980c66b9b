/* SPDX-License-Identifier: ISC */
/* An answer's usage, as they count it. */
#include <string.h>

#include "answer.h"
#include "jsonw.h"
#include "wire/anthropic.h"
#include "wire/front.h"

static void
key_int(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	jsonw_int(w, v);
}

static int64_t
known(int64_t n)
{
	return n < 0 ? 0 : n;
}

static void
cost(const struct front_answer *a, struct jsonw *w)
{
	const char *s = *a->answer.usage.cost ? a->answer.usage.cost : a->cost;

	if (!s)
		return;
	jsonw_key(w, "cost");
	jsonw_raw(w, s, strlen(s));
}

/* They count tokens of one kind only. */
void
anthropic_lose_usage(struct front_answer *a)
{
	const struct usage *u = &a->answer.usage;

	if (u->prompt_audio > 0 || u->completion_audio > 0)
		front_lose(a, "usage.audio_tokens");
	if (u->completion_image > 0)
		front_lose(a, "usage.image_tokens");
}

static void
key_count(struct jsonw *w, const char *key, int64_t n)
{
	jsonw_key(w, key);
	if (n < 0)
		jsonw_null(w);
	else
		jsonw_int(w, n);
}

/* Nobody tells how long what was written to a cache is to stay: five minutes is what is had unasked. */
static void
published_cache(struct jsonw *w, int64_t written)
{
	key_count(w, "cache_creation_input_tokens", written);
	jsonw_key(w, "cache_creation");
	if (written < 0) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	key_int(w, "ephemeral_5m_input_tokens", written);
	key_int(w, "ephemeral_1h_input_tokens", 0);
	jsonw_end_object(w);
}

/* The rest of the object, with all that is required of it. */
static void
published_usage(const struct front_answer *a, struct jsonw *w)
{
	const struct usage *u = &a->answer.usage;

	published_cache(w, u->cache_write);
	key_count(w, "cache_read_input_tokens", u->cached);
	key_int(w, "output_tokens", known(u->completion));
	jsonw_key(w, "output_tokens_details");
	if (u->reasoning >= 0) {
		jsonw_object(w);
		key_int(w, "thinking_tokens", u->reasoning);
		jsonw_end_object(w);
	} else {
		jsonw_null(w);
	}
	jsonw_member(w, "inference_geo", NULL);
	jsonw_member(w, "server_tool_use", NULL);
	jsonw_member(w, "service_tier", NULL);
	cost(a, w);
	jsonw_end_object(w);
}

/* Their input_tokens are those that no cache had a part in. */
void
anthropic_write_usage(const struct front_answer *a, struct jsonw *w)
{
	const struct usage *u = &a->answer.usage;
	int64_t input = known(u->prompt) - known(u->cached) - known(u->cache_write);

	jsonw_key(w, "usage");
	jsonw_object(w);
	key_int(w, "input_tokens", known(input));
	if (a->published) {
		published_usage(a, w);
		return;
	}
	if (u->cache_write >= 0)
		key_int(w, "cache_creation_input_tokens", u->cache_write);
	if (u->cached >= 0)
		key_int(w, "cache_read_input_tokens", u->cached);
	key_int(w, "output_tokens", known(u->completion));
	if (u->reasoning >= 0) {
		jsonw_key(w, "output_tokens_details");
		jsonw_object(w);
		key_int(w, "thinking_tokens", u->reasoning);
		jsonw_end_object(w);
	}
	cost(a, w);
	jsonw_end_object(w);
}
