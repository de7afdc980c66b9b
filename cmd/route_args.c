/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "opt.h"
#include "route_tool.h"
#include "str.h"

#define USAGE "or-route [option ...] [file ...]"
#define DEFAULT_MAX_INPUT (64ULL * 1024 * 1024)

enum { SORT = 256, SEED, TAG, MAX_INPUT, DUMP };

static const struct opt table[] = {
    {'l', "long", OPT_NONE, NULL, "the plan as a table, not the request"},
    {'1', "one", OPT_NONE, NULL, "the names of the plan, one a line"},
    {'m', "model", OPT_MODEL, "chain", "the model, or a list of them to fall back on"},
    {'b', "provider", OPT_PROVIDER, "name", "only this provider"},
    {'p', "max-price", OPT_TEXT, "in[,out]", "at most so many $ per million prompt[, completion] tokens"},
    {'z', "context", OPT_NUMBER, "tokens", "a context of at least so many tokens"},
    {'y', "needs", OPT_TEXT, "what,...", "takes all of these parameters and input modalities"},
    {'k', "limit", OPT_NUMBER, "count", "with -l and -1: at most so many"},
    {SORT, "sort", OPT_WORDS, "price|throughput|latency", "strictly in this order, without a draw"},
    {SEED, "seed", OPT_NUMBER, "n", "draw the same each time"},
    {TAG, "tag", OPT_TEXT, "name", "name for the rules (OR_TAG)"},
    {'o', "output", OPT_FILE, "file", "write there; renamed into place when complete"},
    {'8', "utf8", OPT_NONE, NULL, "refuse input that is not UTF-8"},
    {MAX_INPUT, "max-input", OPT_NUMBER, "size", "refuse a request of more than this (64Mi)"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "with -l: who is left out, too; else tell on stderr"},
    {'h', "help", OPT_NONE, NULL, "print this"},
    {'V', "version", OPT_NONE, NULL, "print the version"},
    {DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

static int
bad_argument(const struct opts *o, const char *what, struct err *e)
{
	if (o->now->c < 256)
		return err_set(e, ERR_USAGE, "-%c %s: %s", o->now->c, o->arg, what);
	return err_set(e, ERR_USAGE, "--%s %s: %s", o->now->name, o->arg, what);
}

static int
add_need(void *arg, const char *word, size_t n)
{
	struct route_policy *p = arg;
	params_t bit = n ? endpoint_param(word, n) : 0;
	unsigned mode = n ? endpoint_mode(word, n) : MODE_OTHER;

	if (!bit && mode == MODE_OTHER)
		return -1;
	p->need_params |= bit;
	p->need_modes |= mode == MODE_OTHER ? 0 : mode;
	return 0;
}

static int
take_sort(struct route_args *a, const char *word)
{
	a->cut.sort = strcmp(word, "price") == 0 ? SORT_PRICE
	    : strcmp(word, "latency") == 0       ? SORT_LATENCY
						 : SORT_THROUGHPUT;
	return 0;
}

static int
take_value(struct route_args *a, int c, const struct opts *o, struct err *e)
{
	uint64_t n = 0;

	switch (c) {
	case 'p':
		return price_parse_pair(o->arg, 1, &a->cut.max_prompt, &a->cut.max_completion)
		    ? bad_argument(o, "not a price (dollars per million tokens: 0.5 or 0.5,1.5)", e)
		    : 0;
	case 'z':
		if (str_size(o->arg, &n) || n > INT64_MAX)
			return bad_argument(o, "not a count (200k)", e);
		a->cut.min_context = (int64_t)n;
		return 0;
	case 'y':
		return str_list(o->arg, add_need, &a->cut)
		    ? bad_argument(o, "not a list of parameters and modalities (tools,image)", e)
		    : 0;
	case 'k':
		return str_size(o->arg, &a->limit) || !a->limit ? bad_argument(o, "not a count", e) : 0;
	case SORT:
		return take_sort(a, o->arg);
	case SEED:
		a->seeded = 1;
		return str_int(o->arg, INT64_MIN, INT64_MAX, &a->seed) ? bad_argument(o, "not a whole number", e) : 0;
	default: /* MAX_INPUT */
		return str_size(o->arg, &a->max_input) || !a->max_input || a->max_input > SIZE_MAX / 4
		    ? bad_argument(o, "not a size (bytes, or 10k 64Mi 1G)", e)
		    : 0;
	}
}

static int
take_form(struct route_args *a, enum route_form form, struct err *e)
{
	if (a->form != ROUTE_REQUESTS && a->form != form)
		return err_set(e, ERR_USAGE, "-l and -1 are two forms of output");
	a->form = form;
	return 0;
}

static int
take_option(struct route_args *a, int c, const struct opts *o, struct err *e)
{
	const struct {
		int c;
		const char **text;
		int *flag;
	} plain[] = {{'m', &a->model, NULL}, {'b', &a->provider, NULL}, {'o', &a->output, NULL}, {TAG, &a->tag, NULL},
	    {'8', NULL, &a->strict_utf8}, {'q', NULL, &a->quiet}, {'v', NULL, &a->verbose}};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (plain[i].c != c)
			continue;
		if (plain[i].text)
			*plain[i].text = o->arg;
		else
			*plain[i].flag = 1;
		return 0;
	}
	if (c == 'l' || c == '1')
		return take_form(a, c == 'l' ? ROUTE_TABLE : ROUTE_IDS, e);
	if (c == 'h' || c == 'V' || c == DUMP) {
		a->about = c;
		return 0;
	}
	return take_value(a, c, o, e);
}

static int
take_operands(struct route_args *a, const struct opts *o, struct err *e)
{
	int n_stdin = 0;

	if (opt_check_operands(o, e))
		return -1;
	a->operand = o->argv + o->i;
	a->n_operand = (size_t)(o->argc - o->i);
	for (size_t i = 0; i < a->n_operand; i++) {
		if (!*a->operand[i])
			return err_set(e, ERR_USAGE, "an operand is empty (an unset variable?)");
		n_stdin += strcmp(a->operand[i], "-") == 0;
	}
	if (n_stdin > 1)
		return err_set(e, ERR_USAGE, "standard input is asked for %d times", n_stdin);
	if (a->limit && a->form == ROUTE_REQUESTS)
		return err_set(e, ERR_USAGE, "-k goes with -l and -1");
	return 0;
}

int
route_args_parse(struct route_args *a, int argc, char **argv, struct err *e)
{
	struct opts o;
	int c;

	*a = (struct route_args){
	    .cut = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN}, .max_input = DEFAULT_MAX_INPUT};
	opt_init(&o, table, argc, argv);
	while (!a->about && (c = opt_next(&o, e)) != 0)
		if (c < 0 || take_option(a, c, &o, e))
			return -1;
	return a->about ? 0 : take_operands(a, &o, e);
}

void
route_args_about(const struct route_args *a, struct buf *b)
{
	if (a->about == 'h')
		opt_help(b, table, USAGE);
	else if (a->about == 'V')
		buf_adds(b, "or-route " OR_VERSION "\n");
	else
		opt_dump(b, table);
}
