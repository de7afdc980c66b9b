/* SPDX-License-Identifier: ISC */
#include "serve/app.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "booking.h"
#include "client.h"
#include "conf.h"
#include "err.h"
#include "health.h"
#include "loop.h"
#include "mem.h"
#include "router.h"
#include "serve/app_priv.h"
#include "serve/desk.h"
#include "serve/handlers.h"
#include "serve/shared.h"
#include "serve/store.h"
#include "str.h"
#include "tm.h"
#include "wire/wire.h"

#define PATIENCE_MS 2000 /* for the keys, at the begin */
#define TALLY_MS 1000    /* connections and bytes, told to all */
#define TRIM_LEAST 256   /* connections: what fewer of them took is kept for the next ones */
#define IDLE_POLL_MS 5   /* at the end, until all is booked */
#define IDLE_MAX_MS 10000
#define MAX_UNKNOWN 65536 /* bytes of a body that comes with a key that isn't known */

/* A request that came before the keys. */
struct waiting {
	struct exchange *x;
	LIST_ENTRY(waiting) entry;
};

static void
note(void *arg, const char *text)
{
	struct app *a = arg;
	struct buf line = BUF_INIT;

	logline_note(a, text, &line);
	a->s.log(line.p, line.len);
	buf_release(&line);
}

/* ── requests ── */

static void
preflight(struct visit *v)
{
	const char *asked = http1_get(exchange_request(v->x), "access-control-request-headers");

	visit_fields(v);
	exchange_field(v->x, "Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE");
	if (asked)
		exchange_field(v->x, "Access-Control-Allow-Headers", asked);
	exchange_field(v->x, "Access-Control-Max-Age", "600");
	exchange_whole(v->x, 204, NULL, NULL, 0);
}

static void
refuse(struct visit *v, int status, const char *why)
{
	struct err e = {0};

	err_set(&e, status == 404 ? ERR_NOMODEL : status == 503 ? ERR_TEMPORARY : ERR_DATA, "%s", why);
	e.http = status;
	visit_error(v, &e);
	*v->error = '\0'; /* the status says it */
}

/* Whoever leaves out what stands before an API's own paths is told where those are. */
static void
nothing_there(struct visit *v)
{
	const char *what = "no such path";

	if (v->front == &front_openai && !str_starts(v->path, "/v1/") && !str_starts(v->path, "/api/v1/"))
		what = "no such path: OpenRouter's and OpenAI's are below /api/v1 and /v1";
	refuse(v, 404, what);
}

/* A path that is none, or not with this method. */
static void
no_path(struct visit *v, const char *method, const struct buf *allow)
{
	if (strcmp(method, "OPTIONS") == 0 && guard_is_cors(v)) {
		preflight(v);
	} else if (allow->len) {
		exchange_field(v->x, "Allow", allow->p);
		refuse(v, 405, "this path takes another method: see Allow");
	} else {
		nothing_there(v);
	}
}

static void
handle(struct visit *v)
{
	const struct http1 *h = exchange_request(v->x);
	struct buf allow = BUF_INIT;
	struct err e = {0};
	int bad = path_decode(h->target, v->path, v->room);

	v->front = path_front(v->path);
	const struct path *p = bad ? NULL : path_find(v, h->method, &allow);
	if (bad) {
		refuse(v, bad, bad == 400 ? "a bad path" : "no such path");
	} else if (!p) {
		no_path(v, h->method, &allow);
	} else {
		v->front = path_dialect(p, h);
		v->front_name = p->name;
		v->stream = p->stream;
		int r = guard_enter(v, p, &e);
		if (r == 0)
			p->handler(v);
		else if (r != GATE_UNKNOWN || !unknown_waits(v, handle))
			visit_error(v, &e);
	}
	buf_release(&allow);
}

static void
waiting_gone(void *arg)
{
	struct waiting *w = arg;
	struct exchange *x = w->x;

	LIST_REMOVE(w, entry);
	free(w);
	exchange_cut(x);
}

/* Those that waited are handled. */
static void
go_on(struct app *a)
{
	struct waiting *w;

	loop_timer_stop(a->patience);
	while ((w = LIST_FIRST(&a->waiting))) {
		LIST_REMOVE(w, entry);
		exchange_watch(w->x, NULL, NULL, NULL);
		exchange_again(w->x);
		free(w);
	}
}

static void
let_wait(struct app *a, struct exchange *x)
{
	struct waiting *w = xcalloc(1, sizeof(*w));

	w->x = x;
	if (LIST_EMPTY(&a->waiting))
		loop_timer_set(a->patience, PATIENCE_MS);
	LIST_INSERT_HEAD(&a->waiting, w, entry);
	exchange_watch(x, waiting_gone, NULL, w);
}

/* A rush is over: what it took is given back. */
static void
trim(struct app *a, uint64_t open)
{
	if (open > a->most_open)
		a->most_open = open;
	if (a->most_open < TRIM_LEAST || open > a->most_open / 2)
		return;
	a->most_open = open;
	mem_trim();
}

static void
tally(void *arg)
{
	struct app *a = arg;
	struct conns_count now = *conns_count(a->conns);

	shared_add(a->s.shared, SHARED_CONNECTIONS, (int64_t)(now.open - a->told.open));
	shared_add(a->s.shared, SHARED_ACCEPTED, (int64_t)(now.accepted - a->told.accepted));
	shared_add(a->s.shared, SHARED_BYTES_IN, (int64_t)(now.bytes_in - a->told.bytes_in));
	shared_add(a->s.shared, SHARED_BYTES_OUT, (int64_t)(now.bytes_out - a->told.bytes_out));
	a->told = now;
	health_settle(booking_health(a->booking));
	trim(a, now.open);
	loop_timer_set(a->tally, TALLY_MS);
}

static void
on_request(void *arg, struct exchange *x)
{
	struct app *a = arg;

	if (exchange_is_gone(x)) { /* while it waited */
		exchange_cut(x);
		return;
	}
	if (!a->keys_known) {
		let_wait(a, x);
		return;
	}
	shared_add(a->s.shared, SHARED_REQUESTS, 1);
	handle(visit_new(a, x));
}

/* Without the keys nobody may be let in. */
static void
out_of_patience(void *arg)
{
	struct app *a = arg;
	struct waiting *w;

	while ((w = LIST_FIRST(&a->waiting))) {
		struct exchange *x = w->x;
		LIST_REMOVE(w, entry);
		free(w);
		exchange_watch(x, NULL, NULL, NULL);
		struct visit *v = visit_new(a, x);
		exchange_field(x, "Retry-After", "1");
		refuse(v, 503, "the gateway isn't ready yet");
	}
}

static void
on_bad(void *arg, int status, const char *why, const char *target, struct buf *out)
{
	size_t room = target ? strlen(target) + 1 : 1;
	char *path = xcalloc(room, 1);
	struct err e = {0};

	(void)arg;
	err_set(&e, ERR_DATA, "%s", why);
	e.http = status;
	if (!target || path_decode(target, path, room))
		*path = '\0';
	visit_error_body(path_front(path), &e, &(struct visit_told){0}, out);
	free(path);
}

/* Of bodies from whom nobody knows, none but short ones are taken in: a key may be new. */
static int
on_head(void *arg, const struct http1 *h, const char **why)
{
	struct app *a = arg;
	struct gate_key *key = NULL;
	struct err e = {0};

	if (!a->keys_known || gate_is_open(a->gate))
		return 0;
	int r = gate_enter(a->gate, h, tm_now_ms(), &key, &e);
	gate_key_release(key);
	if (r == 0 || (r == GATE_UNKNOWN && h->length <= MAX_UNKNOWN))
		return 0;
	*why = "a good key is needed";
	return 401;
}

static void
count(struct app *a, const struct visit *v)
{
	int status = exchange_status(v->x);

	if (status >= 500)
		shared_add(a->s.shared, SHARED_ERRORS_5XX, 1);
	else if (status >= 400)
		shared_add(a->s.shared, SHARED_ERRORS_4XX, 1);
	if (exchange_is_gone(v->x))
		shared_add(a->s.shared, SHARED_GONE, 1);
}

static void
on_over(void *arg, struct exchange *x)
{
	struct app *a = arg;
	struct visit *v = *exchange_own(x);
	struct buf line = BUF_INIT;

	if (!v)
		return;
	count(a, v);
	if (!a->s.quiet) {
		logline(v, &line);
		a->s.log(line.p, line.len);
		buf_release(&line);
	}
	/* what called us may still be at work with it */
	v->x = NULL;
	LIST_REMOVE(v, entry);
	LIST_INSERT_HEAD(&a->over, v, entry);
	loop_timer_set(a->reap, 0);
}

static void
reap(void *arg)
{
	struct app *a = arg;
	struct visit *v;

	while ((v = LIST_FIRST(&a->over)))
		visit_free(v);
}

/* ── the line to the scribe ── */

static void
end(struct app *a, const struct err *e)
{
	if (e && !a->why) {
		a->why = xcalloc(1, sizeof(*a->why));
		*a->why = *e;
	}
	loop_stop(a->s.loop);
}

static int
serve(struct app *a, struct err *e)
{
	if (conns_listen(a->conns, a->s.listen_fd, a->s.is_unix, e))
		return -1;
	shared_serve(a->s.shared, a->s.worker, a->pid);
	return 0;
}

static void
on_keys(void *arg, const struct ledger_keys *k)
{
	struct app *a = arg;
	int is_first = !a->keys_known;
	struct err e = {0};

	gate_set(a->gate, k);
	a->keys_known = 1;
	if (is_first && a->s.is_successor && !a->draining && serve(a, &e))
		end(a, &e);
	go_on(a);
}

/* Answers that wait to be booked must not go out now. */
static void
on_lost(void *arg)
{
	struct app *a = arg;
	struct err e = {0};

	err_set(&e, ERR_IO, "the ledger's process is gone");
	if (a->conns)
		conns_cut(a->conns);
	end(a, &e);
}

/* All are answered; what they cost may still be on its way. */
static void
until_booked(void *arg)
{
	struct app *a = arg;

	a->idle_ms += IDLE_POLL_MS;
	if (desk_busy(a->desk) && a->idle_ms < IDLE_MAX_MS)
		loop_timer_set(a->idle, IDLE_POLL_MS);
	else
		end(a, NULL);
}

/* ── begin and end ── */

static void
open_books(struct app *a)
{
	const char *content = conf_env("OR_LEDGER_CONTENT");
	const struct booking_spec b = {.tool = "or-serve",
	    .tag = a->s.options->tag,
	    .budget = a->s.policy->budget,
	    .n_budget = a->s.policy->n_budget,
	    .run_limit_pusd = PUSD_UNKNOWN,
	    .content = content && strcmp(content, "1") == 0,
	    .keeper = desk_keeper(a->desk),
	    .arg = a,
	    .on_warning = note};

	a->booking = booking_new(&b);
	const struct router_spec r = {.ps = a->s.providers,
	    .policy = a->s.policy,
	    .health = booking_health(a->booking),
	    .tag = a->s.options->tag,
	    .fallback = conf_env("OR_MODEL"),
	    .cut = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN}};
	a->router = router_new(&r);
	a->client = client_new(a->s.loop, wire_get, a->booking);
}

static int
open_line(struct app *a, struct err *e)
{
	const struct desk_spec d = {.loop = a->s.loop,
	    .fd = a->s.desk_fd,
	    .spool = a->s.spool,
	    .arg = a,
	    .on_keys = on_keys,
	    .on_lost = on_lost,
	    .on_warning = note};

	a->desk = desk_new(&d, e);
	return a->desk ? 0 : -1;
}

int
app_new(struct app **out, const struct app_spec *s, struct err *e)
{
	struct app *a = xcalloc(1, sizeof(*a));
	const struct conns_spec c = {.loop = s->loop,
	    .limits = s->options->limits,
	    .arg = a,
	    .on_request = on_request,
	    .on_head = on_head,
	    .on_bad = on_bad,
	    .on_over = on_over,
	    .on_drained = until_booked};

	*out = a;
	a->s = *s;
	a->started_ms = tm_now_ms();
	a->pid = (int32_t)getpid();
	a->reap = loop_timer_new(s->loop, reap, a);
	a->patience = loop_timer_new(s->loop, out_of_patience, a);
	a->idle = loop_timer_new(s->loop, until_booked, a);
	a->tally = loop_timer_new(s->loop, tally, a);
	a->look = loop_timer_new(s->loop, unknown_look, a);
	a->gate = gate_new(s->shared);
	if (s->options->run_key)
		gate_add_run_key(a->gate, s->options->run_key, s->options->run_limit_pusd);
	a->store = store_new(s->options->cache_bytes);
	if (open_line(a, e))
		return -1;
	open_books(a);
	health_gather(booking_health(a->booking));
	a->conns = conns_new(&c);
	loop_timer_set(a->tally, TALLY_MS);
	return s->is_successor ? 0 : serve(a, e);
}

void
app_drain(struct app *a, int hold)
{
	a->draining = 1;
	conns_drain(a->conns, hold);
}

void
app_cut(struct app *a)
{
	conns_cut(a->conns);
}

static void
free_visits(struct app *a)
{
	for (struct visit *v; (v = LIST_FIRST(&a->visits));)
		visit_free(v);
	reap(a);
}

void
app_free(struct app *a)
{
	if (!a)
		return;
	if (a->conns) {
		conns_cut(a->conns);
		tally(a);
		shared_add(a->s.shared, SHARED_CONNECTIONS, -(int64_t)a->told.open);
		conns_free(a->conns);
	}
	unknown_release(a);
	free_visits(a);
	client_free(a->client);
	mem_pool_release(&a->chats);
	router_free(a->router);
	booking_free(a->booking);
	gate_free(a->gate);
	store_free(a->store);
	lists_free(a->lists);
	desk_free(a->desk);
	loop_timer_free(a->reap);
	loop_timer_free(a->patience);
	loop_timer_free(a->idle);
	loop_timer_free(a->tally);
	loop_timer_free(a->look);
	free(a->why);
	free(a);
}
