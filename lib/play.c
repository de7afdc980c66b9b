/* SPDX-License-Identifier: ISC */
#include "play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "http.h"
#include "loop.h"
#include "mem.h"
#include "tm.h"

struct play_run {
	struct play play;
	struct http_req r;
	struct loop_timer *timer;
	size_t next;    /* step */
	size_t at;      /* byte */
	int64_t due_ms; /* tm_mono_ms() of the next step */
	int started;
	int paused;
	int enough; /* on_body said so */
	int silent; /* the timer stands for the limit, not for the step */
	int busy;   /* inside a callback */
	int cancelled;
};

void
play_step(struct play *p, int64_t after_ms)
{
	p->step = mem_grow(p->step, p->n_step, &p->cap_step, sizeof(*p->step));
	p->step[p->n_step++] = (struct play_step){after_ms, p->bytes.len};
}

void
play_release(struct play *p)
{
	buf_release(&p->header);
	buf_release(&p->bytes);
	free(p->step);
	*p = (struct play)PLAY_INIT;
}

static void
free_run(struct play_run *run)
{
	loop_timer_free(run->timer);
	play_release(&run->play);
	free(run);
}

static void
tell_headers(struct play_run *run)
{
	char *line = run->play.header.p, *end;

	for (; !run->cancelled && run->r.on_header && line && *line; line = end + 1) {
		end = strchr(line, '\n');
		char *colon = strchr(line, ':');
		if (!end || !colon)
			break;
		*end = *colon = '\0';
		run->r.on_header(run->r.arg, line, colon + 2);
	}
	if (!run->cancelled && run->r.on_head)
		run->r.on_head(run->r.arg, run->play.status);
}

static void
finish(struct play_run *run)
{
	void (*done)(void *, const struct err *) = run->r.on_done;
	void *arg = run->r.arg;
	struct err e = {0};
	int cut = run->play.cut && !run->enough && run->next == run->play.n_step;

	if (run->silent)
		err_set(
		    &e, ERR_TEMPORARY, "silent for %g s", (double)(run->at ? run->r.idle_ms : run->r.first_ms) / 1000);
	else if (cut)
		err_set(&e, ERR_TEMPORARY, "the connection was cut");
	if (run->silent)
		e.sys = ETIMEDOUT;
	free_run(run);
	done(arg, e.kind ? &e : NULL);
}

/* Gives one step. 1: there is nothing more to give. */
static int
give(struct play_run *run)
{
	if (!run->started) {
		run->started = 1;
		tell_headers(run);
	}
	if (run->cancelled || run->next == run->play.n_step)
		return 1;
	size_t end = run->play.step[run->next++].end, n = end - run->at;
	const char *p = buf_str(&run->play.bytes) + run->at;
	run->at = end;
	run->enough = n && run->r.on_body && run->r.on_body(run->r.arg, p, n);
	return run->enough;
}

/* Waits so long, or as much of it as silence is allowed. */
static void
wait_for(struct play_run *run, int64_t wait)
{
	int64_t limit = run->at ? run->r.idle_ms : run->r.first_ms;

	run->silent = limit > 0 && wait > limit;
	loop_timer_set(run->timer, run->silent ? limit : wait);
}

static void
wait_for_step(struct play_run *run)
{
	int64_t wait = run->next < run->play.n_step ? run->play.step[run->next].after_ms : 0;

	run->due_ms = tm_mono_ms() + wait;
	if (!run->paused)
		wait_for(run, wait);
}

static void
turn(void *arg)
{
	struct play_run *run = arg;
	int over = 0;

	if (run->silent) {
		finish(run);
		return;
	}
	run->busy = 1;
	do
		over = give(run);
	while (!over && !run->cancelled && !run->paused && run->next < run->play.n_step &&
	    run->play.step[run->next].after_ms == 0);
	run->busy = 0;
	if (run->cancelled)
		free_run(run);
	else if (over || run->next == run->play.n_step)
		finish(run);
	else
		wait_for_step(run);
}

struct play_run *
play_start(struct loop *l, struct play *p, const struct http_req *r)
{
	struct play_run *run = xcalloc(1, sizeof(*run));

	run->play = *p;
	*p = (struct play)PLAY_INIT;
	run->r = *r;
	run->timer = loop_timer_new(l, turn, run);
	wait_for_step(run);
	return run;
}

void
play_pause(struct play_run *run)
{
	run->paused = 1;
	loop_timer_stop(run->timer);
}

void
play_resume(struct play_run *run)
{
	int64_t left = run->due_ms - tm_mono_ms();

	run->paused = 0;
	if (!run->busy) /* else the turn that runs goes on by itself */
		wait_for(run, left > 0 ? left : 0);
}

void
play_cancel(struct play_run *run)
{
	run->cancelled = 1;
	if (!run->busy)
		free_run(run);
}
