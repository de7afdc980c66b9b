/* SPDX-License-Identifier: ISC */
/*
 * json: read JSON text (RFC 8259). Pure. The only module that knows jsmn.
 *
 * A text is validated whole before it is tokenised (jsmn alone accepts half of all invalid texts): one root, strict
 * numbers, literals and escapes, UTF-8, at most JSON_DEPTH levels. Nodes are indices into the token array; node 0 is the
 * root, -1 is "none" and may be passed to every accessor. The text is borrowed and must outlive the struct json.
 * Duplicate keys are allowed here, json_get returns the first; json_unique() refuses them.
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define JSON_DEPTH 64                      /* levels of nesting */
#define JSON_MAX_TOKENS (16 * 1024 * 1024) /* tokens of one text: 20 bytes of memory each */

enum json_type { JSON_NONE, JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	const char *text; /* borrowed */
	size_t len;       /* bytes of text, at most 2 GiB */
	void *tok;        /* owned; reused by the next json_parse */
	int n_tok;        /* tokens in use */
	int cap_tok;      /* tokens allocated */
	int has_escapes;  /* text has a backslash */
};

#define JSON_INIT \
	{ \
		NULL, 0, NULL, 0, 0, 0 \
	}

/* How many bytes at the begin of s stand for themselves in a string: printable ASCII, but " and \. */
size_t json_plain(const char *s, size_t n);

/* Is it one valid JSON text? On failure *at is the offset of the first bad byte, *why says what was wrong there (static). */
int json_valid(const char *s, size_t n, size_t *at, const char **why);

/* Validates and tokenises. Failure is ERR_DATA "offset N: why". The old tokens of j are reused. */
int json_parse(struct json *j, const char *text, size_t len, struct err *e);
/* The same with at most so many tokens. */
int json_parse_most(struct json *j, const char *text, size_t len, int most, struct err *e);
/* The text was copied to there, or moved: the nodes are the copy's. */
void json_moved(struct json *j, const char *text);
void json_release(struct json *j);

/* -1 and ERR_DATA naming the key where an object of the text has one key twice. */
int json_unique(const struct json *j, struct err *e);

enum json_type json_type(const struct json *j, int node);
/* Value of the first member with this (decoded) key, or -1. */
int json_get(const struct json *j, int node, const char *key);
int json_getn(const struct json *j, int node, const char *key, size_t n);
/* json_get along a path: "choices.0.delta.content". A segment of digits indexes an array. */
int json_path(const struct json *j, int node, const char *path);
/* Children. In an object they alternate key, value; json_child gives the first key, json_next the next sibling. */
int json_child(const struct json *j, int node);
int json_next(const struct json *j, int parent, int node);
/* An object's members one after another: the key behind the value of the key `before` (-1: the first), or -1. *s: what stands between its quotes. */
int json_next_key(const struct json *j, int object, int before, const char **s, size_t *n);
/* The value that belongs to a key node. */
int json_value(const struct json *j, int key);
/* Elements of an array, members of an object, else 0. */
int json_count(const struct json *j, int node);

/* The source text of a node; strings with their quotes. Borrowed. */
const char *json_raw(const struct json *j, int node, size_t *n);
/* Appends a decoded string (escapes, surrogate pairs; a lone surrogate becomes U+FFFD). -1 if the node is no string. */
int json_str(const struct json *j, int node, struct buf *out);
/* The same as an owned C string; NULL if the node is no string. *n (may be NULL) counts bytes: a text may hold U+0000. */
char *json_dup(const struct json *j, int node, size_t *n);
/* The decoded string without a copy where it holds no escapes, else decoded into scratch (which is cleared first). NULL if the
 * node is no string. Borrowed; not NUL-terminated. */
const char *json_view(const struct json *j, int node, struct buf *scratch, size_t *n);
/* Is the node a string equal to s? */
int json_eq(const struct json *j, int node, const char *s);
/* An integer written without fraction or exponent (1.0 and 1e3 are accepted where exact). -1 if it is none or too big. */
int json_int(const struct json *j, int node, int64_t *out);
/* 1 true, 0 false, -1 neither. */
int json_bool(const struct json *j, int node);

#endif
