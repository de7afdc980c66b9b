/* SPDX-License-Identifier: ISC */
/* The scribe in a process of its own, desks of this one; `scribe bench N` measures. */
#include "serve/scribe.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "buf.h"
#include "conf.h"
#include "err.h"
#include "json.h"
#include "ledger_keys.h"
#include "ledger_read.h"
#include "loop.h"
#include "mem.h"
#include "providers.h"
#include "serve/desk.h"
#include "serve/line.h"
#include "spool.h"
#include "str.h"
#include "tap.h"
#include "tm.h"

#define USD INT64_C(1000000000000)
#define MAX_WAIT_MS 20000

static char dir[] = "/tmp/orutils-scribe-XXXXXX";
static struct buf path_text;
static struct providers providers = PROVIDERS_INIT;

static const char *
at(const char *name)
{
	buf_clear(&path_text);
	buf_addf(&path_text, "%s/%s", dir, name);
	return path_text.p;
}

/* ── processes ── */

struct process {
	pid_t pid;
	int control;
};

static void
say_warning(const char *text)
{
	printf("# scribe: %s\n", text);
	fflush(stdout);
}

static struct process
start(const char *path)
{
	struct process p;
	struct err e = {0};
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		exit(71);
	fflush(stdout);
	p.pid = fork();
	if (p.pid == 0) {
		const struct scribe_spec s = {
		    .control = fd[1], .providers = &providers, .path = path, .on_warning = say_warning};
		close(fd[0]);
		alarm(120);
		int r = scribe_run(&s, &e);
		providers_release(&providers);
		buf_release(&path_text);
		exit(r ? 1 : 0);
	}
	close(fd[1]);
	p.control = fd[0];
	return p;
}

static int
spooled_line_to(const struct process *p, const struct spool *s)
{
	int fd[2];
	struct err e = {0};

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) ||
	    scribe_send_worker(p->control, fd[1], s ? spool_id(s) : 0, &e))
		exit(71);
	close(fd[1]);
	return fd[0];
}

static int
line_to(const struct process *p)
{
	return spooled_line_to(p, NULL);
}

/* Its exit status; what it left is settled by then. */
static int
stop(struct process *p)
{
	int status = -1;

	close(p->control);
	waitpid(p->pid, &status, 0);
	return status;
}

/* ── a worker ── */

struct worker {
	struct loop *loop;
	struct loop_timer *guard;
	struct desk *desk;
	const struct keeper *keeper;
	int n_lost, n_told_keys, n_warnings;
	size_t n_keys, wanted_keys;
	int left; /* answers that are waited for */
	int timed_out;
};

static void
on_guard(void *arg)
{
	struct worker *w = arg;

	w->timed_out = 1;
	loop_stop(w->loop);
}

static void
on_keys(void *arg, const struct ledger_keys *k)
{
	struct worker *w = arg;

	w->n_told_keys++;
	w->n_keys = k->n;
	if (k->n == w->wanted_keys)
		loop_stop(w->loop);
}

static void
on_lost(void *arg)
{
	struct worker *w = arg;

	w->n_lost++;
	loop_stop(w->loop);
}

static void
on_warning(void *arg, const char *text)
{
	struct worker *w = arg;

	w->n_warnings++;
	printf("# desk: %s\n", text);
}

static void
spooled_worker_new(struct worker *w, int fd, struct spool *spool)
{
	*w = (struct worker){.loop = loop_new(NULL), .wanted_keys = SIZE_MAX};
	const struct desk_spec s = {.loop = w->loop,
	    .fd = fd,
	    .spool = spool,
	    .arg = w,
	    .on_keys = on_keys,
	    .on_lost = on_lost,
	    .on_warning = on_warning};
	w->desk = desk_new(&s, NULL);
	w->keeper = desk_keeper(w->desk);
	w->guard = loop_timer_new(w->loop, on_guard, w);
}

static void
worker_new(struct worker *w, int fd)
{
	spooled_worker_new(w, fd, NULL);
}

static void
worker_free(struct worker *w)
{
	desk_free(w->desk);
	loop_timer_free(w->guard);
	loop_free(w->loop);
}

/* Until loop_stop. 0: in time. */
static int
run(struct worker *w)
{
	w->timed_out = 0;
	loop_timer_set(w->guard, MAX_WAIT_MS);
	loop_run(w->loop);
	loop_timer_stop(w->guard);
	return w->timed_out;
}

static void
got_one(struct worker *w)
{
	if (--w->left == 0)
		loop_stop(w->loop);
}

/* ── calls ── */

static struct ledger_call
a_call(const char *id)
{
	return (struct ledger_call){.id = id,
	    .tool = "or-serve",
	    .tag = "t",
	    .asked = "openai/gpt-4o-mini",
	    .client = "alice",
	    .client_id = 0,
	    .started_ms = tm_now_ms(),
	    .model = "openai/gpt-4o-mini",
	    .provider = "openai",
	    .endpoint = "openai:gpt-4o-mini",
	    .key = "OPENAI_API_KEY",
	    .finish = "stop",
	    .streamed = 1,
	    .ttft_ms = 200,
	    .ms = 1000};
}

static struct ledger_attempt
an_attempt(int64_t reserved, int64_t cost)
{
	return (struct ledger_attempt){.started_ms = tm_now_ms(),
	    .model = "openai/gpt-4o-mini",
	    .provider = "openai",
	    .endpoint = "openai:gpt-4o-mini",
	    .key = "OPENAI_API_KEY",
	    .reserved_pusd = reserved,
	    .http = 200,
	    .ttft_ms = 200,
	    .ms = 1000,
	    .prompt = 10,
	    .completion = 5,
	    .cached = 0,
	    .cache_write = 0,
	    .reasoning = -1,
	    .cost_pusd = cost,
	    .source = COST_REPORTED};
}

struct said {
	struct worker *w;
	int n;
	int64_t room;
	struct err e;
	char json[20000];
};

static void
done(void *ctx, int64_t room, const struct err *e)
{
	struct said *s = ctx;

	s->n++;
	s->room = room;
	s->e = e ? *e : (struct err){0};
	got_one(s->w);
}

static void
answered(void *ctx, const char *json, size_t n, const struct err *e)
{
	struct said *s = ctx;

	s->n++;
	s->e = e ? *e : (struct err){0};
	snprintf(s->json, sizeof(s->json), "%.*s", (int)n, json);
	got_one(s->w);
}

static void
reserve(struct worker *w, uint64_t number, const char *id, int64_t pusd, const struct budget *b, struct said *s)
{
	const struct ledger_call c = a_call(id);
	const struct ledger_attempt a = an_attempt(pusd, PUSD_UNKNOWN);

	*s = (struct said){.w = w};
	w->left++;
	w->keeper->reserve(w->keeper->arg, number, &c, &a, 0, b, b ? 1 : 0, done, s);
}

static void
settle(struct worker *w, uint64_t number, const char *id, int64_t pusd, struct said *s)
{
	const struct ledger_call c = a_call(id);
	const struct ledger_attempt a = an_attempt(pusd, pusd);

	*s = (struct said){.w = w};
	w->left++;
	w->keeper->settle(w->keeper->arg, number, &c, &a, 0, 1, done, s);
}

struct seen {
	int n, open, settled, orphans, attempts, reserved;
	pusd_sum_t cost;
};

static int
see(void *arg, const struct ledger_row *r, struct err *e)
{
	struct seen *s = arg;

	(void)e;
	s->n++;
	s->open += r->state == CALL_OPEN;
	s->settled += r->state == CALL_SETTLED;
	s->orphans += r->state == CALL_ORPHAN;
	s->reserved += r->source == COST_RESERVED;
	s->attempts += (int)r->n_attempt;
	s->cost += r->totals.cost;
	return 0;
}

static struct seen
rows(const char *path)
{
	struct seen s = {0};
	struct ledger *l;
	struct err e = {0};
	char *warning;

	if (ledger_open(&l, path, LEDGER_READ, &warning, &e))
		return s;
	ledger_scan(l, 0, INT64_MAX, LEDGER_ATTEMPTS, see, &s, &e);
	ledger_close(l);
	return s;
}

/* ── many ── */

struct crowd {
	struct worker *w;
	int begun, ended, failed, wanted;
	struct one {
		struct crowd *c;
		uint64_t number;
		char id[48];
	} one[64];
};

static void crowd_next(struct one *o);

static void
crowd_settled(void *ctx, int64_t room, const struct err *e)
{
	struct one *o = ctx;

	(void)room;
	o->c->failed += e != NULL;
	if (++o->c->ended == o->c->wanted)
		loop_stop(o->c->w->loop);
	crowd_next(o);
}

static void
crowd_reserved(void *ctx, int64_t room, const struct err *e)
{
	struct one *o = ctx;
	const struct ledger_call c = a_call(o->id);
	const struct ledger_attempt a = an_attempt(2000, 1000);

	(void)room;
	o->c->failed += e != NULL;
	o->c->w->keeper->settle(o->c->w->keeper->arg, o->number, &c, &a, 0, 1, crowd_settled, o);
}

static void
crowd_next(struct one *o)
{
	struct crowd *c = o->c;

	if (c->begun == c->wanted)
		return;
	o->number = (uint64_t)++c->begun;
	snprintf(o->id, sizeof(o->id), "gen-%lld-%016d", (long long)(tm_now_ms() / 1000), c->begun);
	const struct ledger_call call = a_call(o->id);
	const struct ledger_attempt a = an_attempt(2000, PUSD_UNKNOWN);
	c->w->keeper->reserve(c->w->keeper->arg, o->number, &call, &a, 0, NULL, 0, crowd_reserved, o);
}

static int
crowd(struct worker *w, int n)
{
	struct crowd *c = xcalloc(1, sizeof(*c));

	c->w = w;
	c->wanted = n;
	for (size_t i = 0; i < 64; i++) {
		c->one[i].c = c;
		crowd_next(&c->one[i]);
	}
	int late = run(w), failed = c->failed;
	free(c);
	return late ? -1 : failed;
}

static void
many(const char *path)
{
	struct process p = start(path);
	struct worker w;

	worker_new(&w, line_to(&p));
	tap_is_int(crowd(&w, 1000), 0, "1000 calls, 64 at once: reserved and settled");
	tap_ok(!desk_busy(w.desk), "nothing is waited for any more");
	tap_is_int(w.n_told_keys, 1, "keys were told, though there are none");
	worker_free(&w);
	tap_is_int(stop(&p), 0, "the scribe ends with its supervisor");
	struct seen s = rows(path);
	tap_ok(s.n == 1000 && s.settled == 1000 && s.attempts == 1000, "1000 rows, settled, of one attempt each");
	tap_ok(s.cost == 1000 * 1000, "at what they cost");
}

/* ── one call ── */

static void
order(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said one, two, three;
	const struct ledger_call c = a_call("gen-1-order");
	const struct ledger_attempt a[] = {an_attempt(100, 60), an_attempt(200, 70)};

	worker_new(&w, line_to(&p));
	reserve(&w, 5, "gen-1-order", 100, NULL, &one);
	w.keeper->settle_attempt(w.keeper->arg, 5, &c, &a[0], 0);
	two = three = (struct said){.w = &w};
	w.left += 2;
	w.keeper->reserve(w.keeper->arg, 5, &c, &a[1], 1, NULL, 0, done, &two);
	w.keeper->settle(w.keeper->arg, 5, &c, a, 1, 2, done, &three);
	tap_ok(one.n + two.n + three.n == 0 && desk_busy(w.desk), "no answer from inside of the asking");
	run(&w);
	tap_ok(one.n == 1 && two.n == 1 && three.n == 1 && !one.e.kind && !two.e.kind && !three.e.kind,
	    "one call's messages in one go are done in their order");
	reserve(&w, 6, "gen-1-other", 100, NULL, &one);
	w.keeper->forget(w.keeper->arg, &one);
	w.left--;
	settle(&w, 6, "gen-1-other", 30, &two);
	run(&w);
	tap_ok(one.n == 0 && two.n == 1, "who was forgotten isn't told");
	settle(&w, 7, "gen-1-none", 5, &two);
	run(&w);
	tap_ok(two.n == 1 && !two.e.kind, "a call without an intent is booked");
	worker_free(&w);
	stop(&p);
	struct seen s = rows(path);
	tap_ok(s.n == 3 && s.settled == 3 && s.attempts == 4 && s.cost == 165, "rows are as they should be");
}

static void
budgets(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said one, two, three;
	const struct budget b = {.period = BUDGET_MONTH, .limit_pusd = USD, .ceiling_pusd = PUSD_UNKNOWN};

	worker_new(&w, line_to(&p));
	reserve(&w, 1, "gen-1-a", USD * 6 / 10, &b, &one);
	reserve(&w, 2, "gen-1-b", USD * 6 / 10, &b, &two);
	run(&w);
	tap_ok(!one.e.kind && one.room == USD, "the first reservation has room");
	tap_ok(two.e.kind == ERR_CAP && two.room == USD * 4 / 10, "the second, in the same batch, is refused: %s",
	    two.e.msg);
	settle(&w, 1, "gen-1-a", USD / 10, &one);
	reserve(&w, 2, "gen-1-b", USD * 6 / 10, &b, &three);
	run(&w);
	tap_ok(!three.e.kind && three.room == USD * 9 / 10, "what a settled call didn't use is free again");
	settle(&w, 2, "gen-1-b", USD / 10, &three);
	run(&w);
	worker_free(&w);
	stop(&p);
	struct seen s = rows(path);
	tap_ok(s.n == 2 && s.settled == 2 && s.cost == USD / 5, "and two rows are left");
}

/* ── ends ── */

static pid_t
worker_that_stays(int fd, int tell)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	struct worker w;
	struct said s[3];
	worker_new(&w, fd);
	for (int i = 0; i < 3; i++)
		reserve(&w, (uint64_t)i + 1, "gen-1-dead", 1000, NULL, &s[i]);
	run(&w);
	settle(&w, 1, "gen-1-dead", 500, &s[0]);
	run(&w);
	(void)!write(tell, "x", 1);
	alarm(60);
	for (;;)
		pause();
}

static void
dead_worker(const char *path)
{
	struct process p = start(path);
	int fd = line_to(&p), tell[2];
	char c;

	if (pipe(tell))
		exit(71);
	pid_t pid = worker_that_stays(fd, tell[1]);
	close(fd);
	close(tell[1]);
	tap_ok(read(tell[0], &c, 1) == 1, "a worker has three calls, and settles one");
	close(tell[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	struct seen s = {0};
	for (int64_t until = tm_mono_ms() + MAX_WAIT_MS; tm_mono_ms() < until && s.orphans < 2; usleep(2000))
		s = rows(path);
	tap_ok(s.n == 3 && s.settled == 1 && s.orphans == 2 && s.reserved == 2 && s.cost == 2500,
	    "it is killed: the others are settled at what was reserved, while the scribe lives");
	tap_is_int(stop(&p), 0, "and ends well");
}

static void
dead_scribe(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said one, two, three;

	worker_new(&w, line_to(&p));
	reserve(&w, 1, "gen-1-x", 1000, NULL, &one);
	run(&w);
	kill(p.pid, SIGSTOP);
	reserve(&w, 2, "gen-1-y", 1000, NULL, &two);
	const struct desk_question q = {.what = DESK_KEYS};
	three = (struct said){.w = &w};
	w.left++;
	desk_ask(w.desk, &q, answered, &three);
	kill(p.pid, SIGKILL);
	waitpid(p.pid, NULL, 0);
	w.left = -1;
	run(&w);
	tap_ok(one.n == 1 && !one.e.kind, "an answer that came stands");
	tap_ok(two.n == 1 && two.e.kind == ERR_CANTCREATE && three.n == 1 && three.e.kind == ERR_CANTCREATE,
	    "the scribe is killed: who waits is told: %s", two.e.msg);
	tap_is_int(w.n_lost, 1, "and the worker");
	w.left = 0;
	reserve(&w, 3, "gen-1-z", 1000, NULL, &two);
	tap_ok(two.n == 0, "asked later,");
	run(&w);
	tap_ok(two.n == 1 && two.e.kind == ERR_CANTCREATE && w.n_lost == 1, "it is said from the loop");
	worker_free(&w);
	close(p.control);
	p = start(path);
	worker_new(&w, line_to(&p));
	w.wanted_keys = 0;
	run(&w);
	worker_free(&w);
	stop(&p);
	struct seen s = rows(path);
	tap_ok(s.n == 1 && s.orphans == 1, "the next scribe settles what the killed one left");
}

static void
hostile_line(const char *path)
{
	struct process p = start(path);
	int fd = line_to(&p);
	char c[16];
	struct worker w;
	struct said one;

	memset(c, 0xff, sizeof(c));
	tap_ok(write(fd, c, sizeof(c)) == sizeof(c), "a line that makes no sense");
	while (read(fd, c, sizeof(c)) > 0) /* keys, perhaps */
		;
	tap_ok(1, "is cut");
	close(fd);
	worker_new(&w, line_to(&p));
	reserve(&w, 1, "gen-1-x", 1000, NULL, &one);
	run(&w);
	settle(&w, 1, "gen-1-x", 1000, &one);
	run(&w);
	tap_ok(one.n == 1 && !one.e.kind, "others are served");
	worker_free(&w);
	stop(&p);
}

/* A worker that asks, and doesn't read what it is told. */
static void
deaf_worker(const char *path)
{
	struct process p = start(path);
	int fd = line_to(&p), n = 0;
	struct buf b = BUF_INIT, got = BUF_INIT;
	struct worker w;
	struct line_msg m;
	size_t used;
	ssize_t r = 1;

	for (int i = 1; i <= 20000; i++) {
		size_t begin = line_begin(&b, LINE_ASK, (uint64_t)i);
		line_int(&b, DESK_LIST);
		line_str(&b, "nobody");
		for (int k = 0; k < 3; k++)
			line_int(&b, 0);
		line_end(&b, begin);
	}
	for (size_t sent = 0; sent < b.len && r > 0; sent += (size_t)r)
		r = write(fd, b.p + sent, b.len - sent);
	worker_new(&w, line_to(&p));
	tap_is_int(crowd(&w, 100), 0, "others don't wait for a worker that is deaf");
	worker_free(&w);
	while (n < 20000 && (r = read(fd, buf_reserve(&got, 65536), 65536)) > 0) {
		size_t at_byte = 0;
		got.len += (size_t)r;
		while (line_next(got.p + at_byte, got.len - at_byte, &used, &m) == 1) {
			n += m.type == LINE_ANSWER;
			at_byte += used;
		}
		line_drop(&got, at_byte);
	}
	tap_is_int(n, 20000, "which has lost none of its answers");
	close(fd);
	buf_release(&b);
	buf_release(&got);
	tap_is_int(stop(&p), 0, "the scribe ends");
}

/* The supervisor goes first. */
static void
late_worker(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said s;
	int status = -1;

	worker_new(&w, line_to(&p));
	reserve(&w, 1, "gen-1-late", 1000, NULL, &s);
	reserve(&w, 2, "gen-1-later", 1000, NULL, &s);
	run(&w);
	close(p.control);
	settle(&w, 1, "gen-1-late", 10, &s);
	run(&w);
	tap_ok(s.n == 1 && !s.e.kind, "a worker that is still there is served after the supervisor's end");
	int64_t before = tm_mono_ms();
	worker_free(&w);
	waitpid(p.pid, &status, 0);
	tap_ok(status == 0 && tm_mono_ms() - before < 3000, "with the last one the scribe ends");
	struct seen seen = rows(path);
	tap_ok(seen.settled == 1 && seen.orphans == 1, "nothing is left open");
}

static void
no_place(const char *path)
{
	struct buf below = BUF_INIT;
	struct worker w;
	struct said one, two;
	FILE *f = fopen(path, "w");

	if (f)
		fclose(f);
	buf_addf(&below, "%s/ledger.db", path);
	struct process p = start(below.p);
	worker_new(&w, line_to(&p));
	reserve(&w, 1, "gen-1-x", 1000, NULL, &one);
	run(&w);
	tap_ok(one.e.kind == ERR_CANTCREATE && one.room == PUSD_UNKNOWN, "no place for a ledger: %s", one.e.msg);
	tap_is_int(w.n_told_keys, 0, "nobody is told that there are no keys");
	unlink(path);
	for (int i = 0; i < 100; i++) { /* it tries again after a while */
		settle(&w, 1, "gen-1-x", 1000, &two);
		run(&w);
		if (!two.e.kind)
			break;
		usleep(50000);
	}
	tap_ok(!two.e.kind, "once there is one, it is used");
	w.wanted_keys = 0;
	if (!w.n_told_keys)
		run(&w);
	tap_is_int(w.n_told_keys, 1, "and keys are told");
	worker_free(&w);
	tap_is_int(stop(&p), 0, "the scribe ends");
	struct seen s = rows(below.p);
	tap_ok(s.n == 1 && s.settled == 1, "the call is in it");
	buf_release(&below);
}

static void
spoiled(const char *path)
{
	struct worker w;
	struct said s;
	FILE *f = fopen(path, "w");

	for (int i = 0; f && i < 10000; i++)
		fputc('x', f);
	if (f)
		fclose(f);
	struct process p = start(path);
	worker_new(&w, line_to(&p));
	settle(&w, 1, "gen-1-x", 1000, &s);
	run(&w);
	tap_ok(!s.e.kind && w.n_warnings == 1, "a corrupt ledger is set aside, and a worker hears of it");
	worker_free(&w);
	stop(&p);
	struct seen seen = rows(path);
	tap_is_int(seen.settled, 1, "what is booked is in a new one");
}

static void
overwrite(const char *path, const char *suffix, size_t n)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s%s", path, suffix);
	FILE *f = fopen(name.p, "r+");
	for (size_t i = 0; f && i < n; i++)
		fputc(0, f);
	if (f && n == 0)
		(void)!ftruncate(fileno(f), 0);
	if (f)
		fclose(f);
	buf_release(&name);
}

/* While it is in use. */
static void
spoiled_later(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said s;

	worker_new(&w, line_to(&p));
	settle(&w, 1, "gen-1-x", 1000, &s);
	run(&w);
	overwrite(path, "", 100000);
	overwrite(path, "-wal", 0);
	overwrite(path, "-shm", 136);
	for (uint64_t i = 2; i < 5; i++) {
		settle(&w, i, i == 2 ? "gen-1-y" : "gen-1-z", 1000, &s);
		run(&w);
		tap_ok(!s.e.kind, "a call behind its end is booked: %s", s.e.msg);
	}
	tap_ok(w.n_warnings > 0, "and a worker hears of it");
	worker_free(&w);
	stop(&p);
	tap_is_int(rows(path).settled, 3, "all of them are in a new one");
}

static void
no_ledger(void)
{
	struct process p = start(NULL);
	struct worker w;
	struct said one, two;

	worker_new(&w, line_to(&p));
	tap_is_int(crowd(&w, 100), 0, "without a ledger everything is done at once");
	reserve(&w, 1000, "gen-1-x", 1000, NULL, &one);
	const struct desk_question q = {.what = DESK_ACTIVITY, .until_ms = INT64_MAX};
	two = (struct said){.w = &w};
	w.left++;
	desk_ask(w.desk, &q, answered, &two);
	run(&w);
	tap_ok(one.room == PUSD_UNKNOWN && strcmp(two.json, "[]") == 0 && w.n_told_keys == 1, "and nothing was used");
	worker_free(&w);
	tap_is_int(stop(&p), 0, "it ends, too");
}

/* ── questions ── */

static void
ask(struct worker *w, const struct desk_question *q, struct said *s)
{
	*s = (struct said){.w = w};
	w->left++;
	desk_ask(w->desk, q, answered, s);
	run(w);
}

static void
add_key_elsewhere(const char *path, const char *name)
{
	fflush(stdout);
	pid_t pid = fork();

	if (pid == 0) {
		struct ledger *l;
		struct err e = {0};
		char *warning, *own = xstrdup(name);
		struct ledger_key k = {.name = own, .label = own, .limit_pusd = PUSD_UNKNOWN};
		memset(k.hash, 1, sizeof(k.hash));
		int r = ledger_open(&l, path, LEDGER_WRITE, &warning, &e) || ledger_key_add(l, &k, &e);
		_exit(r ? 1 : 0);
	}
	waitpid(pid, NULL, 0);
}

static void
is_json(const struct said *s, const char *where, const char *want, const char *name)
{
	struct json j = JSON_INIT;
	size_t n = 0;
	const char *raw = NULL;

	if (json_parse(&j, s->json, strlen(s->json), NULL) == 0)
		raw = json_raw(&j, json_path(&j, 0, where), &n);
	char *got = xstrndup(raw ? raw : "", n);
	tap_is_str(got, want, name);
	free(got);
	json_release(&j);
}

static void
keys(const char *path)
{
	struct process p = start(path);
	struct worker w, other;
	struct said s;
	char one[] = "one";
	struct ledger_key k = {.name = one, .label = one, .limit_pusd = 5 * USD, .reset = RESET_DAILY, .rpm = 9};

	worker_new(&w, line_to(&p));
	worker_new(&other, line_to(&p));
	struct desk_question q = {.what = DESK_KEY_ADD, .key = &k};
	ask(&w, &q, &s);
	tap_ok(!s.e.kind && strcmp(s.json, "1") == 0, "a key is added: its number is the answer");
	tap_is_int((long long)w.n_keys, 1, "which comes after the new set");
	other.wanted_keys = 1;
	run(&other);
	tap_is_int((long long)other.n_keys, 1, "another worker is told as well");
	ask(&w, &q, &s);
	tap_ok(s.e.kind == ERR_DATA, "the same name again: %s", s.e.msg);
	q.what = DESK_KEYS;
	ask(&w, &q, &s);
	is_json(&s, "0.limit_pusd", "5000000000000", "its limit");
	is_json(&s, "0.reset", "\"daily\"", "its reset");
	k.id = 1;
	q.what = DESK_KEY_PUT;
	q.text = "{\"rpm\":null}";
	ask(&other, &q, &s);
	q.text = "{\"name\":\"two\",\"limit\":7}";
	ask(&w, &q, &s);
	tap_ok(!s.e.kind, "it is changed");
	is_json(&s, "0.name", "\"two\"", "as it is said");
	is_json(&s, "0.limit_pusd", "7000000000000", "all of it");
	is_json(&s, "0.reset", "\"daily\"", "the rest stays");
	is_json(&s, "0.rpm", "0", "as another worker changed it");
	q.text = "{\"management\":true}";
	ask(&w, &q, &s);
	tap_ok(s.e.kind == ERR_DATA, "what can't be changed: %s", s.e.msg);
	q.text = "{";
	ask(&w, &q, &s);
	tap_ok(s.e.kind == ERR_DATA, "nor what makes no sense: %s", s.e.msg);
	w.wanted_keys = 2;
	add_key_elsewhere(path, "three");
	tap_is_int(run(&w), 0, "one that another process adds is noticed");
	w.wanted_keys = SIZE_MAX;
	q.what = DESK_KEY_REMOVE;
	ask(&w, &q, &s);
	tap_ok(!s.e.kind && w.n_keys == 1, "it is removed");
	ask(&w, &q, &s);
	tap_ok(s.e.kind == ERR_NEGATIVE, "once: %s", s.e.msg);
	worker_free(&w);
	worker_free(&other);
	tap_is_int(stop(&p), 0, "the scribe ends");
}

static void
reading(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said s;
	char id[48];

	worker_new(&w, line_to(&p));
	tap_is_int(crowd(&w, 300), 0, "300 calls");
	snprintf(id, sizeof(id), "gen-%lld-x", (long long)(tm_now_ms() / 1000));
	settle(&w, 1000, id, 5000, &s);
	run(&w);
	struct desk_question q = {.what = DESK_GENERATION, .text = id};
	ask(&w, &q, &s);
	is_json(&s, "call.cost", "5000", "one of them by its id");
	is_json(&s, "call.client", "\"alice\"", "with its client");
	is_json(&s, "attempts.0.prompt", "10", "and its attempt");
	q.text = "gen-1790000000-0000";
	ask(&w, &q, &s);
	tap_ok(s.e.kind == ERR_NEGATIVE, "none by another: %s", s.e.msg);
	q.text = "gen--";
	ask(&w, &q, &s);
	tap_ok(s.e.kind == ERR_NEGATIVE, "nor by what is no id");
	q = (struct desk_question){.what = DESK_ACTIVITY, .until_ms = INT64_MAX};
	ask(&w, &q, &s);
	is_json(&s, "0.model", "\"openai/gpt-4o-mini\"", "what was used by day: the model");
	is_json(&s, "0.client", "\"alice\"", "the client");
	q.what = DESK_REPORT;
	q.until_ms = 0;
	ask(&w, &q, &s);
	is_json(&s, "models.0.calls", "301", "a report: calls of a model");
	is_json(&s, "models.0.ms_p95", "1000", "their times");
	is_json(&s, "endpoints.0.name", "\"openai:gpt-4o-mini\"", "endpoints");
	is_json(&s, "clients.0.cost", "305000", "clients");
	worker_free(&w);
	stop(&p);
}

/* More rows than one slice holds. */
static void
long_reading(const char *path)
{
	struct process p = start(path);
	struct worker w;
	struct said s;

	worker_new(&w, line_to(&p));
	tap_is_int(crowd(&w, 25000), 0, "25000 calls");
	usleep(2000); /* those of this very ms aren't over for a report */
	const struct desk_question q = {.what = DESK_REPORT};
	ask(&w, &q, &s);
	is_json(&s, "models.0.calls", "25000", "each is read once, in slices");
	worker_free(&w);
	stop(&p);
}

/* ── lists ── */

static const char list[] =
    "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-x\",\"object\":\"model\",\"created\":1,\"owned_by\":\"o\"}]}";

static pid_t
serve_lists(int fd, int tell)
{
	fflush(stdout);
	pid_t pid = fork();

	if (pid)
		return pid;
	alarm(60);
	for (;;) {
		char in[8192];
		int c = accept(fd, NULL, NULL);
		if (c == -1)
			_exit(1);
		(void)!write(tell, "x", 1);
		ssize_t n = read(c, in, sizeof(in) - 1);
		in[n < 0 ? 0 : n] = '\0';
		if (!strstr(in, "/hold"))
			usleep(100000); /* so that a second question finds it running */
		while (strstr(in, "/hold") && access(at("go"), F_OK))
			usleep(10000);
		if (strstr(in, "/bad"))
			dprintf(c, "HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
		else
			dprintf(c,
			    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
			    strlen(list), list);
		close(c);
	}
}

static int
listen_here(struct buf *url)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 10) || getsockname(fd, (struct sockaddr *)&a, &n))
		exit(71);
	buf_addf(url, "http://127.0.0.1:%d/v1", ntohs(a.sin_port));
	return fd;
}

#define MANY 70 /* lists */
#define MOST 64 /* that are on their way at once: MAX_ERRANDS */

/* Lists that aren't models: n of them, numbered; or one, without its number. */
static void
ask_for(struct worker *w, const char *what, int n, struct said *s)
{
	for (int i = 0; i < n; i++) {
		char text[64];
		snprintf(text, sizeof(text), n > 1 ? "%s%d" : "%s", what, i);
		s[i] = (struct said){.w = w};
		w->left++;
		desk_ask(w->desk, &(struct desk_question){.what = DESK_LIST, .text = text}, answered, &s[i]);
	}
}

static void
more_lists(struct worker *w)
{
	static struct said s[MANY], again[2];
	int n_refused = 0, n_fetched = 0;

	ask_for(w, "openai endpoints/a/b", 1, &again[0]);
	ask_for(w, "openai endpoints/a/b", 1, &again[1]);
	run(w);
	tap_ok(again[0].n == 1 && !again[0].e.kind && again[1].n == 1 && !again[1].e.kind,
	    "the endpoints of a model, for both who ask: %s", again[0].e.msg);
	ask_for(w, "openai endpoints/hold/", MANY, s);
	w->left = MANY - MOST;
	run(w);
	for (int i = 0; i < MANY; i++)
		n_refused += s[i].e.kind == ERR_TEMPORARY;
	tap_is_int(n_refused, MANY - MOST, "so many at once are too many");
	close(open(at("go"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	w->left = MOST;
	run(w);
	for (int i = 0; i < MANY; i++)
		n_fetched += s[i].n == 1 && !s[i].e.kind;
	tap_is_int(n_fetched, MOST, "the others are fetched, when it is their turn");
	ask_for(w, "openai models?category=x", 1, &again[0]);
	run(w);
	tap_ok(again[0].e.kind == ERR_USAGE, "only OpenRouter picks: %s", again[0].e.msg);
	ask_for(w, "openai endpoints/a/c", 1, &again[0]);
	run(w);
	tap_ok(!again[0].e.kind, "later there is room: %s", again[0].e.msg);
}

static void
lists(void)
{
	struct buf url = BUF_INIT;
	int fd = listen_here(&url), tell[2];
	char count[256];
	struct err e = {0};
	struct worker w;
	struct said s[4];

	setenv("OPENAI_BASE_URL", url.p, 1);
	setenv("OPENAI_API_KEY", "k", 1);
	buf_adds(&url, "/bad");
	setenv("ANTHROPIC_BASE_URL", url.p, 1);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	if (providers_load(&providers, &e) || pipe(tell))
		tap_ok(0, "providers: %s", e.msg);
	pid_t server = serve_lists(fd, tell[1]);
	struct process p = start(NULL);
	worker_new(&w, line_to(&p));
	const char *const names[] = {"openai", "openai", "anthropic", "nobody"};
	for (int i = 0; i < 4; i++) {
		const struct desk_question q = {.what = DESK_LIST, .text = names[i]};
		s[i] = (struct said){.w = &w};
		w.left++;
		desk_ask(w.desk, &q, answered, &s[i]);
	}
	run(&w);
	tap_ok(s[0].n == 1 && !s[0].e.kind && s[1].n == 1 && !s[1].e.kind, "a list is fetched for both who ask: %s",
	    s[0].e.msg);
	tap_ok(s[2].e.kind == ERR_AUTH, "one that can't be had is an error: %s", s[2].e.msg);
	tap_ok(s[3].e.kind == ERR_NOMODEL, "and so is a provider that isn't there: %s", s[3].e.msg);
	const struct desk_question q = {.what = DESK_LIST, .text = "anthropic"};
	ask(&w, &q, &s[2]);
	tap_ok(s[2].e.kind == ERR_AUTH, "again, soon: the same");
	tap_is_int(read(tell[0], count, sizeof(count)), 2, "two requests were made in all");
	more_lists(&w);
	tap_is_int(read(tell[0], count, sizeof(count)), MOST + 2, "one request for each other list");
	worker_free(&w);
	tap_is_int(stop(&p), 0, "the scribe ends");
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(fd);
	close(tell[0]);
	close(tell[1]);
	buf_release(&url);
}

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static int
bench(int n)
{
	struct process p = start(at("bench.db"));
	struct worker w;
	struct rusage r, own;

	worker_new(&w, line_to(&p));
	int64_t from = tm_mono_us();
	int failed = crowd(&w, n);
	int64_t us = tm_mono_us() - from;
	worker_free(&w);
	stop(&p);
	getrusage(RUSAGE_CHILDREN, &r);
	getrusage(RUSAGE_SELF, &own);
	printf("%d calls, %d failed: %.0f a second; scribe %.1f us user %.1f us system a call; desk %.1f us a call\n",
	    n, failed, n * 1e6 / (double)us, seconds(&r.ru_utime) * 1e6 / n, seconds(&r.ru_stime) * 1e6 / n,
	    (seconds(&own.ru_utime) + seconds(&own.ru_stime)) * 1e6 / n);
	return 0;
}

static void
remove_all(void)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "rm -rf %s", dir);
	(void)!system(b.p);
	buf_release(&b);
}

/* ── spools ── */

static int
is_settled(const char *path, int n, pusd_sum_t cost, const char *name)
{
	struct seen s = rows(path);

	tap_is_int(s.n, n, name);
	return tap_ok(s.settled == n && s.attempts == n && s.cost == cost, "%s: settled, and paid once", name);
}

/* It says that a call is booked while the scribe can't, and dies before it has sent a byte. */
static void
spooled(const char *path)
{
	struct process p = start(path);
	struct err e = {0};
	struct spool *spool = spool_new(path, &e);
	struct worker w;
	struct said said;

	spooled_worker_new(&w, spooled_line_to(&p, spool), spool);
	tap_is_int(crowd(&w, 1000), 0, "1000 calls by way of a spool");
	kill(p.pid, SIGSTOP);
	reserve(&w, 2000, "gen-1-late", 100, NULL, &said);
	tap_ok(said.n == 0, "no answer from inside of the asking");
	run(&w);
	tap_ok(said.n == 1 && !said.e.kind, "an intent stands though the scribe sleeps");
	settle(&w, 2000, "gen-1-late", 60, &said);
	run(&w);
	tap_ok(said.n == 1 && !said.e.kind, "so does the call's end");
	desk_ask(w.desk, &(struct desk_question){.what = DESK_LOOK}, answered, &said);
	loop_timer_set(w.guard, 50);
	loop_run(w.loop); /* so far it is on the line, too */
	reserve(&w, 2001, "gen-1-open", 40, NULL, &said);
	run(&w);
	worker_free(&w);
	spool_close(spool);
	kill(p.pid, SIGCONT);
	tap_is_int(stop(&p), 0, "the worker dies");
	struct seen s = rows(path);
	tap_ok(s.n == 1002 && s.settled == 1001 && s.orphans == 1 && s.cost == 1000 * 1000 + 60 + 40,
	    "what it said is booked, and what it began is settled at its reservation");
	spool = spool_new(path, &e);
	tap_ok(spool != NULL, "another one");
	spool_remove(spool);
}

static void
count_told(void *ctx, int64_t room, const struct err *e)
{
	struct worker *w = ctx;

	(void)room;
	if (!e)
		got_one(w);
}

/* More than a spool holds, while nothing is taken out: the rest waits, and is booked as well. */
static void
full_spool(const char *path)
{
	enum { N = 10000 };
	struct process p = start(path);
	struct err e = {0};
	struct spool *spool = spool_new(path, &e);
	const struct ledger_attempt a = an_attempt(10, 7);
	struct worker w;
	char id[32];

	spooled_worker_new(&w, spooled_line_to(&p, spool), spool);
	kill(p.pid, SIGSTOP);
	w.left = N;
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "gen-1-%d", i);
		const struct ledger_call c = a_call(id);
		w.keeper->settle(w.keeper->arg, (uint64_t)i + 1, &c, &a, 0, 1, count_told, &w);
	}
	loop_timer_set(w.guard, 100);
	loop_run(w.loop);
	tap_ok(w.left > 0 && w.left < N, "%d of %d are told while the scribe sleeps", N - w.left, N);
	kill(p.pid, SIGCONT);
	run(&w);
	tap_is_int(w.left, 0, "the others when it has written them");
	worker_free(&w);
	spool_close(spool);
	stop(&p);
	is_settled(path, N, N * 7, "all are there");
}

static void
put_call(struct buf *b, const struct ledger_call *c, uint64_t number, int settles)
{
	const struct ledger_attempt a = an_attempt(200, settles ? 90 : PUSD_UNKNOWN);
	size_t at = line_begin(b, settles ? LINE_SETTLE : LINE_RESERVE, number);

	line_int(b, (int64_t)(number + 1) / 2);
	line_call(b, c);
	line_int(b, 0);
	if (settles)
		line_int(b, 1);
	line_attempt(b, &a);
	if (!settles)
		line_int(b, 0);
	line_end(b, at);
}

static void
until_settled(const char *path, int n)
{
	for (int i = 0; i < 500 && rows(path).settled < n; i++)
		usleep(10000);
}

/* Scribe and worker are killed. In the ledger are: one call whole, one intent; in the spool these and the rest. */
static void
adopted(const char *path)
{
	struct process p = start(path);
	struct err e = {0};
	struct spool *spool = spool_new(path, &e);
	struct buf sent = BUF_INIT, rest = BUF_INIT;
	const struct ledger_call one = a_call("gen-1-one"), two = a_call("gen-1-two"), three = a_call("gen-1-three"),
				 four = a_call("gen-1-four");
	int fd = line_to(&p);

	put_call(&sent, &two, 3, 0);
	put_call(&sent, &one, 1, 0);
	put_call(&sent, &one, 2, 1);
	put_call(&rest, &two, 4, 1);
	put_call(&rest, &three, 5, 0);
	put_call(&rest, &three, 6, 1);
	put_call(&rest, &four, 7, 0);
	tap_ok(write(fd, sent.p, sent.len) == (ssize_t)sent.len, "three messages on the line");
	buf_clear(&sent);
	put_call(&sent, &one, 1, 0);
	put_call(&sent, &one, 2, 1);
	put_call(&sent, &two, 3, 0);
	spool_put(spool, sent.p, sent.len);
	spool_put(spool, rest.p, rest.len);
	spool_put(spool, "half a mess", 11);
	until_settled(path, 1);
	kill(p.pid, SIGKILL);
	stop(&p);
	close(fd);
	spool_close(spool);
	p = start(path);
	tap_is_int(stop(&p), 0, "another scribe");
	struct seen s = rows(path);
	tap_is_int(s.n, 4, "four calls, none twice");
	tap_ok(s.settled == 3 && s.orphans == 1, "three settled; one was on its way");
	tap_ok(s.cost == 3 * 90 + 200, "each at its price, once");
	p = start(path);
	stop(&p);
	tap_is_int(rows(path).n, 4, "and that is all");
	buf_release(&sent);
	buf_release(&rest);
}

/* Between the death of its scribe and the next one's start somebody looked into the ledger, and settled what seemed to be an orphan. */
static void
revived(const char *path)
{
	struct process p = start(path);
	struct err e = {0};
	struct spool *spool = spool_new(path, &e);
	struct buf b = BUF_INIT;
	struct ledger *l;
	const struct ledger_call c = a_call("gen-1-revived");
	char *warning;
	int64_t n = 0;
	int fd = line_to(&p);

	put_call(&b, &c, 1, 0);
	(void)!write(fd, b.p, b.len);
	put_call(&b, &c, 2, 1);
	spool_put(spool, b.p, b.len);
	for (int i = 0; i < 500 && rows(path).open < 1; i++)
		usleep(10000);
	kill(p.pid, SIGKILL);
	stop(&p);
	close(fd);
	spool_close(spool);
	if (ledger_open(&l, path, LEDGER_WRITE, &warning, &e) == 0) {
		ledger_orphans(l, &n, &e);
		ledger_close(l);
	}
	tap_is_int(n, 1, "it was settled at its reservation");
	p = start(path);
	stop(&p);
	is_settled(path, 1, 90, "what it came to stands now");
	buf_release(&b);
}

/* The worker dies while the ledger can't be had, and nobody says another word. */
static void
looked_for(const char *path)
{
	struct err e = {0};
	struct buf b = BUF_INIT;
	const struct ledger_call c = a_call("gen-1-late");

	mkdir(path, 0700);
	struct process p = start(path);
	struct spool *spool = spool_new(path, &e);
	int fd = spooled_line_to(&p, spool);
	put_call(&b, &c, 1, 0);
	put_call(&b, &c, 2, 1);
	spool_put(spool, b.p, b.len);
	usleep(200000); /* it has looked, as it does at its begin */
	spool_close(spool);
	close(fd);
	usleep(200000);
	tap_ok(rmdir(path) == 0, "the place is free");
	until_settled(path, 1);
	is_settled(path, 1, 90, "a spool is looked for until it could be booked");
	stop(&p);
	buf_release(&b);
}

/* Calls are told to be booked, and can't be: they are when it can. */
static void
booked_later(const char *path)
{
	struct err e = {0};
	struct said one, two;
	struct worker w;

	mkdir(path, 0700);
	struct process p = start(path);
	struct spool *spool = spool_new(path, &e);
	spooled_worker_new(&w, spooled_line_to(&p, spool), spool);
	for (uint64_t i = 1; i < 4; i++) {
		const char *id = i == 1 ? "gen-1-a" : i == 2 ? "gen-1-b" : "gen-1-c";
		reserve(&w, i, id, 200, NULL, &one);
		settle(&w, i, id, 90, &two);
		run(&w);
		tap_ok(!one.e.kind && !two.e.kind, "a call is told to be booked");
		loop_timer_set(w.guard, 100);
		loop_run(w.loop);
	}
	tap_is_int(w.n_warnings, 1, "that it isn't is said once");
	for (int i = 0; i < 50 && desk_busy(w.desk); i++) {
		loop_timer_set(w.guard, 100);
		loop_run(w.loop);
	}
	tap_ok(!desk_busy(w.desk), "but the worker may end");
	tap_ok(rmdir(path) == 0, "the place is free");
	for (int i = 0; i < 40; i++) {
		loop_timer_set(w.guard, 100);
		loop_run(w.loop);
	}
	is_settled(path, 3, 3 * 90, "they are booked");
	reserve(&w, 7, "gen-1-d", 200, NULL, &one);
	settle(&w, 7, "gen-1-d", 90, &two);
	run(&w);
	worker_free(&w);
	spool_close(spool);
	stop(&p);
	is_settled(path, 4, 4 * 90, "and so is what comes then");
}

static void
pass(struct worker *w, int64_t ms)
{
	loop_timer_set(w->guard, ms);
	loop_run(w->loop);
}

/* One worker has told the call's end, and lingers; another one is asked for it. */
static void
asked_elsewhere(const char *path)
{
	struct process p = start(path);
	struct err e = {0};
	struct spool *spool = spool_new(path, &e);
	struct worker one, two;
	struct said said, found, none;
	char id[64];

	spooled_worker_new(&one, spooled_line_to(&p, spool), spool);
	worker_new(&two, line_to(&p));
	snprintf(id, sizeof(id), "gen-%lld-soon", (long long)(tm_now_ms() / 1000));
	reserve(&one, 1, id, 200, NULL, &said);
	pass(&one, 200);
	settle(&one, 1, id, 90, &said);
	pass(&one, 1);
	found = none = (struct said){.w = &two};
	two.left = 2;
	desk_ask(two.desk, &(struct desk_question){.what = DESK_GENERATION, .text = id}, answered, &found);
	desk_ask(two.desk, &(struct desk_question){.what = DESK_GENERATION, .text = "gen-1-none"}, answered, &none);
	pass(&two, 20);
	tap_ok(found.n + none.n == 0, "what may be on its way is waited for");
	pass(&one, 100);
	run(&two);
	is_json(&found, "call.cost", "90", "and found");
	tap_ok(none.n == 1 && none.e.kind == ERR_NEGATIVE, "what isn't there is not");
	worker_free(&one);
	worker_free(&two);
	spool_close(spool);
	stop(&p);
}

int
main(int argc, char **argv)
{
	int64_t n = 100000;
	struct buf ledger = BUF_INIT;
	const char *const names[] = {"many.db", "order.db", "budgets.db", "worker.db", "scribe.db", "hostile.db",
	    "deaf.db", "late.db", "place", "spoiled.db", "keys.db", "reading.db", "long.db", "spooled.db", "full.db",
	    "adopted.db", "revived.db", "spoiled-later.db", "looked-for.db", "booked-later.db", "elsewhere.db"};
	void (*const tests[])(const char *) = {many, order, budgets, dead_worker, dead_scribe, hostile_line,
	    deaf_worker, late_worker, no_place, spoiled, keys, reading, long_reading, spooled, full_spool, adopted,
	    revived, spoiled_later, looked_for, booked_later, asked_elsewhere};

	if (!mkdtemp(dir))
		return 71;
	setenv("HOME", dir, 1);
	setenv("XDG_CACHE_HOME", at("cache"), 1);
	setenv("XDG_CONFIG_HOME", at("config"), 1);
	if (argc > 1) {
		if (argc > 2 && str_int(argv[2], 1, INT32_MAX, &n))
			return 64;
		int r = bench((int)n);
		remove_all();
		return r;
	}
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		buf_clear(&ledger);
		buf_adds(&ledger, at(names[i]));
		printf("# %s\n", names[i]);
		tests[i](ledger.p);
	}
	no_ledger();
	lists();
	providers_release(&providers);
	buf_release(&ledger);
	buf_release(&path_text);
	remove_all();
	return tap_done();
}
