/* SPDX-License-Identifier: ISC */
#include "chat_args.h"

#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "err.h"
#include "mem.h"
#include "out.h"
#include "str.h"

#define DEFAULT_RETRIES 3
#define DEFAULT_SCHEMA_RETRIES 2
#define DEFAULT_IDLE_MS 300000
#define DEFAULT_CONNECT_MS 10000
#define DEFAULT_MAX_INPUT (64ULL * 1024 * 1024)

enum { MAX_INPUT = 256, SCHEMA_RETRIES, CONNECT_TIMEOUT, LOSSY, PROMPT_CACHE, SEED, TAG, DUMP };

const struct opt chat_options[] = {
    {'m', "model", OPT_MODEL, "chain", "the model, or a list of them to fall back on"},
    {'s', "system", OPT_TEXT, "text", "system message"},
    {'S', "system-file", OPT_FILE, "file", "system message from a file"},
    {'f', "file", OPT_FILE, "file", "add a file to the prompt, as text (repeatable)"},
    {'a', "attach", OPT_FILE, "[type:]file", "attach an image, audio, video or document, or a URL (repeatable)"},
    {'O', "option", OPT_TEXT, "key=value", "set a field of the request; dots nest (repeatable)"},
    {'j', "schema", OPT_TEXT, "fields", "answer as JSON: \"name, age int\", or a JSON Schema"},
    {'J', "schema-file", OPT_FILE, "file", "the same from a file"},
    {SCHEMA_RETRIES, "schema-retries", OPT_NUMBER, "n", "ask again so often when the answer doesn't fit (2)"},
    {'x', "extract", OPT_NONE, NULL, "print the first fenced block alone"},
    {'X', "extract-lang", OPT_TEXT, "language", "print the first fenced block of this language alone"},
    {'c', "conversation", OPT_FILE, "file", "go on with the conversation in this file"},
    {'F', "format", OPT_WORDS, "text|raw|json|ndjson|sse|tsv", "form of the output (text)"},
    {'o', "output", OPT_FILE, "file", "write there; renamed into place when complete"},
    {'M', "meta", OPT_FILE, "file", "append one JSON line about the call"},
    {'b', "provider", OPT_PROVIDER, "name", "only this provider"},
    {'p', "max-price", OPT_TEXT, "in[,out]", "at most so many dollars per million tokens"},
    {'R', "effort", OPT_WORDS, "none|minimal|low|medium|high|xhigh|max", "reasoning effort"},
    {'r', "retries", OPT_NUMBER, "n", "rounds of retries (3)"},
    {'w', "deadline", OPT_TIME, "time", "for everything (none)"},
    {'W', "timeout", OPT_TIME, "time", "for the first byte, and between bytes (300 s)"},
    {CONNECT_TIMEOUT, "connect-timeout", OPT_TIME, "time", "for the connection (10 s)"},
    {'n', "dry-run", OPT_NONE, NULL, "print the request and send nothing"},
    {'i', "request", OPT_NONE, NULL, "standard input is a request, as -n prints it"},
    {'N', "no-stdin", OPT_NONE, NULL, "leave standard input alone"},
    {'8', "utf8", OPT_NONE, NULL, "refuse input that is not UTF-8"},
    {MAX_INPUT, "max-input", OPT_NUMBER, "size", "refuse more input than this (64Mi)"},
    {LOSSY, "lossy", OPT_NONE, NULL, "leave out content that the provider can't take"},
    {PROMPT_CACHE, "prompt-cache", OPT_WORDS, "yes|no", "have the prompt cached, or don't (where it comes again)"},
    {SEED, "seed", OPT_NUMBER, "n", "seed for sampling"},
    {'B', "budget", OPT_TEXT, "usd", "spend at most so many dollars in this run"},
    {TAG, "tag", OPT_TEXT, "name", "name for the ledger, rules and budgets"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "tell on stderr what happens; show reasoning"},
    {'h', "help", OPT_NONE, NULL, "print this"},
    {'V', "version", OPT_NONE, NULL, "print the version"},
    /* known to the contract, and refused until they work */
    {'T', "tool", OPT_TEXT, "command", NULL},
    {'g', "record", OPT_DIR, "dir", NULL},
    {'G', "replay", OPT_DIR, "dir", NULL},
    {DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0},
};

static void
add(struct strings *s, const char *v)
{
	s->v = mem_grow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = (char *)(uintptr_t)v;
}

static int
bad(const struct opts *o, const char *what, struct err *e)
{
	if (o->now->c < 256)
		return err_set(e, ERR_USAGE, "-%c %s: %s", o->now->c, o->arg, what);
	return err_set(e, ERR_USAGE, "--%s %s: %s", o->now->name, o->arg, what);
}

static int
take_time(const struct opts *o, int64_t *ms, struct err *e)
{
	if (str_time_ms(o->arg, ms) || *ms == 0)
		return bad(o, "not a time (seconds, or 500ms 2m 1h)", e);
	return 0;
}

static int
take_count(const struct opts *o, int64_t min, int64_t max, int64_t *n, struct err *e)
{
	return str_int(o->arg, min, max, n) ? bad(o, "not a whole number in its range", e) : 0;
}

/* Options whose value has to be understood. */
static int
take_value(struct chat_args *a, const struct opts *o, struct err *e)
{
	switch (o->now->c) {
	case 'F':
		a->form = (enum render_form)render_form(o->arg);
		return 0;
	case 'p':
		return price_parse_pair(o->arg, 1, &a->max_prompt, &a->max_completion)
		    ? bad(o, "not a price (dollars per million tokens: 0.5 or 0.5,1.5)", e)
		    : 0;
	case 'B':
		return price_parse_pusd(o->arg, strlen(o->arg), &a->budget_pusd)
		    ? bad(o, "not an amount of dollars (0.5)", e)
		    : 0;
	case 'r':
		return take_count(o, 0, 1000, &a->retries, e);
	case SCHEMA_RETRIES:
		return take_count(o, 0, 30, &a->schema_retries, e);
	case SEED:
		a->has_seed = 1;
		return take_count(o, INT64_MIN, INT64_MAX, &a->seed, e);
	case 'w':
		return take_time(o, &a->deadline_ms, e);
	case 'W':
		a->idle_set = 1;
		return take_time(o, &a->idle_ms, e);
	case CONNECT_TIMEOUT:
		a->connect_set = 1;
		return take_time(o, &a->connect_ms, e);
	case PROMPT_CACHE:
		a->caching = strcmp(o->arg, "yes") == 0 ? CACHING_YES : CACHING_NO;
		return 0;
	case MAX_INPUT:
		return str_size(o->arg, &a->max_input) || a->max_input > SIZE_MAX / 4
		    ? bad(o, "not a size (bytes, or 10k 64Mi 1G)", e)
		    : 0;
	default:
		return err_set(e, ERR_USAGE, "--%s is not in this version", o->now->name);
	}
}

/* Options that are only remembered. 0: it is none of them. */
static int
take_plain(struct chat_args *a, const struct opts *o)
{
	const struct {
		int c;
		const char **text;
		int *flag;
		struct strings *list;
	} plain[] = {
	    {'m', &a->model, NULL, NULL},
	    {'s', &a->system, NULL, NULL},
	    {'S', &a->system_file, NULL, NULL},
	    {'j', &a->schema, NULL, NULL},
	    {'J', &a->schema_file, NULL, NULL},
	    {'X', &a->lang, &a->extract, NULL},
	    {'c', &a->conversation, NULL, NULL},
	    {'o', &a->output, NULL, NULL},
	    {'M', &a->meta, NULL, NULL},
	    {'b', &a->provider, NULL, NULL},
	    {'R', &a->effort, NULL, NULL},
	    {TAG, &a->tag, NULL, NULL},
	    {'f', NULL, NULL, &a->file},
	    {'a', NULL, NULL, &a->attach},
	    {'O', NULL, NULL, &a->option},
	    {'x', NULL, &a->extract, NULL},
	    {'n', NULL, &a->dry_run, NULL},
	    {'i', NULL, &a->request, NULL},
	    {'N', NULL, &a->no_stdin, NULL},
	    {'8', NULL, &a->strict_utf8, NULL},
	    {LOSSY, NULL, &a->lossy, NULL},
	    {'q', NULL, &a->quiet, NULL},
	    {'v', NULL, &a->verbose, NULL},
	    {'h', NULL, &a->help, NULL},
	    {'V', NULL, &a->version, NULL},
	    {DUMP, NULL, &a->dump, NULL},
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (plain[i].c != o->now->c)
			continue;
		if (plain[i].text)
			*plain[i].text = o->arg;
		if (plain[i].flag)
			*plain[i].flag = 1;
		if (plain[i].list)
			add(plain[i].list, o->arg);
		return 1;
	}
	return 0;
}

int
chat_args_is_stdin(const struct attach_spec *s)
{
	return !s->is_url && strcmp(s->name, "-") == 0;
}

/* How many options read standard input for something that is no part of the prompt. */
static size_t
count_taken(const struct chat_args *a)
{
	size_t n = (size_t)a->request;
	struct attach_spec s;

	n += a->system_file && strcmp(a->system_file, "-") == 0;
	n += a->schema_file && strcmp(a->schema_file, "-") == 0;
	for (size_t i = 0; i < a->attach.n; i++)
		n += attach_parse(&s, a->attach.v[i], NULL) == 0 && chat_args_is_stdin(&s);
	return n;
}

/* Which options exclude each other, and how often "-" claims standard input. */
static int
check(struct chat_args *a, struct err *e)
{
	size_t claims = 0;

	if (a->system && a->system_file)
		return err_set(e, ERR_USAGE, "-s and -S both give the system message");
	if (a->schema && a->schema_file)
		return err_set(e, ERR_USAGE, "-j and -J both give the schema");
	if (a->extract && (a->schema || a->schema_file))
		return err_set(e, ERR_USAGE, "-x and -j both decide what is printed");
	if (a->extract && a->form != RENDER_TEXT && a->form != RENDER_RAW)
		return err_set(e, ERR_USAGE, "-x prints a block of text: -F doesn't go with it");
	if (a->conversation && a->request)
		return err_set(e, ERR_USAGE, "-c and -i both give the messages");
	if (out_same_file(a->output, a->meta) || out_same_file(a->output, a->conversation) ||
	    out_same_file(a->meta, a->conversation))
		return err_set(e, ERR_USAGE, "two of -o, -M and -c name the same file");
	if (a->meta && strcmp(a->meta, "-") == 0)
		return err_set(e, ERR_USAGE, "-M -: standard output is the answer's; say a file, or /dev/stderr");
	for (size_t i = 0; i < a->n_operand; i++) {
		if (!*a->operand[i])
			return err_set(e, ERR_USAGE, "an operand is empty (an unset variable?)");
		claims += strcmp(a->operand[i], "-") == 0;
	}
	for (size_t i = 0; i < a->file.n; i++)
		claims += strcmp(a->file.v[i], "-") == 0;
	claims += a->n_taken = count_taken(a);
	if (claims > 1)
		return err_set(e, ERR_USAGE, "standard input is asked for %zu times", claims);
	if (claims && a->no_stdin)
		return err_set(e, ERR_USAGE, "-N leaves standard input alone, but something else reads it");
	return 0;
}

int
chat_args_parse(struct chat_args *a, int argc, char **argv, struct err *e)
{
	struct opts o;
	int c;

	*a = (struct chat_args){.retries = DEFAULT_RETRIES,
	    .schema_retries = DEFAULT_SCHEMA_RETRIES,
	    .idle_ms = DEFAULT_IDLE_MS,
	    .connect_ms = DEFAULT_CONNECT_MS,
	    .max_input = DEFAULT_MAX_INPUT,
	    .budget_pusd = PUSD_UNKNOWN,
	    .max_prompt = PRICE_UNKNOWN,
	    .max_completion = PRICE_UNKNOWN};
	opt_init(&o, chat_options, argc, argv);
	while ((c = opt_next(&o, e)) > 0) {
		if (!take_plain(a, &o) && take_value(a, &o, e))
			return -1;
		if (a->help || a->version || a->dump)
			return 0;
	}
	if (c < 0 || opt_check_operands(&o, e))
		return -1;
	a->operand = argv + o.i;
	a->n_operand = (size_t)(argc - o.i);
	return check(a, e);
}

void
chat_args_help(struct buf *b)
{
	opt_help(b, chat_options, "or-chat [option ...] [prompt ...]");
}

void
chat_args_release(struct chat_args *a)
{
	free(a->file.v);
	free(a->attach.v);
	free(a->option.v);
}
