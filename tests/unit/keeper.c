/* SPDX-License-Identifier: ISC */
/* Calls whose books another process keeps: what it is asked, in which order, and who waits for which answer. */
#include "keeper.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "budget.h"
#include "buf.h"
#include "client.h"
#include "endpoint.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "tap.h"
#include "tm.h"

#define USD INT64_C(1000000000000)
#define CENT_A_TOKEN ((price_t)USD * 10000000000 / 100)

static char dir[] = "/tmp/orutils-keeper-XXXXXX";
static int no_ledger;
static char mock_wire[] = "mock", openai_wire[] = "openai", none[] = "none", empty[] = "", echo[] = "echo";
static char name1[] = "p1", name2[] = "p2", name3[] = "refused", refused_base[64];
static struct provider p1 = {.name = name1, .wire = mock_wire, .base = empty, .key = none, .zdr = -1, .train = -1};
static struct provider p2 = {.name = name2, .wire = mock_wire, .base = empty, .key = none, .zdr = -1, .train = -1};
static struct provider refused = {
    .name = name3, .wire = openai_wire, .base = refused_base, .key = none, .zdr = -1, .train = -1};
static struct endpoint priced;
static struct candidate two[] = {{&p1, echo, echo, 0, 0, &priced}, {&p2, echo, echo, 0, 0, &priced}};
static struct candidate real[] = {{&refused, echo, echo, 0, 0, &priced}};
static const struct budget limit = {
    .period = BUDGET_MONTH, .limit_pusd = 5 * USD, .ceiling_pusd = PUSD_UNKNOWN, .client_id = 7};

/* ── a keeper that answers when it is told to ── */

#define MAX_ASKED 16

struct fake {
	struct keeper keeper;
	struct loop_timer *timer;
	struct buf log; /* "reserve 1.0/1 $0.03; " */
	struct {
		keeper_fn done;
		void *ctx;
		int reserves;
	} asked[MAX_ASKED];
	size_t n;
	int silent;        /* it doesn't answer by itself */
	int n_refusals;    /* reservations that it refuses from now on */
	int64_t room_pusd; /* and what it says that there is */
	int broken;
};

static void
answer_one(struct fake *f, keeper_fn done, void *ctx, int reserves)
{
	struct err e = {0};

	if (f->broken) {
		err_set(&e, ERR_IO, "the disk is full");
		done(ctx, PUSD_UNKNOWN, &e);
	} else if (reserves && f->n_refusals) {
		f->n_refusals--;
		err_set(&e, ERR_CAP, "the key's limit of $5 (monthly) has little left");
		e.http = 402;
		done(ctx, f->room_pusd, &e);
	} else {
		done(ctx, reserves ? f->room_pusd : PUSD_UNKNOWN, NULL);
	}
}

/* Answers the first, and some time later the next. */
static void
answer(void *arg)
{
	struct fake *f = arg;

	if (!f->n)
		return;
	keeper_fn done = f->asked[0].done;
	void *ctx = f->asked[0].ctx;
	int reserves = f->asked[0].reserves;
	memmove(f->asked, f->asked + 1, --f->n * sizeof(*f->asked));
	if (f->n)
		loop_timer_set(f->timer, 5);
	if (done)
		answer_one(f, done, ctx, reserves);
}

static void
ask(struct fake *f, keeper_fn done, void *ctx, int reserves)
{
	if (f->n == MAX_ASKED)
		exit(1);
	f->asked[f->n].done = done;
	f->asked[f->n].ctx = ctx;
	f->asked[f->n++].reserves = reserves;
	if (!f->silent)
		loop_timer_set(f->timer, 1);
}

static void
fake_reserve(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n,
    const struct budget *b, size_t n_budget, keeper_fn done, void *ctx)
{
	struct fake *f = arg;

	buf_addf(&f->log, "reserve %d.%d $", (int)call, n);
	price_emit_pusd(&f->log, a->reserved_pusd);
	for (size_t i = 0; i < n_budget; i++)
		buf_addf(&f->log, " under %lld", (long long)b[i].client_id);
	if (c->client_id)
		buf_addf(&f->log, " for %s=%lld", c->client, (long long)c->client_id);
	buf_adds(&f->log, "; ");
	ask(f, done, ctx, n_budget > 0);
}

static void
fake_settle_attempt(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, int n)
{
	struct fake *f = arg;

	(void)c;
	buf_addf(&f->log, "over %d.%d %s; ", (int)call, n, a->error ? a->error : "");
}

static void
fake_settle(void *arg, uint64_t call, const struct ledger_call *c, const struct ledger_attempt *a, size_t from,
    size_t n, keeper_fn done, void *ctx)
{
	struct fake *f = arg;

	buf_addf(&f->log, "settle %d", (int)call);
	for (size_t i = from; i < n; i++) {
		buf_addf(&f->log, " [%s %s $", a[i].endpoint, a[i].error ? a[i].error : "ok");
		price_emit_pusd(&f->log, a[i].cost_pusd);
		buf_addc(&f->log, ']');
	}
	buf_addf(&f->log, " status %d", c->status);
	if (c->tag)
		buf_addf(&f->log, " tag %s asked %s session %s", c->tag, c->asked, c->session);
	buf_adds(&f->log, "; ");
	ask(f, done, ctx, 0);
}

static void
fake_forget(void *arg, void *ctx)
{
	struct fake *f = arg;

	for (size_t i = 0; i < f->n; i++)
		if (f->asked[i].ctx == ctx)
			f->asked[i].done = NULL;
	buf_adds(&f->log, "forget; ");
}

/* ── one call ── */

struct seen {
	struct loop *loop;
	struct fake fake;
	struct booking *booking;
	struct client *client;
	struct call *call;
	struct loop_timer *timer;
	void (*later)(struct seen *s); /* what the timer does */
	struct buf tried, text, warnings, remarks;
	int n_done, n_clear, held, status, http;
	char msg[512];
	int goes_out, pauses;
	int64_t start_ms, ms, paused_ms, resumed_ms;
};

static void
on_attempt(void *arg, const struct candidate *c)
{
	struct seen *s = arg;

	buf_addf(&s->tried, "%s ", c->provider->name);
}

static int
on_event(void *arg, const struct event *ev)
{
	struct seen *s = arg;

	if (ev->type != EVENT_TEXT)
		return 0;
	if (s->paused_ms && !s->resumed_ms)
		buf_adds(&s->text, "(paused!)");
	buf_add(&s->text, ev->s, ev->n);
	if (s->goes_out && call_gone_out(s->call) == BOOKED_WAITS)
		s->held++;
	if (s->pauses && !s->paused_ms) {
		s->paused_ms = tm_mono_ms();
		call_pause(s->call);
		loop_timer_set(s->timer, 150);
	}
	return 0;
}

static void
on_done(void *arg, const struct outcome *o)
{
	struct seen *s = arg;

	s->n_done++;
	s->status = err_status(&o->err);
	s->http = o->err.http;
	strlcpy(s->msg, o->err.msg, sizeof(s->msg));
	s->ms = tm_mono_ms() - s->start_ms;
	loop_stop(s->loop);
}

static void
on_clear(void *arg)
{
	((struct seen *)arg)->n_clear++;
}

static void
on_warning(void *arg, const char *text)
{
	buf_addf(&((struct seen *)arg)->warnings, "%s; ", text);
}

static void
on_remark(void *arg, const char *text)
{
	buf_addf(&((struct seen *)arg)->remarks, "%s; ", text);
}

static void
timer_fired(void *arg)
{
	struct seen *s = arg;

	s->later(s);
}

/* A place of its own for each case: who is benched is remembered beside the ledger. */
static void
use_ledger(void)
{
	static int n;
	char path[64];

	snprintf(path, sizeof(path), "%s/ledger%d", dir, n++);
	if (!no_ledger)
		setenv("OR_LEDGER", path, 1);
}

static void
begin(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	use_ledger();
	s->loop = loop_new(NULL);
	s->fake.keeper = (struct keeper){&s->fake, fake_reserve, fake_settle_attempt, fake_settle, fake_forget};
	s->fake.timer = loop_timer_new(s->loop, answer, &s->fake);
	s->fake.room_pusd = 5 * USD;
	const struct booking_spec b = {.tool = "or-serve",
	    .run_limit_pusd = PUSD_UNKNOWN,
	    .keeper = &s->fake.keeper,
	    .arg = s,
	    .on_warning = on_warning};
	s->booking = booking_new(&b);
	s->client = client_new(s->loop, wire_get, s->booking);
	s->timer = loop_timer_new(s->loop, timer_fired, s);
}

static void
end(struct seen *s)
{
	call_free(s->call);
	client_free(s->client);
	booking_free(s->booking);
	loop_timer_free(s->timer);
	loop_timer_free(s->fake.timer);
	loop_free(s->loop);
	buf_release(&s->fake.log);
	buf_release(&s->tried);
	buf_release(&s->text);
	buf_release(&s->warnings);
	buf_release(&s->remarks);
}

#define ASK(mock) \
	"{\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}],\"stream\":true,\"mock\":{" mock "}}"
#define PLAIN "{\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}],\"stream\":true}"
#define SLOW ASK("\"delay_ms\":30")

static struct call_spec
spec(struct seen *s, const char *request, size_t n)
{
	return (struct call_spec){.request = request,
	    .len = strlen(request),
	    .candidate = two,
	    .n_candidate = n,
	    .connect_ms = 5000,
	    .arg = s,
	    .on_attempt = on_attempt,
	    .on_event = on_event,
	    .on_done = on_done,
	    .on_clear = on_clear};
}

static void
start(struct seen *s, const struct call_spec *c)
{
	call_free(s->call);
	buf_clear(&s->text);
	s->start_ms = tm_mono_ms();
	s->call = client_start(s->client, c);
}

static void
run(struct seen *s, const char *request, size_t n, const struct budget *b)
{
	struct call_spec c = spec(s, request, n);

	c.books.limit = b;
	c.books.client_id = b ? b->client_id : 0;
	c.books.client = b ? "k" : NULL;
	start(s, &c);
	loop_run(s->loop);
}

static void
says(struct seen *s, const char *log, int status, const char *name)
{
	if (!tap_ok(strcmp(buf_str(&s->fake.log), log) == 0 && s->status == status && s->n_done == 1, "%s", name))
		printf("# got:  %s(status %d, done %d: %s)\n# want: %s(status %d)\n", buf_str(&s->fake.log), s->status,
		    s->n_done, s->msg, log, status);
}

/* 3 words in at a cent, 3 out at a cent. */
static void
order(void)
{
	struct seen s;

	begin(&s);
	run(&s, PLAIN, 1, NULL);
	says(&s, "settle 1 [p1:echo ok $0.06] status 0; ", 0, "a call that is over at once is one message");
	end(&s);

	begin(&s);
	run(&s, SLOW, 1, NULL);
	says(&s, "reserve 1.0 $0.06; settle 1 [p1:echo ok $0.06] status 0; ", 0,
	    "one that takes its time has an intent");
	tap_is_str(buf_str(&s.text), "one two three", "its answer is whole");
	s.n_done = 0;
	buf_clear(&s.fake.log);
	run(&s, PLAIN, 1, NULL);
	says(&s, "settle 2 [p1:echo ok $0.06] status 0; ", 0, "the next has the next number");
	end(&s);

	begin(&s);
	struct call_spec c = spec(&s, PLAIN, 1);
	c.books = (struct booked_spec){.tag = "t", .asked = "a,b", .session = "s", .client = "k", .client_id = 7};
	start(&s, &c);
	loop_run(s.loop);
	says(
	    &s, "settle 1 [p1:echo ok $0.06] status 0 tag t asked a,b session s; ", 0, "a call's own names are booked");
	end(&s);
}

static void
limits(void)
{
	struct seen s;

	begin(&s);
	run(&s, PLAIN, 1, &limit);
	says(&s, "reserve 1.0 $0.06 under 7 for k=7; settle 1 [p1:echo ok $0.06] status 0; ", 0,
	    "under a limit each attempt is asked for");
	end(&s);

	begin(&s);
	s.fake.n_refusals = 1;
	s.fake.room_pusd = 0;
	run(&s, PLAIN, 2, &limit);
	says(&s,
	    "reserve 1.0 $0.06 under 7 for k=7; reserve 1.1 $0.06 under 7 for k=7; settle 1 [p1:echo cap $0] [p2:echo ok "
	    "$0.06] status 0; ",
	    0, "where one is refused the next is asked for");
	end(&s);

	begin(&s);
	s.fake.n_refusals = 2;
	s.fake.room_pusd = 0;
	run(&s, PLAIN, 2, &limit);
	tap_ok(s.status == 6 && s.http == 402 && s.text.len == 0, "where none may be tried, that is told: %s", s.msg);
	end(&s);

	begin(&s);
	run(&s, ASK("\"fail_times\":1"), 2, &limit);
	says(&s,
	    "reserve 1.0 $0.06 under 7 for k=7; over 1.0 temporary; reserve 1.1 $0.06 under 7 for k=7; settle 1 [p1:echo "
	    "temporary $0] [p2:echo ok $0.06] status 0; ",
	    0, "a failed attempt lets go of what it held");
	end(&s);
}

/* OpenAI's format, so that the answer has no known end: 64 tokens are lowered to what there is room for. */
static void
lowers(void)
{
	struct seen s;

	begin(&s);
	struct call_spec c = spec(&s, PLAIN, 1);
	c.candidate = real;
	c.books.limit = &limit;
	c.books.client_id = 7;
	c.books.client = "k";
	c.books.arg = &s;
	c.books.on_remark = on_remark;
	s.fake.n_refusals = 1;
	start(&s, &c);
	loop_run(s.loop);
	tap_is_str(buf_str(&s.remarks), "max_tokens set to 455: what the budget has room for; ",
	    "the answer's limit is lowered to what there is room for");
	tap_ok(strstr(buf_str(&s.fake.log),
		   "reserve 1.0 $655.81 under 7 for k=7; reserve 1.0 $5 under 7 for k=7; over 1.0 "
		   "unreachable; settle 1 [refused:echo ") != NULL,
	    "and asked for again: %s", buf_str(&s.fake.log));
	end(&s);

	begin(&s);
	s.fake.n_refusals = 1;
	s.fake.room_pusd = USD;
	c.arg = &s;
	c.books.arg = &s;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.status == 6 && s.remarks.len == 0, "not where there is room for a few words only");
	end(&s);
}

static void
stop_call(struct seen *s)
{
	struct err e = {0};

	err_set(&e, ERR_SIGNAL, "stopped");
	e.sys = 2;
	call_stop(s->call, &e);
	tap_is_int(s->n_done, 0, "a call that is stopped isn't over before it is booked");
	s->fake.silent = 0;
	loop_timer_set(s->fake.timer, 1);
}

static void
free_call(struct seen *s)
{
	call_free(s->call);
	s->call = NULL;
	s->fake.silent = 0;
	loop_timer_set(s->fake.timer, 1);
	s->later = NULL;
	loop_stop(s->loop);
}

static void
wake(struct seen *s)
{
	s->fake.silent = 0;
	answer(&s->fake);
}

/* Starts a call whose keeper is silent; after 30 ms something happens. */
static void
meanwhile(struct seen *s, const char *request, const struct budget *b, void (*later)(struct seen *s))
{
	s->fake.silent = 1;
	s->later = later;
	loop_timer_set(s->timer, 30);
	run(s, request, 1, b);
}

static void
ends_while_asked(void)
{
	struct seen s;

	begin(&s);
	meanwhile(&s, PLAIN, &limit, stop_call);
	says(&s, "reserve 1.0 $0.06 under 7 for k=7; settle 1 [p1:echo signal $0] status 130; ", 130,
	    "stopped while it is asked whether it may: what was reserved is settled behind it");
	tap_ok(s.text.len == 0, "nothing was sent");
	end(&s);

	begin(&s);
	meanwhile(&s, PLAIN, &limit, free_call);
	tap_is_str(buf_str(&s.fake.log),
	    "reserve 1.0 $0.06 under 7 for k=7; settle 1 [p1:echo io $0] status 74; forget; ",
	    "freed meanwhile: settled, and no answer is waited for");
	tap_is_int(s.n_done, 0, "nobody is told");
	end(&s);

	begin(&s);
	meanwhile(&s, ASK("\"delay_ms\":10000"), &limit, free_call);
	end(&s);

	begin(&s);
	struct call_spec c = spec(&s, PLAIN, 1);
	c.books.limit = &limit;
	c.books.client_id = 7;
	c.books.client = "k";
	c.deadline_ms = 30;
	s.fake.silent = 1;
	s.later = wake;
	loop_timer_set(s.timer, 90);
	start(&s, &c);
	loop_run(s.loop);
	says(&s, "reserve 1.0 $0.06 under 7 for k=7; settle 1 [p1:echo deadline $0] status 75; ", 75,
	    "a deadline while it is asked");
	tap_ok(s.ms >= 60, "its end, too, waits to be booked");
	end(&s);

	begin(&s);
	s.later = free_call;
	loop_timer_set(s.timer, 60);
	run(&s, ASK("\"delay_ms\":10000"), 1, NULL);
	tap_is_str(buf_str(&s.fake.log), "reserve 1.0 $0.06; settle 1 [p1:echo io $0.03] status 74; forget; ",
	    "freed while it runs: booked");
	end(&s);
}

static void
clears(void)
{
	struct seen s;

	begin(&s);
	s.goes_out = 1;
	meanwhile(&s, ASK("\"delay_ms\":10"), NULL, wake);
	tap_ok(s.held >= 1 && s.n_clear == 1, "the first byte waits for the intent (%d, %d)", s.held, s.n_clear);
	tap_is_str(buf_str(&s.text), "one two three", "all came");
	says(&s, "reserve 1.0 $0.06; settle 1 [p1:echo ok $0.06] status 0; ", 0, "it is booked");
	end(&s);

	begin(&s);
	s.goes_out = 1;
	run(&s, SLOW, 1, NULL);
	tap_ok(s.held == 0 && s.n_clear == 0 && s.n_done == 1, "not where it stands already");
	end(&s);

	begin(&s);
	s.goes_out = 1;
	run(&s, PLAIN, 1, NULL);
	tap_ok(s.held > 0 && s.n_clear == 1, "an answer that comes at once has its intent written then");
	says(&s, "reserve 1.0 $0.06; settle 1 [p1:echo ok $0.06] status 0; ", 0, "and waits for it");
	end(&s);

	begin(&s);
	s.goes_out = 1;
	run(&s, PLAIN, 1, &limit);
	tap_ok(s.held == 0 && s.n_clear == 0, "where it was asked before, nothing is held");
	end(&s);
}

static void
breaks(void)
{
	struct seen s;

	begin(&s);
	s.goes_out = 1;
	s.fake.broken = 1;
	run(&s, PLAIN, 1, NULL);
	tap_ok(s.status == 0 && s.n_clear == 1 && s.n_done == 1, "a ledger that fails holds nobody up");
	s.n_done = 0;
	run(&s, PLAIN, 1, NULL);
	tap_is_str(buf_str(&s.warnings), "not booked: the disk is full; ", "there is one warning");
	s.fake.broken = 0;
	run(&s, PLAIN, 1, NULL);
	s.fake.broken = 1;
	run(&s, PLAIN, 1, NULL);
	tap_is_str(buf_str(&s.warnings), "not booked: the disk is full; not booked: the disk is full; ",
	    "and another, where it had worked in between");
	end(&s);

	begin(&s);
	s.fake.broken = 1;
	run(&s, PLAIN, 2, &limit);
	tap_ok(s.status == 73 && s.n_done == 1 && s.text.len == 0, "under a limit it is the call's end: %s", s.msg);
	end(&s);

	setenv("OR_LEDGER", "none", 1);
	no_ledger = 1;
	begin(&s);
	run(&s, PLAIN, 1, NULL);
	says(&s, "", 0, "without a ledger nothing is asked");
	end(&s);
	no_ledger = 0;
}

static void
resume(struct seen *s)
{
	s->resumed_ms = tm_mono_ms();
	call_resume(s->call);
}

static void
pauses(void)
{
	struct seen s;

	begin(&s);
	s.pauses = 1;
	s.later = resume;
	struct call_spec c = spec(&s, ASK("\"delay_ms\":20"), 1);
	c.idle_ms = 60;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.status == 0 && s.ms >= 150, "a paused call is neither read nor silent: %s (%lld ms)",
	    s.msg, (long long)s.ms);
	tap_is_str(buf_str(&s.text), "one two three", "and goes on where it stood");
	end(&s);

	begin(&s);
	s.later = resume;
	c.arg = &s;
	start(&s, &c);
	s.paused_ms = 1;
	call_pause(s.call);
	loop_timer_set(s.timer, 100);
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.status == 0 && s.ms >= 90, "a call may be paused before it begins");
	tap_is_str(buf_str(&s.text), "one two three", "too");
	end(&s);
}

static const struct wire *
no_wire(const char *name)
{
	(void)name;
	return NULL;
}

static void
wires(void)
{
	struct seen s;

	begin(&s);
	struct call_spec c = spec(&s, PLAIN, 1);
	c.wire = no_wire;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.status == 69 && strstr(s.msg, "has nothing for such a call"), "a call may have wires of its own: %s",
	    s.msg);
	end(&s);
}

/* The same limit where this process keeps the ledger. */
static void
own_ledger(void)
{
	struct seen s;
	struct budget small = limit;

	begin(&s);
	booking_free(s.booking);
	client_free(s.client);
	const struct booking_spec b = {
	    .tool = "or-serve", .run_limit_pusd = PUSD_UNKNOWN, .arg = &s, .on_warning = on_warning};
	s.booking = booking_new(&b);
	s.client = client_new(s.loop, wire_get, s.booking);
	small.limit_pusd = USD / 10;
	run(&s, PLAIN, 1, &small);
	tap_ok(s.status == 0 && s.n_done == 1, "a key's limit without a keeper");
	run(&s, PLAIN, 1, &small);
	tap_ok(s.status == 6 && s.http == 402 &&
		strcmp(s.msg, "p1: the key's limit of $0.1 (monthly) has $0.04 left, and this call may cost $0.06") ==
		    0,
	    "holds: %s", s.msg);
	end(&s);
}

static void
needs_price(void)
{
	struct seen s;
	const struct booked_spec of_key = {.limit = &limit};

	begin(&s);
	tap_is_int(booking_needs_price_of(s.booking, &of_key, two, 2), 1, "a key's limit wants prices");
	tap_is_int(booking_needs_price_of(s.booking, NULL, two, 2), 0, "without one nobody does");
	end(&s);
}

/* A port that is bound, but where nobody listens. */
static void
refuse(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) || getsockname(fd, (struct sockaddr *)&a, &n))
		exit(1);
	snprintf(refused_base, sizeof(refused_base), "http://127.0.0.1:%d/v1", ntohs(a.sin_port));
}

int
main(void)
{
	char command[64];

	if (!mkdtemp(dir))
		return 99;
	refuse();
	priced.pricing.item[PRICE_PROMPT] = priced.pricing.item[PRICE_COMPLETION] = CENT_A_TOKEN;
	priced.pricing.has = 1U << PRICE_PROMPT | 1U << PRICE_COMPLETION;
	order();
	limits();
	lowers();
	ends_while_asked();
	clears();
	breaks();
	pauses();
	wires();
	own_ledger();
	needs_price();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		return 99;
	return tap_done();
}
