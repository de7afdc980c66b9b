/* SPDX-License-Identifier: ISC */
/* Calls on the mock provider: who is tried, in which order, how often, and what it all comes to. */
#include "client.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "loop.h"
#include "providers.h"
#include "tap.h"
#include "tm.h"

static char mock_wire[] = "mock", openai_wire[] = "openai", other_wire[] = "telex", none[] = "none", empty[] = "";
static char echo[] = "echo", nope[] = "nope", unset_key[] = "env:OR_TEST_NO_SUCH_KEY";
static char refused_base[64];
static struct provider p1, p2, p3, refused, keyless, unbuilt;
/* A, B: one model at two providers; C: another model; D: a third */
static struct candidate chain[] = {{&p1, echo, echo, 0, 0, NULL}, {&p2, echo, echo, 0, 0, NULL},
    {&p3, echo, echo, 1, 0, NULL}, {&p1, echo, echo, 2, 0, NULL}};

static void
set_up_provider(struct provider *p, const char *name, char *wire, char *base, char *key)
{
	memset(p, 0, sizeof(*p));
	p->name = strdup(name);
	p->wire = wire;
	p->base = base;
	p->key = key;
	p->prompt = p->completion = PRICE_UNKNOWN;
	p->zdr = p->train = -1;
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

static void
set_up(void)
{
	refuse();
	set_up_provider(&p1, "p1", mock_wire, empty, none);
	set_up_provider(&p2, "p2", mock_wire, empty, none);
	set_up_provider(&p3, "p3", mock_wire, empty, none);
	set_up_provider(&refused, "refused", openai_wire, refused_base, none);
	set_up_provider(&keyless, "keyless", openai_wire, refused_base, unset_key);
	set_up_provider(&unbuilt, "unbuilt", other_wire, empty, none);
}

static void
tear_down(void)
{
	struct provider *all[] = {&p1, &p2, &p3, &refused, &keyless, &unbuilt};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		free(all[i]->name);
		free(all[i]->secret);
	}
}

/* One call, and what was seen of it. */
struct seen {
	struct loop *loop;
	struct client *client; /* kept over calls: it remembers benches */
	struct call *call;
	struct buf tried; /* "p1 p2 " */
	struct buf text;  /* of the last attempt */
	int n_done, n_attempt, status, http, had_served, n_rounds;
	enum err_kind kind;
	char msg[512], cause[32], finish[32], served[16];
	struct usage usage;
	int64_t start_ms, ms, ttft_ms;
	/* what the consumer does */
	int goes_out, stop_at_text, stop_inside, free_in_done, stop_in_read, stop_in_attempt;
};

static void
on_attempt(void *arg, const struct candidate *c)
{
	struct seen *s = arg;

	struct err e = {0};

	buf_addf(&s->tried, "%s ", c->provider->name);
	buf_clear(&s->text);
	if (s->stop_in_attempt) {
		err_set(&e, ERR_IO, "full");
		call_stop(s->call, &e);
	}
}

static int
on_event(void *arg, const struct event *ev)
{
	struct seen *s = arg;
	struct err e = {0};

	if (ev->type != EVENT_TEXT)
		return 0;
	buf_add(&s->text, ev->s, ev->n);
	if (s->goes_out)
		call_gone_out(s->call);
	if (s->stop_inside) {
		err_set(&e, ERR_IO, "full");
		call_stop(s->call, &e);
	}
	return s->stop_at_text || s->stop_inside;
}

static int
on_read(void *arg)
{
	struct seen *s = arg;

	return s->stop_in_read && s->text.len;
}

static void
on_note(void *arg, const char *line)
{
	struct seen *s = arg;

	s->n_rounds += strncmp(line, "round ", 6) == 0;
}

static void
on_done(void *arg, const struct outcome *o)
{
	struct seen *s = arg;

	s->n_done++;
	s->n_attempt = (int)o->n_attempt;
	s->status = err_status(&o->err);
	s->kind = o->err.kind;
	s->http = o->n_attempt ? o->attempt[o->n_attempt - 1].http : -1;
	strlcpy(s->msg, o->err.msg, sizeof(s->msg));
	strlcpy(s->cause, o->cause ? o->cause : "", sizeof(s->cause));
	strlcpy(s->finish, o->finish ? o->finish : "", sizeof(s->finish));
	strlcpy(s->served, o->served ? o->served->provider->name : "", sizeof(s->served));
	s->usage = o->usage;
	s->ttft_ms = o->ttft_ms;
	s->ms = tm_mono_ms() - s->start_ms;
	if (s->free_in_done) {
		call_free(s->call);
		s->call = NULL;
	}
	loop_stop(s->loop);
}

static void
begin(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop_new(NULL);
	s->client = client_new(s->loop, wire_get, NULL);
}

static void
end(struct seen *s)
{
	call_free(s->call);
	client_free(s->client);
	loop_free(s->loop);
	buf_release(&s->tried);
	buf_release(&s->text);
}

static struct call_spec
spec(struct seen *s, const char *request, const struct candidate *c, size_t n, int64_t rounds)
{
	return (struct call_spec){.request = request,
	    .len = strlen(request),
	    .candidate = c,
	    .n_candidate = n,
	    .rounds = rounds,
	    .connect_ms = 5000,
	    .arg = s,
	    .on_attempt = on_attempt,
	    .on_event = on_event,
	    .on_read = on_read,
	    .on_done = on_done,
	    .on_note = on_note};
}

static void
start(struct seen *s, const struct call_spec *c)
{
	call_free(s->call);
	buf_clear(&s->tried);
	buf_clear(&s->text);
	s->n_done = s->n_rounds = 0;
	s->start_ms = tm_mono_ms();
	s->call = client_start(s->client, c);
}

#define ASK(mock) \
	"{\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}],\"stream\":true,\"mock\":{" mock "}}"
#define PLAIN "{\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}],\"stream\":true}"

/* Runs one call to its end. */
static void
run(struct seen *s, const char *request, const struct candidate *c, size_t n, int64_t rounds)
{
	struct call_spec cs = spec(s, request, c, n, rounds);

	start(s, &cs);
	loop_run(s->loop);
}

/* A call on a client of its own: who was tried, and the status. */
static void
walks(const char *request, const struct candidate *c, size_t n, int64_t rounds, const char *tried, int status,
    const char *name)
{
	struct seen s;

	begin(&s);
	run(&s, request, c, n, rounds);
	int ok = tap_ok(strcmp(buf_str(&s.tried), tried) == 0 && s.status == status && s.n_done == 1, "%s", name);
	if (!ok)
		printf("# got:  %s -> %d (%s), done %d\n# want: %s -> %d\n", buf_str(&s.tried), s.status, s.msg,
		    s.n_done, tried, status);
	end(&s);
}

static void
answers(void)
{
	struct seen s;

	begin(&s);
	run(&s, PLAIN, chain, 1, 3);
	tap_is_str(buf_str(&s.text), "one two three", "the mock echoes");
	tap_ok(s.status == 0 && s.n_attempt == 1 && s.http == 200 && s.n_done == 1, "a complete answer in one attempt");
	tap_ok(s.usage.prompt == 3 && s.usage.completion == 3 && strcmp(s.finish, "stop") == 0,
	    "with usage and finish reason");
	tap_ok(s.ttft_ms >= 0 && strcmp(s.served, "p1") == 0, "who served it, and when the first word came");
	end(&s);
	walks(ASK("\"text\":\"\""), chain, 4, 3, "p1 ", 1, "an empty answer is no, and final");
	walks(ASK("\"finish\":\"length\""), chain, 4, 3, "p1 ", 3, "an answer at the limit is 3, and final");
	walks(ASK("\"finish\":\"length\",\"text\":\"\""), chain, 4, 3, "p1 ", 3, "without text too");
	walks(ASK("\"finish\":\"content_filter\""), chain, 4, 3, "p1 ", 4, "a refusal with words is an answer");
	walks(ASK("\"finish\":\"content_filter\",\"text\":\"\""), chain, 4, 3, "p1 p3 p1 ", 4,
	    "an empty refusal asks the other models");
	walks(ASK("\"finish\":\"error\",\"text\":\"\",\"retry_after\":0"), chain, 1, 0, "p1 ", 75,
	    "finish reason error counts as 502");
}

static void
classes(void)
{
	/* worth a round: each candidate, then all again */
	walks(ASK("\"status\":503,\"retry_after\":0"), chain, 1, 0, "p1 ", 75, "503, no rounds");
	walks(ASK("\"status\":503,\"retry_after\":0"), chain, 1, 2, "p1 p1 p1 ", 75, "503, two rounds");
	walks(ASK("\"status\":503,\"retry_after\":0"), chain, 3, 1, "p1 p2 p3 p1 p2 p3 ", 75, "503, three candidates");
	walks(ASK("\"status\":429,\"retry_after\":0"), chain, 2, 1, "p1 p2 p1 p2 ", 75, "429");
	walks(ASK("\"status\":408,\"retry_after\":0"), chain, 2, 1, "p1 p2 p1 p2 ", 75, "408");
	walks(ASK("\"status\":409,\"retry_after\":0"), chain, 2, 1, "p1 p2 p1 p2 ", 75, "409");
	walks(ASK("\"status\":425,\"retry_after\":0"), chain, 2, 1, "p1 p2 p1 p2 ", 75, "425");
	walks(ASK("\"status\":529,\"retry_after\":0"), chain, 2, 1, "p1 p2 p1 p2 ", 75, "529");
	/* the next candidate, once */
	walks(ASK("\"status\":401"), chain, 3, 5, "p1 p2 p3 ", 77, "401");
	walks(ASK("\"status\":402"), chain, 3, 5, "p1 p2 p3 ", 6, "402");
	walks(ASK("\"status\":403"), chain, 3, 5, "p1 p2 p3 ", 77, "403");
	walks(ASK("\"status\":404"), chain, 3, 5, "p1 p2 p3 ", 69, "404");
	walks(ASK("\"status\":501"), chain, 3, 5, "p1 p2 p3 ", 69, "501");
	walks(ASK("\"status\":302"), chain, 3, 5, "p1 p2 p3 ", 69, "a redirect");
	/* another model only */
	walks(ASK("\"status\":400"), chain, 4, 5, "p1 p3 p1 ", 65, "400");
	walks(ASK("\"status\":413"), chain, 2, 5, "p1 ", 65, "413, one model");
	walks(ASK("\"status\":422"), chain, 4, 5, "p1 p3 p1 ", 65, "422");
	walks(ASK("\"status\":451"), chain, 4, 5, "p1 p3 p1 ", 4, "451");
	/* what fails for a while */
	walks(ASK("\"fail_times\":1,\"retry_after\":0"), chain, 2, 0, "p1 p2 ", 0, "the second one answers");
	walks(ASK("\"fail_times\":3,\"retry_after\":0"), chain, 2, 3, "p1 p2 p1 p2 ", 0, "in the second round");
	walks(ASK("\"cut_after\":1,\"fail_times\":2"), chain, 3, 0, "p1 p2 p3 ", 0,
	    "a cut before anything went out is like a failure");
	walks(ASK("\"cut_after\":0,\"retry_after\":0"), chain, 2, 0, "p1 p2 ", 75, "an empty answer that was cut");
}

static void
other_candidates(void)
{
	const struct candidate a[] = {{&refused, echo, echo, 0, 0, NULL}, {&p1, echo, echo, 0, 0, NULL}};
	const struct candidate b[] = {{&keyless, echo, echo, 0, 0, NULL}, {&p1, echo, echo, 0, 0, NULL}};
	const struct candidate c[] = {{&p1, nope, nope, 0, 0, NULL}, {&p2, echo, echo, 0, 0, NULL}};
	const struct candidate d[] = {{&unbuilt, echo, echo, 0, 0, NULL}, {&p1, echo, echo, 0, 0, NULL}};

	walks(PLAIN, a, 2, 0, "refused p1 ", 0, "a refused port");
	walks(PLAIN, a, 1, 1, "refused refused ", 69, "a refused port is worth a round");
	walks(PLAIN, b, 2, 0, "keyless p1 ", 0, "no key");
	walks(PLAIN, b, 1, 3, "keyless ", 78, "no key and nobody else");
	walks(PLAIN, c, 2, 0, "p1 p2 ", 0, "no such model");
	walks(PLAIN, c, 1, 3, "p1 ", 69, "no such model anywhere");
	walks(PLAIN, d, 2, 3, "unbuilt p1 ", 0, "a wire that has no such calls");
	walks("{\"messages\":[", chain, 2, 3, "", 65, "a request that isn't JSON");
	walks("{\"a\":1,\"a\":2}", chain, 2, 3, "", 65, "a request with a key twice");
	walks(ASK("\"text\":\"x\""), a, 2, 3, "", 65, "`mock` isn't for real providers");
	walks(ASK("\"nonsense\":1"), chain, 2, 3, "p1 ", 65, "a mock with an unknown key");
}

static void
messages(void)
{
	struct seen s;

	begin(&s);
	run(&s, ASK("\"status\":503,\"retry_after\":0"), chain, 2, 1);
	tap_ok(strncmp(s.msg, "p2: 503 ", 8) == 0 && strstr(s.msg, "(4 attempts)"), "the last error, and how many: %s",
	    s.msg);
	tap_is_int(s.n_attempt, 4, "each is listed");
	tap_is_int(s.n_rounds, 1, "one more round");
	end(&s);
	begin(&s);
	run(&s, ASK("\"status\":429,\"retry_after\":75"), chain, 1, 3);
	tap_ok(strstr(s.msg, "retry in 75 s") && !strstr(s.msg, "attempts"), "when to try again: %s", s.msg);
	end(&s);
	begin(&s);
	run(&s, ASK("\"finish\":\"content_filter\",\"text\":\"\""), chain, 1, 0);
	tap_is_str(s.served, "", "nobody serves an answer that was refused without a word");
	end(&s);
}

static void
waits(void)
{
	struct seen s;

	begin(&s);
	run(&s, ASK("\"status\":429,\"retry_after\":61"), chain, 1, 3);
	tap_ok(s.n_attempt == 1 && s.status == 75 && s.ms < 1000, "61 s aren't waited for");
	end(&s);

	begin(&s);
	run(&s, ASK("\"fail_times\":1,\"retry_after\":1"), chain, 1, 1);
	tap_ok(
	    s.n_attempt == 2 && s.status == 0 && s.ms >= 990 && s.ms < 4000, "a second is (%lld ms)", (long long)s.ms);
	end(&s);

	begin(&s);
	run(&s, ASK("\"fail_times\":1"), chain, 1, 1);
	tap_ok(s.n_attempt == 2 && s.status == 0 && s.ms >= 240 && s.ms < 2500,
	    "the first backoff is 250 to 500 ms (%lld)", (long long)s.ms);
	end(&s);

	begin(&s);
	struct call_spec c = spec(&s, ASK("\"status\":503,\"retry_after\":20"), chain, 1, 3);
	c.deadline_ms = 10000;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.n_attempt == 1 && s.status == 75 && s.ms < 3000,
	    "a Retry-After past the deadline isn't waited for (%lld ms)", (long long)s.ms);
	end(&s);

	begin(&s);
	c = spec(&s, ASK("\"delay_ms\":10000"), chain, 1, 3);
	c.deadline_ms = 150;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.kind == ERR_DEADLINE && s.status == 75 && s.n_attempt == 1 && s.ms >= 140 && s.ms < 1500,
	    "the deadline ends an attempt");
	end(&s);

	begin(&s);
	c = spec(&s, ASK("\"status\":503"), chain, 1, 50);
	c.deadline_ms = 100;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(
	    s.kind == ERR_DEADLINE && s.n_attempt == 1 && s.ms < 1500 && strstr(s.msg, "503"), "and a wait: %s", s.msg);
	end(&s);
}

/* The provider's row has limits of its own; what was asked for beats them. */
static void
limits(void)
{
	struct seen s;

	begin(&s);
	p1.total_ms = p2.total_ms = 80;
	run(&s, ASK("\"delay_ms\":10000"), chain, 2, 0);
	tap_ok(s.n_attempt == 2 && s.status == 75 && s.ms >= 150 && s.ms < 2000 &&
		strcmp(buf_str(&s.tried), "p1 p2 ") == 0,
	    "total= ends an attempt, and the next one begins (%lld ms)", (long long)s.ms);
	end(&s);

	begin(&s);
	s.goes_out = 1;
	p1.total_ms = 110;
	run(&s, ASK("\"delay_ms\":70"), chain, 2, 3);
	tap_ok(s.n_attempt == 1 && s.status == 3 && strcmp(buf_str(&s.text), "one ") == 0,
	    "in the middle of an answer too: cut short");
	end(&s);
	p1.total_ms = p2.total_ms = 0;

	begin(&s);
	struct call_spec c = spec(&s, ASK("\"delay_ms\":10000"), chain, 1, 0);
	c.idle_ms = 100;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.n_attempt == 1 && s.status == 75 && s.ms >= 90 && s.ms < 2500,
	    "silence over -W ends an attempt (%lld ms)", (long long)s.ms);
	end(&s);

	begin(&s);
	p1.first_ms = p1.idle_ms = 100;
	c = spec(&s, ASK("\"delay_ms\":200,\"text\":\"x\""), chain, 1, 0);
	c.idle_ms = 60000;
	c.idle_set = 1;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.status == 0, "-W beats the row");
	c.idle_set = 0;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.status == 75 && s.ms < 2500, "the row beats the default");
	p1.first_ms = p1.idle_ms = 0;
	end(&s);
}

static void
gone_out(void)
{
	struct seen s;

	begin(&s);
	s.goes_out = 1;
	run(&s, ASK("\"cut_after\":1"), chain, 4, 3);
	tap_ok(s.n_attempt == 1 && s.status == 3 && strcmp(buf_str(&s.text), "one ") == 0,
	    "nothing is retried after a byte went out");
	tap_is_str(s.cause, "temporary", "the cause is named");
	end(&s);

	begin(&s);
	s.goes_out = 1;
	struct call_spec c = spec(&s, ASK("\"delay_ms\":70"), chain, 4, 3);
	c.deadline_ms = 110;
	start(&s, &c);
	loop_run(s.loop);
	tap_ok(s.n_attempt == 1 && s.status == 3 && strcmp(s.cause, "deadline") == 0, "a deadline in the middle");
	end(&s);

	begin(&s);
	s.goes_out = 1;
	run(&s, ASK("\"finish\":\"content_filter\""), chain, 4, 3);
	tap_is_int(s.status, 4, "a filter in the middle is 4");
	end(&s);
}

/* The same client over several calls. */
static void
benches(void)
{
	struct seen s;

	begin(&s);
	run(&s, ASK("\"fail_times\":1"), chain, 2, 0);
	tap_is_str(buf_str(&s.tried), "p1 p2 ", "the first one fails");
	run(&s, PLAIN, chain, 3, 0);
	tap_is_str(buf_str(&s.tried), "p2 ", "and sits on the bench in the next call");
	run(&s, PLAIN, chain, 1, 0);
	tap_ok(strcmp(buf_str(&s.tried), "p1 ") == 0 && s.status == 0 && s.ms < 5000,
	    "where there is nobody else it is tried, at once");
	end(&s);

	begin(&s);
	run(&s, ASK("\"status\":401,\"fail_times\":2"), chain, 3, 0);
	tap_is_str(buf_str(&s.tried), "p1 p2 p3 ", "two keys are rejected");
	run(&s, PLAIN, chain, 4, 0);
	tap_is_str(buf_str(&s.tried), "p3 ", "and benched");
	run(&s, ASK("\"status\":404"), chain, 3, 0);
	tap_is_str(buf_str(&s.tried), "p3 p1 p2 ", "a bench orders candidates, it excludes none");
	end(&s);

	begin(&s);
	run(&s, ASK("\"status\":400"), chain, 1, 0);
	run(&s, PLAIN, chain, 2, 0);
	tap_is_str(buf_str(&s.tried), "p1 ", "a bad request benches nobody");
	end(&s);
}

struct stopper {
	struct seen *s;
	struct loop_timer *timer;
	int frees;
};

static void
stop_now(void *arg)
{
	struct stopper *st = arg;
	struct err e = {0};

	if (st->frees) {
		call_free(st->s->call);
		st->s->call = NULL;
		loop_stop(st->s->loop);
		return;
	}
	err_set(&e, ERR_SIGNAL, "stopped");
	e.sys = 2;
	call_stop(st->s->call, &e);
	call_stop(st->s->call, &e);
}

static void
stopped(const char *request, int64_t after_ms, int frees, int attempts, const char *name)
{
	struct seen s;
	struct stopper st = {&s, NULL, frees};

	begin(&s);
	struct call_spec c = spec(&s, request, chain, 1, 9);
	start(&s, &c);
	st.timer = loop_timer_new(s.loop, stop_now, &st);
	loop_timer_set(st.timer, after_ms);
	loop_run(s.loop);
	if (frees)
		tap_ok(s.n_done == 0, "freed %s: no callback", name);
	else
		tap_ok(s.n_done == 1 && s.status == 130 && s.n_attempt == attempts && s.ms < 2000, "stopped %s", name);
	loop_timer_free(st.timer);
	end(&s);
}

static void
stops(void)
{
	struct seen s;
	struct err e = {0};

	stopped(ASK("\"delay_ms\":10000"), 30, 0, 1, "in an attempt");
	stopped(ASK("\"status\":503"), 60, 0, 1, "in a wait");
	stopped(ASK("\"delay_ms\":10000"), 30, 1, 0, "in an attempt");
	stopped(ASK("\"status\":503"), 60, 1, 0, "in a wait");

	begin(&s);
	struct call_spec c = spec(&s, PLAIN, chain, 1, 0);
	start(&s, &c);
	err_set(&e, ERR_IO, "full");
	call_stop(s.call, &e);
	tap_ok(s.n_done == 1 && s.status == 74 && s.n_attempt == 0 && strcmp(s.msg, "full") == 0,
	    "stopped before it began");
	loop_run(s.loop);
	tap_ok(s.n_done == 1 && s.tried.len == 0, "then nothing is tried");
	end(&s);

	begin(&s);
	run(&s, PLAIN, chain, 1, 0);
	call_stop(s.call, &e);
	tap_ok(s.n_done == 1 && s.status == 0, "stopped when it was over");
	end(&s);

	begin(&s);
	s.stop_at_text = 1;
	run(&s, PLAIN, chain, 2, 3);
	tap_ok(s.n_done == 1 && s.n_attempt == 1 && s.kind == ERR_IO && strcmp(buf_str(&s.text), "one ") == 0,
	    "the consumer has had enough");
	end(&s);

	begin(&s);
	s.stop_in_read = 1;
	run(&s, PLAIN, chain, 2, 3);
	tap_ok(s.n_done == 1 && s.n_attempt == 1 && s.kind == ERR_IO, "after a read");
	end(&s);

	begin(&s);
	s.free_in_done = 1;
	run(&s, ASK("\"status\":401"), chain, 2, 3);
	tap_ok(s.n_done == 1 && s.status == 77, "freed by its own last callback");
	end(&s);
}

/* In a child of its own: where this goes wrong, it goes wrong badly. */
static void
stop_inside(int in_attempt, int times, const char *name)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct seen s;
		begin(&s);
		s.stop_inside = !in_attempt;
		s.stop_in_attempt = in_attempt;
		run(&s, times ? ASK("\"fail_times\":1,\"retry_after\":0") : PLAIN, chain, 2, 3);
		int ok = s.n_done == 1 && s.status == 74 && strcmp(s.msg, "full") == 0;
		if (!ok)
			printf("# done %d, status %d (%s), %d attempts\n", s.n_done, s.status, s.msg, s.n_attempt);
		end(&s);
		fflush(stdout);
		_exit(ok ? 0 : 1);
	}
	tap_ok(waitpid(pid, &status, 0) == pid && status == 0, "call_stop inside of %s ends the call with that error",
	    name);
}

#define MANY 1000

struct many {
	struct loop *loop;
	struct call *call[MANY];
	int n_done, n_good;
};

struct one {
	struct many *all;
	struct buf text;
	char request[300], want[64];
};

static int
one_event(void *arg, const struct event *ev)
{
	struct one *o = arg;

	if (ev->type == EVENT_TEXT)
		buf_add(&o->text, ev->s, ev->n);
	return 0;
}

static void
one_attempt(void *arg, const struct candidate *c)
{
	struct one *o = arg;

	(void)c;
	buf_clear(&o->text);
}

static void
one_done(void *arg, const struct outcome *o)
{
	struct one *one = arg;

	one->all->n_good += o->err.kind == ERR_NONE && strcmp(buf_str(&one->text), one->want) == 0;
	if (++one->all->n_done == MANY)
		loop_stop(one->all->loop);
}

static void
many(void)
{
	static struct one one[MANY];
	static struct many m;
	int64_t start_ms = tm_mono_ms();

	m.loop = loop_new(NULL);
	struct client *client = client_new(m.loop, wire_get, NULL);
	for (int i = 0; i < MANY; i++) {
		one[i].all = &m;
		char want[sizeof(one[i].want)];
		snprintf(want, sizeof(want), "call number %d here", i);
		strlcpy(one[i].want, want, sizeof(one[i].want));
		snprintf(one[i].request, sizeof(one[i].request),
		    "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"stream\":%s,\"mock\":{\"delay_ms\":%d,\"fail_times\":%d,\"retry_after\":0}}",
		    want, i % 3 ? "true" : "false", i % 5, i % 2);
		struct call_spec c = {.request = one[i].request,
		    .len = strlen(one[i].request),
		    .candidate = chain,
		    .n_candidate = 3,
		    .rounds = 2,
		    .arg = one + i,
		    .on_attempt = one_attempt,
		    .on_event = one_event,
		    .on_done = one_done};
		m.call[i] = client_start(client, &c);
	}
	loop_run(m.loop);
	tap_is_int(m.n_done, MANY, "a thousand calls on one loop come to their end");
	tap_is_int(m.n_good, MANY, "each with its own answer");
	tap_ok(tm_mono_ms() - start_ms < 20000, "side by side (%lld ms)", (long long)(tm_mono_ms() - start_ms));
	for (int i = 0; i < MANY; i++) {
		call_free(m.call[i]);
		buf_release(&one[i].text);
	}
	client_free(client);
	loop_free(m.loop);
}

int
main(void)
{
	set_up();
	answers();
	classes();
	other_candidates();
	messages();
	waits();
	limits();
	gone_out();
	benches();
	stops();
	stop_inside(0, 0, "on_event");
	stop_inside(0, 1, "on_event of the second attempt");
	stop_inside(1, 0, "on_attempt");
	many();
	tear_down();
	return tap_done();
}
