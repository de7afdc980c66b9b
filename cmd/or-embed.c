/* SPDX-License-Identifier: ISC */
/* or-embed: lines in, vectors out, in the same order. See or-embed(1). */
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "embed_tool.h"
#include "err.h"
#include "loop.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

void
embed_warn(struct embedder *x, const char *line)
{
	if (!x->a.quiet)
		warnx("%s", line);
}

static void
on_warning(void *arg, const char *line)
{
	embed_warn(arg, line);
}

static void
on_note(void *arg, const char *line)
{
	(void)arg;
	warnx("%s", line);
}

static enum embed_next
next_text(void *arg, struct embed_text *t, struct err *e)
{
	return embed_input_next(arg, t, e);
}

/* The one text of -Q. */
static enum embed_next
next_query(void *arg, struct embed_text *t, struct err *e)
{
	struct embedder *x = arg;

	(void)e;
	*t = (struct embed_text){.record = 1, .text = x->a.query, .n_text = strlen(x->a.query)};
	return x->asked++ ? EMBED_END : EMBED_TEXT;
}

static int
keep_query(void *arg, const struct embed_row *row, struct err *e)
{
	struct embedder *x = arg;

	if (!row->v) {
		*e = *row->err;
		return -1;
	}
	x->n_dims = row->n_dims;
	x->query = xreallocarray(NULL, row->n_dims, sizeof(*x->query));
	memcpy(x->query, row->v, row->n_dims * sizeof(*x->query));
	return 0;
}

static void
on_signal(void *arg)
{
	struct embedder *x = arg;
	struct err e = {0};

	err_set(&e, ERR_SIGNAL, "stopped by signal %d", loop_signal());
	e.sys = loop_signal();
	embed_stop(x->embed, &e);
}

/* The reader went away while vectors were still to come. */
static void
on_gone(void *arg)
{
	struct embedder *x = arg;
	struct err e = {0};

	out_gone(&x->out, &e);
	embed_stop(x->embed, &e);
}

static struct embed_spec
what_to_do(struct embedder *x)
{
	return (struct embed_spec){
	    .loop = x->loop,
	    .booking = x->booking,
	    .candidate = x->names.v,
	    .n_candidate = x->names.n,
	    .options = buf_str(&x->options),
	    .parallel = (size_t)x->a.parallel,
	    .split = x->a.split,
	    .unit = x->a.query ? "query" : embed_unit(&x->a),
	    .cache = x->a.cache ? &x->cache : NULL,
	    .rounds = x->a.retries,
	    .deadline_ms = x->a.deadline_ms,
	    .idle_ms = x->a.idle_ms,
	    .connect_ms = x->a.connect_ms,
	    .idle_set = x->a.idle_set,
	    .connect_set = x->a.connect_set,
	    .arg = x,
	    .next = x->a.query ? next_query : next_text,
	    .on_row = x->a.query ? keep_query : embed_write_row,
	    .on_flush = embed_flush,
	    .on_call = embed_write_meta,
	    .on_note = x->a.verbose ? on_note : NULL,
	    .on_warning = on_warning,
	};
}

static int
embed(struct embedder *x, struct err *e)
{
	struct embed_spec s;

	x->loop = loop_new(e);
	if (!x->loop)
		return -1;
	s = what_to_do(x);
	if (embed_limits(x, &s, e))
		return -1;
	x->embed = embed_new(&s);
	loop_watch_signals(x->loop, on_signal, x);
	loop_watch_gone(x->loop, x->out.fd, on_gone, x);
	x->out.signalled = loop_signal;
	if (x->a.deadline_ms)
		out_deadline(&x->out, x->a.deadline_ms);
	int r = embed_run(x->embed, e);
	embed_free(x->embed);
	x->embed = NULL;
	return r;
}

/* The file is opened before the query is paid for. */
static int
search(struct embedder *x, struct err *e)
{
	const char *path = x->a.n_operand ? x->a.operand[0] : "-";
	int is_stdin = strcmp(path, "-") == 0, fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_sys(e, ERR_NOINPUT, errno, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOINPUT, "%s: Is a directory", path);
	if (is_stdin && !x->a.n_operand && isatty(fd))
		return err_set(e, ERR_USAGE, "standard input is a terminal: vectors are read there, or from a file");
	if (utf8_valid(x->a.query, strlen(x->a.query)) != strlen(x->a.query))
		return err_set(e, ERR_DATA, "the query isn't UTF-8");
	int r = embed(x, e) || embed_query(x, fd, is_stdin ? "standard input" : path, e) ? -1 : 0;
	if (!is_stdin)
		close(fd);
	return r;
}

static int
about(struct embedder *x, struct err *e)
{
	struct buf b = BUF_INIT;

	embed_args_about(&x->a, &b);
	int r = out_open(&x->out, NULL, x->closed, e) || out_write(&x->out, buf_str(&b), b.len, e) ? -1 : 0;
	buf_release(&b);
	return r;
}

static int
run(struct embedder *x, struct err *e)
{
	if (x->a.about)
		return about(x, e);
	if (!x->a.query && embed_input_open(&x->input, &x->a, x->closed, e))
		return -1;
	if (out_open(&x->out, x->a.output, x->closed, e) || embed_check_output(x, e) || embed_open_meta(x, e))
		return -1;
	if (embed_choose_model(x, e) || embed_options(x, e) || embed_open_cache(x, e))
		return -1;
	if (x->a.query)
		return search(x, e);
	struct err late = {0};
	int r = embed(x, e);
	if ((r == 0 || (e->kind != ERR_SIGNAL && !x->out.gone)) && embed_finish_output(x, &late) && r == 0) {
		*e = late;
		r = -1;
	}
	return r;
}

static void
finish(struct embedder *x, struct err *e)
{
	struct err late = {0};
	int kept = 0, whole = e->kind == ERR_NONE || (e->kind == ERR_NEGATIVE && !x->a.query);

	if (out_close(&x->out, whole, &kept, &late) && e->kind == ERR_NONE)
		*e = late;
	if (e->kind && !(e->kind == ERR_SIGNAL && !kept))
		warnx("%s%s%s%s", e->msg, kept ? "; what came is in " : "", kept ? x->a.output : "",
		    kept ? ".partial" : "");
}

static void
release(struct embedder *x)
{
	embed_free(x->embed);
	loop_free(x->loop);
	embed_input_release(&x->input);
	embed_cache_release(&x->cache);
	booking_free(x->booking);
	market_release(&x->market);
	names_release(&x->names);
	policy_release(&x->policy);
	providers_release(&x->providers);
	embed_args_release(&x->a);
	out_release(&x->out);
	buf_release(&x->options);
	buf_release(&x->rows);
	free(x->query);
}

int
main(int argc, char **argv)
{
	struct embedder x = {.providers = PROVIDERS_INIT,
	    .policy = POLICY_INIT,
	    .names = NAMES_INIT,
	    .market = MARKET_INIT,
	    .out = OUT_INIT,
	    .meta_fd = -1};
	struct err e = {0};

	x.closed = out_prepare();
	if (embed_args_parse(&x.a, argc, argv, &e) == 0)
		run(&x, &e);
	finish(&x, &e);
	release(&x);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	out_exit(err_status(&e));
}
