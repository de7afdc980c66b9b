/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "key.h"
#include "opt.h"
#include "str.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define PARALLEL 16 /* checks at once, where -P says nothing */

enum { O_CONNECT_TIMEOUT = 256, O_DUMP };

/* Of all commands: an option has one meaning, whichever takes it. */
static const struct opt table[] = {
    {'F', "format", OPT_WORDS, "tsv|ndjson", "form of the output"},
    {'o', "output", OPT_FILE, "file", "write to file"},
    {KEY_O_LIMIT, "limit", OPT_NUMBER, "usd", "a new key may spend so much"},
    {KEY_O_RESET, "reset", OPT_WORDS, "daily|weekly|monthly", "and as much again each day, week or month"},
    {KEY_O_RPM, "rpm", OPT_NUMBER, "count", "requests a minute of a new key (no limit)"},
    {KEY_O_TPM, "tpm", OPT_NUMBER, "count", "tokens a minute of a new key (no limit)"},
    {KEY_O_MODELS, "models", OPT_TEXT, "pattern[,pattern]", "models that a new key may call (all)"},
    {KEY_O_EXPIRES, "expires", OPT_TEXT, "date|time", "the end of a new key (none)"},
    {KEY_O_MANAGEMENT, "management", OPT_NONE, NULL, "a key that manages keys, and makes no calls"},
    {'P', "parallel", OPT_NUMBER, "count", "at most so many at the same time (16)"},
    {'w', "deadline", OPT_TIME, "time", "for everything (none)"},
    {'W', "timeout", OPT_TIME, "time", "for the first byte and between bytes (30s)"},
    {O_CONNECT_TIMEOUT, "connect-timeout", OPT_TIME, "time", "for connecting (10s)"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "say what is asked, and what was written"},
    {'h', "help", OPT_NONE, NULL, "this text"},
    {'V', "version", OPT_NONE, NULL, "the version"},
    {O_DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

static const int of_tool[] = {'h', 'V', O_DUMP, 0};
static const int of_check[] = {'F', 'o', 'P', 'w', 'W', O_CONNECT_TIMEOUT, 'q', 'v', 'h', 'V', 0};
static const int of_set[] = {'q', 'v', 'h', 'V', 0};
static const int of_new[] = {
    KEY_O_LIMIT, KEY_O_RESET, KEY_O_RPM, KEY_O_TPM, KEY_O_MODELS, KEY_O_EXPIRES, KEY_O_MANAGEMENT, 'q', 'h', 'V', 0};
static const int of_list[] = {'F', 'o', 'q', 'h', 'V', 0};
static const int of_change[] = {'q', 'h', 'V', 0};

static const struct key_command commands[] = {
    {"check", of_check, "or-key check [options] [name ...]", key_check},
    {"set", of_set, "or-key set [options] name [-]", key_set},
    {"new", of_new, "or-key new [options] name", key_new},
    {"ls", of_list, "or-key ls [options]", key_list},
    {"show", of_list, "or-key show [options] name", key_show},
    {"disable", of_change, "or-key disable [options] name", key_disable},
    {"enable", of_change, "or-key enable [options] name", key_enable},
    {"rm", of_change, "or-key rm [options] name", key_remove},
};

/* The rows of the table that stand in a list, as a table. */
static void
select_options(struct opt to[N(table)], const int *list)
{
	size_t n = 0;

	for (size_t i = 0; table[i].c; i++)
		for (const int *c = list; *c; c++)
			if (*c == table[i].c)
				to[n++] = table[i];
	to[n] = table[N(table) - 1];
}

static int
take_option(struct key_args *a, int c, const struct opts *o, struct err *e)
{
	uint64_t n = 0;
	int bad = 0;

	switch (c) {
	case 'F':
		a->ndjson = strcmp(o->arg, "ndjson") == 0;
		a->tsv = !a->ndjson;
		break;
	case 'o':
		a->output = o->arg;
		break;
	case 'P':
		bad = str_size(o->arg, &n) || n == 0 || n > 10000;
		a->parallel = (size_t)n;
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
	case KEY_O_LIMIT:
	case KEY_O_RESET:
	case KEY_O_RPM:
	case KEY_O_TPM:
	case KEY_O_MODELS:
	case KEY_O_EXPIRES:
	case KEY_O_MANAGEMENT:
		bad = key_gateway_option(&a->limits, c, o->arg);
		break;
	case 'q':
		a->quiet = 1;
		break;
	case 'v':
		a->verbose = 1;
		break;
	default: /* 'h', 'V', O_DUMP */
		a->about = c;
	}
	return bad ? err_set(e, ERR_USAGE, "option --%s: bad argument '%s'", o->now->name, o->arg) : 0;
}

/* Options up to the first operand. */
static int
take_options(struct key_args *a, struct opts *o, struct err *e)
{
	int c;

	while (!a->about && (c = opt_next(o, e)) != 0)
		if (c < 0 || take_option(a, c, o, e))
			return -1;
	return 0;
}

/* The word may be a key that got there by mistake: it isn't repeated. */
static const struct key_command *
find_command(const char *word, struct err *e)
{
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < N(commands); i++) {
		if (word && strcmp(commands[i].name, word) == 0) {
			buf_release(&names);
			return commands + i;
		}
		buf_addf(&names, "%s%s", names.len ? ", " : "", commands[i].name);
	}
	err_set(e, ERR_USAGE, "%s: %s", word ? "no such command; there are" : "a command is missing", names.p);
	buf_release(&names);
	return NULL;
}

int
key_args_parse(struct key_args *a, int argc, char **argv, struct err *e)
{
	struct opt some[N(table)];
	struct opts o;

	*a = (struct key_args){.parallel = PARALLEL, .limits.limit_pusd = PUSD_UNKNOWN};
	select_options(some, of_tool);
	opt_init(&o, some, argc, argv);
	if (take_options(a, &o, e))
		return -1;
	if (a->about)
		return 0;
	a->command = find_command(o.i < argc ? argv[o.i] : NULL, e);
	if (!a->command)
		return -1;
	select_options(some, a->command->options);
	opt_init(&o, some, argc - o.i, argv + o.i);
	if (take_options(a, &o, e) || (!a->about && opt_check_operands(&o, e)))
		return -1;
	a->operand = o.argv + o.i;
	a->n_operand = (size_t)(o.argc - o.i);
	return 0;
}

static void
help(const struct key_args *a, struct buf *b)
{
	struct opt some[N(table)];
	struct buf usage = BUF_INIT;

	if (a->command) {
		select_options(some, a->command->options);
		opt_help(b, some, a->command->usage);
		return;
	}
	for (size_t i = 0; i < N(commands); i++)
		buf_addf(&usage, "%s%s", i ? "\n       " : "", commands[i].usage);
	opt_help(b, table, usage.p);
	buf_release(&usage);
}

void
key_args_about(const struct key_args *a, struct buf *b)
{
	if (a->about == 'h')
		help(a, b);
	else if (a->about == 'V')
		buf_adds(b, "or-key " OR_VERSION "\n");
	else
		opt_dump(b, table);
}
