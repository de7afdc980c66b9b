/* SPDX-License-Identifier: ISC */
/* or-xlate: requests, answers and streams from one provider's format to another's. See or-xlate(1). */
#include <err.h>
#include <string.h>
#include <unistd.h>

#include "blobs.h"
#include "err.h"
#include "render.h"
#include "wire/front.h"
#include "wire/modern.h"
#include "xlate.h"

/* The openai format is the canonical one: nothing is to be done but to see that it is a request. */
static int
check_canonical(const struct json *j, struct err *e)
{
	int list = json_get(j, 0, "messages"), i = 0;

	if (json_type(j, list) != JSON_ARRAY)
		return err_set(e, ERR_DATA, "messages: a list is wanted");
	for (int m = json_child(j, list); m >= 0; m = json_next(j, list, m), i++)
		if (json_type(j, json_get(j, m, "role")) != JSON_STRING)
			return err_set(e, ERR_DATA, "messages[%d]: a message with a role is wanted", i);
	return i ? 0 : err_set(e, ERR_DATA, "messages: the list is empty");
}

static int
encode(struct xlate *x, const struct json *canonical, const struct blobs *blobs, struct err *e)
{
	const struct wire_ask ask = {.request = canonical, .blobs = blobs, .lossy = x->a.lossy};
	struct wire_call call = {0};

	buf_reserve(&call.body, x->text.len + x->text.len / 8);
	int r = wire_get(x->a.to)->encode(&call, &ask, &x->lost, e);

	if (!r) {
		buf_addc(&call.body, '\n');
		r = out_write(&x->out, call.body.p, call.body.len, e);
	}
	wire_call_release(&call);
	return r;
}

static int
translate_request(struct xlate *x, struct err *e)
{
	const struct front_ask ask = {.request = &x->json, .stream = -1, .lossy = x->a.lossy};
	struct front_ask theirs = ask;
	struct blobs blobs = BLOBS_INIT;
	struct buf text = BUF_INIT;
	struct json canonical = JSON_INIT;
	const struct front *front = front_get(x->from);
	int r;

	theirs.blobs = &blobs;
	if (!front->request) {
		r = check_canonical(&x->json, e);
		if (!r)
			modern_request(&x->json, &text);
	} else {
		r = front->request(&theirs, &text, &x->lost, e);
	}
	if (!r && text.len)
		r = json_parse(&canonical, text.p, text.len, e);
	if (!r)
		r = encode(x, text.len ? &canonical : &x->json, &blobs, e);
	if (r && e->kind == ERR_DATA)
		err_wrap(e, "%s", x->name);
	json_release(&canonical);
	buf_release(&text);
	blobs_release(&blobs);
	return r;
}

/* In its own format a request stays as it is, byte for byte. */
static int
request(struct xlate *x, struct err *e)
{
	const struct buf *b = x->n_repaired ? &x->repaired : &x->text;

	if (x->a.form >= 0 && x->a.form != RENDER_JSON)
		return err_set(e, ERR_USAGE, "%s is a request: -F sse and -F ndjson are forms of answers", x->name);
	if (strcmp(x->from, x->a.to) != 0)
		return translate_request(x, e);
	if (strcmp(x->from, "openai") == 0 && check_canonical(&x->json, e))
		return err_wrap(e, "%s", x->name);
	return out_write(&x->out, b->p, b->len, e);
}

static int
about(struct xlate *x, struct err *e)
{
	struct buf b = BUF_INIT;

	xlate_args_about(&x->a, &b);
	int r = out_write(&x->out, b.p, b.len, e);
	buf_release(&b);
	return r;
}

static int
run(struct xlate *x, int closed, struct err *e)
{
	if (x->a.about)
		return out_open(&x->out, NULL, closed, e) || about(x, e) ? -1 : 0;
	xlate_watch_signals(x);
	if (xlate_open(x, closed, e) || xlate_detect(x, e) || out_open(&x->out, x->a.output, closed, e))
		return -1;
	return x->is_request ? request(x, e) : xlate_answer(x, e);
}

static void
finish(struct xlate *x, struct err *e)
{
	struct err late = {0};
	int kept = 0;

	if (out_close(&x->out, e->kind == ERR_NONE, &kept, &late) && e->kind == ERR_NONE)
		*e = late;
	for (size_t i = 0; x->a.verbose && i < x->lost.n; i++)
		warnx("lost: %s", x->lost.v[i]);
	if (e->kind && !(e->kind == ERR_SIGNAL && !kept))
		warnx("%s%s%s%s", e->msg, kept ? "; what came is in " : "", kept ? x->a.output : "",
		    kept ? ".partial" : "");
}

static void
release(struct xlate *x)
{
	out_release(&x->out);
	losses_release(&x->lost);
	detect_release(&x->detect);
	json_release(&x->json);
	buf_release(&x->text);
	buf_release(&x->repaired);
}

int
main(int argc, char **argv)
{
	int closed = out_prepare();
	struct xlate x = {.out = OUT_INIT, .json = JSON_INIT};
	struct err e = {0};

	if (xlate_args_parse(&x.a, argc, argv, &e) == 0)
		run(&x, closed, &e);
	finish(&x, &e);
	release(&x);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	return err_status(&e);
}
