/* SPDX-License-Identifier: ISC */
/* Canonical events as lines of JSON: orutils(7) names the keys. */
#include <string.h>

#include "err.h"
#include "event.h"
#include "jsonw.h"
#include "render.h"

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
	jsonw_member_if(w, "id", ev->id);
	jsonw_member_if(w, "model", ev->name);
	jsonw_member_if(w, "provider", ev->provider);
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
	jsonw_member_if(w, "id", ev->id);
	jsonw_member_if(w, "name", ev->name);
}

static void
nd_kind(struct jsonw *w, const struct event *ev)
{
	jsonw_member_if(w, "kind", ev->name);
}

static void
nd_native(struct jsonw *w, const struct event *ev)
{
	jsonw_member_if(w, "native_finish", ev->native);
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
	jsonw_member_if(w, "kind", err_word(ev->err->kind));
	jsonw_member_if(w, "message", ev->err->msg);
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
    [EVENT_VECTOR] = {1, NULL, NULL, NULL},
    [EVENT_FINISH] = {0, "finish", nd_native, NULL},
    [EVENT_USAGE] = {0, NULL, nd_usage, NULL},
    [EVENT_MORE] = {0, NULL, NULL, NULL},
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

void
render_ndjson(const struct event *ev, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_member_if(&w, "type", event_name(ev->type));
	if (ev->choice) {
		jsonw_key(&w, "choice");
		jsonw_int(&w, ev->choice);
	}
	nd_members(&w, ev);
	jsonw_end_object(&w);
	buf_addc(out, '\n');
}
