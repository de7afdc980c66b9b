/* SPDX-License-Identifier: ISC */
/* Past reasoning as input items: details to be played back unmodified; and plain text, where it isn't sent to anybody. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/responses.h"
#include "wire/wire.h"

/* OpenAI's, Azure's, xAI's, ...: each of them can read only its own, but no request mixes them. Translated, not sent, all are carried. */
static int
is_ours(const struct canon *c, int detail)
{
	static const char tail[] = "-responses-v1";
	size_t n;
	const char *raw = json_raw(c->j, json_get(c->j, detail, "format"), &n);

	if (!c->ask->provider)
		return json_type(c->j, detail) == JSON_OBJECT;
	return raw && n > sizeof(tail) && memcmp(raw + n - sizeof(tail), tail, sizeof(tail) - 1) == 0;
}

static int
is_type(const struct canon *c, int detail, const char *type)
{
	return json_eq(c->j, json_get(c->j, detail, "type"), type);
}

/* Is detail d of another item than the one that begins at `from`, judged by what both say? Copilot gives an item another id each time that
 * it is mentioned, so that the id of encrypted content tells nothing. */
static int
differs(const struct canon *c, int from, int d)
{
	static const char *const keys[] = {"format", "id"};
	int n = is_type(c, d, "reasoning.encrypted") ? 1 : 2, differ = 0;

	for (int i = 0; i < n; i++) {
		char *first = canon_dup(c, json_get(c->j, from, keys[i]));
		int other = canon_member(c, d, keys[i]);
		differ |= first && other >= 0 && !json_eq(c->j, other, first);
		free(first);
	}
	return differ;
}

/* The first detail behind `from` that belongs to another item: encrypted content and a signature are the last of theirs. */
static int
group_end(const struct canon *c, int list, int from)
{
	int closed = 0, d;

	for (d = from; d >= 0 && !closed; d = json_next(c->j, list, d)) {
		if (!is_ours(c, d))
			continue;
		if (differs(c, from, d))
			break;
		closed = is_type(c, d, "reasoning.encrypted") || canon_member(c, d, "signature") >= 0;
	}
	return d;
}

static void
texts(struct canon *c, struct jsonw *w, int list, int from, int to, int summary)
{
	for (int d = from; d != to; d = json_next(c->j, list, d)) {
		if (!is_ours(c, d) || !is_type(c, d, summary ? "reasoning.summary" : "reasoning.text"))
			continue;
		jsonw_object(w);
		jsonw_member_if(w, "type", summary ? "summary_text" : "reasoning_text");
		jsoncopy_known(w, "text", c->j, json_get(c->j, d, summary ? "summary" : "text"));
		jsonw_end_object(w);
	}
}

/* The detail that has such a member. */
static int
find(const struct canon *c, int list, int from, int to, const char *key)
{
	for (int d = from; d != to; d = json_next(c->j, list, d))
		if (is_ours(c, d) && canon_member(c, d, key) >= 0)
			return d;
	return -1;
}

/* OpenAI's needn't be said, none is null. */
static void
format(const struct canon *c, struct jsonw *w, int detail)
{
	int node = json_get(c->j, detail, "format");

	if (json_eq(c->j, node, RESPONSES_FORMAT))
		return;
	jsonw_key(w, "format");
	if (json_type(c->j, node) == JSON_STRING)
		jsoncopy(w, c->j, node);
	else
		jsonw_null(w);
}

/* OpenAI looks an id up where there is no encrypted content, and doesn't find it: nothing was stored. A summary alone is no use to it. */
static void
reasoning_item(struct canon *c, struct jsonw *w, int list, int from, int to)
{
	int data = find(c, list, from, to, "data"), text = find(c, list, from, to, "text");
	int translated = !c->ask->provider, signature = find(c, list, from, to, "signature");

	if (data < 0 && text < 0 && !translated)
		return;
	jsonw_object(w);
	jsonw_member_if(w, "type", "reasoning");
	if (data >= 0 || translated)
		jsoncopy_known(w, "id", c->j, json_get(c->j, data >= 0 ? data : from, "id"));
	jsonw_key(w, "summary");
	jsonw_array(w);
	texts(c, w, list, from, to, 1);
	jsonw_end_array(w);
	if (text >= 0) {
		jsonw_key(w, "content");
		jsonw_array(w);
		texts(c, w, list, from, to, 0);
		jsonw_end_array(w);
	}
	jsoncopy_known(w, "encrypted_content", c->j, json_get(c->j, data, "data"));
	jsoncopy_known(w, "signature", c->j, json_get(c->j, signature, "signature"));
	if (translated)
		format(c, w, from);
	jsonw_end_object(w);
}

static void
past_reasoning(struct canon *c, struct jsonw *w, int list)
{
	if (json_type(c->j, list) != JSON_ARRAY)
		return;
	for (int d = json_child(c->j, list), end; d >= 0; d = end) {
		end = json_next(c->j, list, d);
		if (!is_ours(c, d))
			continue;
		end = group_end(c, list, d);
		reasoning_item(c, w, list, d, end);
	}
}

/* Reasoning without details: nobody that we send to asks for it. */
static void
plain_reasoning(struct canon *c, struct jsonw *w, int text, int number)
{
	struct buf id = BUF_INIT;

	if (c->ask->provider || json_type(c->j, text) != JSON_STRING || json_eq(c->j, text, ""))
		return;
	buf_addf(&id, "%s%d", RESPONSES_PLAIN, number);
	jsonw_object(w);
	jsonw_member_if(w, "type", "reasoning");
	jsonw_member_if(w, "id", buf_str(&id));
	jsonw_key(w, "summary");
	jsonw_array(w);
	jsonw_end_array(w);
	jsonw_key(w, "content");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_member_if(w, "type", "reasoning_text");
	jsoncopy_known(w, "text", c->j, text);
	jsonw_end_object(w);
	jsonw_end_array(w);
	jsonw_end_object(w);
	buf_release(&id);
}

void
responses_recall(struct canon *c, struct jsonw *w, int m, int number)
{
	int details = json_get(c->j, m, "reasoning_details"), text = canon_member(c, m, "reasoning");

	if (json_count(c->j, details))
		past_reasoning(c, w, details);
	else
		plain_reasoning(c, w, text >= 0 ? text : json_get(c->j, m, "reasoning_content"), number);
}
