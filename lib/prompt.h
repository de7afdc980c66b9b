/* SPDX-License-Identifier: ISC */
/*
 * prompt: operands, files and standard input become one text, byte for byte, as orutils(7) says under "The prompt".
 *
 * Parts are separated by one empty line; nothing is trimmed or cut. A NUL is refused with its offset; bytes that aren't UTF-8 become U+FFFD
 * (or are refused).
 */
#ifndef PROMPT_H
#define PROMPT_H

#include <stddef.h>

struct buf;
struct err;

struct prompt_spec {
	char *const *operand; /* "-" stands for standard input */
	size_t n_operand;
	char *const *file; /* -f; "-" too */
	size_t n_file;
	int no_stdin;    /* -N */
	int stdin_taken; /* another option reads it: it is no part of the prompt */
	int stdin_closed;
	int strict_utf8;       /* -8 */
	size_t max;            /* bytes in all */
	void (*on_slow)(void); /* standard input is a pipe and has been silent for 10 s; may be NULL */
};

/* How many of the arguments claim standard input as "-"? */
size_t prompt_claims(const struct prompt_spec *s);
/* Appends the prompt. *n_repaired: invalid parts of UTF-8 that were replaced. ERR_USAGE, ERR_DATA, ERR_NOINPUT, ERR_IO. */
int prompt_read(const struct prompt_spec *s, struct buf *out, size_t *n_repaired, struct err *e);
/* One text that is there already (name: for messages) under the same rules. */
int prompt_text(const struct prompt_spec *s, const char *name, const char *p, size_t n, struct buf *out,
    size_t *n_repaired, struct err *e);
/* One text from a file or "-" under the same rules for NUL, UTF-8 and size. */
int prompt_file(const struct prompt_spec *s, const char *path, struct buf *out, size_t *n_repaired, struct err *e);

#endif
