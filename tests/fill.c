/* SPDX-License-Identifier: ISC */
/*
 * fill: puts calls into a ledger, as the tools that make calls do.
 *
 *	fill PATH <LINES
 *
 * Lines are words "name=value" behind "call" or "attempt"; an attempt belongs to the call above it. What isn't said is unknown or empty:
 *
 *	call id= at=MS tool= tag= session= model= provider= endpoint= key= answer= finish= status= error= ttft= ms=
 *	     client= client_id=
 *	attempt model= provider= endpoint= key= http= error= blamed= ttft= ms= prompt= completion= cached= reasoning= cost=USD source=WORD
 *
 * at counts from 1970. A call takes model, provider, endpoint, key, ttft and ms from its last attempt, where it doesn't say.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "ledger.h"
#include "mem.h"

#define MAX_ATTEMPTS 16

struct fill {
	struct ledger *l;
	struct ledger_call call;
	struct ledger_attempt a[MAX_ATTEMPTS];
	size_t n;
	int any;
	char *line[MAX_ATTEMPTS + 1]; /* owned: what the texts above point into */
	size_t n_line;
};

static int64_t
number(const char *s)
{
	return strtoll(s, NULL, 10);
}

static void
put(struct fill *f)
{
	struct ledger_call *c = &f->call;
	const struct ledger_attempt *last = f->n ? &f->a[f->n - 1] : NULL;
	struct err e = {0};

	if (!f->any)
		return;
	if (last) {
		c->model = c->model ? c->model : last->model;
		c->provider = c->provider ? c->provider : last->provider;
		c->endpoint = c->endpoint ? c->endpoint : last->endpoint;
		c->key = c->key ? c->key : last->key;
		c->ttft_ms = c->ttft_ms >= 0 ? c->ttft_ms : last->ttft_ms;
		c->ms = c->ms >= 0 ? c->ms : last->ms;
	}
	if (ledger_settle(f->l, 0, c, f->a, 0, f->n, &e))
		errx(1, "%s", e.msg);
	f->any = 0;
}

static void
set_call(struct fill *f, const char *name, const char *value)
{
	struct ledger_call *c = &f->call;
	const struct {
		const char *name;
		const char **at;
	} texts[] = {{"id", &c->id}, {"tool", &c->tool}, {"tag", &c->tag}, {"session", &c->session},
	    {"model", &c->model}, {"provider", &c->provider}, {"endpoint", &c->endpoint}, {"key", &c->key},
	    {"answer", &c->answer_id}, {"finish", &c->finish}, {"error", &c->error}, {"client", &c->client}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].at = value;
			return;
		}
	if (strcmp(name, "at") == 0)
		c->started_ms = number(value);
	else if (strcmp(name, "status") == 0)
		c->status = (int)number(value);
	else if (strcmp(name, "client_id") == 0)
		c->client_id = number(value);
	else if (strcmp(name, "ttft") == 0)
		c->ttft_ms = number(value);
	else if (strcmp(name, "ms") == 0)
		c->ms = number(value);
	else
		errx(1, "call %s?", name);
}

static enum ledger_source
source(const char *word)
{
	for (enum ledger_source s = COST_UNKNOWN; s <= COST_RESERVED; s++)
		if (strcmp(ledger_source(s), word) == 0)
			return s;
	errx(1, "source %s?", word);
}

static void
set_attempt(struct ledger_attempt *a, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **at;
	} texts[] = {{"model", &a->model}, {"provider", &a->provider}, {"endpoint", &a->endpoint}, {"key", &a->key},
	    {"error", &a->error}};
	const struct {
		const char *name;
		int64_t *at;
	} numbers[] = {{"ttft", &a->ttft_ms}, {"ms", &a->ms}, {"prompt", &a->prompt}, {"completion", &a->completion},
	    {"cached", &a->cached}, {"reasoning", &a->reasoning}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].at = value;
			return;
		}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].at = number(value);
			return;
		}
	if (strcmp(name, "http") == 0)
		a->http = (int)number(value);
	else if (strcmp(name, "blamed") == 0)
		a->blamed = 1;
	else if (strcmp(name, "source") == 0)
		a->source = source(value);
	else if (strcmp(name, "cost") == 0 && price_parse_pusd(value, strlen(value), &a->cost_pusd) == 0)
		a->source = a->source == COST_UNKNOWN ? COST_REPORTED : a->source;
	else
		errx(1, "attempt %s?", name);
}

static struct ledger_attempt *
next_attempt(struct fill *f)
{
	struct ledger_attempt *a = &f->a[f->n++];

	*a = (struct ledger_attempt){.started_ms = f->call.started_ms,
	    .reserved_pusd = PUSD_UNKNOWN,
	    .ttft_ms = -1,
	    .ms = -1,
	    .prompt = -1,
	    .completion = -1,
	    .cached = -1,
	    .cache_write = -1,
	    .reasoning = -1,
	    .cost_pusd = PUSD_UNKNOWN};
	return a;
}

static void
begin_call(struct fill *f)
{
	put(f);
	while (f->n_line)
		free(f->line[--f->n_line]);
	f->call = (struct ledger_call){.id = "gen-test", .tool = "or-chat", .ttft_ms = -1, .ms = -1};
	f->n = 0;
	f->any = 1;
}

/* The words of a line stay where they are until the next call. */
static void
take_line(struct fill *f, const char *text)
{
	struct ledger_attempt *a = NULL;
	char *line = xstrdup(text), *rest = line, *value, *word = strsep(&rest, " \n");

	if (!*word || *word == '#') {
		free(line);
		return;
	}
	if (strcmp(word, "call") == 0)
		begin_call(f);
	else if (strcmp(word, "attempt") == 0 && f->any && f->n < MAX_ATTEMPTS)
		a = next_attempt(f);
	else
		errx(1, "%s?", word);
	f->line[f->n_line++] = line;
	while ((word = strsep(&rest, " \n")) != NULL) {
		if (!*word)
			continue;
		value = strchr(word, '=');
		if (!value)
			errx(1, "%s?", word);
		*value++ = '\0';
		if (a)
			set_attempt(a, word, value);
		else
			set_call(f, word, value);
	}
}

int
main(int argc, char **argv)
{
	struct fill f = {.any = 0};
	struct err e = {0};
	char *warning = NULL, *line = NULL;
	size_t cap = 0;

	if (argc != 2)
		errx(64, "usage: fill path");
	if (ledger_open(&f.l, argv[1], LEDGER_WRITE, &warning, &e))
		errx(1, "%s", e.msg);
	while (getline(&line, &cap, stdin) > 0)
		take_line(&f, line);
	begin_call(&f); /* puts the last one */
	free(line);
	free(warning);
	ledger_tidy(f.l);
	ledger_close(f.l);
	return 0;
}
