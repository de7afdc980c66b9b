/* SPDX-License-Identifier: ISC */
#include "opt.h"

#include "buf.h"
#include "err.h"
#include "tap.h"

enum { LONG_TAG = 256, LONG_HIDDEN };

static const struct opt table[] = {
    {'m', "model", OPT_MODEL, "chain", "model, or models in order of preference"},
    {'s', "system", OPT_TEXT, "text", "the system message"},
    {'x', "extract", OPT_NONE, NULL, "only the first fenced block"},
    {'X', "extract-lang", OPT_TEXT, "language", "only the first fenced block of this language"},
    {'q', "quiet", OPT_NONE, NULL,
	"no warnings, no progress, and a text so long that it can't be on one line of eighty"},
    {'F', "format", OPT_WORDS, "text|raw|json|ndjson|sse|tsv", "form of the output"},
    {'8', NULL, OPT_NONE, NULL, "refuse what is not UTF-8, and not only in what one types, a lot"},
    {LONG_TAG, "tag", OPT_TEXT, "text", "a label"},
    {LONG_HIDDEN, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

/* What the parser makes of a command line: "m=x q | operands", or the error's text. */
static void
is_parsed(const char *const *args, const char *want)
{
	struct buf b = BUF_INIT;
	struct opts o;
	struct err e = {0};
	const char *argv[16] = {"or-test"};
	int argc = 1, c;

	for (; args[argc - 1]; argc++)
		argv[argc] = args[argc - 1];
	opt_init(&o, table, argc, (char **)argv);
	while ((c = opt_next(&o, &e)) > 0) {
		buf_addf(&b, "%s", o.now->name ? o.now->name : "8");
		tap_ok(o.now->c == c, "now is the option returned");
		if (o.arg)
			buf_addf(&b, "=%s", o.arg);
		buf_addc(&b, ' ');
	}
	if (c == 0 && opt_check_operands(&o, &e) == 0) {
		buf_addc(&b, '|');
		for (int i = o.i; i < argc; i++)
			buf_addf(&b, " %s", argv[i]);
	} else {
		buf_addf(&b, "! %s", e.msg);
		tap_is_int(e.kind, ERR_USAGE, "its kind");
	}
	tap_is_str(buf_str(&b), want, want);
	buf_release(&b);
}

/* clang-format off */
#define ARGS(...) (const char *const[]){__VA_ARGS__, NULL}
/* clang-format on */

static void
test_good(void)
{
	is_parsed((const char *const[]){NULL}, "|");
	is_parsed(ARGS("hello", "world"), "| hello world");
	is_parsed(ARGS("-x", "a"), "extract | a");
	is_parsed(ARGS("-xq", "a"), "extract quiet | a");
	is_parsed(ARGS("-mfoo", "a"), "model=foo | a");
	is_parsed(ARGS("-m", "foo", "a"), "model=foo | a");
	is_parsed(ARGS("-xqmfoo", "a"), "extract quiet model=foo | a");
	is_parsed(ARGS("-xqm", "foo", "a"), "extract quiet model=foo | a");
	is_parsed(ARGS("-m=foo"), "model==foo |");
	is_parsed(ARGS("--model", "foo", "a"), "model=foo | a");
	is_parsed(ARGS("--model=foo=bar", "a"), "model=foo=bar | a");
	is_parsed(ARGS("--extract", "--tag", "t"), "extract tag=t |");
	is_parsed(ARGS("-s", "-x"), "system=-x |");
	is_parsed(ARGS("-s", "--"), "system=-- |");
	is_parsed(ARGS("-s", "--", "a"), "system=-- | a");
	is_parsed(ARGS("-s", ""), "system= |");
	is_parsed(ARGS("--system="), "system= |");
	is_parsed(ARGS("--system", "", "a"), "system= | a");
	is_parsed(ARGS("-x", "--", "-q", "--foo"), "extract | -q --foo");
	is_parsed(ARGS("--", "--", "-"), "| -- -");
	is_parsed(ARGS("-x", "-", "a"), "extract | - a");
	is_parsed(ARGS("a", "-"), "| a -");
	is_parsed(ARGS("-f-"), "! unknown option -f");
	is_parsed(ARGS("-8x", ""), "8 extract | ");
	is_parsed(ARGS("--dump-options"), "dump-options |");
}

static void
test_bad(void)
{
	is_parsed(ARGS("-Q"), "! unknown option -Q");
	is_parsed(ARGS("-xQ"), "extract ! unknown option -Q");
	is_parsed(ARGS("-\xc3\xa9t"), "! unknown option -\xc3\xa9");
	is_parsed(ARGS("--foo"), "! unknown option --foo");
	is_parsed(ARGS("--foo=secret"), "! unknown option --foo");
	is_parsed(ARGS("--modle", "x"), "! unknown option --modle: did you mean --model?");
	is_parsed(ARGS("--models=x"), "! unknown option --models: did you mean --model?");
	is_parsed(ARGS("--mod", "x"), "! unknown option --mod: did you mean --model?");
	is_parsed(ARGS("--Model", "x"), "! unknown option --Model: did you mean --model?");
	is_parsed(ARGS("--dump-option"), "! unknown option --dump-option");
	is_parsed(ARGS("--x"), "! unknown option --x");
	is_parsed(ARGS("--=x"), "! unknown option --");
	is_parsed(ARGS("-m"), "! option --model needs an argument: chain");
	is_parsed(ARGS("-xm"), "extract ! option --model needs an argument: chain");
	is_parsed(ARGS("--tag"), "! option --tag needs an argument: text");
	is_parsed(ARGS("--extract=yes"), "! option --extract takes no argument");
	is_parsed(ARGS("-m", ""), "! option --model: its argument is empty");
	is_parsed(ARGS("--model="), "! option --model: its argument is empty");
	is_parsed(ARGS("--tag="), "! option --tag: its argument is empty");
	is_parsed(ARGS("a", "-x"), "! operand -x begins with -: options come first; put -- before such operands");
	is_parsed(ARGS("-q", "a", "b", "--model=x"),
	    "quiet ! operand --model=x begins with -: options come first; put -- before such operands");
	is_parsed(ARGS("a", "--", "-x"), "! operand -- begins with -: options come first; put -- before such operands");
}

static void
test_help(void)
{
	static const char want[] = "usage: or-test [options] operand ...\n"
				   "\n"
				   "  -m, --model chain  model, or models in order of preference\n"
				   "  -s, --system text  the system message\n"
				   "  -x, --extract      only the first fenced block\n"
				   "  -X, --extract-lang language\n"
				   "                     only the first fenced block of this language\n"
				   "  -q, --quiet        no warnings, no progress, and a text so long that it can't\n"
				   "                     be on one line of eighty\n"
				   "  -F, --format text|raw|json|ndjson|sse|tsv\n"
				   "                     form of the output\n"
				   "  -8                 refuse what is not UTF-8, and not only in what one types,\n"
				   "                     a lot\n"
				   "      --tag text     a label\n";
	struct buf b = BUF_INIT;

	opt_help(&b, table, "or-test [options] operand ...");
	tap_is_str(b.p, want, "help");
	buf_clear(&b);
	opt_dump(&b, table);
	tap_is_str(b.p,
	    "m\tmodel\tmodel\tchain\tmodel, or models in order of preference\n"
	    "s\tsystem\ttext\ttext\tthe system message\n"
	    "x\textract\tnone\t-\tonly the first fenced block\n"
	    "X\textract-lang\ttext\tlanguage\tonly the first fenced block of this language\n"
	    "q\tquiet\tnone\t-\tno warnings, no progress, and a text so long that it can't be on one line of eighty\n"
	    "F\tformat\twords\ttext|raw|json|ndjson|sse|tsv\tform of the output\n"
	    "8\t-\tnone\t-\trefuse what is not UTF-8, and not only in what one types, a lot\n"
	    "-\ttag\ttext\ttext\ta label\n",
	    "dump");
	buf_release(&b);
}

int
main(void)
{
	test_good();
	test_bad();
	test_help();
	return tap_done();
}
