/* SPDX-License-Identifier: ISC */
/* or-models: the catalog as a table: list, filter, sort. See or-models(1). */
#include <sys/ioctl.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "catalog.h"
#include "conf.h"
#include "err.h"
#include "listing.h"
#include "mem.h"
#include "models.h"
#include "models_args.h"
#include "modeltab.h"
#include "out.h"
#include "providers.h"
#include "str.h"
#include "table.h"

#define NEAR 3 /* names in "did you mean" */

static struct provider *
choose(struct providers *ps, const struct models_args *a, struct err *e)
{
	const char *name = a->provider ? a->provider : "openrouter";
	struct provider *p = providers_get(ps, name, strlen(name));
	struct buf near = BUF_INIT;

	if (!p && !a->provider && ps->n == 1) /* OR_GATEWAY takes every call */
		p = &ps->v[0];
	if (!p) {
		for (size_t i = 0; i < ps->n; i++)
			if (str_distance(ps->v[i].name, name, 2) <= 2 || str_starts(ps->v[i].name, name))
				buf_addf(&near, "%s%s", near.len ? ", " : "; near: ", ps->v[i].name);
		err_set(e, ERR_USAGE, "no provider '%s' in the table%s", name, buf_str(&near));
		buf_release(&near);
		return NULL;
	}
	if (a->connect_ms)
		p->connect_ms = a->connect_ms;
	if (a->idle_ms)
		p->first_ms = p->idle_ms = a->idle_ms;
	if (a->total_ms)
		p->total_ms = a->total_ms;
	return p;
}

/* Adds to a message ids that are like this one. */
static void
add_near(struct err *e, const struct models *ms, const char *id)
{
	struct buf near = BUF_INIT;
	enum err_kind kind = e->kind;
	char *said = xstrdup(e->msg);

	if (models_near(ms, id, NEAR, &near))
		err_set(e, kind, "%s; near: %s", said, buf_str(&near));
	free(said);
	buf_release(&near);
}

static int
load(struct catalog *c, struct provider *p, const struct models_args *a, struct err *e)
{
	struct catalog all = CATALOG_INIT;
	struct buf what = BUF_INIT;

	buf_adds(&what, a->endpoints ? LISTING_ENDPOINTS : "models");
	buf_adds(&what, a->endpoints ? a->operand[0] : "");
	int r = catalog_load(c, p, what.p, a->mode, a->max_age_ms / 1000, NULL, NULL, e);
	buf_release(&what);
	if (r && a->endpoints && e->kind == ERR_NOMODEL &&
	    catalog_load(&all, p, "models", CATALOG_CACHED, 0, NULL, NULL, NULL) == 0)
		add_near(e, &all.models, a->operand[0]);
	catalog_release(&all);
	if (r == 0 && *c->warning && !a->quiet)
		warnx("%s", c->warning);
	if (r == 0 && a->verbose)
		warnx("%s: the list came from the %s", p->name, c->from_cache ? "cache" : "network");
	if (r == 0 && p->prompt != PRICE_UNKNOWN)
		models_default_price(&c->models, p->prompt, p->completion);
	return r;
}

/* The filter has thrown away what might be near: it is read again. */
static int
nothing(const struct catalog *c, const struct models_args *a, struct err *e)
{
	struct models all = MODELS_INIT;

	err_set(e, ERR_NEGATIVE, "nothing matches");
	if (models_parse(&all, c->body, c->len, NULL) == 0 && all.n == 0)
		err_set(e, ERR_NEGATIVE, "the list is empty");
	else if (a->sel.n_glob == 1 && !models_find(&all, a->operand[0]))
		add_near(e, &all, a->operand[0]);
	models_release(&all);
	return -1;
}

static size_t
columns(int fd)
{
	const char *s = conf_env("COLUMNS");
	struct winsize ws;
	int64_t n;

	if (s && str_int(s, 1, 10000, &n) == 0)
		return (size_t)n;
	return ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col ? ws.ws_col : 80;
}

static void
render(struct buf *text, struct models *ms, const struct models_args *a, const struct out *o)
{
	enum models_form form = a->endpoints && a->form == FORM_LS ? FORM_LONG : a->form;
	int whole = form == FORM_LONG || form == FORM_TSV;
	struct table t;

	if (form == FORM_JSON || form == FORM_NDJSON) {
		(form == FORM_JSON ? modeltab_json : modeltab_ndjson)(ms, text);
		return;
	}
	modeltab_fill(&t, ms, whole, o->tty);
	if (o->tty && form == FORM_LS)
		table_grid(&t, columns(o->fd), text);
	else if (o->tty && form == FORM_LONG)
		table_aligned(&t, text);
	else
		table_tsv(&t, text);
	table_release(&t);
}

static int
list(const struct models_args *a, const struct out *o, struct buf *text, struct err *e)
{
	struct providers ps = PROVIDERS_INIT;
	struct catalog c = CATALOG_INIT;
	struct provider *p;
	int r = -1;

	if (providers_load(&ps, e) || !(p = choose(&ps, a, e)))
		goto out;
	if (load(&c, p, a, e)) {
		if (a->mode == CATALOG_CACHED) { /* completions ask: no list is no error */
			err_clear(e);
			r = 0;
		}
		goto out;
	}
	if (models_filter(&c.models, &a->sel, e))
		goto out;
	models_sort(&c.models, a->order, a->reverse);
	models_limit(&c.models, a->limit);
	r = c.models.n ? 0 : nothing(&c, a, e);
	if (r == 0)
		render(text, &c.models, a, o);
out:
	catalog_release(&c);
	providers_release(&ps);
	return r;
}

static int
run(const struct models_args *a, int closed, struct err *e)
{
	struct out o = OUT_INIT;
	struct buf text = BUF_INIT;
	int kept, r = out_open(&o, a->output, closed, e);

	if (r == 0 && a->about)
		models_args_about(a, &text);
	else if (r == 0)
		r = list(a, &o, &text, e);
	if (r == 0)
		r = out_write(&o, buf_str(&text), text.len, e);
	if (out_close(&o, r == 0, &kept, r ? NULL : e))
		r = -1;
	if (kept)
		err_wrap(e, "what came is in %s", o.partial);
	out_release(&o);
	buf_release(&text);
	return r;
}

int
main(int argc, char **argv)
{
	int closed = out_prepare();
	struct models_args a;
	struct err e = {0};

	if (models_args_parse(&a, argc, argv, &e) == 0)
		run(&a, closed, &e);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	else if (e.kind)
		warnx("%s", e.msg);
	return err_status(&e);
}
