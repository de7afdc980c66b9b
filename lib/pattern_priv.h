/* SPDX-License-Identifier: ISC */
/* pattern_priv: the program that pattern.c compiles and pattern_run.c runs. For these two only. */
#ifndef PATTERN_PRIV_H
#define PATTERN_PRIV_H

#include <stddef.h>
#include <stdint.h>

enum pattern_op {
	OP_CHAR,   /* x: the code point */
	OP_ANY,    /* all but the ends of lines */
	OP_SET,    /* y ranges from range[x] on */
	OP_NOTSET, /* none of them */
	OP_SPLIT,  /* goes on at x and at y, relative to itself */
	OP_JUMP,   /* goes on at x, relative to itself */
	OP_BEGIN,
	OP_END,
	OP_WORD, /* a border of a word */
	OP_NOTWORD,
	OP_MATCH
};

struct pattern_insn {
	enum pattern_op op;
	int32_t x, y;
};

struct pattern_range {
	uint32_t lo, hi;
};

struct pattern {
	struct pattern_insn *code; /* owned */
	size_t n_code, cap_code;
	struct pattern_range *range; /* owned */
	size_t n_range, cap_range;
};

/* The code point at p, and how many bytes it has. A byte that isn't UTF-8 is U+FFFD. n: bytes left, at least 1. */
uint32_t pattern_char(const char *p, size_t n, size_t *len);

#endif
