/* SPDX-License-Identifier: ISC */
#include "play.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "http.h"
#include "loop.h"
#include "tap.h"
#include "tm.h"

struct seen {
	struct loop *loop;
	struct play_run *run;
	struct buf log;
	int64_t start_ms, at_ms[8], ms;
	int n_body, after_end, n_done;
	enum err_kind kind;
	enum { GO_ON, ENOUGH, CANCEL_IN_HEADER, CANCEL_IN_HEAD, CANCEL_IN_BODY } act;
	int64_t first_ms, idle_ms;
	int act_at;              /* in the nth body */
	struct loop_timer *stop; /* ends a run that was cancelled */
};

static void
stop(void *arg)
{
	loop_stop(arg);
}

static void
cancel(struct seen *s)
{
	play_cancel(s->run);
	s->run = NULL;
	loop_timer_set(s->stop, 60);
}

static void
on_header(void *arg, const char *name, const char *value)
{
	struct seen *s = arg;

	s->after_end += !s->run;
	buf_addf(&s->log, "%s=%s;", name, value);
	if (s->act == CANCEL_IN_HEADER && s->run)
		cancel(s);
}

static void
on_head(void *arg, int status)
{
	struct seen *s = arg;

	s->after_end += !s->run;
	buf_addf(&s->log, "%d;", status);
	if (s->act == CANCEL_IN_HEAD)
		cancel(s);
}

static int
on_body(void *arg, const char *p, size_t n)
{
	struct seen *s = arg;

	s->after_end += !s->run;
	if (s->n_body < 8)
		s->at_ms[s->n_body] = tm_mono_ms() - s->start_ms;
	s->n_body++;
	buf_add(&s->log, p, n);
	buf_addc(&s->log, ';');
	if (s->act == CANCEL_IN_BODY && s->n_body == s->act_at)
		cancel(s);
	return s->act == ENOUGH && s->n_body == s->act_at;
}

static void
on_done(void *arg, const struct err *e)
{
	struct seen *s = arg;

	s->after_end += !s->run;
	s->run = NULL;
	s->n_done++;
	s->kind = e ? e->kind : ERR_NONE;
	s->ms = tm_mono_ms() - s->start_ms;
	loop_stop(s->loop);
}

static void
add(struct play *p, const char *text, int64_t after_ms)
{
	buf_adds(&p->bytes, text);
	play_step(p, after_ms);
}

static void
begin(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop_new(NULL);
	s->stop = loop_timer_new(s->loop, stop, s->loop);
}

static void
start(struct seen *s, struct play *p)
{
	struct http_req r = {.first_ms = s->first_ms,
	    .idle_ms = s->idle_ms,
	    .arg = s,
	    .on_header = on_header,
	    .on_head = on_head,
	    .on_body = on_body,
	    .on_done = on_done};

	s->start_ms = tm_mono_ms();
	s->run = play_start(s->loop, p, &r);
}

static void
end(struct seen *s)
{
	loop_timer_free(s->stop);
	loop_free(s->loop);
	buf_release(&s->log);
}

static struct play
script(int cut)
{
	struct play p = PLAY_INIT;

	p.status = 200;
	p.cut = cut;
	buf_adds(&p.header, "content-type: text/plain\nretry-after: 5\n");
	add(&p, "one", 0);
	add(&p, "two", 40);
	add(&p, "", 0);
	add(&p, "three", 0);
	add(&p, "four", 80);
	return p;
}

static void
order(void)
{
	struct seen s;
	struct play p = script(0);

	begin(&s);
	start(&s, &p);
	tap_ok(!s.log.len && !p.bytes.p && !p.step && !p.header.p,
	    "nothing is called from inside play_start, and the script is taken");
	loop_run(s.loop);
	tap_is_str(buf_str(&s.log), "content-type=text/plain;retry-after=5;200;one;two;three;four;",
	    "headers, status, bytes in their order");
	tap_ok(s.n_done == 1 && s.kind == ERR_NONE && s.after_end == 0, "then the end, once");
	tap_ok(s.at_ms[1] >= 38 && s.at_ms[2] - s.at_ms[1] < 70 && s.at_ms[3] >= 116, "each at its time (%d %d %d %d)",
	    (int)s.at_ms[0], (int)s.at_ms[1], (int)s.at_ms[2], (int)s.at_ms[3]);
	end(&s);

	begin(&s);
	p = script(1);
	start(&s, &p);
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.kind == ERR_TEMPORARY && s.n_body == 4, "a cut comes after all bytes");
	end(&s);

	begin(&s);
	p = (struct play){.status = 503};
	start(&s, &p);
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.kind == ERR_NONE && strcmp(buf_str(&s.log), "503;") == 0, "a status alone");
	end(&s);

	begin(&s);
	p = (struct play){.status = 200, .cut = 1};
	play_step(&p, 30);
	start(&s, &p);
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.kind == ERR_TEMPORARY && s.ms >= 28 && strcmp(buf_str(&s.log), "200;") == 0,
	    "a cut before any byte, at its time");
	end(&s);
}

static void
stops(void)
{
	static const struct {
		unsigned act;
		int at;
		const char *log, *name;
	} t[] = {
	    {CANCEL_IN_HEADER, 0, "content-type=text/plain;", "in on_header"},
	    {CANCEL_IN_HEAD, 0, "content-type=text/plain;retry-after=5;200;", "in on_head"},
	    {CANCEL_IN_BODY, 1, "content-type=text/plain;retry-after=5;200;one;", "in the first on_body"},
	    {CANCEL_IN_BODY, 2, "content-type=text/plain;retry-after=5;200;one;two;", "in the second on_body"},
	    {CANCEL_IN_BODY, 4, "content-type=text/plain;retry-after=5;200;one;two;three;four;", "in the last on_body"},
	};
	struct seen s;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		for (int cut = 0; cut < 2; cut++) {
			struct play p = script(cut);
			begin(&s);
			s.act = t[i].act;
			s.act_at = t[i].at;
			start(&s, &p);
			loop_run(s.loop);
			tap_ok(s.n_done == 0 && s.after_end == 0 && strcmp(buf_str(&s.log), t[i].log) == 0,
			    "cancelled %s: no callback follows", t[i].name);
			end(&s);
		}
	for (int at = 1; at <= 4; at++)
		for (int cut = 0; cut < 2; cut++) {
			struct play p = script(cut);
			begin(&s);
			s.act = ENOUGH;
			s.act_at = at;
			start(&s, &p);
			loop_run(s.loop);
			tap_ok(s.n_done == 1 && s.kind == ERR_NONE && s.n_body == at, "enough after %d%s: no error", at,
			    cut ? ", before a cut" : "");
			end(&s);
		}

	struct play p = script(0);
	begin(&s);
	start(&s, &p);
	cancel(&s);
	loop_run(s.loop);
	tap_ok(s.n_done == 0 && !s.log.len, "cancelled before it began");
	end(&s);
}

/* script(): "one" at once, "two" after 40 ms, "four" after 80 more. */
static void
silent(int64_t first_ms, int64_t idle_ms, int bodies, int64_t least_ms, const char *name)
{
	struct seen s;
	struct play p = script(0);

	begin(&s);
	s.first_ms = first_ms;
	s.idle_ms = idle_ms;
	start(&s, &p);
	loop_run(s.loop);
	int ok = s.n_done == 1 && s.kind == (bodies < 4 ? ERR_TEMPORARY : ERR_NONE) && s.n_body == bodies;
	tap_ok(
	    ok && s.ms >= least_ms - 2 && s.ms < least_ms + 200, "%s (%d, %lld ms)", name, s.n_body, (long long)s.ms);
	end(&s);
}

static void
limits(void)
{
	silent(0, 0, 4, 120, "no limits");
	silent(10, 500, 4, 120, "the first limit is over with the first byte");
	silent(500, 20, 1, 20, "silent after the first step");
	silent(500, 60, 3, 100, "silent after the third");
	silent(500, 300, 4, 120, "never silent for so long");

	struct seen s;
	struct play p = {.status = 200};
	add(&p, "late", 5000);
	begin(&s);
	s.first_ms = 30;
	s.idle_ms = 1;
	start(&s, &p);
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.kind == ERR_TEMPORARY && s.n_body == 0 && s.ms >= 28 && s.ms < 1000,
	    "silent before the first byte");
	end(&s);
}

int
main(void)
{
	order();
	limits();
	stops();
	return tap_done();
}
