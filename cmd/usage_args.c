/* SPDX-License-Identifier: ISC */
#include "usage_args.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "opt.h"
#include "str.h"

#define USAGE "or-usage [options] [field=pattern ...]\n       or-usage --prune days"
#define MAX_PRUNE_DAYS 100000

enum { O_PRUNE = 256, O_REMOTE, O_DUMP };

static const struct opt table[] = {
    {'d', "dates", OPT_TEXT, "since[,until]", "7d, 36h, 2026-11-03, today, yesterday, month (today)"},
    {'g', "group", OPT_TEXT, "key,...",
	"a row a model, provider, endpoint, day, hour, tag, key, status, session, tool or client"},
    {'l', "long", OPT_NONE, NULL, "a row a call"},
    {'s', "sum", OPT_NONE, NULL, "the totals only"},
    {'B', "budget", OPT_TEXT, "usd", "status 6 where more was spent, or isn't known"},
    {'F', "format", OPT_WORDS, "tsv|ndjson|json|html", "form of the output"},
    {'o', "output", OPT_FILE, "file", "write to file"},
    {O_PRUNE, "prune", OPT_NUMBER, "days", "fold calls that are older into sums of their days"},
    {O_REMOTE, "remote", OPT_NONE, NULL, "what OpenRouter reports, beside what is known here"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "say what was done with the ledger"},
    {'h', "help", OPT_NONE, NULL, "this text"},
    {'V', "version", OPT_NONE, NULL, "the version"},
    {O_DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

/* What was said on the command line, which the result alone doesn't tell. */
struct said {
	const char *dates;
	int group, report; /* -g; any option that says what is reported, or how */
};

static int
bad_argument(const struct opts *o, struct err *e)
{
	return err_set(e, ERR_USAGE, "option --%s: bad argument '%s'", o->now->name, o->arg);
}

struct keys {
	struct usage_args *a;
	struct err *e;
};

static int
take_key(void *arg, const char *item, size_t n)
{
	struct keys *k = arg;
	int f = report_field(item, n);

	if (f < 0)
		return err_set(k->e, ERR_USAGE, "-g: there is no key '%.*s'", (int)(n > 64 ? 64 : n), item);
	for (size_t i = 0; i < k->a->n_by; i++)
		if (k->a->by[i] == (enum report_field)f)
			return err_set(
			    k->e, ERR_USAGE, "-g: the key '%s' stands twice", report_field_name((enum report_field)f));
	k->a->by[k->a->n_by++] = (enum report_field)f;
	return 0;
}

static int
take_form(struct usage_args *a, const struct opts *o, struct err *e)
{
	static const char *const words[] = {
	    [USAGE_TSV] = "tsv", [USAGE_NDJSON] = "ndjson", [USAGE_JSON] = "json", [USAGE_HTML] = "html"};

	for (enum usage_form f = USAGE_TSV; f <= USAGE_HTML; f++)
		if (strcmp(o->arg, words[f]) == 0) {
			a->form = f;
			return 0;
		}
	return bad_argument(o, e);
}

static int
take_option(struct usage_args *a, struct said *said, int c, const struct opts *o, struct err *e)
{
	said->report |= c < 256 && strchr("dglsBFo", c) != NULL;
	switch (c) {
	case 'd':
		said->dates = o->arg;
		return 0;
	case 'g':
		said->group = 1;
		a->n_by = 0;
		return str_list(o->arg, take_key, &(struct keys){a, e});
	case 'l':
		a->each = 1;
		return 0;
	case 's':
		a->sums = 1;
		return 0;
	case 'B':
		return price_parse_pusd(o->arg, strlen(o->arg), &a->budget_pusd) ? bad_argument(o, e) : 0;
	case 'F':
		return take_form(a, o, e);
	case 'o':
		a->output = o->arg;
		return 0;
	case O_PRUNE:
		return str_int(o->arg, 0, MAX_PRUNE_DAYS, &a->prune_days) ? bad_argument(o, e) : 0;
	case O_REMOTE:
		a->remote = 1;
		return 0;
	case 'q':
		a->quiet = 1;
		return 0;
	case 'v':
		a->verbose = 1;
		return 0;
	default: /* -h, -V and the dump */
		a->about = c;
		return 0;
	}
}

/* Options that ask for different things at once. */
static int
check(const struct usage_args *a, const struct said *said, int operands, struct err *e)
{
	if (a->prune_days >= 0 && (said->report || a->remote || operands))
		return err_set(e, ERR_USAGE, "--prune reports nothing: of the options, only -q and -v go with it");
	if (a->remote && (said->group || a->each || a->sums || a->budget_pusd != PUSD_UNKNOWN || a->form == USAGE_HTML))
		return err_set(
		    e, ERR_USAGE, "--remote has a table of its own: -g, -l, -s, -B and -F html don't go with it");
	if (a->each + a->sums + said->group > 1)
		return err_set(e, ERR_USAGE, "-g, -l and -s contradict each other");
	if (a->form == USAGE_HTML && a->each)
		return err_set(e, ERR_USAGE, "-F html shows sums, and no single calls: -l doesn't go with it");
	return 0;
}

static int
take_operands(struct usage_args *a, const struct opts *o, struct err *e)
{
	if (opt_check_operands(o, e))
		return -1;
	for (int i = o->i; i < o->argc; i++)
		if (report_select_add(&a->select, o->argv[i], e))
			return -1;
	return 0;
}

int
usage_args_parse(struct usage_args *a, int argc, char **argv, int64_t now_ms, struct err *e)
{
	struct said said = {.dates = "today"};
	struct opts o;
	int c;

	*a = (struct usage_args){.by = {BY_MODEL}, .n_by = 1, .budget_pusd = PUSD_UNKNOWN, .prune_days = -1};
	opt_init(&o, table, argc, argv);
	while (!a->about && (c = opt_next(&o, e)) != 0)
		if (c < 0 || take_option(a, &said, c, &o, e))
			return -1;
	if (a->about)
		return 0;
	if (take_operands(a, &o, e) || check(a, &said, o.argc > o.i, e) ||
	    usage_range(&a->range, said.dates, now_ms, e))
		return -1;
	if (a->each || a->sums)
		a->n_by = 0;
	return 0;
}

void
usage_args_about(const struct usage_args *a, struct buf *b)
{
	if (a->about == 'h')
		opt_help(b, table, USAGE);
	else if (a->about == 'V')
		buf_adds(b, "or-usage " OR_VERSION "\n");
	else
		opt_dump(b, table);
}
