/* SPDX-License-Identifier: ISC */
/* app_priv: what the files of app share. */
#ifndef SERVE_APP_PRIV_H
#define SERVE_APP_PRIV_H

#include <stddef.h>

#include "serve/visit.h"

struct buf;
struct err;

enum who {
	WHO_ALL,    /* open, always */
	WHO_KEY,    /* any key */
	WHO_CALLS,  /* any but a management key */
	WHO_MANAGES /* a management key */
};

struct path {
	int family;
	const char *method, *pattern;
	visit_fn handler;
	const struct front *front;
	const char *name;
	enum who who;
	int stream;
};

/* ── paths.c ── */
/* The path of a target, decoded, without the query. 0; 400, 404: it is none of ours. */
int path_decode(const char *target, char *out, size_t size);
/* What a request to v->path is for: its parts are filled in. NULL: there is no such path, or (allow isn't empty) not with this method. */
const struct path *path_find(struct visit *v, const char *method, struct buf *allow);
/* Whose form of an answer is wanted: OpenAI, Anthropic and Google list models at one path, and their clients differ in fields alone. */
const struct front *path_dialect(const struct path *p, const struct http1 *h);
/* Whose words whoever asks for this path understands. */
const struct front *path_front(const char *path);

/* ── guard.c ── */
/* May this request be made? v->key is filled in. 0, -1, GATE_UNKNOWN. */
int guard_enter(struct visit *v, const struct path *p, struct err *e);
/* Does it come from a page that may ask (--cors)? */
int guard_is_cors(const struct visit *v);

/* ── unknown.c ── */
/* A request whose key isn't known: again(v) is called when the ledger was looked at. 0: it was for this one. */
int unknown_waits(struct visit *v, visit_fn again);
void unknown_look(void *app); /* of its timer */
void unknown_release(struct app *a);

/* ── visit.c ── */
struct visit *visit_new(struct app *a, struct exchange *x);
void visit_free(struct visit *v);
/* What is known of a call that failed. */
struct visit_told {
	const char *id;       /* ours; NULL: it is none */
	const char *provider; /* who said so; NULL: nobody */
	int code;             /* the provider's status; 0 */
};
/* Appends an error in a front's words, with its status in it. */
void visit_error_body(const struct front *f, const struct err *e, const struct visit_told *t, struct buf *out);
/* The decoded value of two hexadecimal digits; -1. */
int visit_hex(const char *p);

/* ── logline.c ── */
/* Appends the line of a request that is over. */
void logline(const struct visit *v, struct buf *out);
/* A line about something else, for people. */
void logline_note(const struct app *a, const char *text, struct buf *out);

#endif
