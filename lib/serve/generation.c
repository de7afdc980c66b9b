/* SPDX-License-Identifier: ISC */
/* GET generation: what became of one call. */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "price.h"
#include "serve/visit.h"
#include "serve/cached.h"
#include "serve/handlers.h"
#include "serve/inquiry.h"
#include "serve/keys.h"
#include "tm.h"

/* Members that have no meaning here: there are neither apps, users nor workspaces, and these facts aren't kept. */
static const char *const nulls[] = {"request_id", "upstream_inference_cost", "cache_discount", "app_id",
    "moderation_latency", "service_tier", "native_tokens_completion_images", "num_media_prompt",
    "num_input_audio_prompt", "num_media_completion", "num_search_results", "num_fetches", "web_search_engine",
    "native_finish_reason", "external_user", "preset_id", "router", "user_agent", "http_referer", "workspace_id"};

static const struct {
	const char *name, *of;
} counts[] = {{"tokens_prompt", "prompt"}, {"tokens_completion", "completion"}, {"native_tokens_prompt", "prompt"},
    {"native_tokens_completion", "completion"}, {"native_tokens_reasoning", "reasoning"},
    {"native_tokens_cached", "cached"}, {"latency", "ms"}};

struct generation {
	const struct json *j;
	int call, attempts;
	struct jsonw w;
};

/* -1: not told. */
static int64_t
number(const struct json *j, int of, const char *name)
{
	int64_t n = -1;

	return json_int(j, json_get(j, of, name), &n) || n < 0 ? -1 : n;
}

static void
add_number(struct jsonw *w, const char *name, int64_t n)
{
	jsonw_key(w, name);
	if (n < 0)
		jsonw_null(w);
	else
		jsonw_int(w, n);
}

/* A string of the call's; nothing there: null, or "" where it must be one. */
static void
add_text(struct generation *g, const char *name, const char *of, int may_be_null)
{
	struct buf scratch = BUF_INIT;
	size_t n = 0;
	const char *s = json_view(g->j, json_get(g->j, g->call, of), &scratch, &n);

	jsonw_key(&g->w, name);
	if (n || !may_be_null)
		jsonw_strn(&g->w, s ? s : "", n);
	else
		jsonw_null(&g->w);
	buf_release(&scratch);
}

static int
is_set(const struct json *j, int of, const char *name)
{
	return json_bool(j, json_get(j, of, name)) == 1 || number(j, of, name) > 0;
}

static void
add_attempt(struct generation *g, int attempt)
{
	struct buf scratch = BUF_INIT;
	size_t n = 0;
	const char *s = json_view(g->j, json_get(g->j, attempt, "endpoint"), &scratch, &n);
	int64_t http = number(g->j, attempt, "http"), ms = number(g->j, attempt, "ms");

	jsonw_object(&g->w);
	add_number(&g->w, "status", http ? http : -1);
	if (ms >= 0)
		add_number(&g->w, "latency", ms);
	jsonw_key(&g->w, "endpoint_id");
	jsonw_strn(&g->w, s ? s : "", n);
	s = json_view(g->j, json_get(g->j, attempt, "model"), &scratch, &n);
	jsonw_key(&g->w, "model_permaslug");
	jsonw_strn(&g->w, s ? s : "", n);
	jsonw_member_bool(&g->w, "is_byok", 0);
	jsonw_end_object(&g->w);
	buf_release(&scratch);
}

static void
add_times(struct generation *g)
{
	int64_t ms = number(g->j, g->call, "ms"), ttft = number(g->j, g->call, "ttft_ms");
	struct buf b = BUF_INIT;

	tm_iso(&b, number(g->j, g->call, "started_ms") / 1000);
	jsonw_member(&g->w, "created_at", b.p);
	add_number(&g->w, "generation_time", ms >= 0 && ttft >= 0 && ttft <= ms ? ms - ttft : ms);
	buf_release(&b);
}

/* They have no end that could have a reason. */
static int
is_embedding(const struct generation *g)
{
	size_t n = 0;

	json_raw(g->j, json_get(g->j, g->call, "finish"), &n);
	return n <= strlen("\"\"") && number(g->j, g->call, "status") == 0 && number(g->j, g->call, "completion") <= 0;
}

/* Was it an answer that had been kept? */
static int
is_cached(const struct generation *g)
{
	return json_eq(g->j, json_get(g->j, g->call, "provider"), CACHED_PROVIDER);
}

static void
add_texts(struct generation *g)
{
	int cached = is_cached(g);

	add_text(g, "id", "id", 0);
	add_text(g, "upstream_id", cached ? "" : "answer_id", 1);
	add_text(g, "response_cache_source_id", cached ? "answer_id" : "", 1);
	add_text(g, "model", "model", 0);
	add_text(g, "provider_name", "provider", 1);
	add_text(g, "finish_reason", "finish", 1);
	add_text(g, "session_id", "session", 1);
	jsonw_member(&g->w, "api_type", is_embedding(g) ? "embeddings" : "completions");
	jsonw_member(&g->w, "data_region", "global");
	jsonw_member(&g->w, "origin", "");
}

static void
write_generation(struct generation *g, struct buf *body)
{
	jsonw_init(&g->w, body);
	jsonw_object(&g->w);
	jsonw_key(&g->w, "data");
	jsonw_object(&g->w);
	add_texts(g);
	add_times(g);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		add_number(&g->w, counts[i].name, number(g->j, g->call, counts[i].of));
	keys_write_usd(&g->w, "total_cost", number(g->j, g->call, "cost"));
	keys_write_usd(&g->w, "usage", number(g->j, g->call, "cost"));
	jsonw_member_bool(&g->w, "is_byok", 0);
	jsonw_member_bool(&g->w, "streamed", is_set(g->j, g->call, "streamed"));
	jsonw_member_bool(&g->w, "cancelled", json_eq(g->j, json_get(g->j, g->call, "error"), err_word(ERR_SIGNAL)));
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++)
		jsonw_member(&g->w, nulls[i], NULL);
	jsonw_key(&g->w, "provider_responses");
	jsonw_array(&g->w);
	for (int a = is_cached(g) ? -1 : json_child(g->j, g->attempts); a >= 0; a = json_next(g->j, g->attempts, a))
		add_attempt(g, a);
	jsonw_end_array(&g->w);
	jsonw_end_object(&g->w);
	jsonw_end_object(&g->w);
}

/* Nobody learns that there are calls of others. */
static int
may_see(const struct visit *v, const struct generation *g)
{
	int64_t id = 0; /* of one of a run's key it is negative */

	return !v->key || v->key->key.management ||
	    (json_int(g->j, json_get(g->j, g->call, "client_id"), &id) == 0 && id == v->key->key.id);
}

static void
on_generation(struct visit *v, const struct json *j, void *data)
{
	struct generation g = {.j = j, .call = json_get(j, 0, "call"), .attempts = json_get(j, 0, "attempts")};
	struct buf body = BUF_INIT;

	(void)data;
	if (g.call < 0 || !may_see(v, &g)) {
		inquiry_refuse(v, 404, "there is no such generation");
	} else {
		write_generation(&g, &body);
		visit_json(v, 200, &body);
	}
	buf_release(&body);
}

void
account_generation(struct visit *v)
{
	struct buf id = BUF_INIT;

	if (visit_query(v, "id", &id) || !id.len)
		inquiry_refuse(v, 400, "id: is missing");
	else
		inquire(v, &(struct desk_question){.what = DESK_GENERATION, .text = id.p}, on_generation, NULL, NULL);
	buf_release(&id);
}
