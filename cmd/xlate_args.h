/* SPDX-License-Identifier: ISC */
/* xlate_args: or-xlate's command line. */
#ifndef XLATE_ARGS_H
#define XLATE_ARGS_H

struct buf;
struct err;

struct xlate_args {
	const char *from, *to; /* formats; from NULL: to be detected */
	int form;              /* enum render_form; -1: as the input has it */
	int kind;              /* 1 a request, 0 an answer, -1: to be detected */
	int lossy, strict_utf8, quiet, verbose;
	int about;                 /* help, version or the table of options was asked for, and nothing else counts; 0 */
	const char *output, *file; /* NULL: unsaid */
};

/* -1 with ERR_USAGE. */
int xlate_args_parse(struct xlate_args *a, int argc, char **argv, struct err *e);
/* Appends the text that `about` asks for. */
void xlate_args_about(const struct xlate_args *a, struct buf *b);

#endif
