/* SPDX-License-Identifier: ISC */
/* check_priv: what the files of check share. */
#ifndef SERVE_CHECK_PRIV_H
#define SERVE_CHECK_PRIV_H

#include <stddef.h>

struct err;
struct json;

enum check_kind {
	CHECK_NUMBER,
	CHECK_WHOLE,
	CHECK_BOOL,
	CHECK_STRING,
	CHECK_STRINGS,
	CHECK_ARRAY,
	CHECK_OBJECT,
	CHECK_WORDS,
	CHECK_NUMBERS, /* an object of them */
	CHECK_TEXTS,   /* an object of strings */
	CHECK_STOP
};

/* One member: what it may be. null says nothing, and is never wrong. */
struct check_field {
	const char *name;
	enum check_kind kind;
	const char *const *words; /* of WORDS, and of STRINGS: each is one of them; NULL: any */
};

/* ── check.c ── */
int check_is_word(const struct json *j, int node, const char *const *words);
/* A member, where it is there; where: of the object, for the message: "reasoning."; "". */
int check_member(const struct json *j, int object, const struct check_field *f, const char *where, struct err *e);
/* The same, and it has to be there. */
int check_required(const struct json *j, int object, const struct check_field *f, const char *where, struct err *e);
int check_members(
    const struct json *j, int object, const struct check_field *f, size_t n, const char *where, struct err *e);

/* ── check_messages.c ── */
/* list: the value of `messages`; -1. */
int check_messages(const struct json *j, int list, int was_made, struct err *e);

#endif
