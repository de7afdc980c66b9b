/* SPDX-License-Identifier: ISC */
#include "embed_args.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "opt.h"
#include "str.h"

#define USAGE "or-embed [option ...] [file ...]\n       or-embed -Q query [option ...] [vectors]"

enum { NDJSON = 256, SPLIT, MAX_TOKENS, CACHE, MAX_INPUT, CONNECT_TIMEOUT, TAG, DUMP };

static const struct opt table[] = {
    {'m', "model", OPT_MODEL, "model", "the model (OR_EMBED_MODEL)"},
    {'b', "provider", OPT_PROVIDER, "name", "only this provider"},
    {'d', "dimensions", OPT_NUMBER, "n", "of the vectors, where the model can vary them"},
    {'F', "format", OPT_WORDS, VECOUT_FORMS, "form of the output (ndjson; with -Q tsv)"},
    {'o', "output", OPT_FILE, "file", "write there; renamed into place when complete"},
    {'0', "null", OPT_NONE, NULL, "records end in NUL, not in a newline"},
    {'I', "ids", OPT_NONE, NULL, "each record is an id, a tab and the text"},
    {NDJSON, "ndjson", OPT_NONE, NULL, "each line is JSON: a string, or an object with text and id"},
    {'P', "parallel", OPT_NUMBER, "n", "requests in flight (4)"},
    {'Z', "batch", OPT_NUMBER, "n", "texts in a request (128, or what the provider takes)"},
    {SPLIT, "split", OPT_NONE, NULL, "cut a text that is too long into pieces: the mean of their vectors"},
    {MAX_TOKENS, "max-tokens", OPT_NUMBER, "n", "of one text (what is known of the model)"},
    {CACHE, "cache", OPT_DIR, "dir", "keep vectors there, and ask for no text twice"},
    {'Q', "query", OPT_TEXT, "text", "print what of the vectors is nearest to this text"},
    {'k', "limit", OPT_NUMBER, "n", "with -Q: so many (10)"},
    {'O', "option", OPT_TEXT, "key=value", "set a field of the request; dots nest (repeatable)"},
    {'p', "max-price", OPT_TEXT, "in[,out]", "at most so many dollars per million tokens"},
    {'B', "budget", OPT_TEXT, "usd", "spend at most so many dollars in this run"},
    {TAG, "tag", OPT_TEXT, "name", "name for the ledger and budgets"},
    {'M', "meta", OPT_FILE, "file", "append one JSON line about each request"},
    {'r', "retries", OPT_NUMBER, "n", "rounds of retries of a request (3)"},
    {'w', "deadline", OPT_TIME, "time", "for everything (none)"},
    {'W', "timeout", OPT_TIME, "time", "for the first byte, and between bytes (300 s)"},
    {CONNECT_TIMEOUT, "connect-timeout", OPT_TIME, "time", "for the connection (10 s)"},
    {'8', "utf8", OPT_NONE, NULL, "refuse input that is not UTF-8"},
    {MAX_INPUT, "max-input", OPT_NUMBER, "size", "refuse a record of more than this (64Mi)"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "tell on stderr what happens"},
    {'h', "help", OPT_NONE, NULL, "print this"},
    {'V', "version", OPT_NONE, NULL, "print the version"},
    /* known to the contract, and refused until they work */
    {'g', "record", OPT_DIR, "dir", NULL},
    {'G', "replay", OPT_DIR, "dir", NULL},
    {'L', "rate", OPT_TEXT, "rpm[,tpm]", NULL},
    {DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

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
	return str_time_ms(o->arg, ms) || *ms == 0 ? bad(o, "not a time (seconds, or 500ms 2m 1h)", e) : 0;
}

static int
take_count(const struct opts *o, int64_t min, int64_t max, int64_t *n, struct err *e)
{
	return str_int(o->arg, min, max, n) ? bad(o, "not a whole number in its range", e) : 0;
}

static int
take_size(const struct opts *o, uint64_t max, uint64_t *n, struct err *e)
{
	return str_size(o->arg, n) || *n == 0 || *n > max ? bad(o, "not a size (10k 64Mi 1G)", e) : 0;
}

static int
take_form(struct embed_args *a, const struct opts *o, struct err *e)
{
	int form = vecout_form(o->arg);

	if (form < 0)
		return bad(o, "not one of ndjson tsv f32 npy base64", e);
	a->form = (enum vecout_form)form;
	a->form_set = 1;
	return 0;
}

static int
take_value(struct embed_args *a, const struct opts *o, struct err *e)
{
	switch (o->now->c) {
	case 'F':
		return take_form(a, o, e);
	case 'd':
		return take_count(o, 1, 65536, &a->dims, e);
	case 'P':
		return take_count(o, 1, 256, &a->parallel, e);
	case 'Z':
		return take_count(o, 1, 4096, &a->batch, e);
	case 'k':
		return take_count(o, 1, 1000000, &a->limit, e);
	case 'r':
		return take_count(o, 0, 1000, &a->retries, e);
	case MAX_TOKENS:
		return take_size(o, 100000000, &a->max_tokens, e);
	case MAX_INPUT:
		return take_size(o, SIZE_MAX / 4, &a->max_input, e);
	case 'p':
		return price_parse_pair(o->arg, 1, &a->max_prompt, &a->max_completion)
		    ? bad(o, "not a price (dollars per million tokens: 0.5 or 0.5,1.5)", e)
		    : 0;
	case 'B':
		return price_parse_pusd(o->arg, strlen(o->arg), &a->budget_pusd)
		    ? bad(o, "not an amount of dollars (0.5)", e)
		    : 0;
	case 'w':
		return take_time(o, &a->deadline_ms, e);
	case 'W':
		a->idle_set = 1;
		return take_time(o, &a->idle_ms, e);
	case CONNECT_TIMEOUT:
		a->connect_set = 1;
		return take_time(o, &a->connect_ms, e);
	default:
		return err_set(e, ERR_USAGE, "--%s is not in this version", o->now->name);
	}
}

/* Options that are only remembered. 0: it is none of them. */
static int
take_plain(struct embed_args *a, const struct opts *o)
{
	const struct {
		int c;
		const char **text;
		int *flag;
	} plain[] = {{'m', &a->model, NULL}, {'b', &a->provider, NULL}, {'o', &a->output, NULL}, {'M', &a->meta, NULL},
	    {TAG, &a->tag, NULL}, {CACHE, &a->cache, NULL}, {'Q', &a->query, NULL}, {'0', NULL, &a->null},
	    {'I', NULL, &a->ids}, {NDJSON, NULL, &a->ndjson}, {SPLIT, NULL, &a->split}, {'8', NULL, &a->strict_utf8},
	    {'q', NULL, &a->quiet}, {'v', NULL, &a->verbose}};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (plain[i].c != o->now->c)
			continue;
		if (plain[i].text)
			*plain[i].text = o->arg;
		if (plain[i].flag)
			*plain[i].flag = 1;
		return 1;
	}
	return 0;
}

static int
take_option(struct embed_args *a, int c, const struct opts *o, struct err *e)
{
	if (c == 'h' || c == 'V' || c == DUMP) {
		a->about = c;
		return 0;
	}
	if (c == 'O') {
		a->option = mem_grow(a->option, a->n_option, &a->cap_option, sizeof(*a->option));
		a->option[a->n_option++] = (char *)(uintptr_t)o->arg;
		return 0;
	}
	return take_plain(a, o) ? 0 : take_value(a, o, e);
}

/* Which options exclude each other. */
static int
check(struct embed_args *a, struct err *e)
{
	if (!a->form_set)
		a->form = a->query ? VECOUT_TSV : VECOUT_NDJSON;
	if (a->ids && a->ndjson)
		return err_set(e, ERR_USAGE, "-I and --ndjson both say what a record is");
	if (a->query && a->form != VECOUT_TSV && a->form != VECOUT_NDJSON)
		return err_set(e, ERR_USAGE, "-Q prints tsv or ndjson");
	if (a->query && (a->null || a->ids || a->ndjson || a->split))
		return err_set(e, ERR_USAGE, "-Q reads vectors: -0, -I, --ndjson and --split are for texts");
	if (a->query && a->n_operand > 1)
		return err_set(e, ERR_USAGE, "-Q reads one file of vectors");
	if (!a->query && a->limit)
		return err_set(e, ERR_USAGE, "-k goes with -Q");
	if (!a->limit)
		a->limit = 10;
	return 0;
}

static int
take_operands(struct embed_args *a, const struct opts *o, struct err *e)
{
	size_t n_stdin = 0;

	if (opt_check_operands(o, e))
		return -1;
	a->operand = o->argv + o->i;
	a->n_operand = (size_t)(o->argc - o->i);
	for (size_t i = 0; i < a->n_operand; i++) {
		if (!*a->operand[i])
			return err_set(e, ERR_USAGE, "an operand is empty");
		n_stdin += strcmp(a->operand[i], "-") == 0;
	}
	if (n_stdin > 1)
		return err_set(e, ERR_USAGE, "standard input can be read only once");
	return check(a, e);
}

int
embed_args_parse(struct embed_args *a, int argc, char **argv, struct err *e)
{
	struct opts o;
	int c;

	*a = (struct embed_args){.parallel = 4,
	    .batch = 128,
	    .retries = 3,
	    .idle_ms = 300000,
	    .connect_ms = 10000,
	    .max_input = 64ULL * 1024 * 1024,
	    .budget_pusd = PUSD_UNKNOWN,
	    .max_prompt = PRICE_UNKNOWN,
	    .max_completion = PRICE_UNKNOWN};
	opt_init(&o, table, argc, argv);
	while (!a->about && (c = opt_next(&o, e)) != 0)
		if (c < 0 || take_option(a, c, &o, e))
			return -1;
	return a->about ? 0 : take_operands(a, &o, e);
}

void
embed_args_about(const struct embed_args *a, struct buf *b)
{
	if (a->about == 'h')
		opt_help(b, table, USAGE);
	else if (a->about == 'V')
		buf_adds(b, "or-embed " OR_VERSION "\n");
	else
		opt_dump(b, table);
}

void
embed_args_release(struct embed_args *a)
{
	free(a->option);
	a->option = NULL;
}
