/* SPDX-License-Identifier: ISC */
/* A line a request: who asked for what, and what became of it. No content, and no key but its name. */
#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "jsonw.h"
#include "price.h"
#include "serve/app_priv.h"
#include "str.h"
#include "tm.h"

#define MAX_PATH 256

/* As it came, without the query, which may hold a key. */
static size_t
path_of(const struct visit *v, const char **path)
{
	size_t n = strcspn(*path = exchange_request(v->x)->target, "?");

	return n < MAX_PATH ? n : MAX_PATH;
}

static void
member_int(struct jsonw *w, const char *key, int64_t n)
{
	if (n < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, n);
}

static void
member_text(struct jsonw *w, const char *key, const char *s)
{
	jsonw_member_if(w, key, s && *s ? s : NULL);
}

static const char *
error_of(const struct visit *v)
{
	return *v->error ? v->error : exchange_is_gone(v->x) ? "gone" : "";
}

static void
as_json(const struct visit *v, int64_t ms, const char *cost, struct buf *out)
{
	struct jsonw w;
	struct buf at = BUF_INIT;
	const char *path;
	size_t n = path_of(v, &path);

	tm_iso(&at, tm_now_ms() / 1000);
	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member(&w, "time", buf_str(&at));
	jsonw_member(&w, "peer", exchange_peer(v->x));
	member_text(&w, "key", v->key ? v->key->key.name : NULL);
	jsonw_member(&w, "method", exchange_request(v->x)->method);
	jsonw_key(&w, "path");
	jsonw_strn(&w, path, n);
	member_int(&w, "status", exchange_status(v->x));
	member_int(&w, "ms", ms);
	member_int(&w, "ttft_ms", v->ttft_ms);
	member_text(&w, "front", v->front_name);
	member_text(&w, "model", v->model);
	member_text(&w, "endpoint", v->endpoint);
	member_text(&w, "finish", v->finish);
	member_int(&w, "prompt_tokens", v->prompt);
	member_int(&w, "completion_tokens", v->completion);
	if (*cost) {
		jsonw_key(&w, "cost");
		jsonw_raw(&w, cost, strlen(cost));
	}
	member_int(&w, "bytes", (int64_t)exchange_sent(v->x));
	member_text(&w, "id", v->id);
	member_text(&w, "error", error_of(v));
	jsonw_end_object(&w);
	buf_release(&at);
}

/* One word of the line: blanks would make two of it, control bytes worse. */
static void
word(struct buf *out, const char *s, size_t n)
{
	struct buf clean = BUF_INIT;

	str_clean(&clean, s, n);
	buf_addc(out, ' ');
	if (!clean.len)
		buf_addc(out, '-');
	for (size_t i = 0; i < clean.len; i++)
		buf_addc(out, strchr(" \t\n", clean.p[i]) ? '_' : clean.p[i]);
	buf_release(&clean);
}

static void
word_str(struct buf *out, const char *s)
{
	word(out, s, strlen(s));
}

static void
word_int(struct buf *out, int64_t n, const char *unit)
{
	if (n < 0)
		buf_adds(out, " -");
	else
		buf_addf(out, " %" PRId64 "%s", n, unit);
}

static void
as_text(const struct visit *v, int64_t ms, const char *cost, struct buf *out)
{
	const char *path;
	size_t n = path_of(v, &path);

	tm_iso(out, tm_now_ms() / 1000);
	word_str(out, exchange_peer(v->x));
	word_str(out, v->key && v->key->key.name ? v->key->key.name : "");
	word_str(out, exchange_request(v->x)->method);
	word(out, path, n);
	word_int(out, exchange_status(v->x), "");
	word_int(out, ms, "ms");
	if (v->is_called) {
		word_int(out, v->ttft_ms, "ms");
		word_str(out, v->front_name);
		word_str(out, v->model);
		buf_adds(out, " ->");
		word_str(out, v->endpoint);
		word_int(out, v->prompt, "");
		word_int(out, v->completion, "");
		word_str(out, cost);
		word_str(out, v->id);
	}
	if (*error_of(v))
		word_str(out, error_of(v));
}

void
logline(const struct visit *v, struct buf *out)
{
	int64_t ms = (tm_mono_us() - exchange_start_us(v->x)) / 1000;
	struct buf cost = BUF_INIT;

	if (v->cost_pusd != PUSD_UNKNOWN)
		price_emit_pusd(&cost, v->cost_pusd);
	if (v->app->s.log_json)
		as_json(v, ms, buf_str(&cost), out);
	else
		as_text(v, ms, buf_str(&cost), out);
	buf_addc(out, '\n');
	buf_release(&cost);
}

void
logline_note(const struct app *a, const char *text, struct buf *out)
{
	struct buf at = BUF_INIT;
	struct jsonw w;

	tm_iso(&at, tm_now_ms() / 1000);
	if (a->s.log_json) {
		jsonw_init(&w, out);
		jsonw_object(&w);
		jsonw_member(&w, "time", buf_str(&at));
		jsonw_member(&w, "level", "warning");
		jsonw_member(&w, "message", text);
		jsonw_end_object(&w);
	} else {
		buf_adds(out, buf_str(&at));
		buf_addc(out, ' ');
		str_clean(out, text, strlen(text));
	}
	buf_addc(out, '\n');
	buf_release(&at);
}
