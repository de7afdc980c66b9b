/* SPDX-License-Identifier: ISC */
/*
 * err: what went wrong, in one value.
 *
 * A call that can fail takes a `struct err *`, returns 0/-1 (or a pointer/NULL) and fills it. Nothing
 * in lib/ prints; a tool prints msg once and exits with err_status(). A zeroed struct is "no error".
 */
#ifndef ERR_H
#define ERR_H

#include <stddef.h>
#include <stdint.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_NEGATIVE,    /* it ran, and the answer is "no" */
	ERR_TRUNCATED,   /* finish reason length, or ended early after text had gone out */
	ERR_REFUSED,     /* refused or filtered by model, provider or policy */
	ERR_SCHEMA,      /* the answer does not fit the schema */
	ERR_MONEY,       /* the provider says 402, or that a quota is used up */
	ERR_CAP,         /* our own cap or budget would be exceeded */
	ERR_UNRECORDED,  /* nothing recorded for this request */
	ERR_USAGE,       /* wrong use of the command line */
	ERR_DATA,        /* our own input is bad: UTF-8, NUL, size, JSON, schema */
	ERR_REQUEST,     /* the provider says that the request is bad: 400, 413, 422 */
	ERR_NOINPUT,     /* can't open input */
	ERR_UNREACHABLE, /* refused connection */
	ERR_HOST,        /* no such host, TLS, redirect: trying again won't help */
	ERR_NOMODEL,     /* no such model, or no provider allowed for it */
	ERR_INTERNAL,    /* our fault */
	ERR_SYSTEM,      /* the system's fault */
	ERR_CANTCREATE,  /* can't create output */
	ERR_IO,          /* read or write error of our own files and descriptors */
	ERR_TEMPORARY,   /* 408, 409, 425, 429, 5xx, silence, cut before any text */
	ERR_DEADLINE,    /* -w has passed */
	ERR_PROTOCOL,    /* the provider's answer can't be understood */
	ERR_AUTH,        /* the key was rejected */
	ERR_NOKEY,       /* no key */
	ERR_CONFIG,      /* a bad table */
	ERR_SIGNAL,      /* a signal asked us to stop; sys is its number */
	ERR_N_KINDS
};

/* What a failed attempt means for the call it belongs to. */
enum err_retry {
	RETRY_NO,    /* the call ends */
	RETRY_MODEL, /* only another model of the chain may help */
	RETRY_NEXT,  /* another candidate may help, trying this one again won't */
	RETRY_ROUND  /* another candidate, and a new round after a wait, may help */
};

struct err {
	enum err_kind kind;
	int http;               /* status that the provider gave or implied; 0: none */
	int sys;                /* errno, ETIMEDOUT where a provider was silent, or a signal's number; 0: none */
	int64_t retry_after_ms; /* what Retry-After asks for; -1: a date in the past; 0: unsaid */
	char msg[512];          /* one line, without a newline, without secrets */
};

/* Fills e (which may be NULL) and returns -1, so that a caller can `return err_set(...)`. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with ": strerror(sys)" appended. */
int err_sys(struct err *e, enum err_kind kind, int sys, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Puts "context: " in front of the message. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds to the end of the message. Returns -1. */
int err_append(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void err_clear(struct err *e);

/* Exit status of a tool that ends with this error; 0 for ERR_NONE, 128+n for ERR_SIGNAL. */
int err_status(const struct err *e);
enum err_retry err_retry(const struct err *e);
/* A short word for metadata ("truncated", "temporary", ...). Static. */
const char *err_word(enum err_kind kind);

#endif
