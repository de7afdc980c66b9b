/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "opt.h"
#include "price.h"
#include "serve.h"
#include "str.h"

#define USAGE "or-serve [option ...] [[--] command [argument ...]]"
#define TARGET_BYTES 8192 /* of a request's line at most, however large its head may be */

enum {
	WORKERS = 256,
	CONNECT_TIMEOUT,
	TAG,
	LOSSY,
	CHECK,
	MAX_HEAD,
	MAX_BODY,
	MAX_CONNECTIONS,
	MAX_REQUESTS,
	MAX_MEMORY,
	CACHE_SIZE,
	HEAD_TIMEOUT,
	IDLE_TIMEOUT,
	COMMENT_AFTER,
	CORS,
	DUMP
};

static const struct opt table[] = {
    {'l', "listen", OPT_TEXT, "address", "host:port, port, or /path of a socket (127.0.0.1:8787)"},
    {WORKERS, "workers", OPT_NUMBER, "count", "so many processes (1)"},
    {'B', "budget", OPT_TEXT, "usd", "the command may spend so many dollars"},
    {'r', "retries", OPT_NUMBER, "count", "rounds of retries after the first (3)"},
    {'w', "deadline", OPT_TIME, "time", "of a call (600)"},
    {'W', "timeout", OPT_TIME, "time", "of silence from a provider (300)"},
    {CONNECT_TIMEOUT, "connect-timeout", OPT_TIME, "time", "for connecting to a provider (10)"},
    {TAG, "tag", OPT_TEXT, "name", "what the calls are for (OR_TAG)"},
    {LOSSY, "lossy", OPT_NONE, NULL, "drop what a provider's format can't carry"},
    {CHECK, "check", OPT_NONE, NULL, "only look whether the tables are well"},
    {'F', "format", OPT_WORDS, "text|json", "form of the log"},
    {MAX_HEAD, "max-head", OPT_NUMBER, "size", "of a request (64Ki)"},
    {MAX_BODY, "max-body", OPT_NUMBER, "size", "of a request (64Mi)"},
    {MAX_CONNECTIONS, "max-connections", OPT_NUMBER, "count", "at the same time (10000)"},
    {MAX_REQUESTS, "max-requests", OPT_NUMBER, "count", "on one connection (no limit)"},
    {MAX_MEMORY, "max-memory", OPT_NUMBER, "size", "of all bodies that are held (1Gi)"},
    {CACHE_SIZE, "cache-size", OPT_NUMBER, "size", "of answers that are kept for those who ask for that (64Mi)"},
    {HEAD_TIMEOUT, "head-timeout", OPT_TIME, "time", "until a request's head is there (10)"},
    {IDLE_TIMEOUT, "idle-timeout", OPT_TIME, "time", "between requests; of a client that stalls (60)"},
    {COMMENT_AFTER, "comment-after", OPT_TIME, "time", "a stream that waits so long says so (10)"},
    {CORS, "cors", OPT_TEXT, "origin", "pages of this origin may ask"},
    {'q', "quiet", OPT_NONE, NULL, "no line for each request"},
    {'v', "verbose", OPT_NONE, NULL, "tell what happens"},
    {'h', "help", OPT_NONE, NULL, "print this"},
    {'V', "version", OPT_NONE, NULL, "print the version"},
    {DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

/* Options that are a number: its place in struct serve_args. */
static const struct number {
	int c;
	enum { TIME, SIZE, COUNT } kind;
	size_t at, width;
	uint64_t min, max;
} numbers[] = {
#define FIELD(field) offsetof(struct serve_args, field), sizeof(((struct serve_args *)0)->field)
#define AT(field) FIELD(s.app.field)
    {'w', TIME, AT(deadline_ms), 1, INT64_MAX},
    {'W', TIME, AT(idle_ms), 1, INT64_MAX},
    {CONNECT_TIMEOUT, TIME, AT(connect_ms), 1, INT64_MAX},
    {HEAD_TIMEOUT, TIME, AT(limits.head_ms), 1, INT64_MAX},
    {IDLE_TIMEOUT, TIME, AT(limits.idle_ms), 1, INT64_MAX},
    {COMMENT_AFTER, TIME, AT(comment_ms), 1, INT64_MAX},
    {WORKERS, COUNT, FIELD(s.workers), 1, SUPERVISOR_MAX_WORKERS},
    {'r', COUNT, AT(rounds), 0, 1000},
    {MAX_REQUESTS, SIZE, AT(limits.requests), 0, UINT64_MAX},
    {MAX_CONNECTIONS, SIZE, AT(limits.connections), 1, 1000000},
    {MAX_HEAD, SIZE, AT(limits.http.head_bytes), 256, 16 * 1024 * 1024},
    {MAX_BODY, SIZE, AT(limits.http.body_bytes), 1, UINT32_MAX},
    {MAX_MEMORY, SIZE, AT(limits.held_bytes), 1, INT64_MAX},
    {CACHE_SIZE, SIZE, AT(cache_bytes), 0, UINT32_MAX},
};

static int
bad(const struct opts *o, const char *what, struct err *e)
{
	if (o->now->c < 256)
		return err_set(e, ERR_USAGE, "-%c %s: %s", o->now->c, o->arg, what);
	return err_set(e, ERR_USAGE, "--%s %s: %s", o->now->name, o->arg, what);
}

static void
set_number(char *at, size_t width, uint64_t n)
{
	const uint32_t narrow = (uint32_t)n; /* size_t, where it is one */

	if (width == sizeof(n))
		memcpy(at, &n, sizeof(n));
	else
		memcpy(at, &narrow, sizeof(narrow));
}

static int
take_number(struct serve_args *a, const struct number *n, const struct opts *o, struct err *e)
{
	uint64_t size = 0;
	int64_t value = 0;

	if (n->kind == TIME && (str_time_ms(o->arg, &value) || value == 0))
		return bad(o, "not a time (seconds, or 500ms 2m 1h)", e);
	if (n->kind == COUNT && str_int(o->arg, (int64_t)n->min, (int64_t)n->max, &value))
		return bad(o, "not a whole number in its range", e);
	if (n->kind == SIZE && (str_size(o->arg, &size) || size < n->min || size > n->max))
		return bad(o, "not a size in its range (a number, or 10k 64Mi 1G)", e);
	if (n->kind != SIZE)
		size = (uint64_t)value;
	set_number((char *)a + n->at, n->width, size);
	return 0;
}

/* As a browser writes one: it is compared byte for byte. */
static int
take_origin(struct serve_args *a, const struct opts *o, struct err *e)
{
	const char *host = strstr(o->arg, "://");

	if (!host || host == o->arg || !host[3] || strpbrk(host + 3, "/?#*"))
		return bad(o, "not an origin (https://example.com)", e);
	a->s.app.cors = o->arg;
	return 0;
}

static int
take_text(struct serve_args *a, const struct opts *o, struct err *e)
{
	struct app_options *app = &a->s.app;

	switch (o->now->c) {
	case 'l':
		a->s.listen = o->arg;
		return 0;
	case TAG:
		app->tag = o->arg;
		return 0;
	case CORS:
		return take_origin(a, o, e);
	case 'F':
		a->s.log_json = strcmp(o->arg, "json") == 0;
		return 0;
	default: /* 'B' */
		return price_parse_pusd(o->arg, strlen(o->arg), &app->run_limit_pusd)
		    ? bad(o, "not an amount of dollars (0.5)", e)
		    : 0;
	}
}

static int
take_flag(struct serve_args *a, int c)
{
	switch (c) {
	case LOSSY:
		a->s.app.lossy = 1;
		return 1;
	case CHECK:
		a->s.check = 1;
		return 1;
	case 'q':
		a->s.quiet = 1;
		return 1;
	case 'v':
		a->verbose = 1;
		return 1;
	case 'h':
	case 'V':
	case DUMP:
		a->about = c;
		return 1;
	default:
		return 0;
	}
}

static int
take_option(struct serve_args *a, const struct opts *o, struct err *e)
{
	int c = o->now->c;

	a->s.app.idle_set |= c == 'W';
	a->s.app.connect_set |= c == CONNECT_TIMEOUT;
	if (take_flag(a, c))
		return 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (numbers[i].c == c)
			return take_number(a, &numbers[i], o, e);
	return take_text(a, o, e);
}

/* What limits have no option of their own, or follow from others. */
static void
derive(struct serve_args *a)
{
	struct conns_limits *l = &a->s.app.limits;

	l->http.target_bytes = l->http.head_bytes < TARGET_BYTES ? l->http.head_bytes : TARGET_BYTES;
	l->body_ms = l->write_ms = l->idle_ms;
	a->s.drain_ms = a->s.app.deadline_ms;
}

static int
take_command(struct serve_args *a, const struct opts *o, struct err *e)
{
	if (o->i < o->argc) {
		a->s.command = o->argv + o->i;
		if (!**a->s.command)
			return err_set(e, ERR_USAGE, "the command is empty (an unset variable?)");
		if (a->s.check)
			return err_set(e, ERR_USAGE, "--check runs no command");
	} else if (a->s.app.run_limit_pusd != PUSD_UNKNOWN) {
		return err_set(e, ERR_USAGE, "-B is a command's; or-key new --limit is for keys");
	}
	derive(a);
	return 0;
}

int
serve_args_parse(struct serve_args *a, int argc, char **argv, struct err *e)
{
	struct opts o;
	int c;

	*a = (struct serve_args){.s = {.workers = 1,
				     .app = {.deadline_ms = 600000,
					 .idle_ms = 300000,
					 .connect_ms = 10000,
					 .rounds = 3,
					 .comment_ms = 10000,
					 .cache_bytes = 64 * 1024 * 1024,
					 .tag = conf_env("OR_TAG"),
					 .run_limit_pusd = PUSD_UNKNOWN,
					 .limits = {.http = {.head_bytes = 64 * 1024, .body_bytes = 64 * 1024 * 1024},
					     .connections = 10000,
					     .head_ms = 10000,
					     .idle_ms = 60000,
					     .held_bytes = 1024 * 1024 * 1024}}}};
	opt_init(&o, table, argc, argv);
	while (!a->about && (c = opt_next(&o, e)) != 0)
		if (c < 0 || take_option(a, &o, e))
			return -1;
	return a->about ? 0 : take_command(a, &o, e);
}

void
serve_args_about(const struct serve_args *a, struct buf *b)
{
	if (a->about == 'h')
		opt_help(b, table, USAGE);
	else if (a->about == 'V')
		buf_adds(b, "or-serve " OR_VERSION "\n");
	else
		opt_dump(b, table);
}
