/* SPDX-License-Identifier: ISC */
/* Ollama's clients load a model before they ask it: by a request without a prompt. There is nothing to load here, and nothing to pay. */
#include "buf.h"
#include "json.h"
#include "jsonw.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "tm.h"

#define MAX_LOADING 4096 /* bytes: a body that says more says what is asked */

static int
is_empty(const struct json *j, int node)
{
	return node < 0 || json_type(j, node) == JSON_NULL || json_eq(j, node, "") ||
	    (json_type(j, node) == JSON_ARRAY && json_child(j, node) < 0);
}

/* A keep_alive of no time at all: 0, "0", "0s". */
static int
is_unload(const struct json *j)
{
	int node = json_get(j, 0, "keep_alive");
	int64_t n = -1;

	return node >= 0 &&
	    ((json_int(j, node, &n) == 0 && n == 0) || json_eq(j, node, "0") || json_eq(j, node, "0s") ||
		json_eq(j, node, "0m"));
}

static int
asks_nothing(const struct visit *v, const struct json *j)
{
	if (json_type(j, 0) != JSON_OBJECT || json_type(j, json_get(j, 0, "model")) != JSON_STRING)
		return 0;
	return v->front == &front_ollama
	    ? is_empty(j, json_get(j, 0, "messages"))
	    : is_empty(j, json_get(j, 0, "prompt")) && is_empty(j, json_get(j, 0, "images"));
}

static void
answer(struct visit *v, const struct json *j)
{
	struct buf b = BUF_INIT, model = BUF_INIT, now = BUF_INIT;
	struct jsonw w;

	json_str(j, json_get(j, 0, "model"), &model);
	tm_iso(&now, tm_now_ms() / 1000);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "model");
	jsonw_strn(&w, buf_str(&model), model.len);
	jsonw_member(&w, "created_at", now.p);
	if (v->front == &front_ollama) {
		jsonw_key(&w, "message");
		jsonw_object(&w);
		jsonw_member(&w, "role", "assistant");
		jsonw_member(&w, "content", "");
		jsonw_end_object(&w);
	} else {
		jsonw_member(&w, "response", "");
	}
	jsonw_key(&w, "done");
	jsonw_bool(&w, 1);
	jsonw_member(&w, "done_reason", is_unload(j) ? "unload" : "load");
	jsonw_end_object(&w);
	visit_json(v, 200, &b);
	buf_release(&b);
	buf_release(&model);
	buf_release(&now);
}

void
loading_chat(struct visit *v)
{
	const struct buf *body = &exchange_request(v->x)->body;
	struct json j = JSON_INIT;
	int is_loading =
	    body->len <= MAX_LOADING && json_parse(&j, buf_str(body), body->len, NULL) == 0 && asks_nothing(v, &j);

	if (is_loading)
		answer(v, &j);
	json_release(&j);
	if (!is_loading)
		calls_chat(v);
}

/* What is loaded: nothing is. */
void
loading_list(struct visit *v)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"models\":[]}");
	visit_json(v, 200, &b);
	buf_release(&b);
}
