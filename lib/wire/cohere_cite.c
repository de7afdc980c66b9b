/* SPDX-License-Identifier: ISC */
/* Citations. Cohere cites documents and results of tools: they have an id, and seldom a URL. One citation may have several sources. */
#include "buf.h"
#include "json.h"
#include "jsoncopy.h"
#include "jsonw.h"
#include "wire/cohere.h"
#include "wire/decoder.h"

/* Where it stands is told only of a citation in the text: others are in a plan or a thought. */
static void
place(struct jsonw *w, const struct json *j, int citation)
{
	int type = json_get(j, citation, "type");

	if (type >= 0 && !json_eq(j, type, "TEXT_CONTENT"))
		return;
	jsoncopy_member(w, "start_index", j, json_get(j, citation, "start"));
	jsoncopy_member(w, "end_index", j, json_get(j, citation, "end"));
}

/* What is cited: a document's text, or what a tool said. */
static void
content(struct jsonw *w, const struct json *j, int source)
{
	int text = json_path(j, source, "document.text");

	if (json_type(j, text) != JSON_STRING)
		text = json_path(j, source, "tool_output.content");
	if (json_type(j, text) == JSON_STRING)
		jsoncopy_member(w, "content", j, text);
}

static int
emit(struct decoder *d, const struct json *j, int citation, int source)
{
	int document = json_get(j, source, "document"), url = json_get(j, document, "url");
	int is_url = json_type(j, url) == JSON_STRING;
	struct buf b = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &b);
	jsonw_object(&w);
	jsonw_key(&w, "type");
	jsonw_str(&w, is_url ? "url_citation" : "file_citation");
	jsonw_key(&w, is_url ? "url_citation" : "file_citation");
	jsonw_object(&w);
	if (is_url)
		jsoncopy_member(&w, "url", j, url);
	else
		jsoncopy_member(&w, "file_id", j, json_get(j, source, "id"));
	jsoncopy_member(&w, is_url ? "title" : "filename", j, json_get(j, document, "title"));
	content(&w, j, source);
	place(&w, j, citation);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	struct event ev = {.type = EVENT_ANNOTATION, .raw = b.p, .raw_len = b.len};
	int r = decoder_emit(d, &ev);
	buf_release(&b);
	return r;
}

int
cohere_cite(struct decoder *d, const struct json *j, int citation)
{
	int sources = json_get(j, citation, "sources"), r = 0;

	if (json_type(j, citation) != JSON_OBJECT)
		return 0;
	if (json_type(j, sources) != JSON_ARRAY)
		return emit(d, j, citation, -1);
	for (int s = json_child(j, sources); s >= 0 && !r; s = json_next(j, sources, s))
		r = emit(d, j, citation, s);
	return r;
}
