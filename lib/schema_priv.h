/* SPDX-License-Identifier: ISC */
/* schema_priv: what schema.c, schema_value.c and schema_check.c share. For these three only. */
#ifndef SCHEMA_PRIV_H
#define SCHEMA_PRIV_H

#include <stdarg.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct json;
struct pattern;

/* Schemas may branch and refer without end: work is counted, in steps of some 20 ns. */
#define SCHEMA_STEPS 10000000

#define SCHEMA_PATTERNS 64 /* compiled patterns that are kept */

enum schema_fit { FITS, MISFIT, STOP }; /* STOP: out of steps */

struct schema_run {
	const struct json *s, *v; /* schema and value; borrowed */
	struct err *e;            /* borrowed; may be NULL */
	int quiet;                /* over 0 while a branch is only tried: no messages */
	int level;                /* of the value that is being looked at */
	int misfit;      /* twice the level of the last misfit, and one more within a container of the right type */
	int nesting;     /* schemas being applied, one through the other */
	int64_t steps;   /* left */
	struct buf text; /* scratch for a decoded string */
	struct schema_slot {
		int node;          /* 0: the slot is free */
		struct pattern *p; /* owned; NULL where it can't be compiled */
	} patterns[SCHEMA_PATTERNS];
};

/* A keyword meets a value. */
struct schema_use {
	int node;   /* the value */
	int schema; /* the schema that holds the keyword */
	int kw;     /* the keyword's value */
	int arg;    /* from the table of keywords */
};

/* What arg is, for the functions of schema_value.c. */
enum schema_order { LESS = 1, EQUAL = 2, MORE = 4 }; /* bound: the results of a comparison that are right */
enum schema_size { AT_LEAST = 1, AT_MOST = 2, ELEMENTS = 4, MEMBERS = 8 };

enum schema_fit schema_type(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_const(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_enum(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_bound(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_multiple(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_length(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_count(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_unique(struct schema_run *r, const struct schema_use *u);
enum schema_fit schema_pattern(struct schema_run *r, const struct schema_use *u);

/* Does the string (of the value; a key too) match the pattern (of the schema)? */
enum schema_hit { HIT, MISS, UNKNOWN, SPENT } schema_match(struct schema_run *r, int pattern, int string);

/* Keeps the message, unless a branch is being tried. Returns MISFIT. */
enum schema_fit schema_misfit(struct schema_run *r, int node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
enum schema_fit schema_stop(struct schema_run *r);
/* Takes n steps off. FITS, or STOP. */
enum schema_fit schema_spend(struct schema_run *r, int64_t n);

/* The schema that a $ref (its value) points to, or -1. */
int schema_target(const struct json *s, int ref, int64_t *steps);
/* Fills e with "pointer to node: text". Returns -1. */
int schema_fail(struct err *e, enum err_kind kind, const struct json *j, int node, const char *fmt, va_list ap)
    __attribute__((format(printf, 5, 0)));

#endif
