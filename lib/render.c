/* SPDX-License-Identifier: ISC */
#include "render.h"

#include <inttypes.h>
#include <string.h>

#include "jsonw.h"
#include "mem.h"
#include "str.h"

int
render_form(const char *name)
{
	static const char *const names[] = {"text", "raw", "json", "ndjson", "sse", "tsv"};

	for (int i = 0; i < 6; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

void
render_init(struct render *r, enum render_form form, int64_t created)
{
	memset(r, 0, sizeof(*r));
	r->form = form;
	r->last = -1;
	r->created = created;
	answer_init(&r->answer);
}

void
render_clear(struct render *r)
{
	answer_clear(&r->answer);
	buf_clear(&r->held);
	r->last = -1;
	r->begun = 0;
}

void
render_release(struct render *r)
{
	answer_release(&r->answer);
	buf_release(&r->held);
}

static void
key_str(struct jsonw *w, const char *key, const char *s)
{
	if (!s)
		return;
	jsonw_key(w, key);
	jsonw_str(w, s);
}

static void
key_text(struct jsonw *w, const char *key, const struct event *ev)
{
	jsonw_key(w, key);
	jsonw_strn(w, ev->s ? ev->s : "", ev->n);
}

static void
key_raw(struct jsonw *w, const char *key, const struct event *ev)
{
	if (!ev->raw_len)
		return;
	jsonw_key(w, key);
	jsonw_raw(w, ev->raw, ev->raw_len);
}

static void
key_count(struct jsonw *w, const char *key, int64_t n)
{
	if (n < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, n);
}

static void
nd_start(struct jsonw *w, const struct event *ev)
{
	key_str(w, "id", ev->id);
	key_str(w, "model", ev->name);
	key_str(w, "provider", ev->provider);
}

static void
nd_refusal(struct jsonw *w, const struct event *ev)
{
	if (!ev->refusal)
		return;
	jsonw_key(w, "refusal");
	jsonw_bool(w, 1);
}

static void
nd_call(struct jsonw *w, const struct event *ev)
{
	key_str(w, "id", ev->id);
	key_str(w, "name", ev->name);
}

static void
nd_kind(struct jsonw *w, const struct event *ev)
{
	key_str(w, "kind", ev->name);
}

static void
nd_native(struct jsonw *w, const struct event *ev)
{
	key_str(w, "native_finish", ev->native);
}

static void
nd_usage(struct jsonw *w, const struct event *ev)
{
	const struct usage *u = ev->usage;

	key_count(w, "prompt", u->prompt);
	key_count(w, "completion", u->completion);
	key_count(w, "cached", u->cached);
	key_count(w, "cache_write", u->cache_write);
	key_count(w, "reasoning", u->reasoning);
	if (*u->cost) {
		jsonw_key(w, "cost");
		jsonw_raw(w, u->cost, strlen(u->cost));
	}
}

static void
nd_error(struct jsonw *w, const struct event *ev)
{
	if (ev->err->http) {
		jsonw_key(w, "status");
		jsonw_int(w, ev->err->http);
	}
	key_str(w, "kind", err_word(ev->err->kind));
	key_str(w, "message", ev->err->msg);
}

/* What stands in an event's line behind its type, in this order: the number of a tool call, the text, members of its own, raw JSON. */
static const struct {
	int indexed;
	const char *text; /* key of s */
	void (*own)(struct jsonw *w, const struct event *ev);
	const char *raw; /* key of raw */
} nd[] = {
    [EVENT_START] = {0, NULL, nd_start, NULL},
    [EVENT_TEXT] = {0, "text", nd_refusal, NULL},
    [EVENT_REASONING] = {0, "text", NULL, "detail"},
    [EVENT_TOOL_BEGIN] = {1, NULL, nd_call, NULL},
    [EVENT_TOOL_ARGS] = {1, "args", NULL, NULL},
    [EVENT_TOOL_END] = {1, NULL, NULL, NULL},
    [EVENT_MEDIA] = {0, NULL, nd_kind, "media"},
    [EVENT_ANNOTATION] = {0, NULL, NULL, "annotation"},
    [EVENT_LOGPROBS] = {0, NULL, NULL, "logprobs"},
    [EVENT_FINISH] = {0, "finish", nd_native, NULL},
    [EVENT_USAGE] = {0, NULL, nd_usage, NULL},
    [EVENT_ERROR] = {0, NULL, nd_error, NULL},
};

static void
nd_members(struct jsonw *w, const struct event *ev)
{
	if (nd[ev->type].indexed) {
		jsonw_key(w, "index");
		jsonw_int(w, ev->index);
	}
	if (nd[ev->type].text)
		key_text(w, nd[ev->type].text, ev);
	if (nd[ev->type].own)
		nd[ev->type].own(w, ev);
	if (nd[ev->type].raw)
		key_raw(w, nd[ev->type].raw, ev);
}

static void
ndjson(const struct event *ev, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	key_str(&w, "type", event_name(ev->type));
	if (ev->choice) {
		jsonw_key(&w, "choice");
		jsonw_int(&w, ev->choice);
	}
	nd_members(&w, ev);
	jsonw_end_object(&w);
	buf_addc(out, '\n');
}

/* What the provider didn't say, an OpenRouter answer has all the same. */
static void
name_source(struct render *r)
{
	struct answer *a = &r->answer;

	if (!a->created)
		a->created = r->created;
	if (!a->id && r->id)
		a->id = xstrdup(r->id);
	if (!a->model && r->model)
		a->model = xstrdup(r->model);
	if (!a->provider && r->provider)
		a->provider = xstrdup(r->provider);
}

static void
open_chunk(struct render *r, struct jsonw *w, struct buf *out)
{
	const struct answer *a = &r->answer;

	name_source(r);
	buf_adds(out, "data: ");
	jsonw_init(w, out);
	jsonw_object(w);
	jsonw_key(w, "id");
	jsonw_str(w, a->id ? a->id : "");
	jsonw_key(w, "object");
	jsonw_str(w, "chat.completion.chunk");
	jsonw_key(w, "created");
	jsonw_int(w, a->created ? a->created : r->created);
	jsonw_key(w, "model");
	jsonw_str(w, a->model ? a->model : "");
	key_str(w, "provider", a->provider);
}

static void
close_chunk(struct jsonw *w, struct buf *out)
{
	jsonw_end_object(w);
	buf_adds(out, "\n\n");
}

static void
delta_call(struct jsonw *w, const struct event *ev)
{
	jsonw_key(w, "tool_calls");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "index");
	jsonw_int(w, ev->index);
	if (ev->type == EVENT_TOOL_BEGIN) {
		key_str(w, "id", ev->id);
		key_str(w, "type", "function");
	}
	jsonw_key(w, "function");
	jsonw_object(w);
	if (ev->type == EVENT_TOOL_BEGIN)
		key_str(w, "name", ev->name);
	key_text(w, "arguments", ev);
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_end_array(w);
}

static void
delta_list(struct jsonw *w, const char *key, const struct event *ev)
{
	jsonw_key(w, key);
	jsonw_array(w);
	jsonw_raw(w, ev->raw, ev->raw_len);
	jsonw_end_array(w);
}

static void
delta(struct jsonw *w, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_START:
		key_str(w, "role", "assistant");
		key_str(w, "content", "");
		break;
	case EVENT_TEXT:
		key_text(w, ev->refusal ? "refusal" : "content", ev);
		break;
	case EVENT_REASONING:
		if (ev->n)
			key_text(w, "reasoning", ev);
		if (ev->raw)
			delta_list(w, "reasoning_details", ev);
		break;
	case EVENT_TOOL_BEGIN:
	case EVENT_TOOL_ARGS:
		delta_call(w, ev);
		break;
	case EVENT_MEDIA:
		if (strcmp(ev->name, "audio") == 0)
			key_raw(w, "audio", ev);
		else
			delta_list(w, "images", ev);
		break;
	case EVENT_ANNOTATION:
		delta_list(w, "annotations", ev);
		break;
	default:
		break;
	}
}

static void
error_object(struct jsonw *w, const struct err *e)
{
	jsonw_key(w, "error");
	jsonw_object(w);
	jsonw_key(w, "code");
	jsonw_int(w, e->http ? e->http : 502);
	key_str(w, "message", e->msg);
	jsonw_end_object(w);
}

static void
sse(struct render *r, const struct event *ev, struct buf *out)
{
	struct jsonw w;

	if (ev->type == EVENT_TOOL_END || ev->type == EVENT_USAGE)
		return; /* the usage goes last, with its cost */
	open_chunk(r, &w, out);
	if (ev->type == EVENT_ERROR)
		error_object(&w, ev->err);
	jsonw_key(&w, "choices");
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_key(&w, "index");
	jsonw_int(&w, ev->choice);
	jsonw_key(&w, "delta");
	jsonw_object(&w);
	delta(&w, ev);
	jsonw_end_object(&w);
	if (ev->type == EVENT_LOGPROBS)
		key_raw(&w, "logprobs", ev);
	jsonw_key(&w, "finish_reason");
	jsonw_str(&w, ev->type == EVENT_FINISH ? ev->s : ev->type == EVENT_ERROR ? "error" : NULL);
	if (ev->type == EVENT_FINISH)
		key_str(&w, "native_finish_reason", ev->native);
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	close_chunk(&w, out);
}

/* What isn't content waits for some: a start, a finish or a usage by itself is no answer that has gone out. */
static void
stream(struct render *r, const struct event *ev, struct buf *out)
{
	struct buf *to = event_is_content(ev->type) || r->begun ? out : &r->held;

	if (to == out && r->held.len) {
		buf_add(out, r->held.p, r->held.len);
		buf_clear(&r->held);
	}
	r->begun |= to == out;
	if (r->form == RENDER_NDJSON)
		ndjson(ev, to);
	else
		sse(r, ev, to);
}

int
render_keeps(const struct render *r, const struct event *ev)
{
	int is_tool = ev->type >= EVENT_TOOL_BEGIN && ev->type <= EVENT_TOOL_END;

	if (!event_is_content(ev->type) || r->keep || r->form == RENDER_JSON)
		return 1;
	if (r->form == RENDER_TSV)
		return ev->type == EVENT_TEXT && ev->choice == 0;
	return is_tool && ev->choice == 0 && (r->form == RENDER_TEXT || r->form == RENDER_RAW);
}

void
render_event(struct render *r, const struct event *ev, struct buf *out)
{
	int is_text = r->form == RENDER_TEXT || r->form == RENDER_RAW;

	if (is_text && ev->type == EVENT_TEXT && ev->choice == 0 && ev->n) {
		buf_add(out, ev->s, ev->n);
		r->last = (unsigned char)ev->s[ev->n - 1];
	}
	if (render_keeps(r, ev))
		answer_add(&r->answer, ev);
	/* an error before any content is the caller's to tell */
	if ((r->form == RENDER_SSE || r->form == RENDER_NDJSON) && !(ev->type == EVENT_ERROR && !r->begun))
		stream(r, ev, out);
}

static void
end_text(struct render *r, int failed, struct buf *out)
{
	const struct answer_choice *c = answer_get(&r->answer, 0);
	int has_calls = c && c->n_call && !failed;

	if (r->last >= 0 && r->last != '\n' && (r->form == RENDER_TEXT || has_calls))
		buf_addc(out, '\n');
	for (size_t i = 0; has_calls && i < c->n_call; i++) {
		answer_emit_call(c->call + i, out);
		buf_addc(out, '\n');
	}
}

static void
tsv_field(struct buf *out, const char *s)
{
	if (s && *s)
		str_tsv(out, s, strlen(s));
	else
		buf_addc(out, '-');
	buf_addc(out, '\t');
}

static void
tsv_count(struct buf *out, int64_t n)
{
	if (n < 0)
		buf_adds(out, "-\t");
	else
		buf_addf(out, "%" PRId64 "\t", n);
}

static void
end_tsv(struct render *r, const char *cost, struct buf *out)
{
	const struct answer *a = &r->answer;
	const struct answer_choice *c = answer_get(a, 0);

	tsv_field(out, a->id);
	tsv_field(out, a->model);
	tsv_field(out, c ? c->finish : NULL);
	tsv_count(out, a->usage.prompt);
	tsv_count(out, a->usage.completion);
	tsv_field(out, cost);
	if (c)
		str_tsv(out, buf_str(&c->text), c->text.len);
	if (c && c->refusal.len)
		str_tsv(out, c->refusal.p, c->refusal.len);
	buf_addc(out, '\n');
}

/* The last chunk: usage, as OpenRouter sends it, then the end marker. A stream that failed ends without one. */
static void
end_sse(struct render *r, const char *cost, int failed, struct buf *out)
{
	struct jsonw w;
	struct buf whole = BUF_INIT;

	if (failed)
		return;
	if (r->answer.usage_raw.len || r->answer.usage.prompt >= 0) {
		open_chunk(r, &w, out);
		jsonw_key(&w, "choices");
		jsonw_array(&w);
		jsonw_end_array(&w);
		jsonw_key(&w, "usage");
		answer_emit_usage(&r->answer, cost, &whole);
		jsonw_raw(&w, whole.p, whole.len);
		close_chunk(&w, out);
	}
	buf_adds(out, "data: [DONE]\n\n");
	buf_release(&whole);
}

void
render_end(struct render *r, const char *cost, int failed, struct buf *out)
{
	if (!failed && r->held.len) {
		buf_add(out, r->held.p, r->held.len);
		buf_clear(&r->held);
	}
	switch (r->form) {
	case RENDER_TEXT:
	case RENDER_RAW:
		end_text(r, failed, out);
		break;
	case RENDER_JSON:
		name_source(r);
		answer_emit_completion(&r->answer, cost, out);
		buf_addc(out, '\n');
		break;
	case RENDER_TSV:
		end_tsv(r, cost, out);
		break;
	case RENDER_SSE:
		end_sse(r, cost, failed, out);
		break;
	case RENDER_NDJSON:
		break;
	}
}
