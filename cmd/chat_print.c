/* SPDX-License-Identifier: ISC */
/* What or-chat prints beside the answer: its help, the request of -n, the line of -M, and -v's words. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chat.h"
#include "err.h"
#include "ledger.h"
#include "mem.h"
#include "meta.h"
#include "str.h"
#include "wire/wire.h"

static int
print(struct chat *c, const struct buf *b, struct err *e)
{
	int kept, r = out_open(&c->out, c->a.output, c->closed, e);

	if (!r)
		r = out_write(&c->out, buf_str(b), b->len, e);
	return out_close(&c->out, !r, &kept, r ? NULL : e) || r ? -1 : 0;
}

int
chat_print_help(struct chat *c, struct err *e)
{
	struct buf b = BUF_INIT;

	if (c->a.dump)
		opt_dump(&b, chat_options);
	else if (c->a.version)
		buf_addf(&b, "or-chat %s\n", OR_VERSION);
	else
		chat_args_help(&b);
	c->a.output = NULL;
	int r = print(c, &b, e);
	buf_release(&b);
	return r;
}

/* -n: what would be sent, where the wire's format is the canonical one; else the canonical request. */
int
chat_print_request(struct chat *c, struct err *e)
{
	const struct candidate *first = c->names.v;
	struct wire_call call = {0};
	struct losses lost = {0};
	struct json j = JSON_INIT;
	int r = json_parse(&j, buf_str(&c->request), c->request.len, e);

	const struct wire_ask ask = {.request = &j,
	    .provider = first->provider,
	    .model = first->model,
	    .lossy = c->a.lossy,
	    .cache = first->cache};
	if (!r && strcmp(first->provider->wire, "openai") == 0)
		r = wire_openai.encode(&call, &ask, &lost, e);
	else if (!r)
		buf_add(&call.body, c->request.p, c->request.len);
	if (!r && call.body.p[call.body.len - 1] != '\n')
		buf_addc(&call.body, '\n');
	if (!r)
		r = print(c, &call.body, e);
	json_release(&j);
	losses_release(&lost);
	wire_call_release(&call);
	return r;
}

int
chat_open_meta(struct chat *c, struct err *e)
{
	if (!c->a.meta)
		return 0;
	c->meta_fd = out_append(c->a.meta);
	return c->meta_fd < 0 ? err_sys(e, ERR_CANTCREATE, errno, "%s", c->a.meta) : 0;
}

/* One line, in one write. Its failure is the run's, unless there is a worse one. */
void
chat_write_meta(struct chat *c, struct err *e)
{
	struct meta_spec m = {.outcome = c->talk.outcome,
	    .n_outcome = c->talked ? c->talk.n_call : 0,
	    .usage = c->talked ? &c->talk.usage : NULL,
	    .err = e,
	    .cost = c->talk.cost.len ? c->talk.cost.p : NULL,
	    .source = c->talked ? c->talk.source : COST_UNKNOWN,
	    .warning = (const char *const *)c->warning,
	    .n_warning = c->n_warning};
	struct buf b = BUF_INIT;

	if (c->meta_fd < 0)
		return;
	meta_emit(&m, &b);
	struct err late = {0};
	if (out_line(c->meta_fd, b.p, b.len, c->a.meta, &late) && e->kind == ERR_NONE)
		*e = late;
	close(c->meta_fd);
	buf_release(&b);
}

static void
write_stderr(const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(STDERR_FILENO, p, n);
		if (w <= 0)
			return;
		p += w;
		n -= (size_t)w;
	}
}

void
chat_show_reasoning(void *arg, const char *p, size_t n)
{
	struct buf b = BUF_INIT;

	(void)arg;
	str_clean(&b, p, n);
	write_stderr(buf_str(&b), b.len);
	buf_release(&b);
}

static void
tell_repairs(struct chat *c)
{
	const struct outcome *o = c->talk.n_call ? c->talk.outcome[c->talk.n_call - 1] : NULL;

	if (!o || !o->n_repaired || c->n_warning == CHAT_MAX_WARNINGS)
		return;
	c->warning[c->n_warning++] = xstrdup("bytes of the answer that were not UTF-8 became U+FFFD");
	if (c->a.verbose)
		warnx("%s", c->warning[c->n_warning - 1]);
}

static void
tell_losses(const struct chat *c)
{
	const struct outcome *o = c->talk.n_call ? c->talk.outcome[c->talk.n_call - 1] : NULL;

	for (size_t i = 0; o && c->a.verbose && i < o->losses.n; i++)
		warnx("left out for this provider: %s", o->losses.v[i]);
}

/* An answer that didn't fit, for -v. */
static void
show_answer(const struct chat *c)
{
	const char *text = talk_text(&c->talk);
	struct buf b = BUF_INIT;

	if (!*text)
		return;
	buf_adds(&b, "or-chat: the last answer: ");
	str_clean(&b, text, strlen(text));
	buf_addc(&b, '\n');
	write_stderr(b.p, b.len);
	buf_release(&b);
}

void
chat_report(struct chat *c)
{
	tell_repairs(c);
	tell_losses(c);
	if (c->a.verbose && (c->schema.n_tok || c->a.extract) && c->talk.err.kind)
		show_answer(c);
}
