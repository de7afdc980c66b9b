/* SPDX-License-Identifier: ISC */
#include "models_args.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "opt.h"
#include "str.h"

#define USAGE "or-models [options] [pattern ...]\n       or-models -e [options] author/slug"

enum { O_REFRESH = 256, O_CACHED, O_MAX_AGE, O_CONNECT_TIMEOUT, O_DUMP };

static const struct opt table[] = {
    {'1', "one", OPT_NONE, NULL, "ids alone, one a line"},
    {'l', "long", OPT_NONE, NULL, "all columns"},
    {'F', "format", OPT_WORDS, "tsv|ndjson|json", "form of the output"},
    {'S', "by-price", OPT_NONE, NULL, "sort by the prompt's price, cheapest first"},
    {'t', "by-time", OPT_NONE, NULL, "sort by time, newest first"},
    {'r', "reverse", OPT_NONE, NULL, "reverse the order"},
    {'k', "limit", OPT_NUMBER, "count", "at most so many"},
    {'p', "max-price", OPT_TEXT, "in[,out]", "at most so many $ per million prompt[, completion] tokens"},
    {'z', "context", OPT_NUMBER, "tokens", "a context of at least so many tokens"},
    {'y', "needs", OPT_TEXT, "what,...", "takes all of these parameters and input modalities"},
    {'e', "endpoints", OPT_NONE, NULL, "the endpoints of one model"},
    {'b', "provider", OPT_PROVIDER, "name", "this provider's list, not openrouter's"},
    {O_REFRESH, "refresh", OPT_NONE, NULL, "fetch the list, whatever the age of the cached one"},
    {O_MAX_AGE, "max-age", OPT_TIME, "time", "fetch the list where the cached one is older (1d)"},
    {O_CACHED, "cached", OPT_NONE, NULL, "only what is cached; nothing where nothing is"},
    {'o', "output", OPT_FILE, "file", "write to file"},
    {'w', "deadline", OPT_TIME, "time", "for everything (none)"},
    {'W', "timeout", OPT_TIME, "time", "for the first byte and between bytes (300s)"},
    {O_CONNECT_TIMEOUT, "connect-timeout", OPT_TIME, "time", "for connecting (10s)"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "say where the list came from"},
    {'h', "help", OPT_NONE, NULL, "this text"},
    {'V', "version", OPT_NONE, NULL, "the version"},
    {O_DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

static int
bad_argument(const struct opts *o, struct err *e)
{
	return err_set(e, ERR_USAGE, "option --%s: bad argument '%s'", o->now->name, o->arg);
}

static int
take_form(struct models_args *a, const struct opts *o, struct err *e)
{
	static const char *const words[] = {[FORM_TSV] = "tsv", [FORM_NDJSON] = "ndjson", [FORM_JSON] = "json"};

	for (enum models_form f = FORM_TSV; f <= FORM_JSON; f++)
		if (strcmp(o->arg, words[f]) == 0) {
			a->form = f;
			return 0;
		}
	return bad_argument(o, e);
}

static int
take_number(struct models_args *a, int c, const struct opts *o, struct err *e)
{
	uint64_t n = 0;
	int bad;

	switch (c) {
	case 'k':
		bad = str_size(o->arg, &a->limit) || a->limit == 0;
		break;
	case 'z':
		bad = str_size(o->arg, &n) || n > INT64_MAX;
		a->sel.min_context = (int64_t)n;
		break;
	case 'w':
		bad = str_time_ms(o->arg, &a->total_ms) || a->total_ms == 0;
		break;
	case 'W':
		bad = str_time_ms(o->arg, &a->idle_ms) || a->idle_ms == 0;
		break;
	case O_CONNECT_TIMEOUT:
		bad = str_time_ms(o->arg, &a->connect_ms) || a->connect_ms == 0;
		break;
	default: /* O_MAX_AGE */
		bad = str_time_ms(o->arg, &a->max_age_ms);
	}
	return bad ? bad_argument(o, e) : 0;
}

static int
take_mode(struct models_args *a, enum catalog_mode mode, struct err *e)
{
	if (a->mode != CATALOG_FRESH && a->mode != mode)
		return err_set(e, ERR_USAGE, "--refresh and --cached contradict each other");
	a->mode = mode;
	return 0;
}

static int
take_option(struct models_args *a, int c, const struct opts *o, struct err *e)
{
	switch (c) {
	case '1':
		a->form = FORM_LINES;
		return 0;
	case 'l':
		a->form = FORM_LONG;
		return 0;
	case 'F':
		return take_form(a, o, e);
	case 'S':
		a->order = MODELS_BY_PRICE;
		return 0;
	case 't':
		a->order = MODELS_BY_TIME;
		return 0;
	case 'r':
		a->reverse = 1;
		return 0;
	case 'p':
		return price_parse_pair(o->arg, 1, &a->sel.max_prompt, &a->sel.max_completion) ? bad_argument(o, e) : 0;
	case 'y':
		a->sel.needs = o->arg;
		return 0;
	case 'e':
		a->endpoints = 1;
		return 0;
	case 'b':
		a->provider = o->arg;
		return 0;
	case 'o':
		a->output = o->arg;
		return 0;
	case 'q':
		a->quiet = 1;
		return 0;
	case 'v':
		a->verbose = 1;
		return 0;
	case O_REFRESH:
		return take_mode(a, CATALOG_REFRESH, e);
	case O_CACHED:
		return take_mode(a, CATALOG_CACHED, e);
	case 'h':
	case 'V':
	case O_DUMP:
		a->about = c;
		return 0;
	default:
		return take_number(a, c, o, e);
	}
}

static int
take_operands(struct models_args *a, const struct opts *o, struct err *e)
{
	if (opt_check_operands(o, e))
		return -1;
	a->operand = o->argv + o->i;
	a->n_operand = (size_t)(o->argc - o->i);
	for (size_t i = 0; i < a->n_operand; i++)
		if (!*a->operand[i])
			return err_set(e, ERR_USAGE, "an operand is empty");
	if (a->endpoints && (a->n_operand != 1 || !strchr(a->operand[0], '/')))
		return err_set(e, ERR_USAGE, "-e takes one operand, a model's id: author/slug");
	if (!a->endpoints) {
		a->sel.glob = a->operand;
		a->sel.n_glob = a->n_operand;
	}
	return 0;
}

int
models_args_parse(struct models_args *a, int argc, char **argv, struct err *e)
{
	struct opts o;
	int c;

	*a = (struct models_args){.sel = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN},
	    .mode = CATALOG_FRESH,
	    .limit = UINT64_MAX,
	    .max_age_ms = (int64_t)CATALOG_MAX_AGE_S * 1000};
	opt_init(&o, table, argc, argv);
	while (!a->about && (c = opt_next(&o, e)) != 0)
		if (c < 0 || take_option(a, c, &o, e))
			return -1;
	return a->about ? 0 : take_operands(a, &o, e);
}

void
models_args_about(const struct models_args *a, struct buf *b)
{
	if (a->about == 'h')
		opt_help(b, table, USAGE);
	else if (a->about == 'V')
		buf_adds(b, "or-models " OR_VERSION "\n");
	else
		opt_dump(b, table);
}
