/* SPDX-License-Identifier: ISC */
/* or-chat: prompt or request in, answer out. See or-chat(1). */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "chat.h"
#include "err.h"
#include "loop.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

static int
write_answer(void *arg, const char *p, size_t n, struct err *e)
{
	struct chat *c = arg;

	return out_write(&c->out, p, n, e);
}

static void
note(void *arg, const char *line)
{
	(void)arg;
	warnx("%s", line);
}

static void
on_signal(void *arg)
{
	struct chat *c = arg;
	struct err e = {0};

	err_set(&e, ERR_SIGNAL, "stopped by signal %d", loop_signal());
	e.sys = loop_signal();
	talk_stop(&c->talk, &e);
}

/* The reader of the answer went away while the model was thinking. */
static void
on_gone(void *arg)
{
	struct chat *c = arg;
	struct err e = {0};

	out_gone(&c->out, &e);
	talk_stop(&c->talk, &e);
}

/* The answer's message goes behind what was asked: after a complete answer, and after one that was cut at the token limit. */
static int
append_conversation(struct chat *c, const struct err *so_far, struct err *e)
{
	const struct outcome *o = c->talked && c->talk.n_call ? c->talk.outcome[c->talk.n_call - 1] : NULL;
	int cut_at_limit = so_far->kind == ERR_TRUNCATED && o && o->complete;

	if (c->conv.fd < 0 || !o || (so_far->kind != ERR_NONE && !cut_at_limit))
		return 0;
	answer_emit_message(&c->talk.render.out.answer, 0, &c->first_lines);
	buf_addc(&c->first_lines, '\n');
	return conv_append(&c->conv, c->first_lines.p, c->first_lines.len, e);
}

static struct talk_spec
what_to_say(struct chat *c)
{
	struct talk_spec s = {
	    .loop = c->loop,
	    .booking = c->booking,
	    .form = c->a.form,
	    .extract = c->a.extract,
	    .lang = c->a.lang,
	    .schema = c->schema.n_tok ? &c->schema : NULL,
	    .schema_retries = c->a.schema_retries,
	    .keep = c->a.conversation != NULL || booking_keeps(c->booking),
	    .start_ms = c->start_ms,
	    .now_s = tm_now_ms() / 1000,
	    .arg = c,
	    .write = write_answer,
	    .reasoning = c->a.verbose ? chat_show_reasoning : NULL,
	};

	s.call = (struct call_spec){
	    .request = c->request.p,
	    .len = c->request.len,
	    .candidate = c->names.v,
	    .n_candidate = c->names.n,
	    .lossy = c->a.lossy,
	    .rounds = c->a.retries,
	    .deadline_ms = c->a.deadline_ms,
	    .idle_ms = c->a.idle_ms,
	    .connect_ms = c->a.connect_ms,
	    .idle_set = c->a.idle_set,
	    .connect_set = c->a.connect_set,
	    .on_note = c->a.verbose ? note : NULL,
	};
	return s;
}

static void
watch(struct chat *c)
{
	loop_watch_signals(c->loop, on_signal, c);
	loop_watch_gone(c->loop, c->out.fd, on_gone, c);
	c->out.signalled = loop_signal;
	if (c->a.deadline_ms)
		out_deadline(&c->out, c->start_ms + c->a.deadline_ms - tm_mono_ms());
}

static int
call(struct chat *c, struct err *e)
{
	struct talk_spec s = what_to_say(c);

	watch(c);
	c->talked = 1;
	talk_run(&c->talk, &s);
	chat_report(c);
	*e = c->talk.err;
	return e->kind ? -1 : 0;
}

/* Until the call begins nothing has been written, and a deadline can end the run wherever it waits: for input, a lock, a list. */
static char too_late[64];

static void
end_by_deadline(int sig)
{
	(void)sig;
	(void)!write(STDERR_FILENO, too_late, strlen(too_late));
	_exit(75);
}

static void
watch_deadline(int64_t ms)
{
	struct sigaction sa = {.sa_handler = end_by_deadline};
	struct itimerval t = {{0, 0}, {ms / 1000, (ms % 1000) * 1000 + 1}};

	snprintf(too_late, sizeof(too_late), "or-chat: not done in %g s\n", (double)ms / 1000);
	sigemptyset(&sa.sa_mask);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

static int
run(struct chat *c, struct err *e)
{
	if (c->a.help || c->a.version || c->a.dump)
		return chat_print_help(c, e);
	if (c->a.deadline_ms)
		watch_deadline(c->a.deadline_ms);
	if (chat_open_meta(c, e) || chat_load_tables(c, e) || chat_read_input(c, e) || chat_choose_models(c, e))
		return -1;
	if (c->a.conversation && conv_open(&c->conv, c->a.conversation, c->a.dry_run, e))
		return -1;
	if (chat_build_request(c, e))
		return -1;
	if (c->a.dry_run)
		return chat_print_request(c, e);
	if (out_open(&c->out, c->a.output, c->closed, e))
		return -1;
	c->loop = loop_new(e);
	return c->loop ? call(c, e) : -1;
}

static void
finish(struct chat *c, struct err *e)
{
	struct err late = {0};
	int kept = 0;

	if (out_close(&c->out, e->kind == ERR_NONE, &kept, &late) && e->kind == ERR_NONE)
		*e = late;
	if (append_conversation(c, e, &late))
		*e = late;
	chat_write_meta(c, e);
	if (e->kind && !(e->kind == ERR_SIGNAL && !kept))
		warnx("%s%s%s%s", e->msg, kept ? "; what came is in " : "", kept ? c->a.output : "",
		    kept ? ".partial" : "");
}

static void
release(struct chat *c)
{
	if (c->talked)
		talk_release(&c->talk);
	loop_free(c->loop);
	conv_release(&c->conv);
	booking_free(c->booking);
	market_release(&c->market);
	names_release(&c->names);
	policy_release(&c->policy);
	providers_release(&c->providers);
	chat_args_release(&c->a);
	out_release(&c->out);
	json_release(&c->schema);
	struct buf *bufs[] = {
	    &c->prompt, &c->system, &c->parts, &c->base, &c->schema_text, &c->first_lines, &c->request, &c->asked};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
		buf_release(bufs[i]);
	for (size_t i = 0; i < c->n_warning; i++)
		free(c->warning[i]);
}

int
main(int argc, char **argv)
{
	struct chat c = {.providers = PROVIDERS_INIT,
	    .policy = POLICY_INIT,
	    .names = NAMES_INIT,
	    .market = MARKET_INIT,
	    .conv = CONV_INIT,
	    .out = OUT_INIT,
	    .meta_fd = -1};
	struct err e = {0};

	c.start_ms = tm_mono_ms();
	c.closed = out_prepare();
	if (chat_args_parse(&c.a, argc, argv, &e) == 0)
		run(&c, &e);
	finish(&c, &e);
	release(&c);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	out_exit(err_status(&e));
}
