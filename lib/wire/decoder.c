/* SPDX-License-Identifier: ISC */
#include "wire/decoder.h"

#include <string.h>

#include "str.h"
#include "wire/fault.h"
#include "wire/wire.h"

#define MAX_SAID 300 /* bytes of an error's plain text */

static int on_sse(void *arg, const char *event, const char *data, size_t n);
static int on_stray(void *arg, const char *event, const char *line, size_t n);
static int on_value(void *arg, const char *text, size_t n);
static int on_stray_value(void *arg, const char *line, size_t n);
static int on_frame(void *arg, const struct eventstream_head *h, const char *p, size_t n);

void
decoder_init(struct decoder *d, const struct wire *w, int http, event_fn fn, void *arg)
{
	static const struct usage unknown = USAGE_INIT;

	memset(d, 0, sizeof(*d));
	d->wire = w;
	d->http = http;
	d->fn = fn;
	d->arg = arg;
	d->usage = unknown;
	d->sse.on_event = on_sse;
	d->sse.on_stray = on_stray;
	d->sse.arg = d;
	d->values.on_value = on_value;
	d->values.on_stray = on_stray_value;
	d->values.arg = d;
	d->frames.on_frame = on_frame;
	d->frames.arg = d;
	if (http >= 300)
		d->form = DECODER_WHOLE;
	else if (w->on_bytes)
		d->form = DECODER_BYTES;
}

void
decoder_release(struct decoder *d)
{
	if (d->wire && d->wire->release)
		d->wire->release(d);
	sse_release(&d->sse);
	values_release(&d->values);
	eventstream_release(&d->frames);
	buf_release(&d->body);
	buf_release(&d->stray);
	buf_release(&d->repaired);
	buf_release(&d->line);
	buf_release(&d->usage_raw);
	json_release(&d->json);
	template_release(&d->template);
}

/* Line ends and what indents the next line are white space between tokens: without them it fits on a line of NDJSON or SSE. */
static void
one_line(struct decoder *d, struct event *ev)
{
	int skip = 0;

	if (!memchr(ev->raw, '\n', ev->raw_len) && !memchr(ev->raw, '\r', ev->raw_len))
		return;
	buf_clear(&d->line);
	for (size_t i = 0; i < ev->raw_len; i++) {
		char c = ev->raw[i];
		skip = c == '\n' || c == '\r' || (skip && (c == ' ' || c == '\t'));
		if (!skip)
			buf_addc(&d->line, c);
	}
	ev->raw = d->line.p;
	ev->raw_len = d->line.len;
}

int
decoder_emit(struct decoder *d, const struct event *ev)
{
	struct event whole = *ev;

	if (d->stopped)
		return d->stopped;
	if (whole.raw_len)
		one_line(d, &whole);
	if (d->more && whole.type != EVENT_TOOL_END) { /* which no stream has */
		whole.more = d->more;
		d->more = NULL;
	}
	d->last = whole;
	d->n_given++;
	d->stopped = d->fn(d->arg, &whole);
	return d->stopped;
}

/* Once: before an error, which ends the answer, or at the end. */
static void
give_usage(struct decoder *d)
{
	const struct usage *u = &d->usage;
	struct event ev = {.type = EVENT_USAGE, .usage = u, .raw = d->usage_raw.p, .raw_len = d->usage_raw.len};

	if (d->usage_given || (u->prompt < 0 && u->completion < 0 && !*u->cost))
		return;
	d->usage_given = 1;
	decoder_emit(d, &ev);
}

int
decoder_fail(struct decoder *d, const struct err *e, const char *raw, size_t n)
{
	struct event ev = {.type = EVENT_ERROR, .err = &d->failed, .raw = raw, .raw_len = n};

	if (d->failed.kind)
		return -1;
	d->failed = *e;
	give_usage(d);
	decoder_emit(d, &ev);
	return -1;
}

static int
garbled(struct decoder *d, const struct err *why)
{
	struct err e = {0};

	err_set(&e, ERR_PROTOCOL, "garbled answer: %s", why->msg);
	return decoder_fail(d, &e, NULL, 0);
}

/* Parses into d->json. Bytes that aren't UTF-8 are replaced, in a copy, and that is counted. */
static int
parse(struct decoder *d, const char *p, size_t n, struct err *e)
{
	if (json_parse(&d->json, p, n, e) == 0)
		return 0;
	if (utf8_valid(p, n) == n)
		return -1;
	buf_clear(&d->repaired);
	utf8_repair(&d->repaired, p, n);
	if (json_parse(&d->json, d->repaired.p, d->repaired.len, e))
		return -1;
	d->n_repaired++;
	return 0;
}

/* Is the parsed value an error object? Then the answer has failed. */
static int
check_error(struct decoder *d, int http)
{
	struct err e = {0};
	size_t n;
	int node = -1;

	if (!d->wire->error(&d->json, http, &e, &node))
		return 0;
	const char *raw = json_raw(&d->json, node, &n);
	return decoder_fail(d, &e, raw, n);
}

/* An `event: error` that doesn't look like one: its text, whatever it is. */
static int
named_error(struct decoder *d, const char *data, size_t n, int is_json)
{
	struct err e = {0};
	struct buf text = BUF_INIT;

	if (is_json && check_error(d, 502))
		return -1;
	utf8_repair(&text, data, n < MAX_SAID ? n : MAX_SAID);
	fault_err(&(struct fault){.message = buf_str(&text)}, &e);
	buf_release(&text);
	return decoder_fail(d, &e, NULL, 0);
}

static int
is_object(const struct decoder *d)
{
	return json_type(&d->json, 0) == JSON_OBJECT;
}

/* A chunk that is like none before it. */
static int
take_chunk(struct decoder *d, const char *event, const char *data, size_t n)
{
	struct err e = {0};
	int is_error = strcmp(event, "error") == 0;

	if (parse(d, data, n, &e)) {
		if (is_error)
			return named_error(d, data, n, 0);
		return d->ending ? 0 : garbled(d, &e);
	}
	d->n_values++;
	d->n_given = 0;
	d->steady = 0;
	int r = is_object(d) ? d->wire->on_chunk(d, event, &d->json) : 0;
	if (!r)
		r = check_error(d, 200);
	if (!r && is_error)
		r = named_error(d, data, n, 1);
	if (!r && !is_object(d) && json_type(&d->json, 0) != JSON_NULL) {
		err_set(&e, ERR_PROTOCOL, "garbled answer: an event that is no JSON object");
		return decoder_fail(d, &e, NULL, 0);
	}
	if (!r && d->steady && d->n_given == 1)
		template_learn(&d->template, event, data, n, &d->last);
	else
		template_clear(&d->template);
	return r;
}

static int
on_sse(void *arg, const char *event, const char *data, size_t n)
{
	struct decoder *d = arg;
	struct event ev;

	if (d->ended || n == 0)
		return 0;
	if (template_match(&d->template, event, data, n, &ev)) {
		d->n_values++;
		return d->stopped = d->fn(d->arg, &ev);
	}
	if (d->wire->is_end && d->wire->is_end(data, n)) {
		d->ended = 1;
		return 0;
	}
	return take_chunk(d, event, data, n);
}

static int
on_stray(void *arg, const char *event, const char *line, size_t n)
{
	struct decoder *d = arg;

	(void)event;
	if (n > 6 && memcmp(line, "error:", 6) == 0) { /* older llama.cpp: the error is a field of the event */
		line += 6;
		n -= 6;
	}
	if (d->stray.len + n < DECODER_MAX_ERROR) {
		buf_add(&d->stray, line, n);
		buf_addc(&d->stray, '\n');
	}
	return 0;
}

static int
on_value(void *arg, const char *text, size_t n)
{
	return on_sse(arg, "", text, n);
}

static int
on_stray_value(void *arg, const char *line, size_t n)
{
	return on_stray(arg, NULL, line, n);
}

/* A frame's type stands where SSE has the event's name. */
static int
on_frame(void *arg, const struct eventstream_head *h, const char *p, size_t n)
{
	return on_sse(arg, h->type, p, n);
}

static int
feed_stream(struct decoder *d, const char *p, size_t n)
{
	struct err e = {0};
	int r;

	if (d->framing == WIRE_FRAMES)
		r = eventstream_feed(&d->frames, p, n);
	else if (d->framing == WIRE_VALUES)
		r = values_feed(&d->values, p, n);
	else
		r = sse_feed(&d->sse, p, n);
	if (r == EVENTSTREAM_BAD)
		return garbled(d, &(struct err){.msg = "a frame whose lengths or checksums are wrong"});
	if (r != SSE_TOO_LONG)
		return r;
	int max = d->framing == WIRE_VALUES ? VALUES_MAX : d->framing == WIRE_FRAMES ? EVENTSTREAM_MAX : SSE_MAX;
	err_set(&e, ERR_PROTOCOL, "an event of more than %d MiB", max / 1024 / 1024);
	return decoder_fail(d, &e, NULL, 0);
}

static void
end_stream(struct decoder *d)
{
	if (d->framing == WIRE_VALUES)
		values_end(&d->values);
	else if (!d->framing)
		sse_end(&d->sse);
}

static int
feed_whole(struct decoder *d, const char *p, size_t n)
{
	struct err e = {0};

	if (d->http >= 300) {
		size_t room = DECODER_MAX_ERROR - d->body.len;
		buf_add(&d->body, p, n < room ? n : room);
		return n < room ? 0 : -1; /* enough to tell what is wrong */
	}
	if (d->body.len + n > DECODER_MAX_BODY) {
		err_set(&e, ERR_PROTOCOL, "an answer of more than %d MiB", DECODER_MAX_BODY / 1024 / 1024);
		return decoder_fail(d, &e, NULL, 0);
	}
	buf_add(&d->body, p, n);
	return 0;
}

/* The first byte that isn't white space (OpenRouter sends blank lines as a keep-alive before either form) or a byte order mark. */
static int
sniff(struct decoder *d, const char **p, size_t *n)
{
	static const char bom[] = "\xef\xbb\xbf", fields[] = ":deir"; /* data, event, id, retry, a comment */

	for (; *n; (*p)++, (*n)--) {
		if (d->n_bom < 3 && **p == bom[d->n_bom])
			d->n_bom++;
		else if (!memchr(" \t\r\n", **p, 4))
			break;
	}
	if (!*n)
		return 1;
	if (d->wire->framing & WIRE_FRAMES && **p == '\0')
		d->framing = WIRE_FRAMES;
	else if (d->wire->framing & WIRE_VALUES && memchr("{[", **p, 2))
		d->framing = WIRE_VALUES;
	d->form = d->framing || memchr(fields, **p, sizeof(fields) - 1) ? DECODER_STREAM : DECODER_WHOLE;
	return 0;
}

int
decoder_feed(struct decoder *d, const char *p, size_t n)
{
	if (d->stopped || d->failed.kind)
		return d->stopped ? d->stopped : -1;
	if (d->form == DECODER_SNIFF && sniff(d, &p, &n))
		return 0;
	int r = d->form == DECODER_STREAM ? feed_stream(d, p, n)
	    : d->form == DECODER_BYTES    ? d->wire->on_bytes(d, p, n)
					  : feed_whole(d, p, n);
	return d->stopped ? d->stopped : r;
}

/* A body with an error status that isn't JSON as expected: its text, or just the status. */
static int
plain_error(struct decoder *d)
{
	struct err e = {0};
	struct buf text = BUF_INIT;
	const char *p = buf_str(&d->body);

	while (*p && strchr(" \t\r\n", *p))
		p++;
	if (*p != '<' && *p != '{' && *p != '[')
		utf8_repair(&text, p, strnlen(p, MAX_SAID));
	while (text.len && strchr(" \t\r\n", text.p[text.len - 1]))
		text.p[--text.len] = '\0';
	fault_err(&(struct fault){.http = d->http, .message = buf_str(&text)}, &e);
	buf_release(&text);
	return decoder_fail(d, &e, NULL, 0);
}

/* Some answer a stream's request with an error status, and the error as an event all the same. */
static int
parse_error_body(struct decoder *d, struct err *e)
{
	const char *p = buf_str(&d->body);

	if (parse(d, p, d->body.len, e) == 0)
		return 0;
	for (const char *line = p; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "data:", 5) == 0)
			return parse(d, line + 5, strcspn(line + 5, "\r\n"), e);
	}
	return -1;
}

static int
no_json(struct decoder *d, const struct err *why)
{
	struct err e = {0};

	if (*d->body.p != '<')
		return garbled(d, why);
	err_set(&e, ERR_PROTOCOL, "the answer is a page of HTML, no JSON");
	return decoder_fail(d, &e, NULL, 0);
}

static int
end_error(struct decoder *d)
{
	struct err e = {0};

	if (parse_error_body(d, &e) == 0 && check_error(d, d->http))
		return -1;
	return plain_error(d);
}

static int
end_whole(struct decoder *d)
{
	struct err e = {0};

	if (d->http >= 300)
		return end_error(d);
	if (parse(d, d->body.p, d->body.len, &e))
		return no_json(d, &e);
	d->n_values++;
	if (check_error(d, d->http))
		return -1;
	d->ended = 1;
	return d->wire->on_whole(d, &d->json);
}

/* Lines outside of events: Google puts a whole JSON error there. */
static int
end_stray(struct decoder *d)
{
	struct err e = {0};

	if (!d->stray.len || parse(d, d->stray.p, d->stray.len, &e))
		return 0;
	return check_error(d, 200);
}

static int
verdict(const struct decoder *d, struct err *e)
{
	if (d->failed.kind) {
		*e = d->failed;
		return -1;
	}
	if (d->ended || d->finished)
		return 0;
	if (!d->n_values && d->stray.len)
		return err_set(e, ERR_PROTOCOL, "the answer is no event stream");
	if (!d->n_values)
		return err_set(e, ERR_TEMPORARY, "empty answer");
	return err_set(e, ERR_TEMPORARY, "the stream ended early");
}

int
decoder_end(struct decoder *d, struct err *e)
{
	d->ending = 1;
	if (!d->stopped && !d->failed.kind) {
		if (d->form == DECODER_BYTES) {
			d->wire->on_bytes(d, "", 0);
		} else if (d->form == DECODER_STREAM) {
			end_stream(d);
			if (!d->failed.kind)
				end_stray(d);
		} else if (d->body.len || d->http >= 300) {
			end_whole(d);
		}
	}
	if (!d->failed.kind && d->n_values && d->wire->on_end)
		d->wire->on_end(d);
	if (!d->failed.kind)
		give_usage(d);
	return verdict(d, e);
}
