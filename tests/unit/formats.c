/* SPDX-License-Identifier: ISC */
/*
 * The golden files of tests/wire/FORMAT that hold both ends of a format:
 *
 *	NAME.encode   a canonical request          NAME.encoded  the format's request
 *	NAME.ask      a request in the format      NAME.asked    the canonical one
 *	NAME.answer   an answer in OpenAI's        NAME.whole    the same whole in the format
 *	              format, whole or streamed    NAME.stream   and streamed
 *
 * A result ends in a line "lost a b c" where something was lost; a request that is refused is a line "error KIND: MESSAGE". A NAME
 * that ends in -lossy is translated with losses allowed. Each is given to the code whole; the answer byte by byte as well.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "json.h"
#include "render.h"
#include "tap.h"
#include "wire/decoder.h"
#include "wire/front.h"

static const char *top = "tests/wire";

static int
slurp(struct buf *b, const char *format, const char *name, const char *suffix)
{
	struct buf path = BUF_INIT;
	size_t n;

	buf_addf(&path, "%s/%s/%s%s", top, format, name, suffix);
	FILE *f = fopen(buf_str(&path), "rb");
	buf_release(&path);
	buf_clear(b);
	if (!f)
		return 0;
	while ((n = fread(buf_reserve(b, 4096), 1, 4096, f)) > 0)
		b->len += n;
	*buf_reserve(b, 1) = '\0';
	fclose(f);
	return 1;
}

static int
is_lossy(const char *name)
{
	size_t n = strlen(name);

	return n > 6 && strcmp(name + n - 6, "-lossy") == 0;
}

static void
add_losses(struct buf *out, struct losses *lost)
{
	if (lost->n)
		buf_adds(out, "lost");
	for (size_t i = 0; i < lost->n; i++)
		buf_addf(out, " %s", lost->v[i]);
	if (lost->n)
		buf_addc(out, '\n');
	losses_release(lost);
}

static void
add_error(struct buf *out, const struct err *e)
{
	buf_addf(out, "error %s: %s\n", err_word(e->kind), e->msg);
}

static void
check(const char *format, const char *name, const char *suffix, const struct buf *got)
{
	struct buf want = BUF_INIT;
	int there = slurp(&want, format, name, suffix);
	int ok = there && got->len == want.len && memcmp(buf_str(got), buf_str(&want), got->len) == 0;

	if (!ok)
		printf("# got:\n%s\n# want:\n%s\n", buf_str(got), buf_str(&want));
	if (!there && getenv("OR_GOLDEN")) { /* a new one is written, to be read by whoever adds it */
		struct buf path = BUF_INIT;
		buf_addf(&path, "%s/%s/%s%s", top, format, name, suffix);
		FILE *f = fopen(buf_str(&path), "wb");
		if (!f || fwrite(buf_str(got), 1, got->len, f) != got->len || fclose(f))
			errx(1, "%s can't be written", buf_str(&path));
		buf_release(&path);
	}
	tap_ok(ok, "%s/%s%s", format, name, suffix);
	buf_release(&want);
}

static void
encode(const char *format, const char *name)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct wire_call call = {0};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};

	slurp(&in, format, name, ".encode");
	const struct wire_ask ask = {.request = &j, .lossy = is_lossy(name)};
	if (json_parse(&j, buf_str(&in), in.len, &e) || wire_get(format)->encode(&call, &ask, &lost, &e)) {
		add_error(&out, &e);
	} else {
		buf_add(&out, call.body.p, call.body.len);
		buf_addc(&out, '\n');
		if (json_parse(&j, call.body.p, call.body.len, &e))
			add_error(&out, &e);
	}
	add_losses(&out, &lost);
	check(format, name, ".encoded", &out);
	buf_release(&in);
	buf_release(&out);
	json_release(&j);
	wire_call_release(&call);
}

static void
ask(const char *format, const char *name)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct losses lost = {0};
	struct json j = JSON_INIT;
	struct err e = {0};

	slurp(&in, format, name, ".ask");
	const struct front_ask a = {.request = &j, .stream = -1, .lossy = is_lossy(name)};
	if (json_parse(&j, buf_str(&in), in.len, &e) || front_get(format)->request(&a, &out, &lost, &e)) {
		buf_clear(&out);
		add_error(&out, &e);
	} else {
		if (json_parse(&j, out.p, out.len, &e))
			add_error(&out, &e);
		buf_addc(&out, '\n');
	}
	add_losses(&out, &lost);
	check(format, name, ".asked", &out);
	buf_release(&in);
	buf_release(&out);
	json_release(&j);
}

struct sink {
	struct render render;
	struct buf out;
};

static int
on_event(void *arg, const struct event *ev)
{
	struct sink *s = arg;

	render_event(&s->render, ev, &s->out);
	return 0;
}

static void
translate(struct buf *out, const char *format, const struct buf *in, enum render_form form, size_t step)
{
	struct sink s = {.out = BUF_INIT};
	struct losses lost = {0};
	struct decoder d;
	struct err e = {0};

	render_init(&s.render, form, 1700000000);
	s.render.out.front = front_get(format);
	s.render.out.lost = &lost;
	decoder_init(&d, &wire_openai, 200, on_event, &s);
	for (size_t i = 0; i < in->len; i += step)
		decoder_feed(&d, in->p + i, in->len - i < step ? in->len - i : step);
	int failed = decoder_end(&d, &e);
	render_end(&s.render, NULL, failed, &s.out);
	buf_clear(out);
	buf_add(out, s.out.p, s.out.len);
	if (failed)
		add_error(out, &e);
	add_losses(out, &lost);
	decoder_release(&d);
	render_release(&s.render);
	buf_release(&s.out);
}

static void
answer(const char *format, const char *name)
{
	static const struct {
		enum render_form form;
		const char *suffix;
	} forms[] = {{RENDER_JSON, ".whole"}, {RENDER_SSE, ".stream"}};
	struct buf in = BUF_INIT, out = BUF_INIT, bytes = BUF_INIT;

	slurp(&in, format, name, ".answer");
	for (size_t i = 0; i < 2; i++) {
		translate(&out, format, &in, forms[i].form, in.len + 1);
		check(format, name, forms[i].suffix, &out);
		translate(&bytes, format, &in, forms[i].form, 1);
		tap_is_mem(buf_str(&bytes), bytes.len, buf_str(&out), out.len, "byte by byte");
	}
	buf_release(&in);
	buf_release(&out);
	buf_release(&bytes);
}

static int
is_input(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && (strcmp(dot, ".encode") == 0 || strcmp(dot, ".ask") == 0 || strcmp(dot, ".answer") == 0);
}

static void
goldens(const char *format)
{
	struct buf dir = BUF_INIT;
	struct dirent **v;

	buf_addf(&dir, "%s/%s", top, format);
	int n = scandir(buf_str(&dir), &v, is_input, alphasort);
	for (int i = 0; i < n; i++) {
		char *dot = strrchr(v[i]->d_name, '.');
		*dot = '\0';
		if (dot[1] == 'e')
			encode(format, v[i]->d_name);
		else if (dot[2] == 's')
			ask(format, v[i]->d_name);
		else
			answer(format, v[i]->d_name);
		free(v[i]);
	}
	if (n >= 0)
		free(v);
	buf_release(&dir);
}

int
main(int argc, char **argv)
{
	static const char *const formats[] = {
	    "openai", "completions", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock"};

	if (argc > 1)
		top = argv[1];
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (argc < 3 || strcmp(argv[2], formats[i]) == 0)
			goldens(formats[i]);
	return tap_done();
}
