/* SPDX-License-Identifier: ISC */
/* key: what the files of or-key share. */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct key_args;

/* A command of the tool: `or-key NAME [options] [operand ...]`. A new one is a row in key_args.c and a file with its run. */
struct key_command {
	const char *name;
	const int *options; /* letters (or numbers) of the options that it takes, of the one table; 0 ends it */
	const char *usage;  /* behind "usage: " */
	/* -1 with e filled; e may be filled on 0 too, where what was printed is bad news. closed: as out_prepare says. */
	int (*run)(const struct key_args *a, int closed, struct err *e);
};

struct key_args {
	const struct key_command *command; /* NULL: none was named, and about is set */
	int about;       /* help, version or the table of options was asked for, and nothing else counts; 0 */
	int ndjson, tsv; /* -F */
	int quiet, verbose;
	size_t parallel;
	int64_t connect_ms, idle_ms, total_ms; /* 0: unsaid */
	const char *output;                    /* NULL: unsaid */
	char **operand;                        /* borrowed from argv */
	size_t n_operand;
};

/* -1 with ERR_USAGE. */
int key_args_parse(struct key_args *a, int argc, char **argv, struct err *e);
/* Appends the text that `about` asks for. */
void key_args_about(const struct key_args *a, struct buf *b);

int key_check(const struct key_args *a, int closed, struct err *e);
int key_set(const struct key_args *a, int closed, struct err *e);

#endif
