/* SPDX-License-Identifier: ISC */
/* or-route: requests in, routed requests out; or the plan as a table. See or-route(1). */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "err.h"
#include "health.h"
#include "json.h"
#include "ledger.h"
#include "route_tool.h"
#include "routing.h"

int
route_flush(struct route_run *x, struct err *e)
{
	int r = x->text.len ? out_write(&x->out, x->text.p, x->text.len, e) : 0;

	buf_clear(&x->text);
	return r;
}

/* The plan of a request, or of none (j NULL), in the form that was asked for. */
static int
show(struct route_run *x, const struct json *j, struct err *e)
{
	struct routed p;

	if (router_plan(x->router, j, &p, e))
		return -1;
	if (p.plan->n || (x->a.form == ROUTE_TABLE && x->a.verbose))
		route_print(x, &p);
	if (p.plan->n)
		return 0;
	routing_none(p.plan, e);
	e->kind = ERR_NEGATIVE;
	return -1;
}

/* Between strings a blank does what the end of a line does; inside of them JSON has none. */
static void
on_one_line(char *s, size_t n)
{
	static const char ends[] = "\n\r";

	for (size_t k = 0; k < sizeof(ends) - 1; k++) {
		char *at = s;
		while ((at = memchr(at, ends[k], n - (size_t)(at - s))))
			*at = ' ';
	}
}

int
route_one(struct route_run *x, const char *text, size_t n, struct err *e)
{
	int r = json_parse(&x->json, text, n, e) || json_unique(&x->json, e) ? -1 : 0;

	if (!r && json_type(&x->json, 0) != JSON_OBJECT)
		r = err_set(e, ERR_DATA, "a request is an object");
	if (r)
		return -1;
	if (x->a.form != ROUTE_REQUESTS)
		return show(x, &x->json, e);
	size_t start = x->text.len;
	r = router_settle(x->router, &x->json, &x->text, e);
	if (r)
		return r;
	on_one_line(x->text.p + start, x->text.len - start);
	buf_addc(&x->text, '\n');
	return 0;
}

/* One bad request is the run's error; of several, some records failed. */
static int
judge(const struct route_run *x, struct err *e)
{
	if (!x->n_failed)
		return 0;
	if (x->n_records == 1)
		*e = x->last;
	else
		err_set(
		    e, ERR_NEGATIVE, "%lld of %lld requests failed", (long long)x->n_failed, (long long)x->n_records);
	return -1;
}

static int
open_router(struct route_run *x, struct err *e)
{
	char *ledger = NULL;
	struct router_spec s = {.ps = &x->providers,
	    .policy = &x->policy,
	    .chain = x->a.model,
	    .pin = x->a.provider,
	    .tag = x->a.tag ? x->a.tag : conf_env("OR_TAG"),
	    .fallback = x->a.provider ? NULL : conf_env("OR_MODEL"),
	    .cut = x->a.cut,
	    .seeded = x->a.seeded,
	    .seed = (uint64_t)x->a.seed};

	if (providers_load(&x->providers, e) || policy_load(&x->policy, e))
		return -1;
	ledger_path(&ledger, NULL);
	s.health = x->health = health_open(ledger);
	free(ledger);
	x->router = router_new(&s);
	return 0;
}

static int
work(struct route_run *x, struct err *e)
{
	struct err late = {0};
	int r = 0;

	if (x->a.about)
		route_args_about(&x->a, &x->text);
	else if (open_router(x, e))
		return -1;
	else if (x->a.form != ROUTE_REQUESTS && !x->a.n_operand)
		r = show(x, NULL, e);
	else if ((r = route_read_input(x, e)) == 0)
		r = judge(x, e);
	if (route_flush(x, &late)) {
		*e = late;
		r = -1;
	}
	return r;
}

static void
run(struct route_run *x, struct err *e)
{
	struct err late = {0};
	int kept = 0, r = out_open(&x->out, x->a.about ? NULL : x->a.output, x->closed, e);

	if (!r)
		r = work(x, e);
	if (out_close(&x->out, r == 0, &kept, &late) && !r)
		*e = late;
	if (kept)
		err_append(e, "; what came is in %s.partial", x->a.output);
}

static void
release(struct route_run *x)
{
	router_free(x->router);
	health_close(x->health);
	policy_release(&x->policy);
	providers_release(&x->providers);
	json_release(&x->json);
	out_release(&x->out);
	buf_release(&x->text);
}

int
main(int argc, char **argv)
{
	struct route_run x = {.providers = PROVIDERS_INIT, .policy = POLICY_INIT, .out = OUT_INIT, .json = JSON_INIT};
	struct err e = {0};

	x.closed = out_prepare();
	if (route_args_parse(&x.a, argc, argv, &e) == 0)
		run(&x, &e);
	/* a single bad request was told already */
	if (e.kind && e.kind != ERR_SIGNAL && !(x.n_failed && x.n_records == 1))
		warnx("%s", e.msg);
	release(&x);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	out_exit(err_status(&e));
}
