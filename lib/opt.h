/* SPDX-License-Identifier: ISC */
/*
 * opt: the command line. Front end: only cmd/ includes it.
 *
 * One table a tool gives the parser, the help text, the completions and the check against the manual page. Short options
 * combine, `--` ends options, long names are not abbreviated, no option has an optional argument, options come before
 * operands.
 */
#ifndef OPT_H
#define OPT_H

struct buf;
struct err;

/* How an option's argument completes. */
enum opt_kind { OPT_NONE, OPT_TEXT, OPT_FILE, OPT_DIR, OPT_MODEL, OPT_PROVIDER, OPT_NUMBER, OPT_TIME, OPT_WORDS };

struct opt {
	int c;            /* the short letter, or a number above 255 for a long-only option; 0 ends the table */
	const char *name; /* the long name, or NULL */
	enum opt_kind kind;
	const char *arg;  /* name of the argument in help and manual; OPT_WORDS: "text|raw|json" */
	const char *help; /* one line; NULL: known to the parser only, not to help, dump and suggestions */
};

struct opts {
	const struct opt *table;
	int argc;
	char **argv;
	int i;                 /* index of the next argument */
	const char *in;        /* inside a cluster of short options */
	const char *arg;       /* the argument of the option just returned */
	const struct opt *now; /* the option just returned */
	int dashes;            /* `--` ended the options: operands may begin with `-` */
};

void opt_init(struct opts *o, const struct opt *table, int argc, char **argv);
/* The next option's c; 0 when operands begin (at argv[i]); -1 with ERR_USAGE. An empty argument is refused save where
 * the option's kind is OPT_TEXT and its letter is s; so is a word that an OPT_WORDS option doesn't list. */
int opt_next(struct opts *o, struct err *e);
/* -1 with ERR_USAGE where an operand begins with `-` (but `-` itself) and `--` was not given. */
int opt_check_operands(const struct opts *o, struct err *e);
/* Appends the help text: "usage: " and usage, then the options, wrapped under 80 columns. */
void opt_help(struct buf *b, const struct opt *table, const char *usage);
/* Appends the table as TSV: letter, name, kind, argument, help; - for none. For completions and lint. */
void opt_dump(struct buf *b, const struct opt *table);

#endif
