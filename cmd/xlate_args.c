/* SPDX-License-Identifier: ISC */
#include "xlate_args.h"

#include "buf.h"
#include "err.h"
#include "opt.h"
#include "render.h"

#define USAGE "or-xlate [options] [file]"
#define FORMATS "openai|completions|responses|anthropic|gemini|ollama|cohere|bedrock"

enum { O_REQUEST = 256, O_ANSWER, O_LOSSY, O_DUMP };

static const struct opt table[] = {
    {'f', "from", OPT_WORDS, FORMATS, "format of the input (detected)"},
    {'t', "to", OPT_WORDS, FORMATS, "format of the output (openai)"},
    {'F', "format", OPT_WORDS, "json|sse|ndjson", "form of an answer: whole, a stream, canonical events (as it came)"},
    {O_REQUEST, "request", OPT_NONE, NULL, "the input is a request (detected)"},
    {O_ANSWER, "answer", OPT_NONE, NULL, "the input is an answer (detected)"},
    {O_LOSSY, "lossy", OPT_NONE, NULL, "let go of content that the other format can't carry"},
    {'o', "output", OPT_FILE, "file", "write to file"},
    {'8', "utf8", OPT_NONE, NULL, "refuse a request that is not UTF-8"},
    {'q', "quiet", OPT_NONE, NULL, "no warnings"},
    {'v', "verbose", OPT_NONE, NULL, "name what was lost"},
    {'h', "help", OPT_NONE, NULL, "this text"},
    {'V', "version", OPT_NONE, NULL, "the version"},
    {O_DUMP, "dump-options", OPT_NONE, NULL, NULL},
    {0, NULL, OPT_NONE, NULL, NULL},
};

static int
take_kind(struct xlate_args *a, int kind, struct err *e)
{
	if (a->kind >= 0 && a->kind != kind)
		return err_set(e, ERR_USAGE, "--request and --answer contradict each other");
	a->kind = kind;
	return 0;
}

static int
take_option(struct xlate_args *a, int c, const struct opts *o, struct err *e)
{
	switch (c) {
	case 'f':
		a->from = o->arg;
		return 0;
	case 't':
		a->to = o->arg;
		return 0;
	case 'F':
		a->form = render_form(o->arg);
		return 0;
	case O_REQUEST:
	case O_ANSWER:
		return take_kind(a, c == O_REQUEST, e);
	case O_LOSSY:
		a->lossy = 1;
		return 0;
	case 'o':
		a->output = o->arg;
		return 0;
	case '8':
		a->strict_utf8 = 1;
		return 0;
	case 'q':
		a->quiet = 1;
		return 0;
	case 'v':
		a->verbose = 1;
		return 0;
	default:
		a->about = c;
		return 0;
	}
}

static int
take_operand(struct xlate_args *a, const struct opts *o, struct err *e)
{
	if (opt_check_operands(o, e))
		return -1;
	if (o->argc - o->i > 1)
		return err_set(e, ERR_USAGE, "one file at a time");
	if (o->i < o->argc)
		a->file = o->argv[o->i];
	if (a->file && !*a->file)
		return err_set(e, ERR_USAGE, "an operand is empty");
	if (a->kind == 1 && a->form >= 0 && a->form != RENDER_JSON)
		return err_set(e, ERR_USAGE, "-F sse and -F ndjson are forms of answers, not of requests");
	return 0;
}

int
xlate_args_parse(struct xlate_args *a, int argc, char **argv, struct err *e)
{
	struct opts o;
	int c;

	*a = (struct xlate_args){.to = "openai", .form = -1, .kind = -1};
	opt_init(&o, table, argc, argv);
	while (!a->about && (c = opt_next(&o, e)) != 0)
		if (c < 0 || take_option(a, c, &o, e))
			return -1;
	return a->about ? 0 : take_operand(a, &o, e);
}

void
xlate_args_about(const struct xlate_args *a, struct buf *b)
{
	if (a->about == 'h')
		opt_help(b, table, USAGE);
	else if (a->about == 'V')
		buf_adds(b, "or-xlate " OR_VERSION "\n");
	else
		opt_dump(b, table);
}
